// SPDX-License-Identifier: Apache-2.0
//! Garbage: what no entry reaches (LS-11).

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use oci_spec::image::Digest;

use super::change::Change;
use super::delete::needed;
use super::graph::Walker;
use super::index_file::IndexFile;
use super::own::{self, Owners, Shape};
use super::root::{Meta, StorePath};
use super::{Store, fs as ops, session};
use crate::{Diagnostic, Error, ErrorKind, Result};

/// How garbage is collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GcOptions {
    /// The present: this crate reads no clock.
    pub now: SystemTime,
    /// What is younger stays. What this crate brings in is safe without it (it is tagged in the
    /// same step); what single calls of [`Store::put_blob`] and the Go code bring in is not.
    pub grace: Duration,
    /// Whether anything is removed.
    pub mode: GcMode,
    /// What becomes of entries without a tag.
    pub untagged: Untagged,
}

impl GcOptions {
    /// Removes what is older than an hour and keeps entries without a tag.
    pub fn new(now: SystemTime) -> Self {
        let grace = Duration::from_secs(60 * 60);
        Self { now, grace, mode: GcMode::Remove, untagged: Untagged::Keep }
    }
}

/// Whether garbage is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GcMode {
    /// It is.
    Remove,
    /// It is only found. This changes nothing and takes no lock.
    DryRun,
}

/// What becomes of entries without a tag. Only other programs make them: the Go code lists the
/// manifests of every build, and leaves them listed when the tag of the build has moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untagged {
    /// They stay, and what they reach.
    Keep,
    /// They go, and what only they reach.
    Drop,
}

/// A blob that nothing reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Garbage {
    /// Its digest.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
}

/// What [`Store::gc`] removed, or would remove.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GcReport {
    /// Blobs, by digest.
    pub blobs: Vec<Garbage>,
    /// Their sizes together, in bytes.
    pub size: u64,
    /// Entries without a tag that were dropped.
    pub untagged: usize,
    /// What dead processes left: files and directories, by path.
    pub leftovers: Vec<PathBuf>,
    /// How many blobs nothing reaches, but are too young.
    pub young: usize,
    /// What could not be read or removed. Of a broken manifest only what can still be read
    /// protects what it refers to.
    pub problems: Vec<Diagnostic>,
}

impl Store {
    /// Removes blobs that no entry reaches, and what dead processes left behind. An ingest or a
    /// removal in another process is safe from it, and it from them.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidStore`] if there are blobs but no `index.json`, since everything would be
    /// garbage, or if it is malformed; [`ErrorKind::Locked`]; [`ErrorKind::Io`].
    pub fn gc(&self, options: GcOptions) -> Result<GcReport> {
        // What takes long, reading all manifests, happens before the lock is taken.
        let mut walker = Walker::default();
        needed(self, &mut walker, &*self.index()?);
        let change = match options.mode {
            GcMode::Remove => Some(self.change()?),
            GcMode::DryRun => None,
        };
        if !self.layout().index_file().exists()? && self.layout().has_blobs() {
            let message = "the store has blobs but no index.json: all of them would be garbage";
            return Err(Error::new(ErrorKind::InvalidStore, message)
                .at_path(self.layout().index_file())
                .with_help("run `store check --repair` first"));
        }
        let report = GcReport::default();
        let owners = Owners::of(self.layout())?;
        let mut collector = Collector { store: self, owners, options, change, report };
        let index = collector.entries()?;
        collector.blobs(&mut walker, &index)?;
        collector.leftovers()?;
        Ok(collector.report)
    }
}

struct Collector<'a> {
    store: &'a Store,
    owners: Owners,
    options: GcOptions,
    /// The right to remove, if that is wanted.
    change: Option<Change<'a>>,
    report: GcReport,
}

impl Collector<'_> {
    /// Drops entries if that is wanted; what is listed then.
    fn entries(&mut self) -> Result<IndexFile> {
        let mut index = (*self.store.index()?).clone();
        let before = index.entries().count();
        if self.options.untagged == Untagged::Drop
            && index.retain(|entry| entry.tag.is_some())
            && let Some(change) = &mut self.change
        {
            change.save(index.clone())?;
        }
        self.report.untagged = before.saturating_sub(index.entries().count());
        Ok(index)
    }

    fn blobs(&mut self, walker: &mut Walker, index: &IndexFile) -> Result<()> {
        let (needed, faults) = needed(self.store, walker, index);
        // What is missing has nothing to protect.
        let broken = faults.iter().filter(|fault| fault.error.kind() != ErrorKind::NotFound);
        let problems = broken.filter_map(|fault| fault.error.diagnostics().first().cloned());
        self.report.problems.extend(problems);
        for (file, digest) in self.store.layout().blob_files()? {
            let Some(digest) = digest.filter(|digest| !needed.contains(digest.as_ref())) else {
                continue;
            };
            let Ok(Some(meta)) = ops::stat(&file) else { continue };
            // What is no file is no blob: `check` names it.
            if !meta.is_file() {
                continue;
            }
            if self.is_young(&meta) {
                self.report.young = self.report.young.saturating_add(1);
            } else if self.remove(self.owners.check(&file, &meta), || remove_file(&file)) {
                self.report.size = self.report.size.saturating_add(meta.size);
                self.report.blobs.push(Garbage { digest, size: meta.size });
            }
        }
        Ok(())
    }

    /// What lies in the directory of ingests, and new files that never took their place.
    fn leftovers(&mut self) -> Result<()> {
        let layout = self.store.layout();
        for path in ops::entries(&layout.ingest_dir())? {
            let Ok(Some(meta)) = ops::stat(&path) else { continue };
            match Shape::of(&path, &meta) {
                // Its lock says whether the ingest lives.
                Some(Shape::Session) => {
                    let Ok(Some(_lock)) = session::lock(&path) else { continue };
                    let allowed = self.owners.check_session(&path, &meta);
                    if self.remove(allowed, || session::remove(&path)) {
                        self.report.leftovers.push(path.path());
                    }
                }
                Some(Shape::GoFile) if self.is_young(&meta) => {}
                Some(Shape::GoFile | Shape::Note) => self.file(&path, &meta),
                None => self.report.problems.extend(main(&own::foreign(&path))),
            }
        }
        for path in layout.new_files() {
            // Nobody else makes one now; without the lock, somebody may.
            let Ok(Some(meta)) = ops::stat(&path) else { continue };
            if meta.is_file() && (self.change.is_some() || !self.is_young(&meta)) {
                self.file(&path, &meta);
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &StorePath, meta: &Meta) {
        if self.remove(self.owners.check(path, meta), || remove_file(path)) {
            self.report.leftovers.push(path.path());
        }
    }

    /// Removes something that may be, if anything is to be removed; whether it is gone, or would be.
    fn remove(&mut self, allowed: Result<()>, remove: impl FnOnce() -> Result<()>) -> bool {
        let remove = || if self.change.is_some() { remove() } else { Ok(()) };
        let result = allowed.and_then(|()| remove());
        self.report.problems.extend(result.as_ref().err().and_then(main));
        result.is_ok()
    }

    /// Whether a file is younger than the grace period. A time in the future counts as now.
    fn is_young(&self, meta: &Meta) -> bool {
        let age = meta.modified().map(|then| self.options.now.duration_since(then));
        age.is_some_and(|age| age.unwrap_or_default() < self.options.grace)
    }
}

fn remove_file(path: &StorePath) -> Result<()> {
    ops::remove_file(path).map(|_| ())
}

fn main(error: &Error) -> Option<Diagnostic> {
    error.diagnostics().first().cloned()
}
