// SPDX-License-Identifier: Apache-2.0
//! The file on disk: read without following a link, changed by one process at a time, and replaced in
//! one step (lock.md, 2.4).

use std::fs::{File, TryLockError};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use held_directory::{
    AtFlags, CWD, Errno, FileType, Mode, OFlags, OwnedFd, fstat, fsync, openat, renameat, statat,
    unlinkat,
};
use oci_artifact::observer::{self, Observer};
use oci_artifact::{Error, ErrorKind, Result};

use crate::model::LockFile;
use crate::read::{MAX_SIZE, read};
use crate::write::write;

/// The name of the lock file in a project's root.
pub const FILE_NAME: &str = "toolhive.lock.yaml";
/// The file beside it that is locked while it is changed: ToolHive's name.
pub const LOCK_NAME: &str = "toolhive.lock.yaml.lock";

/// The number of times that the lock is tried, with [`PAUSE`] between: 5 seconds.
const TRIES: u32 = 500;
const PAUSE: Duration = Duration::from_millis(10);
const NOT_FOLLOWED: OFlags = OFlags::NOFOLLOW.union(OFlags::CLOEXEC).union(OFlags::NONBLOCK);

/// Numbers the files of this process that are not in place yet.
static FILES: AtomicU64 = AtomicU64::new(0);

/// Reads the lock file of a project; `None` if there is none.
///
/// # Errors
/// Those of [`read`](fn@crate::read); [`ErrorKind::InvalidFile`] if a link or something else that is no file has its
/// name; [`ErrorKind::InvalidDir`] if the root is not one; [`ErrorKind::Io`].
pub fn load(root: &Path) -> Result<Option<LockFile>> {
    load_at(&open_root(root)?, root)
}

/// The right to change the lock file of a project, and to place what it names; a process that dies
/// lets go of it.
#[derive(Debug)]
pub struct Session {
    directory: OwnedFd,
    root: PathBuf,
    _lock: File,
}

impl Session {
    /// Waits up to 5 seconds for the right.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`] if another process has it all the while; [`ErrorKind::Cancelled`];
    /// [`ErrorKind::InvalidFile`] if a link has the name; [`ErrorKind::InvalidDir`]; [`ErrorKind::Io`].
    pub fn begin(root: &Path, observer: &dyn Observer) -> Result<Self> {
        let directory = open_root(root)?;
        let path = root.join(LOCK_NAME);
        let flags = OFlags::RDWR | OFlags::CREATE | NOT_FOLLOWED;
        let opened = openat(&directory, LOCK_NAME, flags, Mode::from_raw_mode(0o644));
        let lock = File::from(opened.map_err(|errno| refused(&path, errno))?);
        check_regular(&lock, &path)?;
        for _ in 0..TRIES {
            match lock.try_lock() {
                Ok(()) => return Ok(Self { directory, root: root.to_owned(), _lock: lock }),
                Err(TryLockError::WouldBlock) => {
                    observer::check(observer)?;
                    thread::sleep(PAUSE);
                }
                Err(TryLockError::Error(error)) => {
                    return Err(Error::io("cannot lock this", &path, error));
                }
            }
        }
        Err(Error::new(ErrorKind::Locked, "another process is changing this project")
            .at_path(path)
            .with_help("wait for it and try again; if it hangs, end it: that releases its lock"))
    }

    /// Reads the file; an empty one if there is none.
    ///
    /// # Errors
    /// As [`load`].
    pub fn read(&self) -> Result<LockFile> {
        Ok(load_at(&self.directory, &self.root)?.unwrap_or_default())
    }

    /// Replaces the file in one step; whatever goes wrong, the old one stays.
    ///
    /// # Errors
    /// Those of [`write`](fn@crate::write); [`ErrorKind::InvalidFile`] if a link has the name;
    /// [`ErrorKind::Io`].
    pub fn write(&self, lock: &LockFile) -> Result<()> {
        let path = self.root.join(FILE_NAME);
        let text = write(lock).map_err(|error| error.at_path(&path))?;
        match statat(&self.directory, FILE_NAME, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile => {
                return Err(not_a_file(&path));
            }
            Ok(_) | Err(Errno::NOENT) => {}
            Err(errno) => return Err(Error::io("cannot examine the lock file", &path, errno)),
        }
        let number = FILES.fetch_add(1, Ordering::Relaxed);
        let name = format!(".{FILE_NAME}.{}-{number}", std::process::id());
        let written = self.replace(&name, text.as_bytes());
        if written.is_err() {
            // It is of no use to anybody; the error to tell is the first one.
            let _ = unlinkat(&self.directory, name.as_str(), AtFlags::empty());
        }
        written.map_err(|error| Error::io("cannot write the lock file", &path, error))
    }

    /// Removes the file, which names nothing any more.
    ///
    /// # Errors
    /// [`ErrorKind::Io`].
    pub fn remove(&self) -> Result<()> {
        let failed =
            |errno| Error::io("cannot remove the lock file", &self.root.join(FILE_NAME), errno);
        match unlinkat(&self.directory, FILE_NAME, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => fsync(&self.directory).map_err(failed),
            Err(errno) => Err(failed(errno)),
        }
    }

    fn replace(&self, name: &str, text: &[u8]) -> std::io::Result<()> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | NOT_FOLLOWED;
        // What a process of the same number left when it was killed.
        match unlinkat(&self.directory, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(errno) => return Err(errno.into()),
        }
        let mut file =
            File::from(openat(&self.directory, name, flags, Mode::from_raw_mode(0o644))?);
        file.write_all(text)?;
        file.sync_all()?;
        renameat(&self.directory, name, &self.directory, FILE_NAME)?;
        fsync(&self.directory)?;
        Ok(())
    }
}

fn open_root(root: &Path) -> Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    openat(CWD, root, flags, Mode::empty()).map_err(|errno| {
        let error = Error::new(ErrorKind::InvalidDir, "the project's root cannot be opened");
        error.at_path(root).caused_by(std::io::Error::from(errno))
    })
}

fn load_at(directory: &OwnedFd, root: &Path) -> Result<Option<LockFile>> {
    let path = root.join(FILE_NAME);
    let opened = openat(directory, FILE_NAME, OFlags::RDONLY | NOT_FOLLOWED, Mode::empty());
    let file = match opened {
        Ok(file) => File::from(file),
        Err(Errno::NOENT) => return Ok(None),
        Err(errno) => return Err(refused(&path, errno)),
    };
    check_regular(&file, &path)?;
    let mut text = Vec::new();
    let limit = u64::try_from(MAX_SIZE).unwrap_or(u64::MAX).saturating_add(1);
    file.take(limit)
        .read_to_end(&mut text)
        .map_err(|error| Error::io("cannot read the lock file", &path, error))?;
    read(&text).map(Some).map_err(|error| error.at_path(path))
}

fn check_regular(file: &File, path: &Path) -> Result<()> {
    let stat = fstat(file).map_err(|errno| Error::io("cannot examine this", path, errno))?;
    if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile {
        return Ok(());
    }
    Err(not_a_file(path))
}

fn refused(path: &Path, errno: Errno) -> Error {
    match errno {
        Errno::LOOP | Errno::ISDIR | Errno::NXIO => not_a_file(path),
        _ => Error::io("cannot open this", path, errno),
    }
}

fn not_a_file(path: &Path) -> Error {
    Error::new(
        ErrorKind::InvalidFile,
        "this is not a regular file, and links are not followed here",
    )
    .at_path(path)
    .with_help("remove it, or put the file itself there")
}
