// SPDX-License-Identifier: Apache-2.0
//! The index file as it is, and the right to change the store.

use std::collections::BTreeSet;
use std::fs::File;
use std::sync::{Arc, MutexGuard, PoisonError};

use super::index_file::{self, IndexFile, Reading, Whole};
use super::layout::{LOCK_FILE, Layout, NEW_INDEX_FILE};
use super::lock::StoreLock;
use super::root::{Meta, StorePath};
use super::{Store, fs as ops};
use crate::digest::Digest;
use crate::{Error, ErrorKind, Result, limits};

/// The index file as it was read or written.
pub(super) struct Snapshot {
    #[expect(dead_code, reason = "held open")]
    file: HeldFile,
    /// The stamp that distinguishes versions of the file.
    stamp: Meta,
    index: Arc<IndexFile>,
}

/// A file that is held open, so that no other file gets its inode number and is taken for it. Nothing is held on
/// Windows: an open file can keep others from replacing it there, and NTFS changes a number when it uses it again.
#[derive(Debug)]
struct HeldFile(#[expect(dead_code, reason = "held open")] Option<File>);

impl HeldFile {
    fn of(file: File) -> Self {
        Self((!cfg!(windows)).then_some(file))
    }
}

impl Snapshot {
    /// Reads the index file; `None` if it is missing.
    pub(super) fn load(layout: &Layout) -> Result<Option<Self>> {
        match index_file::read(&layout.index_file())? {
            Reading::Whole(Whole { file, stamp, index }) => {
                Ok(Some(Self { file: HeldFile::of(file), stamp, index: Arc::new(index) }))
            }
            Reading::Missing => Ok(None),
            Reading::Broken(_, error) | Reading::Foreign(error) => Err(error),
        }
    }
}

/// A version of a store's `index.json`: two that are equal list the same.
#[derive(Debug)]
pub struct IndexVersion {
    _file: HeldFile,
    stamp: Meta,
}

impl PartialEq for IndexVersion {
    fn eq(&self, other: &Self) -> bool {
        self.stamp == other.stamp
    }
}

impl Eq for IndexVersion {}

impl Store {
    /// Returns the version of `index.json` that is there now; `None` if there is none.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidStore`] if it is not a file; [`ErrorKind::Io`].
    pub fn index_version(&self) -> Result<Option<IndexVersion>> {
        let opened = ops::open_file(&self.layout().index_file())?;
        Ok(opened.map(|(file, stamp)| IndexVersion { _file: HeldFile::of(file), stamp }))
    }

    fn snapshot(&self) -> MutexGuard<'_, Option<Snapshot>> {
        self.shared.snapshot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the index file as it is now; an empty one if it is missing.
    pub(super) fn index(&self) -> Result<Arc<IndexFile>> {
        Ok(self.found_index()?.unwrap_or_else(|| Arc::new(IndexFile::empty())))
    }

    /// Returns the index file as it is now, if there is one.
    pub(super) fn found_index(&self) -> Result<Option<Arc<IndexFile>>> {
        let mut snapshot = self.snapshot();
        let path = self.layout().index_file();
        let stamp = ops::done("cannot examine the file", &path, ops::stat(&path))?;
        if let Some(Snapshot { stamp: known, index, .. }) = &*snapshot
            && stamp == Some(*known)
        {
            return Ok(Some(index.clone()));
        }
        *snapshot = None;
        *snapshot = Snapshot::load(self.layout())?;
        Ok(snapshot.as_ref().map(|snapshot| snapshot.index.clone()))
    }

    /// Returns the index file as it is now, if there is one, to be edited.
    pub(super) fn take_index(&self) -> Result<Option<IndexFile>> {
        let index = self.found_index()?;
        // Nobody needs the snapshot then, so that it need not be copied.
        *self.snapshot() = None;
        Ok(index.map(|index| Arc::try_unwrap(index).unwrap_or_else(|index| (*index).clone())))
    }

    /// Waits for the right to change the store.
    pub(super) fn change(&self) -> Result<Change<'_>> {
        let lock = StoreLock::acquire(&self.layout().at(LOCK_FILE), self.wait, self.patience())?;
        // What is written from now on goes to where readers will look for it.
        self.layout().handle().forget();
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
    unsettled: BTreeSet<StorePath>,
    files: Vec<(File, StorePath)>,
}

impl<'a> Change<'a> {
    pub(super) fn store(&self) -> &'a Store {
        self.store
    }

    /// Gives a file whose content was verified and is on the disk its name as a blob. A blob that
    /// is there and has the right size stays, unless it is known to be broken (LS-7).
    pub(super) fn publish(
        &mut self,
        file: &StorePath,
        digest: &Digest,
        size: u64,
        present: Present,
    ) -> Result<()> {
        let layout = self.store.layout();
        let place = layout.blob(digest);
        if let Some(dir) = place.parent()
            && !self.unsettled.contains(&dir)
        {
            self.create_dir(&dir)?;
            self.unsettled.insert(dir);
        }
        if present == Present::Kept {
            if ops::rename_new(file, &place)? {
                return Ok(());
            }
            let there = ops::done("cannot examine the blob", &place, ops::stat(&place))?;
            if let Some(there) = there.filter(|there| there.is_file() && there.size == size)
                && self.keep(&place, &there, file)?
            {
                return Ok(());
            }
        }
        ops::rename(file, &place)
    }

    /// Makes a blob that stays young, for gc. A file that has names elsewhere is not touched (LS-34):
    /// `false` if this ingest's own is to take its place instead.
    fn keep(&self, place: &StorePath, there: &Meta, file: &StorePath) -> Result<bool> {
        let ours = ops::done("cannot examine the file", file, ops::stat(file))?;
        let is_same = ours.is_some_and(|ours| ours.identity == there.identity);
        if there.names <= if is_same { 2 } else { 1 } {
            // Not if it is someone else's, but then it stays theirs.
            let _ = ops::touch(place);
            return Ok(true);
        }
        Ok(is_same)
    }

    /// Removes a blob; `false` if it is not there.
    pub(super) fn remove(&mut self, digest: &Digest) -> Result<bool> {
        ops::remove_file(&self.store.layout().blob(digest))
    }

    /// Makes a directory, which will be on the disk before the index file changes.
    pub(super) fn create_dir(&mut self, dir: &StorePath) -> Result<()> {
        ops::create_dir_all(dir, &mut self.unsettled)
    }

    /// Registers a file that has to reach the disk before the index file changes.
    pub(super) fn settle_later(&mut self, (file, path): (File, StorePath)) {
        self.unsettled.extend(path.parent());
        self.files.push((file, path));
    }

    /// Brings all new names of blobs to the disk, and that file with them.
    pub(super) fn settle(&mut self, file: Option<(File, StorePath)>) -> Result<()> {
        let mut files = std::mem::take(&mut self.files);
        files.extend(file);
        ops::sync_many(&files, std::mem::take(&mut self.unsettled))
    }

    /// Returns the index file, for editing. While this change lasts, nobody else edits it. Where it was lost, it
    /// lists again what is complete in the store (LS-18).
    pub(super) fn index(&self) -> Result<IndexFile> {
        let index = self.store.take_index()?;
        index.map_or_else(|| IndexFile::of_what_is_there(self.store), Ok)
    }

    /// Takes a tag away without room for another index file; the entries stay, without a tag (LS-20).
    pub(super) fn untag_in_place(&mut self, tag: &str) -> Result<()> {
        let mut known = self.store.snapshot();
        *known = None;
        index_file::untag_in_place(&self.store.layout().index_file(), tag)
    }

    /// Replaces the index file.
    pub(super) fn save(&mut self, index: IndexFile) -> Result<()> {
        let layout = self.store.layout();
        let (path, new) = (layout.index_file(), layout.at(NEW_INDEX_FILE));
        let size = index.pieces().map(<[u8]>::len).sum::<usize>();
        if size as u64 > limits::MAX_INDEX_FILE_SIZE {
            let message = "the store would list more than an index can hold";
            return Err(Error::new(ErrorKind::TooLarge, message)
                .at_path(path)
                .with_help("remove builds that are no longer needed"));
        }
        let file = index_file::replace(&path, &new, &index, |file| self.settle(Some(file)))?;
        if let Ok(stamp) = ops::stat_open(&file, &path) {
            let index = Arc::new(index.slim(size, &path.path())?);
            let snapshot = Snapshot { file: HeldFile::of(file), stamp, index };
            *self.store.snapshot() = Some(snapshot);
        }
        Ok(())
    }
}

/// The treatment of a blob of the right size that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Present {
    /// The blob stays.
    Kept,
    /// The blob is broken, and replaced.
    Replaced,
}
