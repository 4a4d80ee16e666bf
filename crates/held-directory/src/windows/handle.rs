// SPDX-License-Identifier: Apache-2.0
//! Open files, and directories that are held open together with their paths.

use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::errno::Errno;
use super::flags::{FileType, RawMode};
use super::names::is_name;

/// The number of seconds from Windows' first instant, in 1601, to that of Unix.
const EPOCH: i64 = 11_644_473_600;
/// The length of Windows' ticks: there are so many in a second.
const TICKS: u64 = 10_000_000;

/// An open file, or a directory that is held.
#[derive(Debug)]
pub struct OwnedFd {
    file: File,
    /// The verbatim path, if this is a directory.
    path: Option<PathBuf>,
}

impl OwnedFd {
    pub(super) fn file(file: File) -> Self {
        Self { file, path: None }
    }

    pub(super) fn directory(file: File, path: PathBuf) -> Self {
        Self { file, path: Some(path) }
    }

    pub(super) fn into_file(self) -> File {
        self.file
    }
}

/// A borrowed handle.
#[derive(Clone, Copy, Debug)]
pub struct BorrowedFd<'a> {
    file: Option<&'a File>,
    path: Option<&'a Path>,
}

/// The directory in which this process works: what is opened in it may be any path, and links that it
/// has are followed.
pub const CWD: BorrowedFd<'static> = BorrowedFd { file: None, path: None };

impl<'a> BorrowedFd<'a> {
    pub(super) fn file(self) -> Option<&'a File> {
        self.file
    }

    /// Returns the path of a held directory; nothing for [`CWD`].
    pub(super) fn path(self) -> Option<&'a Path> {
        self.path
    }

    pub(super) fn is_cwd(self) -> bool {
        self.file.is_none()
    }

    /// Returns the path of an entry: names with slashes between, or `.` or `..`.
    pub(super) fn path_of(self, name: &OsStr) -> Result<PathBuf, Errno> {
        if self.is_cwd() {
            return Ok(name.into());
        }
        let above = self.path.ok_or(Errno::NOTDIR)?;
        let text = name.to_str().ok_or(Errno::NOENT)?;
        match text {
            "." => return Ok(above.into()),
            ".." => return Ok(above.parent().unwrap_or(above).into()),
            _ => {}
        }
        let mut path = above.to_owned();
        for part in text.split('/') {
            if !is_name(part) {
                return Err(Errno::NOENT);
            }
            path.push(part);
        }
        Ok(path)
    }
}

/// Anything that is open.
pub trait AsFd {
    /// Borrows the handle.
    fn as_fd(&self) -> BorrowedFd<'_>;
}

impl AsFd for OwnedFd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        BorrowedFd { file: Some(&self.file), path: self.path.as_deref() }
    }
}

impl AsFd for BorrowedFd<'_> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        *self
    }
}

impl AsFd for File {
    fn as_fd(&self) -> BorrowedFd<'_> {
        BorrowedFd { file: Some(self), path: None }
    }
}

impl<T: AsFd> AsFd for &T {
    fn as_fd(&self) -> BorrowedFd<'_> {
        T::as_fd(self)
    }
}

/// The system's knowledge of something, in Unix's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// Kind and permission bits; the latter are made up.
    pub st_mode: RawMode,
    /// The size in bytes.
    pub st_size: u64,
    /// The serial number of the volume.
    pub st_dev: u64,
    /// The file's number on its volume.
    pub st_ino: u64,
    /// The number of its names.
    pub st_nlink: u64,
    /// The owner's id, which is always 0 here.
    pub st_uid: u32,
    /// The last change of its content, in seconds since 1970.
    pub st_mtime: i64,
    /// The nanoseconds of the last change of its content.
    pub st_mtime_nsec: i64,
    /// The time of the last change of its state, which is always 0 here.
    pub st_ctime: i64,
    /// The nanoseconds of that time, which are always 0 here.
    pub st_ctime_nsec: i64,
}

impl Stat {
    pub(super) fn of(file: &File) -> Result<Self, Errno> {
        let kind = FileType::of(file.metadata()?.file_type());
        let known = winapi_util::file::information(file)?;
        let ticks = known.last_write_time().unwrap_or_default();
        let seconds = i64::try_from(ticks / TICKS).unwrap_or_default();
        Ok(Self {
            st_mode: kind.mode(),
            st_size: known.file_size(),
            st_dev: known.volume_serial_number(),
            st_ino: known.file_index(),
            st_nlink: known.number_of_links(),
            st_uid: 0,
            st_mtime: seconds.saturating_sub(EPOCH),
            st_mtime_nsec: i64::try_from(ticks % TICKS).unwrap_or_default().saturating_mul(100),
            st_ctime: 0,
            st_ctime_nsec: 0,
        })
    }
}
