// SPDX-License-Identifier: Apache-2.0
//! Changes of several trees that are made ready beside their places first, and can be undone until all
//! of them are made (EX-28): a tree put where nothing was or in the place of another one, or taken away.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use held_directory::OwnedFd;
use toolhive_diagnostics::Diagnostic;

use super::handle::{self, Identity};
use super::occupant::{self, Occupant};
use super::place::Place;
use super::workshop::{self, Workshop};
use super::{ExtractOptions, new_tree, write};
use crate::directory::Directory;
use crate::error::{Error, ErrorKind, Result};
use crate::kind::ArtifactKind;
use crate::observer::{Observer, check};
use crate::reader::Stored;
use crate::store::Store;

/// The thing that stands at a spot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing, or an empty directory.
    Nothing,
    /// A directory with something in it.
    Directory,
    /// A symbolic link.
    Link,
    /// Something else: a file, a device.
    Other,
}

/// A name for a tree below a root. The directory above it is held open, and no link was followed to it.
pub struct Spot<'a> {
    place: Place<'a>,
    standing: Standing,
    identity: Option<Identity>,
}

impl<'a> Spot<'a> {
    /// Opens the directory above `destination`, which lies below `root`, and looks at what stands there.
    /// Directories that are missing are made; they go again unless something is put into them.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDir`] if a link or a file is on the way, or it does not lie below the
    /// root; [`ErrorKind::Io`].
    pub fn open(root: &Path, destination: &'a Path) -> Result<Self> {
        let below = destination.strip_prefix(root).map_err(|_| {
            let error = Error::new(ErrorKind::InvalidDir, "this is not below the root");
            error.at_path(destination)
        })?;
        let place = Place::below(root, below, destination)?;
        let failed = |errno| Error::io("cannot examine this", destination, errno);
        let found = match handle::look(&place.parent, place.name) {
            Err(held_directory::Errno::NOENT) => None,
            found => Some(found.map_err(failed)?),
        };
        let (mut standing, mut identity) = (Standing::Nothing, None);
        if let Some(stat) = found {
            use held_directory::FileType;
            standing = match FileType::from_raw_mode(stat.st_mode) {
                FileType::Directory => {
                    let open = handle::open(&place.parent, place.name).map_err(failed)?;
                    identity = Some(Identity::of(&open).map_err(failed)?);
                    match handle::entries(&open).map_err(failed)?.is_empty() {
                        true => Standing::Nothing,
                        false => Standing::Directory,
                    }
                }
                FileType::Symlink => Standing::Link,
                _ => Standing::Other,
            };
        }
        Ok(Self { place, standing, identity })
    }

    /// Returns the thing that stands there.
    pub fn standing(&self) -> Standing {
        self.standing
    }

    /// Returns the directory that stands there, to be read.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] if it cannot be opened, or is another one by now.
    pub fn directory(&self) -> Result<Directory> {
        let (destination, open) = (self.place.destination, self.open_directory()?);
        if Identity::of(&open).ok() != self.identity {
            return Err(Error::new(ErrorKind::Io, "this changed meanwhile").at_path(destination));
        }
        Ok(Directory::held(open, destination))
    }

    /// Returns the name that the manifest of the directory has which stands there.
    ///
    /// # Errors
    /// [`ErrorKind::ManifestMissing`] if it is no tree of that kind; those of reading a manifest.
    pub fn name<K: ArtifactKind>(&self) -> Result<String> {
        occupant::name_of::<K>(&self.open_directory()?, self.place.destination)
    }

    fn open_directory(&self) -> Result<OwnedFd> {
        let Place { destination, parent, name, .. } = &self.place;
        handle::open(parent, name)
            .map_err(|errno| Error::io("cannot open the directory", destination, errno))
    }

    /// Checks that what stands there may be replaced or removed at all (EX-21, EX-22): a directory on
    /// which nothing is mounted, with no repository in it. Whose it is, the caller has to know.
    fn check(&self, protected: &[PathBuf]) -> Result<Option<Identity>> {
        let destination = self.place.destination;
        match (self.standing, self.identity) {
            (Standing::Nothing, _) => Ok(None),
            (Standing::Directory, Some(identity)) => {
                let open = self.open_directory()?;
                occupant::refuse_special(&open, destination, protected)?;
                occupant::refuse_precious(&open, destination)?;
                Ok(Some(identity))
            }
            _ => Err(Error::new(ErrorKind::InvalidDir, "there is a file or a link; it stays")
                .at_path(destination)
                .with_help("remove it, or name another place")),
        }
    }

    /// Writes an artifact's tree beside the spot, to the disk. Whatever stands there stays until
    /// [`Staged::put`], which replaces it and nothing else; the caller has to know whose it is.
    ///
    /// # Errors
    /// As [`extract`](super::extract()).
    pub fn stage<K: ArtifactKind>(
        self,
        store: &Store,
        artifact: &Stored,
        options: &ExtractOptions,
        observer: &dyn Observer,
    ) -> Result<Staged<'a>> {
        artifact.check_kind::<K>()?;
        let old = self.check(&options.protected)?;
        let place = self.place;
        let destination = place.destination;
        let workshop = Workshop::begin(&place.parent, place.shown_parent(), place.name)?;
        let mut tree = new_tree(&workshop, destination)?;
        let files = write::<K>(store, artifact, &mut tree, options, observer)?;
        tree.settle().map_err(|error| error.at_path(destination))?;
        check(observer)?;
        let new = Identity::of(tree.root())
            .map_err(|errno| Error::io("cannot examine the new directory", destination, errno))?;
        Ok(Staged {
            place,
            workshop: Some(workshop),
            new: Some(new),
            old,
            files,
            state: State::Ready,
        })
    }

    /// Gets ready to take away the directory that stands there.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDir`] if it is not one, or one that is never removed; [`ErrorKind::Io`].
    pub fn stage_removal(self, protected: &[PathBuf]) -> Result<Staged<'a>> {
        let old = self.check(protected)?;
        let place = self.place;
        let workshop = Workshop::begin(&place.parent, place.shown_parent(), place.name)?;
        Ok(Staged {
            place,
            workshop: Some(workshop),
            new: None,
            old,
            files: 0,
            state: State::Ready,
        })
    }

    /// Removes what dead processes left beside it.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] if the directory cannot be read.
    pub fn sweep(&self) -> Result<()> {
        let shown = self.place.shown_parent();
        let entries = handle::entries(&self.place.parent)
            .map_err(|errno| Error::io("cannot read the directory", shown, errno))?;
        if entries.iter().any(|(name, is_directory)| *is_directory && workshop::is_workshop(name)) {
            // It sweeps before it is used.
            drop(Workshop::begin(&self.place.parent, shown, OsStr::new("sweep"))?);
        }
        Ok(())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ready,
    Put,
    Over,
}

/// A change of a tree that is ready to be made. Dropped before [`finish`](Self::finish) it leaves
/// everything as it was.
pub struct Staged<'a> {
    // It goes first: only then directories that were made above are empty.
    workshop: Option<Workshop>,
    place: Place<'a>,
    new: Option<Identity>,
    old: Option<Identity>,
    files: usize,
    state: State,
}

impl Staged<'_> {
    /// Returns the number of files that were written.
    pub fn files(&self) -> usize {
        self.files
    }

    /// Makes the change, in one step.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`] and [`ErrorKind::Io`] if something else stands there by now, which stays;
    /// [`ErrorKind::Io`].
    pub fn put<K: ArtifactKind>(&mut self) -> Result<()> {
        let Some(workshop) = self.workshop.as_mut().filter(|_| self.state == State::Ready) else {
            return Ok(());
        };
        let done = match (self.new, self.old) {
            (Some(new), Some(identity)) => {
                let old = Occupant::Tree { identity, name: String::new() };
                self.place.put::<K>(workshop, new, &old)
            }
            (Some(new), None) => self.place.put::<K>(workshop, new, &Occupant::None),
            (None, Some(old)) => self.place.clear(workshop, old),
            (None, None) => Ok(()),
        };
        // An error may have come after the step.
        let is_made = match self.new {
            Some(new) => Identity::at(&self.place.parent, self.place.name).ok() == Some(new),
            None => Identity::at(workshop.directory(), OsStr::new(workshop::TREE)).ok() == self.old,
        };
        if is_made {
            self.state = State::Put;
        }
        done
    }

    /// Undoes the change.
    ///
    /// # Errors
    /// [`ErrorKind::Io`]: what was there lies beside the place then, and the error says where.
    pub fn undo(mut self) -> Result<()> {
        self.undo_now()
    }

    fn undo_now(&mut self) -> Result<()> {
        let was = std::mem::replace(&mut self.state, State::Over);
        match self.workshop.as_mut() {
            Some(workshop) if was == State::Put => self.place.undo(workshop, self.new, self.old),
            _ => Ok(()),
        }
    }

    /// Lets the change stand, and removes what was there before. If something of that cannot be
    /// removed, it is said.
    pub fn finish(mut self) -> Option<Diagnostic> {
        self.state = State::Over;
        self.workshop.take()?.remove(self.place.shown_parent())
    }
}

impl Drop for Staged<'_> {
    fn drop(&mut self) {
        // No caller is left who could be informed; what could not be put back is kept beside it.
        let _ = self.undo_now();
    }
}
