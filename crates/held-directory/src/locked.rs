// SPDX-License-Identifier: Apache-2.0
//! A directory as a lock.

use std::ffi::OsStr;

use crate::{AsFd, Errno, OwnedFd};

/// Opens the directory of that name below `parent`, if it is no link, and locks it as long as what is
/// returned lives: no other process gets it by this function meanwhile.
///
/// # Errors
/// [`Errno::WOULDBLOCK`] where another one has it; those of opening.
#[cfg(unix)]
pub fn open_locked(parent: impl AsFd, name: &OsStr) -> Result<OwnedFd, Errno> {
    use rustix::fs::{FlockOperation, Mode, OFlags, flock, openat};
    let flags =
        OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOFOLLOW;
    let directory = openat(parent, name, flags, Mode::empty())?;
    flock(&directory, FlockOperation::NonBlockingLockExclusive)?;
    Ok(directory)
}

/// Opens the directory of that name below `parent`, if it is no link, and locks it as long as what is
/// returned lives: no other process gets it by this function meanwhile. The lock is a sharing mode, for
/// Windows locks bytes of files alone.
///
/// # Errors
/// [`Errno::WOULDBLOCK`] where another one has it; those of opening.
#[cfg(windows)]
pub fn open_locked(parent: impl AsFd, name: &OsStr) -> Result<OwnedFd, Errno> {
    crate::windows::open_unshared(parent, name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CWD, Mode, OFlags, openat};

    #[test]
    fn a_locked_directory_is_nobody_elses_until_it_is_dropped() {
        let root = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(root.path().join("d")).expect("another one");
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        let parent = openat(CWD, root.path(), flags, Mode::empty()).expect("opens");
        let name = OsStr::new("d");
        let held = open_locked(&parent, name).expect("it is free");
        assert_eq!(open_locked(&parent, name).err(), Some(Errno::WOULDBLOCK));
        // It can be used all the same.
        std::fs::write(root.path().join("d/file"), "text").expect("written");
        openat(&parent, name, flags, Mode::empty()).expect("opens for others, too");
        drop(held);
        open_locked(&parent, name).expect("it is free again");
        assert_eq!(open_locked(&parent, OsStr::new("none")).err(), Some(Errno::NOENT));
    }
}
