// SPDX-License-Identifier: Apache-2.0
//! The calls that bring a tree to the disk, give it its place, and remove another one: the seam at
//! which tests see in which order that is done (EX-23).

use std::ffi::OsStr;
use std::os::fd::AsFd;

use rustix::fs::{AtFlags, RenameFlags};
use rustix::io::Errno;

#[cfg(test)]
#[path = "disk/record.rs"]
pub(super) mod record;

/// What tests record; nothing, outside of tests.
#[cfg(not(test))]
mod record {
    pub(super) fn add(_: &'static str, _: impl std::os::fd::AsFd) {}
}

/// Brings a file or a directory to the disk.
pub(super) fn fsync(file: impl AsFd) -> Result<(), Errno> {
    rustix::fs::fsync(&file)?;
    record::add("fsync", file);
    Ok(())
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
    rustix::fs::renameat(from, name.as_ref(), &to, new.as_ref())?;
    record::add("rename", to);
    Ok(())
}

/// The same in another way.
pub(super) fn renameat_with(
    from: impl AsFd,
    name: impl AsRef<OsStr>,
    to: impl AsFd,
    new: impl AsRef<OsStr>,
    flags: RenameFlags,
) -> Result<(), Errno> {
    rustix::fs::renameat_with(from, name.as_ref(), &to, new.as_ref(), flags)?;
    record::add("rename", to);
    Ok(())
}

/// Removes a name.
pub(super) fn unlinkat(
    directory: impl AsFd,
    name: impl AsRef<OsStr>,
    flags: AtFlags,
) -> Result<(), Errno> {
    rustix::fs::unlinkat(&directory, name.as_ref(), flags)?;
    record::add("unlink", directory);
    Ok(())
}
