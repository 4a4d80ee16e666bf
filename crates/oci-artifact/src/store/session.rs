// SPDX-License-Identifier: Apache-2.0
//! A directory in which one ingest works.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Store;
use super::fs as ops;
use crate::{Error, ErrorKind, Result};

/// Numbers the sessions of this process.
static SESSIONS: AtomicU64 = AtomicU64::new(0);
/// How many names are tried. Only another process with the same id, in another container, has some
/// of them.
const TRIES: usize = 10_000;

/// A directory of one's own, locked until it is dropped, and then removed.
#[derive(Debug)]
pub(super) struct Session {
    dir: PathBuf,
    lock: File,
    files: AtomicU64,
}

impl Session {
    pub(super) fn begin(store: &Store) -> Result<Self> {
        let parent = store.layout().ingest_dir();
        // What is in it need not outlive a crash.
        ops::create_dir_all(&parent, &mut BTreeSet::new())?;
        for _ in 0..TRIES {
            let number = SESSIONS.fetch_add(1, Ordering::Relaxed);
            let dir = parent.join(format!("{}-{number}", process::id()));
            if ops::create_dir(&dir)?
                && let Some(lock) = lock(&dir)?
            {
                sweep(&parent, &lock);
                return Ok(Self { dir, lock, files: AtomicU64::new(0) });
            }
        }
        Err(Error::new(ErrorKind::Io, "cannot find a name for a new directory")
            .at_path(parent)
            .with_help("`store gc` removes what dead processes left there"))
    }

    /// Brings all files to the disk that were written since this began.
    pub(super) fn sync_all(&self) -> Result<()> {
        ops::sync_all(&self.lock, &self.dir)
    }

    /// A path for another file.
    pub(super) fn new_file(&self) -> PathBuf {
        self.dir.join(self.files.fetch_add(1, Ordering::Relaxed).to_string())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // What cannot be removed is left for gc.
        let _ = remove(&self.dir);
    }
}

/// Removes the directories of sessions whose processes died: whoever lives has locked theirs (VB-4).
/// What is not of the shape and the owner of our own, `own`, stays.
fn sweep(parent: &Path, own: &File) {
    let Ok(owner) = own.metadata().map(|meta| meta.uid()) else { return };
    // What a link leads to is not the store's.
    if !fs::symlink_metadata(parent).is_ok_and(|meta| meta.is_dir()) {
        return;
    }
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let is_session = entry.file_name().to_str().is_some_and(is_name);
        let is_ours = || entry.metadata().is_ok_and(|meta| meta.is_dir() && meta.uid() == owner);
        if is_session && is_ours() {
            // What cannot be locked or removed now is for the next one, or for gc.
            if let Ok(Some(_lock)) = lock(&entry.path()) {
                let _ = remove(&entry.path());
            }
        }
    }
}

/// Whether a session of ours can have that name: the process's id, and a number.
fn is_name(name: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    name.split_once('-').is_some_and(|(process, number)| is_number(process) && is_number(number))
}

/// Locks a session's directory; `None` if another holds the lock or has removed the directory.
pub(super) fn lock(dir: &Path) -> Result<Option<File>> {
    let file = match File::open(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => ops::done("cannot open the directory", dir, other)?,
    };
    match file.try_lock() {
        Ok(()) => (),
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(Error::io("cannot lock", dir, error)),
    }
    // gc may have locked and removed it just before.
    let identity = |meta: fs::Metadata| (meta.dev(), meta.ino());
    let (ours, there) = (file.metadata().map(identity), fs::symlink_metadata(dir).map(identity));
    Ok(matches!((ours, there), (Ok(ours), Ok(there)) if ours == there).then_some(file))
}

/// Removes a session's directory with its files.
pub(super) fn remove(dir: &Path) -> Result<()> {
    for file in ops::done("cannot read the directory", dir, fs::read_dir(dir))?.flatten() {
        ops::remove_file(&file.path())?;
    }
    ops::remove_dir(dir).map(|_| ())
}
