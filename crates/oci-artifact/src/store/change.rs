// SPDX-License-Identifier: Apache-2.0
//! The index file as it is, and the right to change the store.

use std::collections::BTreeSet;
use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::Duration;

use oci_spec::image::Digest;

use super::index_file::{self, IndexFile};
use super::layout::{Layout, open_regular};
use super::lock::StoreLock;
use super::{Store, fs as ops};
use crate::{Error, ErrorKind, Result, limits};

/// How often a malformed index file is read again before it counts as malformed, and the pause
/// before: the Go code writes it in place.
const RETRIES: u32 = 3;
const RETRY_PAUSE: Duration = Duration::from_millis(20);

/// The index file as it was read or written.
pub(super) struct Snapshot {
    /// Held open, so that no other file can get its inode number.
    #[expect(dead_code, reason = "held open")]
    file: File,
    stamp: Stamp,
    index: Arc<IndexFile>,
}

/// What tells one version of a file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    inode: (u64, u64),
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl From<Metadata> for Stamp {
    fn from(meta: Metadata) -> Self {
        Self {
            inode: (meta.dev(), meta.ino()),
            size: meta.size(),
            modified: (meta.mtime(), meta.mtime_nsec()),
            changed: (meta.ctime(), meta.ctime_nsec()),
        }
    }
}

impl Snapshot {
    /// Reads the index file; `None` if it is missing.
    pub(super) fn load(layout: &Layout) -> Result<Option<Self>> {
        let mut tries = 0;
        loop {
            match Self::load_once(&layout.index_file()) {
                Err(error) if error.kind() == ErrorKind::InvalidStore && tries < RETRIES => {
                    tries += 1;
                    thread::sleep(RETRY_PAUSE);
                }
                other => return other,
            }
        }
    }

    fn load_once(path: &Path) -> Result<Option<Self>> {
        let opened = match open_regular(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => ops::done("cannot open the file", path, other)?,
        };
        let invalid = |message: &str| {
            Error::new(ErrorKind::InvalidStore, message)
                .at_path(path)
                .with_help("`store check --repair` lists again what is in the store")
        };
        let (file, size) = opened.ok_or_else(|| invalid("not a regular file"))?;
        let stamp = ops::done("cannot read the file", path, file.metadata())?.into();
        let limit = limits::MAX_INDEX_FILE_SIZE;
        let mut text = Vec::with_capacity(usize::try_from(size.min(limit)).unwrap_or_default());
        let read = (&file).take(limit.saturating_add(1)).read_to_end(&mut text);
        if ops::done("cannot read the file", path, read)? as u64 > limit {
            return Err(invalid(&format!("larger than the {limit} bytes that it may have")));
        }
        let index = Arc::new(IndexFile::parse(text, path)?);
        Ok(Some(Self { file, stamp, index }))
    }
}

impl Store {
    /// The index file as it is now.
    pub(super) fn index(&self) -> Result<Arc<IndexFile>> {
        let mut snapshot = self.0.snapshot.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = fs::metadata(self.layout().index_file()).ok().map(Stamp::from);
        if let Some(Snapshot { stamp: known, index, .. }) = &*snapshot
            && stamp == Some(*known)
        {
            return Ok(index.clone());
        }
        *snapshot = None;
        *snapshot = Snapshot::load(self.layout())?;
        let index = snapshot.as_ref().map(|snapshot| snapshot.index.clone());
        Ok(index.unwrap_or_else(|| Arc::new(IndexFile::empty())))
    }

    /// Waits for the right to change the store.
    pub(super) fn change(&self) -> Result<Change<'_>> {
        let lock = StoreLock::acquire(&self.layout().lock_file(), self.0.wait, self.patience())?;
        Ok(Change { store: self, _lock: lock, unsettled: BTreeSet::new(), files: Vec::new() })
    }
}

/// The right to change the store, until it is dropped. Only its holder changes the index file,
/// gives blobs their names, and removes them.
#[must_use]
pub(super) struct Change<'a> {
    store: &'a Store,
    _lock: StoreLock,
    /// Directories whose entries may not be on the disk yet, and files.
    unsettled: BTreeSet<PathBuf>,
    files: Vec<(File, PathBuf)>,
}

impl<'a> Change<'a> {
    pub(super) fn store(&self) -> &'a Store {
        self.store
    }

    /// Gives a file whose content was verified and is on the disk its name as a blob. A blob that
    /// is there and has the right size stays, unless it is known to be broken (LS-7).
    pub(super) fn publish(
        &mut self,
        file: &Path,
        digest: &Digest,
        size: u64,
        present: Present,
    ) -> Result<()> {
        let layout = self.store.layout();
        let place = layout.blob(digest);
        if let Some(dir) = place.parent()
            && !self.unsettled.contains(dir)
        {
            self.create_dir(dir)?;
            self.unsettled.insert(dir.to_owned());
        }
        if present == Present::Kept {
            if ops::rename_new(file, &place)? {
                return Ok(());
            }
            if layout.blob_size(digest) == Some(size) {
                // It becomes young, for gc; not if it is someone else's, but then it stays theirs.
                let _ = ops::touch(&place);
                return Ok(());
            }
        }
        ops::rename(file, &place)
    }

    /// Removes a blob; `false` if it is not there.
    pub(super) fn remove(&mut self, digest: &Digest) -> Result<bool> {
        ops::remove_file(&self.store.layout().blob(digest))
    }

    /// Makes a directory, which will be on the disk before the index file changes.
    pub(super) fn create_dir(&mut self, dir: &Path) -> Result<()> {
        ops::create_dir_all(dir, &mut self.unsettled)
    }

    /// Has a file brought to the disk before the index file changes.
    pub(super) fn settle_later(&mut self, (file, path): (File, PathBuf)) {
        self.unsettled.extend(path.parent().map(Path::to_owned));
        self.files.push((file, path));
    }

    /// Brings all new names of blobs to the disk, and that file with them.
    pub(super) fn settle(&mut self, file: Option<(File, PathBuf)>) -> Result<()> {
        let mut files = std::mem::take(&mut self.files);
        files.extend(file);
        ops::sync_many(&files, std::mem::take(&mut self.unsettled))
    }

    /// The index file, for editing. While this change lasts, nobody else edits it.
    pub(super) fn index(&self) -> Result<IndexFile> {
        let index = self.store.index()?;
        let mut snapshot = self.store.0.snapshot.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody needs the snapshot now, so that it need not be copied.
        *snapshot = None;
        drop(snapshot);
        Ok(Arc::try_unwrap(index).unwrap_or_else(|index| (*index).clone()))
    }

    /// Replaces the index file.
    pub(super) fn save(&mut self, index: IndexFile) -> Result<()> {
        let layout = self.store.layout();
        let (path, new) = (layout.index_file(), layout.new_index_file());
        let text = index.write();
        if text.len() as u64 > limits::MAX_INDEX_FILE_SIZE {
            let message = "the store would list more than it can";
            return Err(Error::new(ErrorKind::TooLarge, message)
                .at_path(path)
                .with_help("remove builds that are not needed"));
        }
        let file = index_file::replace(&path, &new, &text, |file| self.settle(Some(file)))?;
        if let Ok(meta) = file.metadata() {
            let index = Arc::new(index.slim(text, &path)?);
            let snapshot = Snapshot { file, stamp: meta.into(), index };
            let mut known = self.store.0.snapshot.lock().unwrap_or_else(PoisonError::into_inner);
            *known = Some(snapshot);
        }
        Ok(())
    }
}

/// What becomes of a blob of the right size that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Present {
    /// It stays.
    Kept,
    /// It is broken, and replaced.
    Replaced,
}
