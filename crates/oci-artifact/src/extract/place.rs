// SPDX-License-Identifier: Apache-2.0
//! The destination of a tree: a name in a directory that is opened once and held (EX-18, EX-24, EX-25).

use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

use held_directory::{AtFlags, CWD, Errno, Mode, OwnedFd, RenameFlags, mkdirat, openat};

use super::disk::{flush, fsync, renameat, renameat_with, unlinkat};
use super::handle::{self, GIVEN, Identity};
use super::occupant::{Occupant, taken};
use super::workshop::{OLD, TREE, Workshop, rename_new};
use crate::error::{Error, ErrorKind, Result};
use crate::kind::ArtifactKind;

/// A name, and the directory that it is in.
pub(super) struct Place<'a> {
    pub(super) destination: &'a Path,
    // Held no longer when what was made goes again.
    pub(super) parent: OwnedFd,
    pub(super) name: &'a OsStr,
    made: Made,
}

/// Directories that were made above the destination, the outermost first. They go again unless
/// something is put into them.
#[derive(Default)]
struct Made {
    directories: Vec<(OwnedFd, OsString)>,
    is_used: bool,
}

impl Drop for Made {
    fn drop(&mut self) {
        if self.is_used {
            return;
        }
        while let Some((parent, name)) = self.directories.pop() {
            // One that is not empty is somebody else's by now.
            let _ = unlinkat(parent, name, AtFlags::REMOVEDIR);
        }
    }
}

impl<'a> Place<'a> {
    /// Opens the directory above `destination`, and makes it if it is missing (EX-18).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDir`], [`ErrorKind::Io`].
    pub(super) fn open(destination: &'a Path) -> Result<Self> {
        let Some(name) = destination.file_name() else {
            let error = Error::new(ErrorKind::InvalidDir, "this cannot be made or replaced");
            return Err(error.at_path(destination).with_help("name a new directory"));
        };
        let mut made = Made::default();
        let parent = open_or_make(above(destination), &mut made)?;
        Ok(Self { destination, parent, name, made })
    }

    /// Opens the directory above `below`, a path below `root` without `..`, and makes what is missing
    /// of it: no link is followed below the root (EX-28). `destination` is the whole path.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub(super) fn below(root: &Path, below: &Path, destination: &'a Path) -> Result<Self> {
        let misnamed = || Error::new(ErrorKind::InvalidDir, "this is not a place below the root");
        let name = destination.file_name().filter(|name| below.file_name() == Some(name));
        let name = name.ok_or_else(|| misnamed().at_path(destination))?;
        let failed = |errno| Error::io("cannot open the directory", root, errno);
        let mut parent = openat(CWD, root, GIVEN, Mode::empty()).map_err(failed)?;
        let mut made = Made::default();
        let mut shown = root.to_owned();
        for part in above(below).components().filter(|part| *part != Component::CurDir) {
            let Component::Normal(part) = part else {
                return Err(misnamed().at_path(destination));
            };
            shown.push(part);
            let failed = |errno| no_way(&shown, errno);
            let is_new = match mkdirat(&parent, part, Mode::from_raw_mode(0o755)) {
                Err(Errno::EXIST) => false,
                // A directory that is there need not be one in which others may be made.
                Err(errno) => match handle::look(&parent, part) {
                    Ok(_) => false,
                    Err(_) => return Err(failed(errno)),
                },
                Ok(()) => true,
            };
            let next = handle::open(&parent, part);
            if is_new {
                made.directories.push((parent, part.to_owned()));
            }
            parent = next.map_err(failed)?;
        }
        Ok(Self { destination, parent, name, made })
    }

    /// Returns the directory above, as it is shown.
    pub(super) fn shown_parent(&self) -> &Path {
        above(self.destination)
    }

    /// Puts the tree of a workshop in place in one step, in the place of what was found there and of
    /// nothing else; `tree` is what the workshop has to hold. What it replaced is in the workshop
    /// then.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`] if something else is there by now; [`ErrorKind::Io`].
    pub(super) fn put<K: ArtifactKind>(
        &mut self,
        workshop: &mut Workshop,
        tree: Identity,
        occupant: &Occupant,
    ) -> Result<()> {
        let inside = OsStr::new(TREE);
        if Identity::at(workshop.directory(), inside).ok() != Some(tree) {
            return Err(self.changed("another process interferes with what is made here"));
        }
        match occupant {
            Occupant::None => self.take::<K>(workshop)?,
            Occupant::Tree { identity, .. } => self.exchange(workshop, *identity)?,
        }
        self.made.is_used = true;
        self.settle()?;
        if Identity::at(CWD, self.destination.as_os_str()).ok() != Some(tree) {
            return Err(self.changed("the directory above was moved meanwhile"));
        }
        Ok(())
    }

    /// Brings the names of the destination, and of what was made above it, to the disk.
    fn settle(&self) -> Result<()> {
        let made = self.made.directories.iter().map(|(parent, _)| parent);
        let mut above = made;
        above.try_for_each(fsync).and_then(|()| flush(&self.parent)).map_err(|errno| {
            Error::io("cannot flush the directory to disk", self.shown_parent(), errno)
        })
    }

    /// Takes the directory `old` away, into the workshop.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] if something else is there by now, which stays.
    pub(super) fn clear(&mut self, workshop: &mut Workshop, old: Identity) -> Result<()> {
        let changed = || self.changed("the destination changed meanwhile");
        if Identity::at(&self.parent, self.name).map_err(|errno| self.failed(errno))? != old {
            return Err(changed());
        }
        let inside = workshop.directory();
        renameat(&self.parent, self.name, inside, TREE).map_err(|errno| self.failed(errno))?;
        if Identity::at(inside, OsStr::new(TREE)).ok() != Some(old) {
            let error = changed();
            return Err(match rename_new(inside, TREE, &self.parent, self.name) {
                Ok(()) => error,
                Err(_) => self.saved(workshop, TREE, error),
            });
        }
        self.settle()
    }

    /// Gives the destination what it had before [`put`](Self::put) or [`clear`](Self::clear): `new` is
    /// what stands there now, if something does, and `old` what the workshop has of it.
    ///
    /// # Errors
    /// [`ErrorKind::Io`]: what was there is still in the workshop then, which stays.
    pub(super) fn undo(
        &mut self,
        workshop: &mut Workshop,
        new: Option<Identity>,
        old: Option<Identity>,
    ) -> Result<()> {
        let is_ours = new.is_none_or(|new| Identity::at(&self.parent, self.name).ok() == Some(new));
        let (inside, has_old) = (workshop.directory(), has(workshop.directory(), OLD));
        let undone = match (new, old) {
            _ if !is_ours => Err(Errno::STALE),
            (Some(_), Some(_)) if has_old => renameat(&self.parent, self.name, inside, TREE)
                .and_then(|()| rename_new(inside, OLD, &self.parent, self.name)),
            (Some(_), Some(_)) => {
                renameat_with(inside, TREE, &self.parent, self.name, RenameFlags::EXCHANGE)
            }
            (Some(_), None) => renameat(&self.parent, self.name, inside, TREE),
            (None, Some(_)) => rename_new(inside, TREE, &self.parent, self.name),
            (None, None) => Ok(()),
        };
        if let Err(errno) = undone {
            let error = Error::io("cannot put back what was there", self.destination, errno);
            let part = if has_old { OLD } else { TREE };
            return Err(if old.is_some() { self.saved(workshop, part, error) } else { error });
        }
        self.made.is_used = old.is_some();
        self.settle()
    }

    /// Takes a name that is free, or an empty directory's; nothing else.
    fn take<K: ArtifactKind>(&self, workshop: &Workshop) -> Result<()> {
        match renameat(workshop.directory(), TREE, &self.parent, self.name) {
            Ok(()) => Ok(()),
            Err(Errno::NOTEMPTY | Errno::EXIST) => Err(taken::<K>(self.destination, None)),
            Err(errno) => Err(self.failed(errno)),
        }
    }

    /// Takes the place of the directory `old`.
    fn exchange(&self, workshop: &mut Workshop, old: Identity) -> Result<()> {
        let changed = || self.changed("the destination changed meanwhile");
        if Identity::at(&self.parent, self.name).map_err(|errno| self.failed(errno))? != old {
            return Err(changed());
        }
        let inside = workshop.directory();
        let exchange =
            || renameat_with(inside, TREE, &self.parent, self.name, RenameFlags::EXCHANGE);
        match exchange() {
            Ok(()) if Identity::at(inside, OsStr::new(TREE)).ok() == Some(old) => return Ok(()),
            // Something else was put there in between: it goes back.
            Ok(()) => {
                if exchange().is_err() {
                    return Err(self.saved(workshop, TREE, changed()));
                }
                return Err(changed());
            }
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            Err(errno) => return Err(self.failed(errno)),
        }
        // Not every file system can exchange two directories.
        renameat(&self.parent, self.name, inside, OLD).map_err(|errno| self.failed(errno))?;
        let is_old = Identity::at(inside, OsStr::new(OLD)).ok() == Some(old);
        let put = match is_old {
            true => renameat(inside, TREE, &self.parent, self.name).map_err(|e| self.failed(e)),
            false => Err(changed()),
        };
        match put {
            Ok(()) => Ok(()),
            Err(error) if renameat(inside, OLD, &self.parent, self.name).is_err() => {
                Err(self.saved(workshop, OLD, error))
            }
            Err(error) => Err(error),
        }
    }

    /// Keeps what could not be put back.
    fn saved(&self, workshop: &mut Workshop, part: &str, error: Error) -> Error {
        workshop.keep();
        let kept: PathBuf = self.shown_parent().join(workshop.name()).join(part);
        error.with_help(format!("the old directory is now {}", kept.display()))
    }

    fn failed(&self, errno: Errno) -> Error {
        let error = Error::io("cannot put the new directory in place", self.destination, errno);
        match errno {
            // What is written beside a place is on the file system of the place (PL-15).
            Errno::XDEV => error.with_help(
                "the old directory is in another layer of its file system, as in a container's \
                 image, and cannot be moved in one step: remove it, and try again",
            ),
            _ => error,
        }
    }

    fn changed(&self, why: &str) -> Error {
        Error::new(ErrorKind::Io, why)
            .at_path(self.destination)
            .with_help("find out what else writes there, and try again")
    }
}

fn above(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Opens a directory by its path, links followed as the caller gave them; what is missing of it is
/// made below what is there, and no link is followed in that.
fn open_or_make(path: &Path, made: &mut Made) -> Result<OwnedFd> {
    let failed = |errno| Error::io("cannot create the directory", path, errno);
    match openat(CWD, path, GIVEN, Mode::empty()) {
        Ok(open) => return Ok(open),
        Err(Errno::NOENT) => {}
        Err(Errno::NOTDIR) => {
            return Err(Error::new(ErrorKind::InvalidDir, "there is a file in the path")
                .at_path(path)
                .with_help("name a directory whose parents are directories"));
        }
        Err(errno) => return Err(Error::io("cannot open the directory", path, errno)),
    }
    let Some(name) = path.file_name() else {
        return Err(Error::new(ErrorKind::InvalidDir, "the directory above does not exist")
            .at_path(path)
            .with_help("write it without `..`"));
    };
    let parent = open_or_make(above(path), made)?;
    let is_new = match mkdirat(&parent, name, Mode::from_raw_mode(0o755)) {
        Err(Errno::EXIST) => false,
        other => other.map(|()| true).map_err(failed)?,
    };
    let open = handle::open(&parent, name);
    if is_new {
        made.directories.push((parent, name.to_owned()));
    }
    open.map_err(failed)
}

/// Returns the error for a directory on the way that is none, or cannot be opened.
fn no_way(path: &Path, errno: Errno) -> Error {
    match errno {
        Errno::NOTDIR | Errno::LOOP | Errno::EXIST => {
            Error::new(ErrorKind::InvalidDir, "there is a link or a file in the path")
                .at_path(path)
                .with_help("nothing is placed through a link: put a directory there, or remove it")
        }
        _ => Error::io("cannot open the directory", path, errno),
    }
}

fn has(directory: &OwnedFd, name: &str) -> bool {
    handle::look(directory, OsStr::new(name)).is_ok()
}
