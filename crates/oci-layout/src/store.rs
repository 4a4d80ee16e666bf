// SPDX-License-Identifier: Apache-2.0
//! The local store: an OCI image layout that cannot be broken (store.md).
//!
//! ```text
//! oci-layout                    the version of the layout
//! index.json                    one entry a tag
//! blobs/sha256/<hex>            content, read-only, under its digest
//! ingest/<process>-<number>/    what one ingest has written so far
//! ingest/removed-<hex>          what is to go after a tag
//! ingest/released-<digest>      what lost a tag here (LS-18)
//! ingest/unlisted-<digest>      since when it is known that nothing lists some content
//! index.json.lock               the lock
//! index.json.references         what each listed root needs (LS-21)
//! index.json.summaries          what each listed root says of itself, for display (LS-36)
//! index.json.subjects           what each listed root is attached to, for display (LS-36)
//! registry/                     what a registry that serves the store notes ([`Annex`])
//! ```
//!
//! # What holds at every moment
//!
//! A process may be killed and a system call may fail anywhere; the store opens and every tag that
//! it lists leads to complete content (LS-15), because:
//!
//! - `index.json` changes, blobs appear under their digest, and blobs disappear only while the
//!   exclusive lock on `index.json.lock` is held: a `Change` is that right, and
//!   the only way to do any of it. It ends with the process (flock). There is no second lock, so
//!   there is no order of locks, and nothing waits for long: it is taken when everything slow has
//!   been done, for milliseconds.
//! - A change makes blobs first and durable, then swaps `index.json` by rename, then removes
//!   blobs. Readers take no lock: they see the old file or the new one (LS-5).
//! - An [`Ingest`] writes into a directory of its own and keeps there, by a second name, what it
//!   found in the store and counts on. Nothing that others remove before its commit is lost to it
//!   (LS-11). Its directory is locked as long as it lives; what dead ones left is for gc.
//! - Go code on the same store takes no lock. The grace period of gc protects what it writes.

#![expect(
    clippy::mutable_key_type,
    reason = "paths are compared by what they are, not by what is open"
)]

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use toolhive_diagnostics::Remedy;

use crate::observer::Observer;
use crate::{Diagnostic, Error, ErrorKind, Result};

mod root;
mod fs;
mod lack;
mod layout;
mod lock;
mod index_file;
mod change;
mod blob_reader;
mod blob_part;
mod graph;
mod session;
mod own;
mod ingest;
mod blob_writer;
mod tags;
mod needed;
mod lines;
mod records;
mod references;
mod notes;
mod unlisted;
mod release;
mod delete;
mod gc;
mod check;
mod annex;
#[cfg(test)]
mod tests;

pub use crate::media_type::ANNOTATION_REF_NAME;
pub use annex::Annex;
pub use blob_part::{BlobChunks, PartReader};
pub use blob_reader::BlobReader;
pub use blob_writer::BlobWriter;
pub use change::IndexVersion;
pub use check::{CheckMode, CheckReport, Finding, FindingKind};
pub use delete::Removed;
pub use gc::{Garbage, GcMode, GcOptions, GcReport, UNLISTED_GRACE, Unlisted, Untagged};
pub use ingest::{Committed, Ingest};
pub use lock::LockWait;
pub(crate) use notes::{Notes, Topic};
pub use tags::{ANNOTATION_LOCAL_BUILD, Entry, Listed, Origin, Tagged, check_tag};

use change::Snapshot;
use fs as ops;
use index_file::Reading;
use layout::{LAYOUT_FILE, LOCK_FILE, Layout, NEW_INDEX_FILE};

/// The help for a lost index file: its meaning, and what [repairs](crate::Remedy::RepairStore) it.
const LOST_INDEX: &str = "the next build or pull, or {}, lists again everything that is complete \
                          in it, under the names of the builds themselves; other tags are lost";

/// A store in a directory. Clones are the same store; all of them may be used at once, from any
/// thread, beside other processes.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
    wait: LockWait,
    /// The observer that may end the waiting.
    observer: Option<SharedObserver>,
}

/// An observer of a store, which any thread may call.
pub type SharedObserver = Arc<dyn Observer + Send + Sync>;

struct Shared {
    layout: Layout,
    warnings: Vec<Diagnostic>,
    /// The index file as it was read last.
    snapshot: Mutex<Option<Snapshot>>,
}

impl Store {
    /// Opens the store in that directory and makes what is missing of it: an empty or missing
    /// directory becomes an empty store. The path may be relative; the empty path is the current
    /// directory (ST-5).
    ///
    /// This reads `index.json` once, and no blob (LS-13). A store that is complete is opened without
    /// a change, so that it may be read-only (LS-14).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidStore`] if `oci-layout` or `index.json` is malformed, if there is only an
    /// `index.json` that does not say that it is an image index, or one that is larger than
    /// [`limits::MAX_INDEX_FILE_SIZE`](crate::limits::MAX_INDEX_FILE_SIZE) (BUG-69);
    /// [`ErrorKind::Locked`]; [`ErrorKind::Io`].
    pub fn open(root: impl Into<PathBuf>) -> Result<Self> {
        let layout = Layout::new(&root.into())?;
        if !layout.check()? {
            lists_as_a_store(&layout)?;
            Self::make(&layout)?;
        }
        Self::load(layout, Vec::new())
    }

    /// Opens a store that exists, and changes nothing. Where only `oci-layout` is missing, there is a
    /// warning.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is none; else as of [`open`](Self::open).
    pub fn open_existing(root: impl Into<PathBuf>) -> Result<Self> {
        let layout = Layout::new(&root.into())?;
        let mut warnings = Vec::new();
        if !layout.check()? {
            if !lists_as_a_store(&layout)? {
                return Err(missing(&layout));
            }
            let message = "the file that makes this a store is missing";
            let help = Remedy::RepairStore.help("{} writes it, and so does the next build or pull");
            warnings.push(Diagnostic::new(message).at_path(layout.at(LAYOUT_FILE)).with_help(help));
        }
        Self::load(layout, warnings)
    }

    fn load(layout: Layout, mut warnings: Vec<Diagnostic>) -> Result<Self> {
        let snapshot = Snapshot::load(&layout)?;
        if snapshot.is_none() && layout.has_blobs()? {
            let message = "the store has blobs but no index.json, so it lists nothing";
            let path = layout.index_file();
            warnings.push(
                Diagnostic::new(message)
                    .at_path(path)
                    .with_help(Remedy::RepairStore.help(LOST_INDEX)),
            );
        }
        Ok(Self::new(layout, warnings, snapshot))
    }

    fn new(layout: Layout, warnings: Vec<Diagnostic>, snapshot: Option<Snapshot>) -> Self {
        let shared = Arc::new(Shared { layout, warnings, snapshot: Mutex::new(snapshot) });
        Self { shared, wait: LockWait::default(), observer: None }
    }

    /// Makes what is missing of a store, the file last that makes it one.
    fn make(layout: &Layout) -> Result<()> {
        let mut changed = BTreeSet::new();
        ops::create_root(layout.handle())?;
        let _lock = lock::StoreLock::acquire(&layout.at(LOCK_FILE), LockWait::default(), &())?;
        if layout.check()? {
            return Ok(());
        }
        // What is made here is hashed so: the first blobs need no new directory.
        ops::create_dir_all(&layout.blobs_dir().join("sha256"), &mut changed)?;
        let (path, new) = (layout.index_file(), layout.at(NEW_INDEX_FILE));
        let is_empty = !path.exists()? && !layout.has_blobs()?;
        let empty = index_file::IndexFile::empty();
        let index = is_empty.then(|| index_file::write(&path, &new, &empty)).transpose()?;
        layout.write(|file| {
            let files: Vec<_> = index.into_iter().chain([file]).collect();
            ops::sync_many(&files, changed)?;
            if is_empty { ops::rename(&new, &path) } else { Ok(()) }
        })
    }

    /// Returns the store with other limits of waiting for its lock.
    #[must_use]
    pub fn with_lock_wait(self, wait: LockWait) -> Self {
        Self { wait, ..self }
    }

    /// Returns the store, whose waiting for its lock also ends when `observer` asks for it.
    #[must_use]
    pub fn with_observer(self, observer: SharedObserver) -> Self {
        Self { observer: Some(observer), ..self }
    }

    /// Returns the observer that is asked whether to go on waiting.
    fn patience(&self) -> &dyn Observer {
        match &self.observer {
            Some(observer) => &**observer,
            None => &(),
        }
    }

    /// Returns the store's directory, as an absolute path.
    pub fn root(&self) -> &Path {
        self.shared.layout.root()
    }

    /// Returns the findings of opening the store, which people should see.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.shared.warnings
    }

    fn layout(&self) -> &Layout {
        &self.shared.layout
    }
}

/// Whether what lies in a directory without a layout file has the index file of a store.
///
/// # Errors
/// [`ErrorKind::InvalidStore`] for an index file that is somebody else's: nothing says that it is an
/// image index.
fn lists_as_a_store(layout: &Layout) -> Result<bool> {
    let foreign = || {
        let what = "this index.json is not that of an image layout: it has no schemaVersion, and \
                    there is no oci-layout next to it";
        Error::new(ErrorKind::InvalidStore, what)
            .at_path(layout.index_file())
            .with_help(Remedy::NameStore.help("name another directory with {}"))
    };
    match index_file::read(&layout.index_file())? {
        Reading::Missing => Ok(false),
        Reading::Whole(whole) if whole.index.has_schema_version() => Ok(true),
        Reading::Whole(_) => Err(foreign()),
        Reading::Broken(_, error) => Err(foreign().caused_by(error)),
        Reading::Foreign(error) => Err(error),
    }
}

/// Returns the error for a directory that is no store.
fn missing(layout: &Layout) -> Error {
    let what = match layout.handle().handle().is_ok() {
        true => "the directory is not a store: it has no oci-layout",
        false => "there is no store",
    };
    Error::new(ErrorKind::NotFound, what).at_path(layout.root())
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Store").field(&self.root()).finish()
    }
}
