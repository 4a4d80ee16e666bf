// SPDX-License-Identifier: Apache-2.0
//! Everything that looks at a store's files, one function a system call: the seam at which tests let
//! single looks fail (LS-16). The errors are the system's own; what they prove is for the caller.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::time::SystemTime;

use rustix::fs::OFlags;

use super::faults;

/// What something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Kind {
    File,
    Directory,
    Link,
    /// A named pipe, a socket, a device.
    Special,
}

/// What the system knows of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct Meta {
    pub(in crate::store) kind: Kind,
    /// Bytes.
    pub(in crate::store) size: u64,
    /// The nine permission bits.
    pub(in crate::store) mode: u32,
    /// Device and inode: what tells it from everything else that is there at the same time.
    pub(in crate::store) identity: (u64, u64),
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Meta {
    pub(in crate::store) fn is_file(&self) -> bool {
        self.kind == Kind::File
    }

    pub(in crate::store) fn is_dir(&self) -> bool {
        self.kind == Kind::Directory
    }

    /// When its content changed last; `None` if no time of the system's says it.
    pub(in crate::store) fn modified(&self) -> Option<SystemTime> {
        let (seconds, nanos) = self.modified;
        let nanos = std::time::Duration::from_nanos(u64::try_from(nanos).ok()?);
        let whole = std::time::Duration::from_secs(seconds.unsigned_abs());
        let epoch = SystemTime::UNIX_EPOCH;
        let time = if seconds < 0 { epoch.checked_sub(whole) } else { epoch.checked_add(whole) };
        time?.checked_add(nanos)
    }
}

impl From<Metadata> for Meta {
    fn from(meta: Metadata) -> Self {
        let kind = match meta.file_type() {
            kind if kind.is_file() => Kind::File,
            kind if kind.is_dir() => Kind::Directory,
            kind if kind.is_symlink() => Kind::Link,
            _ => Kind::Special,
        };
        Self {
            kind,
            size: meta.size(),
            mode: meta.permissions().mode() & 0o777,
            identity: (meta.dev(), meta.ino()),
            modified: (meta.mtime(), meta.mtime_nsec()),
            changed: (meta.ctime(), meta.ctime_nsec()),
        }
    }
}

/// What the system knows of a name; of a link, not of what it leads to.
pub(in crate::store) fn stat(path: &Path) -> io::Result<Meta> {
    faults::look("stat", path)?;
    Ok(fs::symlink_metadata(path)?.into())
}

/// The same; `None` if nothing has that name.
pub(in crate::store) fn find(path: &Path) -> io::Result<Option<Meta>> {
    absent(stat(path))
}

/// What the system knows of an open file.
pub(in crate::store) fn stat_open(file: &File, path: &Path) -> io::Result<Meta> {
    faults::look("fstat", path)?;
    Ok(file.metadata()?.into())
}

/// Opens a file or a directory for reading. It does not wait for the writer of a named pipe.
pub(in crate::store) fn open(path: &Path) -> io::Result<File> {
    faults::look("open", path)?;
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}

/// The names in a directory, in their order; `None` if it is missing.
pub(in crate::store) fn list(path: &Path) -> io::Result<Option<Vec<OsString>>> {
    let read = || {
        faults::look("open", path)?;
        let entries = fs::read_dir(path)?;
        // There are two calls at least: one that brings names, one that brings no more.
        faults::look("getdents", path)?;
        let names: io::Result<Vec<_>> = entries.map(|entry| Ok(entry?.file_name())).collect();
        faults::look("getdents", path)?;
        names
    };
    let mut names = absent(read())?;
    names.iter_mut().for_each(|names| names.sort());
    Ok(names)
}

/// Reads some of a file.
pub(in crate::store) fn read(
    mut file: &File,
    path: &Path,
    buffer: &mut [u8],
) -> io::Result<usize> {
    faults::look("read", path)?;
    file.read(buffer)
}

/// Reads the rest of a file, but no more than `limit` bytes.
pub(in crate::store) fn read_to_end(
    file: &File,
    path: &Path,
    limit: u64,
    bytes: &mut Vec<u8>,
) -> io::Result<usize> {
    faults::look("read", path)?;
    let read = file.take(limit).read_to_end(bytes)?;
    // Another call finds the end.
    faults::look("read", path)?;
    Ok(read)
}

/// "Not there" as a value; every other error stays one.
fn absent<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
