// SPDX-License-Identifier: Apache-2.0
//! Everything that changes a store's files, one function a system call: the seam at which tests
//! let single calls fail (LS-15), and the place where the system's errors get their words.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind as Io, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{
    AtFlags, CWD, RenameFlags, Timespec, Timestamps, UTIME_NOW, UTIME_OMIT, renameat_with,
    utimensat,
};
use rustix::io::Errno;

use crate::{Error, Result};

#[cfg(test)]
#[path = "fs/faults.rs"]
pub(super) mod faults;
mod look;

pub(super) use faults::look as looked;
pub(super) use look::{Kind, Meta, find, list, open, read, read_to_end, stat, stat_open};

/// What tests let fail; nothing, outside of tests.
#[cfg(not(test))]
mod faults {
    use std::io::Result;
    use std::path::Path;

    pub(super) fn check(_: &'static str, _: &[&Path]) -> Result<()> {
        Ok(())
    }

    pub(in crate::store) fn look(_: &'static str, _: &Path) -> Result<()> {
        Ok(())
    }
}

/// Makes a directory; `false` if something stands there already.
pub(super) fn create_dir(path: &Path) -> Result<bool> {
    let result = faults::check("mkdir", &[path])
        .and_then(|()| fs::DirBuilder::new().mode(0o777).create(path));
    match result {
        Err(error) if error.kind() == Io::AlreadyExists => Ok(false),
        other => done("cannot make the directory", path, other).map(|()| true),
    }
}

/// Makes a directory and those above it, as far as they are missing. Those that have entries now
/// which may not be on the disk yet are added to `changed`.
pub(super) fn create_dir_all(path: &Path, changed: &mut BTreeSet<PathBuf>) -> Result<()> {
    // What cannot be looked at here fails below.
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        create_dir_all(parent, changed)?;
    }
    if create_dir(path)? {
        changed.extend(path.parent().map(Path::to_owned));
    }
    Ok(())
}

/// Opens a file that was not there before, with that mode less the umask.
pub(super) fn create_new(path: &Path, mode: u32) -> Result<File> {
    let open = || OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
    done("cannot make the file", path, faults::check("create", &[path]).and_then(|()| open()))
}

/// Opens a file that is written anew.
pub(super) fn create(path: &Path) -> Result<File> {
    let open = || OpenOptions::new().write(true).create(true).truncate(true).mode(0o666).open(path);
    done("cannot make the file", path, faults::check("create", &[path]).and_then(|()| open()))
}

/// Writes all of `bytes`, or fails with any part of them written.
pub(super) fn write_all(mut file: &File, path: &Path, bytes: &[u8]) -> Result<()> {
    let result = match faults::check("write", &[path]) {
        Ok(()) => file.write_all(bytes),
        // A disk that fills up takes the first part.
        Err(error) => {
            file.write_all(bytes.get(..bytes.len() / 2).unwrap_or_default()).and(Err(error))
        }
    };
    done("cannot write the file", path, result)
}

/// Gives a file that mode, whatever the umask.
pub(super) fn set_mode(file: &File, path: &Path, mode: u32) -> Result<()> {
    let set = || file.set_permissions(Permissions::from_mode(mode));
    done("cannot set the file's mode", path, faults::check("chmod", &[path]).and_then(|()| set()))
}

/// Brings a file's content, or a directory's entries, to the disk.
pub(super) fn sync(file: &File, path: &Path) -> Result<()> {
    let result = faults::check("fsync", &[path]).and_then(|()| file.sync_all());
    done("cannot bring it to the disk", path, result)
}

/// Brings several files to the disk, and directories' entries. That takes less than one by one: the
/// system is asked to begin with all files, so that most of what the others wait for happens while
/// the first is waited for.
pub(super) fn sync_many(
    files: &[(File, PathBuf)],
    dirs: impl IntoIterator<Item = PathBuf>,
) -> Result<()> {
    let open = |dir: PathBuf| Ok((open_dir(&dir)?, dir));
    let dirs = dirs.into_iter().map(open).collect::<Result<Vec<_>>>()?;
    if files.len() + dirs.len() > 1 {
        files.iter().for_each(|(file, _)| begin_sync(file));
    }
    files.iter().chain(&dirs).try_for_each(|(file, path)| sync(file, path))
}

/// Has the system begin to write a file's content to the disk, where it can; promises nothing.
fn begin_sync(file: &File) {
    // "Not needed any more" is how Linux is told: it writes what is not on the disk yet, and may
    // forget what is.
    #[cfg(target_os = "linux")]
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
    #[cfg(not(target_os = "linux"))]
    let _ = file;
}

/// Whether [`sync_all`] can do what it should.
pub(super) const HAS_SYNC_ALL: bool = cfg!(target_os = "linux");

/// Brings everything to the disk that was written to a directory's file system since it was opened.
pub(super) fn sync_all(dir: &File, path: &Path) -> Result<()> {
    #[cfg(target_os = "linux")]
    let sync = || Ok(rustix::fs::syncfs(dir)?);
    #[cfg(not(target_os = "linux"))]
    let sync = || dir.sync_all();
    let result = faults::check("syncfs", &[path]).and_then(|()| sync());
    done("cannot bring the file system to the disk", path, result)
}

/// Opens a directory, for [`sync`].
pub(super) fn open_dir(path: &Path) -> Result<File> {
    done("cannot open the directory", path, open(path))
}

/// Puts a file in its place, instead of what may stand there.
pub(super) fn rename(from: &Path, to: &Path) -> Result<()> {
    let result = faults::check("rename", &[from, to]).and_then(|()| fs::rename(from, to));
    done("cannot put the file in its place", to, result)
}

/// Puts a file in its place; `false` if something stands there.
pub(super) fn rename_new(from: &Path, to: &Path) -> Result<bool> {
    let rename = || match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(true),
        Err(Errno::EXIST) => Ok(false),
        // Not every file system can look and rename in one step.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) if to.exists() => Ok(false),
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => fs::rename(from, to).map(|()| true),
        Err(errno) => Err(errno.into()),
    };
    let result = faults::check("rename", &[from, to]).and_then(|()| rename());
    done("cannot put the file in its place", to, result)
}

/// Gives a file a second name; where the file system knows none, a copy.
pub(super) fn link(from: &Path, to: &Path) -> Result<()> {
    let link = || match fs::hard_link(from, to) {
        Err(error) if error.kind() != Io::NotFound => {
            fs::copy(from, to)?;
            File::open(to)?.sync_all()
        }
        other => other,
    };
    done("cannot keep the blob", to, faults::check("link", &[from, to]).and_then(|()| link()))
}

/// Makes a file look as if it was made now.
pub(super) fn touch(path: &Path) -> Result<()> {
    let now = Timestamps {
        last_access: Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT },
        last_modification: Timespec { tv_sec: 0, tv_nsec: UTIME_NOW },
    };
    let touch = || Ok(utimensat(CWD, path, &now, AtFlags::empty())?);
    done(
        "cannot renew the file's time",
        path,
        faults::check("touch", &[path]).and_then(|()| touch()),
    )
}

/// Removes a file; `false` if it is not there.
pub(super) fn remove_file(path: &Path) -> Result<bool> {
    let result = faults::check("unlink", &[path]).and_then(|()| fs::remove_file(path));
    removed("cannot remove the file", path, result)
}

/// Removes an empty directory; `false` if it is not there.
pub(super) fn remove_dir(path: &Path) -> Result<bool> {
    let result = faults::check("rmdir", &[path]).and_then(|()| fs::remove_dir(path));
    removed("cannot remove the directory", path, result)
}

fn removed(what: &str, path: &Path, result: io::Result<()>) -> Result<bool> {
    match result {
        Err(error) if error.kind() == Io::NotFound => Ok(false),
        other => done(what, path, other).map(|()| true),
    }
}

/// The result with the words of an error: what failed, where, why, and what to do.
pub(super) fn done<T>(what: &str, path: &Path, result: io::Result<T>) -> Result<T> {
    result.map_err(|error| failure(what, path, error))
}

/// An error of the system with its words.
pub(super) fn failure(what: &str, path: &Path, error: io::Error) -> Error {
    let help = match error.kind() {
        Io::StorageFull | Io::QuotaExceeded => {
            "the disk is full: make room (`store gc` may help) and try again"
        }
        Io::ReadOnlyFilesystem => "the store is read-only: use a copy, or mount it writable",
        Io::PermissionDenied => "the store belongs to someone else: ask for permission",
        _ if is_out_of_files(&error) => "too many files are open: close some, or raise the limit (`ulimit -n`)",
        _ => return Error::io(what, path, error),
    };
    Error::io(what, path, error).with_help(help)
}

fn is_out_of_files(error: &io::Error) -> bool {
    matches!(Errno::from_io_error(error), Some(Errno::MFILE | Errno::NFILE))
}
