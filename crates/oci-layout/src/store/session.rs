// SPDX-License-Identifier: Apache-2.0
//! A directory in which one ingest works.

use std::collections::BTreeSet;
use std::fs::File;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use toolhive_diagnostics::Remedy;

use super::layout::Layout;
use super::own::{self, Owners, Shape};
use super::root::StorePath;
use super::{Store, fs as ops};
use crate::{Error, ErrorKind, Result};

/// Numbers the sessions of this process.
static SESSIONS: AtomicU64 = AtomicU64::new(0);
/// The number of names that are tried. Only another process with the same id, in another container,
/// has some of them.
const TRIES: usize = 10_000;

/// A directory of one's own, locked until it is dropped, and then removed.
#[derive(Debug)]
pub(super) struct Session {
    dir: StorePath,
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
                // It is no part of this work, and fails none of it.
                let _ = sweep(store.layout());
                return Ok(Self { dir, lock, files: AtomicU64::new(0) });
            }
        }
        Err(Error::new(ErrorKind::Io, "cannot find a name for a new directory")
            .at_path(parent)
            .with_help(Remedy::CollectGarbage.help("{} removes what ended processes left there")))
    }

    /// Brings all files to the disk that were written since this began.
    pub(super) fn sync_all(&self) -> Result<()> {
        ops::sync_all(&self.lock, &self.dir)
    }

    /// Returns a path for another file.
    pub(super) fn new_file(&self) -> StorePath {
        self.dir.join(self.files.fetch_add(1, Ordering::Relaxed).to_string())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // What cannot be removed is left for gc.
        let _ = remove(&self.dir);
    }
}

/// Removes the directories of sessions whose processes died: live processes have locked theirs (VB-4).
fn sweep(layout: &Layout) -> Result<()> {
    let owners = Owners::of(layout)?;
    for dir in ops::entries(&layout.ingest_dir())? {
        // What cannot be looked at or removed is for the next one, or for gc.
        let _ = sweep_one(&owners, &dir);
    }
    Ok(())
}

/// Removes one, if it is of the shape and the owner of our own work and nobody has it.
fn sweep_one(owners: &Owners, dir: &StorePath) -> Result<()> {
    let meta = ops::done("cannot examine the directory", dir, ops::stat(dir))?;
    let Some(meta) = meta.filter(|meta| Shape::of(dir, meta) == Some(Shape::Session)) else {
        return Ok(());
    };
    let Some(_lock) = lock(dir)? else { return Ok(()) };
    owners.check_session(dir, &meta)?;
    remove(dir)
}

/// Locks a session's directory; `None` if another holds the lock or has removed the directory.
pub(super) fn lock(dir: &StorePath) -> Result<Option<File>> {
    let locked = ops::found(ops::open_locked(dir));
    let locked = ops::done("cannot open the directory", dir, locked)?;
    let Some(file) = locked.flatten() else { return Ok(None) };
    // gc may have locked and removed it just before.
    let ours = ops::done("cannot examine the directory", dir, ops::stat_open(&file, dir))?;
    let there = ops::done("cannot examine the directory", dir, ops::stat(dir))?;
    Ok(there.is_some_and(|there| there.identity == ours.identity).then_some(file))
}

/// Removes a session's directory with its files. What no session makes stays, and then the directory
/// does, too.
pub(super) fn remove(dir: &StorePath) -> Result<()> {
    for file in ops::entries(dir)? {
        let meta = ops::done("cannot examine the file", &file, ops::stat(&file))?;
        if meta.is_some_and(|meta| own::is_of_session(&file, &meta)) {
            ops::remove_file(&file)?;
        }
    }
    ops::remove_dir(dir).map(|_| ())
}
