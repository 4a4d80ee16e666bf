// SPDX-License-Identifier: Apache-2.0
//! Going through a tree that may be of any depth, by descriptors alone: two are open at a time, no
//! link is followed, and nothing is entered on which something is mounted.

use std::ffi::OsStr;

use held_directory::{AtFlags, Errno, OsStrExt as _, OwnedFd};

use super::disk::unlinkat;
use super::handle::{self, Identity};

/// The way in which an entry is come across.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// An entry that is no directory.
    Leaf,
    /// A directory, before its entries.
    Enter,
    /// A directory, after its entries.
    Leave,
}

/// A directory that is being gone through.
struct Level {
    name: Vec<u8>,
    identity: Identity,
    /// Its entries that were not visited yet.
    rest: Vec<(Vec<u8>, bool)>,
}

impl Level {
    fn new(name: Vec<u8>, directory: &OwnedFd) -> Result<Self, Errno> {
        let identity = Identity::of(directory)?;
        Ok(Self { name, identity, rest: handle::entries(directory)? })
    }
}

/// Shows `visit` everything below `root`: the directory that holds an entry, its name, and how it is
/// come across.
///
/// # Errors
/// Those of `visit` and of the system; [`Errno::XDEV`] at a directory on which something is mounted;
/// [`Errno::STALE`] where the tree changes on the way so that the way back is lost.
pub(super) fn traverse(
    root: OwnedFd,
    mut visit: impl FnMut(&OwnedFd, &OsStr, Step) -> Result<(), Errno>,
) -> Result<(), Errno> {
    let mut levels = vec![Level::new(Vec::new(), &root)?];
    let mut here = root;
    while let Some(level) = levels.last_mut() {
        let Some((name, is_directory)) = level.rest.pop() else {
            let done = levels.pop();
            let (Some(done), Some(above)) = (done, levels.last()) else { return Ok(()) };
            here = handle::open(&here, OsStr::new(".."))?;
            if Identity::of(&here)? != above.identity {
                return Err(Errno::STALE);
            }
            visit(&here, OsStr::from_bytes(&done.name), Step::Leave)?;
            continue;
        };
        let shown = OsStr::from_bytes(&name);
        if !is_directory {
            visit(&here, shown, Step::Leaf)?;
            continue;
        }
        visit(&here, shown, Step::Enter)?;
        let below = handle::open(&here, shown)?;
        let next = Level::new(name, &below)?;
        if !next.identity.is_on_device_of(level.identity) || handle::is_mount_point(&below)? {
            return Err(Errno::XDEV);
        }
        here = below;
        levels.push(next);
    }
    Ok(())
}

/// Removes everything below a directory.
pub(super) fn empty(directory: OwnedFd) -> Result<(), Errno> {
    traverse(directory, |parent, name, step| match step {
        Step::Leaf => unlinkat(parent, name, AtFlags::empty()),
        Step::Enter => Ok(()),
        Step::Leave => unlinkat(parent, name, AtFlags::REMOVEDIR),
    })
}
