// SPDX-License-Identifier: Apache-2.0
//! The directory beside the destination in which a tree is made: hidden, locked as long as its
//! process lives, and gone with it. What dead processes left is swept by the next one (EX-26).

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use held_directory::{
    AsFd, AtFlags, Errno, Mode, OsStrExt as _, OsStringExt as _, OwnedFd, RenameFlags, Stat, fstat,
    mkdirat, open_locked,
};
use toolhive_diagnostics::Diagnostic;

use super::disk::{renameat, renameat_with, unlinkat};
use super::handle::{self, Identity};
use super::traverse;
use crate::error::{Error, ErrorKind, Result};

/// The new tree, and after an exchange the old one.
pub(super) const TREE: &str = "tree";
/// The old tree, where two directories cannot be exchanged.
pub(super) const OLD: &str = "old";
/// The mark in its name between that of the destination and two numbers.
const MARK: &[u8] = b".partial-";
/// The largest number of bytes of the destination's name that are taken: a name may have 255.
const MAX_NAME: usize = 200;
/// The number of names that are tried.
const TRIES: usize = 1_000;

/// Numbers the workshops of this process.
static WORKSHOPS: AtomicU64 = AtomicU64::new(0);

/// A directory of one's own beside a destination; removed, with what is in it, when this is dropped.
pub(super) struct Workshop {
    parent: OwnedFd,
    name: OsString,
    /// Held open and locked.
    directory: OwnedFd,
    is_kept: bool,
}

impl Workshop {
    /// Makes one in `parent`, which is shown as `shown`, and sweeps what dead processes left there.
    pub(super) fn begin(parent: &OwnedFd, shown: &Path, destination: &OsStr) -> Result<Self> {
        let failed = |errno| Error::io("cannot create a directory here", shown, errno);
        for _ in 0..TRIES {
            let number = WORKSHOPS.fetch_add(1, Ordering::Relaxed);
            let name = name_for(destination, number);
            match mkdirat(parent, &name, Mode::RWXU) {
                Err(Errno::EXIST) => continue,
                made => made.map_err(failed)?,
            }
            let Some(directory) = lock(parent, &name).map_err(failed)? else { continue };
            let own = fstat(&directory).map_err(failed)?;
            // In a directory that others may write, another one may be in its place by now.
            if !is_private(&own) || !handle::entries(&directory).map_err(failed)?.is_empty() {
                let message = "another process interferes with what is made here";
                return Err(Error::new(ErrorKind::Io, message)
                    .at_path(shown)
                    .with_help("extract into a directory that nobody else may write to"));
            }
            sweep(parent, &own);
            let parent = handle::open(parent, OsStr::new(".")).map_err(failed)?;
            return Ok(Self { parent, name, directory, is_kept: false });
        }
        Err(Error::new(ErrorKind::Io, "cannot find a name for a new directory").at_path(shown))
    }

    pub(super) fn directory(&self) -> &OwnedFd {
        &self.directory
    }

    /// Returns its name beside the destination.
    pub(super) fn name(&self) -> &OsStr {
        &self.name
    }

    /// Lets it stay, for what is in it must not be lost.
    pub(super) fn keep(&mut self) {
        self.is_kept = true;
    }

    /// Removes it now, with the old tree in it. Returns what to say if something cannot be removed; it stays then,
    /// as far as that, in the directory `shown`.
    pub(super) fn remove(mut self, shown: &Path) -> Option<Diagnostic> {
        self.is_kept = true;
        let errno = remove(&self.parent, &self.name, &self.directory).err()?;
        let why = io::Error::from(errno);
        let message = format!("something of the old directory could not be removed: {why}");
        Some(Diagnostic::new(message).with_rule("old-tree-left").at_path(shown.join(&self.name)))
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        if !self.is_kept {
            // What cannot be removed now is swept by the next one.
            let _ = remove(&self.parent, &self.name, &self.directory);
        }
    }
}

/// Removes what is in an open directory, and then its name, if that still is its own.
fn remove(parent: &OwnedFd, name: &OsStr, directory: &OwnedFd) -> Result<(), Errno> {
    traverse::empty(handle::open(directory, OsStr::new("."))?)?;
    if Identity::at(parent, name)? != Identity::of(directory)? {
        return Err(Errno::STALE);
    }
    unlinkat(parent, name, AtFlags::REMOVEDIR)
}

fn name_for(destination: &OsStr, number: u64) -> OsString {
    let text = destination.as_bytes();
    let mut end = text.len().min(MAX_NAME);
    // Not every file system takes a character that is cut.
    while end < text.len() && end > 0 && text.get(end).is_some_and(|byte| byte & 0xC0 == 0x80) {
        end = end.saturating_sub(1);
    }
    let mut name = vec![b'.'];
    name.extend_from_slice(text.get(..end).unwrap_or_default());
    name.extend_from_slice(MARK);
    name.extend_from_slice(format!("{}-{number}", process::id()).as_bytes());
    OsString::from_vec(name)
}

/// Returns the name of the destination that a workshop of that name is for.
fn destination_of(name: &[u8]) -> Option<&OsStr> {
    let at = name.windows(MARK.len()).rposition(|part| part == MARK)?;
    let (destination, rest) = name.split_at_checked(at)?;
    let destination = destination.strip_prefix(b".").filter(|name| !name.is_empty())?;
    let numbers = rest.strip_prefix(MARK)?;
    let mut parts = numbers.split(|byte| *byte == b'-');
    let is_number = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    let is_ours = parts.next().is_some_and(is_number)
        && parts.next().is_some_and(is_number)
        && parts.next().is_none();
    is_ours.then(|| OsStr::from_bytes(destination))
}

/// Opens and locks a directory; `None` if another process has it, or removed it meanwhile.
fn lock(parent: &OwnedFd, name: &OsStr) -> Result<Option<OwnedFd>, Errno> {
    let directory = match open_locked(parent, name) {
        Err(Errno::NOENT | Errno::WOULDBLOCK) => return Ok(None),
        other => other?,
    };
    match Identity::at(parent, name) {
        Err(Errno::NOENT) => Ok(None),
        other => Ok((other? == Identity::of(&directory)?).then_some(directory)),
    }
}

/// Whether nobody but its owner may do anything in a directory.
fn is_private(stat: &Stat) -> bool {
    handle::is_directory(stat)
        && !Mode::from_raw_mode(stat.st_mode).intersects(Mode::RWXG | Mode::RWXO)
}

/// Whether a name is that of a workshop.
pub(super) fn is_workshop(name: &[u8]) -> bool {
    destination_of(name).is_some()
}

/// Removes the workshops of processes that died. What is not of the shape and the owner of our own
/// work, or cannot be looked at, stays.
fn sweep(parent: &OwnedFd, own: &Stat) {
    let Ok(entries) = handle::entries(parent) else { return };
    for (name, is_directory) in entries {
        if let Some(destination) = destination_of(&name).filter(|_| is_directory) {
            // It is as it was then, and the next one tries again.
            let _ = sweep_one(parent, OsStr::from_bytes(&name), destination, own);
        }
    }
}

fn sweep_one(parent: &OwnedFd, name: &OsStr, destination: &OsStr, own: &Stat) -> Result<(), Errno> {
    let Some(directory) = lock(parent, name)? else { return Ok(()) };
    let stat = fstat(&directory)?;
    let inside = handle::entries(&directory)?;
    let has = |part: &str| inside.iter().any(|(name, _)| name == part.as_bytes());
    let is_ours = inside.iter().all(|(name, is_directory)| {
        *is_directory && (name == TREE.as_bytes() || name == OLD.as_bytes())
    });
    if stat.st_uid != own.st_uid || !is_private(&stat) || !is_ours {
        return Ok(());
    }
    if has(OLD) {
        put_back(&directory, parent, destination)?;
    }
    remove(parent, name, &directory)
}

/// Gives an old tree its place again, if that is free: its process died between two steps.
fn put_back(workshop: &OwnedFd, parent: &OwnedFd, destination: &OsStr) -> Result<(), Errno> {
    match handle::look(parent, destination) {
        Ok(_) => Ok(()),
        Err(Errno::NOENT) if destination.len() < MAX_NAME => {
            rename_new(workshop.as_fd(), OsStr::new(OLD), parent.as_fd(), destination)
        }
        Err(errno) => Err(errno),
    }
}

/// Gives a directory another name, if that is free.
pub(super) fn rename_new(
    from: impl AsFd,
    name: impl AsRef<OsStr>,
    to: impl AsFd,
    new: impl AsRef<OsStr>,
) -> Result<(), Errno> {
    let (name, new) = (name.as_ref(), new.as_ref());
    match renameat_with(&from, name, &to, new, RenameFlags::NOREPLACE) {
        // A directory replaces nothing but an empty one.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => renameat(from, name, to, new),
        other => other,
    }
}
