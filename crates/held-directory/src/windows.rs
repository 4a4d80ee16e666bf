// SPDX-License-Identifier: Apache-2.0
//! The calls on Windows, made of `std`.

mod errno;
mod flags;
mod handle;
mod names;
mod open;
mod list;

use std::ffi::CString;
use std::fs::{self, File};
use std::io;
use std::thread;
use std::time::Duration;

pub use errno::Errno;
pub use flags::{AtFlags, FileType, Mode, OFlags, RawMode, RenameFlags};
pub use handle::{AsFd, BorrowedFd, CWD, OwnedFd, Stat};
pub use list::{Dir, DirEntry};
pub use names::{Name, OsStrExt, OsStringExt};
pub(crate) use open::open_unshared;
pub use open::openat;

use open::{Links, look};

/// Looks at what is open.
///
/// # Errors
/// Those of the system.
pub fn fstat(file: impl AsFd) -> Result<Stat, Errno> {
    Stat::of(file.as_fd().file().ok_or(Errno::INVAL)?)
}

/// Looks at an entry of a directory; with [`AtFlags::SYMLINK_NOFOLLOW`] at a link itself.
///
/// # Errors
/// Those of the system.
pub fn statat(directory: impl AsFd, name: impl Name, flags: AtFlags) -> Result<Stat, Errno> {
    let links =
        if flags.contains(AtFlags::SYMLINK_NOFOLLOW) { Links::Shown } else { Links::Followed };
    Stat::of(&look(&directory.as_fd().path_of(&name.name())?, links)?)
}

/// Makes a directory. The mode is that of the directory above.
///
/// # Errors
/// Those of the system.
pub fn mkdirat(directory: impl AsFd, name: impl Name, _: Mode) -> Result<(), Errno> {
    Ok(fs::create_dir(directory.as_fd().path_of(&name.name())?)?)
}

/// Brings a file to the disk (`FlushFileBuffers`). Of a directory there is nothing that could be.
///
/// # Errors
/// Those of the system.
pub fn fsync(file: impl AsFd) -> Result<(), Errno> {
    match file.as_fd().file() {
        Some(file) if !file.metadata()?.is_dir() => Ok(file.sync_all()?),
        _ => Ok(()),
    }
}

/// Gives a file or a directory another name, in one step; what stands there goes if it is a file or an
/// empty directory.
///
/// # Errors
/// [`Errno::NOTEMPTY`] where a directory with something in it stands there; those of the system.
pub fn renameat(
    from: impl AsFd,
    name: impl Name,
    to: impl AsFd,
    new: impl Name,
) -> Result<(), Errno> {
    let (from, to) = (from.as_fd().path_of(&name.name())?, to.as_fd().path_of(&new.name())?);
    let is_directory = |path: &std::path::Path| {
        fs::symlink_metadata(path).is_ok_and(|found| found.is_dir() && !found.is_symlink())
    };
    if is_directory(&from) && is_directory(&to) {
        fs::remove_dir(&to)?;
    }
    patiently(|| fs::rename(&from, &to))
}

/// Repeats a call, for a second in all, while the system refuses it because another process has a file open: one that
/// reads what is to be replaced, or a virus scanner. Where the file system can rename as POSIX does, readers are not
/// in the way.
fn patiently<T>(call: impl Fn() -> io::Result<T>) -> Result<T, Errno> {
    for step in 0..10 {
        match call().map_err(Errno::from) {
            Err(Errno::ACCESS | Errno::BUSY) => thread::sleep(Duration::from_millis(1 << step)),
            other => return other,
        }
    }
    Ok(call()?)
}

/// Would rename and look in one step, or exchange two names, which Windows cannot.
///
/// # Errors
/// [`Errno::NOSYS`].
pub fn renameat_with(
    _: impl AsFd,
    _: impl Name,
    _: impl AsFd,
    _: impl Name,
    _: RenameFlags,
) -> Result<(), Errno> {
    Err(Errno::NOSYS)
}

/// Gives a file a second name, which is not there yet.
///
/// # Errors
/// Those of the system.
pub fn linkat(
    from: impl AsFd,
    name: impl Name,
    to: impl AsFd,
    new: impl Name,
    _: AtFlags,
) -> Result<(), Errno> {
    let (from, to) = (from.as_fd().path_of(&name.name())?, to.as_fd().path_of(&new.name())?);
    Ok(fs::hard_link(from, to)?)
}

/// Removes a name: with [`AtFlags::REMOVEDIR`] that of an empty directory, or else one of anything else. Of a
/// link only itself is removed.
///
/// # Errors
/// Those of the system.
pub fn unlinkat(directory: impl AsFd, name: impl Name, flags: AtFlags) -> Result<(), Errno> {
    let path = directory.as_fd().path_of(&name.name())?;
    let found = fs::symlink_metadata(&path)?;
    let is_link_to_a_directory =
        std::os::windows::fs::FileTypeExt::is_symlink_dir(&found.file_type());
    match flags.contains(AtFlags::REMOVEDIR) {
        true if found.is_symlink() => Err(Errno::NOTDIR),
        true => Ok(fs::remove_dir(path)?),
        false if is_link_to_a_directory => Ok(fs::remove_dir(path)?),
        false => Ok(fs::remove_file(path)?),
    }
}

/// Reads where a link leads to.
///
/// # Errors
/// Those of the system.
pub fn readlinkat(directory: impl AsFd, name: impl Name, _: Vec<u8>) -> Result<CString, Errno> {
    let target = fs::read_link(directory.as_fd().path_of(&name.name())?)?;
    names::c_string(target.as_os_str())
}

/// The handle of a file, for `std`.
impl From<OwnedFd> for File {
    fn from(file: OwnedFd) -> Self {
        file.into_file()
    }
}
