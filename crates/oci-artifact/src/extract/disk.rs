// SPDX-License-Identifier: Apache-2.0
//! The calls that bring a tree to the disk, give it its place, and remove another one: the seam at
//! which tests see in which order that is done (EX-23).

use std::ffi::OsStr;

use held_directory::{AsFd, AtFlags, Errno, RenameFlags};

#[cfg(test)]
#[path = "disk/record.rs"]
pub(super) mod record;

/// The recorder of calls for tests; it does nothing otherwise.
#[cfg(not(test))]
mod record {
    pub(super) fn add(_: &'static str, _: impl held_directory::AsFd) {}
}

/// Brings a file or a directory to the disk.
pub(super) fn fsync(file: impl AsFd) -> Result<(), Errno> {
    held_directory::fsync(&file)?;
    record::add("fsync", file);
    Ok(())
}

/// Brings a file or a directory to the disk, and with it all for which [`fsync`] was called before:
/// on macOS that hands over to the drive, which may hold it back for long (EX-27).
pub(super) fn flush(file: impl AsFd) -> Result<(), Errno> {
    #[cfg(target_os = "macos")]
    match rustix::fs::fcntl_fullfsync(&file) {
        // Not every file system can.
        Err(Errno::NOTSUP | Errno::INVAL | Errno::NOTTY) => {}
        done => done?,
    }
    fsync(file)
}

/// Brings everything to the disk that is on a directory's file system.
#[cfg(target_os = "linux")]
pub(super) fn syncfs(directory: impl AsFd) -> Result<(), Errno> {
    rustix::fs::syncfs(&directory)?;
    record::add("syncfs", directory);
    Ok(())
}

/// Gives a directory another name.
pub(super) fn renameat(
    from: impl AsFd,
    name: impl AsRef<OsStr>,
    to: impl AsFd,
    new: impl AsRef<OsStr>,
) -> Result<(), Errno> {
    held_directory::renameat(from, name.as_ref(), &to, new.as_ref())?;
    record::add("rename", to);
    Ok(())
}

/// Renames by `renameat2` or its like, with flags.
pub(super) fn renameat_with(
    from: impl AsFd,
    name: impl AsRef<OsStr>,
    to: impl AsFd,
    new: impl AsRef<OsStr>,
    flags: RenameFlags,
) -> Result<(), Errno> {
    held_directory::renameat_with(from, name.as_ref(), &to, new.as_ref(), flags)?;
    record::add("rename", to);
    Ok(())
}

/// Removes a name.
pub(super) fn unlinkat(
    directory: impl AsFd,
    name: impl AsRef<OsStr>,
    flags: AtFlags,
) -> Result<(), Errno> {
    held_directory::unlinkat(&directory, name.as_ref(), flags)?;
    record::add("unlink", directory);
    Ok(())
}
