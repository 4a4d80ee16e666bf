// SPDX-License-Identifier: Apache-2.0
//! Files reached from a directory that is held open, one name at a time, no link followed: `openat` and its
//! family, on every system under the same names.
//!
//! On Unix these are the calls of `rustix`, and nothing is added to them. Windows has no such calls without
//! `unsafe`, so there a held directory is a handle and the path that it has: while the handle is open, no
//! other process may rename or remove that directory, for it does not share the right to; so a path below
//! it, of one name more, leads where the handle is. Everything is opened as itself (`FILE_FLAG_OPEN_REPARSE_POINT`),
//! so a link or a junction is found, and refused, but never followed. Paths are verbatim (`\\?\`), so they may
//! be long, and a name means itself.
//!
//! Of the rest of Unix, Windows gives what comes nearest:
//!
//! | | on Windows |
//! | --- | --- |
//! | permission bits | 0644 for files, 0700 for directories; none is set |
//! | owner | 0 |
//! | `fsync` of a file | `FlushFileBuffers` |
//! | `fsync` of a directory | nothing: NTFS keeps its names in a journal, and gives no handle to flush them by |
//! | `renameat` | in one step, in the place of a file that is there, or of an empty directory |
//! | `renameat_with` | `NOSYS`, for which its callers have another way |
//!
//! ```
//! use held_directory::{AtFlags, CWD, Errno, Mode, OFlags, openat, unlinkat};
//! use std::io::Write as _;
//!
//! # fn main() -> std::io::Result<()> {
//! # let root = tempfile::tempdir()?;
//! let held = openat(CWD, root.path(), OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty())?;
//! let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
//! let mut file = std::fs::File::from(openat(&held, "a", flags, Mode::from_raw_mode(0o644))?);
//! file.write_all(b"text")?;
//! assert_eq!(openat(&held, "a", flags, Mode::from_raw_mode(0o644)).err(), Some(Errno::EXIST));
//! drop(file);
//! unlinkat(&held, "a", AtFlags::empty())?;
//! # Ok(())
//! # }
//! ```

mod locked;
#[cfg(windows)]
mod windows;

pub use locked::open_locked;
#[cfg(windows)]
pub use windows::*;

#[cfg(unix)]
pub use {
    rustix::fs::{
        AtFlags, CWD, Dir, FileType, Mode, OFlags, RawMode, RenameFlags, Stat, fstat, fsync,
        linkat, mkdirat, openat, readlinkat, renameat, renameat_with, statat, unlinkat,
    },
    rustix::io::Errno,
    std::os::fd::{AsFd, BorrowedFd, OwnedFd},
    std::os::unix::ffi::{OsStrExt, OsStringExt},
};
