// SPDX-License-Identifier: Apache-2.0
//! Garbage: what no entry reaches (LS-11).

use std::collections::BTreeSet;
use std::fs::File;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::change::Change;
use super::graph::{Leaves, Walker};
use super::index_file::IndexFile;
use super::layout::BlobFile;
use super::needed::{all_needed, nothing_removed};
use super::own::{self, Owners, Shape};
use super::release::{self, Notes};
use super::root::{Meta, StorePath};
use super::unlisted::{Finder, Root, said};
use super::{Store, fs as ops, session};
use crate::digest::Digest;
use crate::{Diagnostic, Error, ErrorKind, Result};

/// The time that complete content stays that is listed nowhere, by default: seven days.
pub const UNLISTED_GRACE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Settings of a garbage collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GcOptions {
    /// The present: this crate reads no clock.
    pub now: SystemTime,
    /// The age below which content stays. What this crate brings in is safe without it (it is tagged in the
    /// same step); what single calls of [`Store::put_blob`] and the Go code bring in is not.
    pub grace: Duration,
    /// The time that complete content stays that is listed nowhere, counted from the collection that noticed it
    /// first (LS-18). What this store itself let go of, by moving or taking away a tag, does not wait
    /// for that. Zero removes it like everything else.
    pub unlisted: Duration,
    /// Whether anything is removed.
    pub mode: GcMode,
    /// The treatment of entries without a tag.
    pub untagged: Untagged,
}

impl GcOptions {
    /// Removes what is older than an hour, or seven days if it is complete and was not let go of here,
    /// and keeps entries without a tag.
    pub fn new(now: SystemTime) -> Self {
        let (grace, unlisted) = (Duration::from_secs(60 * 60), UNLISTED_GRACE);
        Self { now, grace, unlisted, mode: GcMode::Remove, untagged: Untagged::Keep }
    }
}

/// Whether garbage is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GcMode {
    /// Removes the garbage.
    Remove,
    /// Only finds the garbage. This changes nothing and takes no lock.
    DryRun,
}

/// The treatment of entries without a tag. Only other programs make them: the Go code lists the
/// manifests of every build, and leaves them listed when the tag of the build has moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untagged {
    /// Entries without a tag stay, and all that they reach.
    Keep,
    /// Entries without a tag go, and all that only they reach.
    Drop,
}

/// A blob that nothing reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Garbage {
    /// The digest of the blob.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
}

/// A complete manifest or index that nothing lists and nothing refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unlisted {
    /// The digest of the content.
    pub digest: Digest,
    /// Its own size in bytes.
    pub size: u64,
    /// The name in its own annotations.
    pub name: Option<String>,
    /// The time when it came into the store.
    pub time: Option<SystemTime>,
}

impl Unlisted {
    /// Returns the time when it came into the store, as `YYYY-MM-DDThh:mm:ssZ`.
    pub fn came(&self) -> Option<String> {
        self.time.and_then(said)
    }
}

/// The report of [`Store::gc`]: what was removed, or would be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GcReport {
    /// Blobs, by digest.
    pub blobs: Vec<Garbage>,
    /// Their sizes together, in bytes.
    pub size: u64,
    /// The number of entries without a tag that were dropped.
    pub untagged: usize,
    /// Files and directories that dead processes left, by path.
    pub leftovers: Vec<PathBuf>,
    /// The number of blobs that nothing reaches, but that are too young.
    pub young: usize,
    /// Complete content that is listed nowhere, and stays for a while.
    pub unlisted: Vec<Unlisted>,
    /// Problems with what could not be removed.
    pub problems: Vec<Diagnostic>,
}

impl Store {
    /// Removes blobs that no entry reaches, and what dead processes left behind. An ingest or a
    /// removal in another process is safe from it, and it from them.
    ///
    /// # Errors
    /// Nothing was removed then: [`ErrorKind::InvalidStore`] if there are blobs but no `index.json`,
    /// since everything would be garbage, or if it is malformed; [`ErrorKind::Locked`];
    /// [`ErrorKind::Io`] and what else there is if a manifest, or anything else that may need other
    /// content, cannot be read or is broken (LS-16).
    pub fn gc(&self, options: GcOptions) -> Result<GcReport> {
        let (walker, finder) = (Walker::default(), Finder::default());
        let owners = Owners::of(self.layout())?;
        let mut collector = Collector { store: self, owners, options, walker, finder };
        // What takes long, reading all manifests, happens before the lock is taken.
        let foreseen = collector.plan(false)?;
        if options.mode == GcMode::DryRun {
            return Ok(foreseen.foresee());
        }
        drop(foreseen);
        let change = self.change()?;
        collector.plan(true)?.carry_out(change, &owners)
    }
}

struct Collector<'a> {
    store: &'a Store,
    owners: Owners,
    options: GcOptions,
    walker: Walker,
    finder: Finder,
}

/// The removals that a collection will make. Everything was read that has to be, so that nothing is
/// removed if something cannot be read (LS-16).
#[derive(Default)]
struct Plan {
    /// The index without the entries that go, if any go.
    index: Option<IndexFile>,
    notes: Notes,
    reached: BTreeSet<Digest>,
    blobs: Vec<Garbage>,
    /// Content that nothing lists from now on, as far as is known.
    unlisted: Vec<Digest>,
    leftovers: Vec<Leftover>,
    report: GcReport,
}

/// The leftovers of a dead process.
enum Leftover {
    /// A directory of an ingest, and its lock.
    Session(StorePath, File),
    File(StorePath),
}

impl Collector<'_> {
    /// Plans what goes; under the lock, nobody else can change the store meanwhile.
    fn plan(&mut self, is_locked: bool) -> Result<Plan> {
        let store = self.store;
        let Some(listed) = store.found_index()? else {
            if store.layout().has_blobs()? {
                return Err(lost_index(store));
            }
            return self.rest(Plan { notes: Notes::read(store)?, ..Plan::default() }, is_locked);
        };
        let mut plan = Plan { notes: Notes::read(store)?, ..Plan::default() };
        let mut index = (*listed).clone();
        if self.options.untagged == Untagged::Drop {
            let untagged = listed.entries().filter(|entry| entry.tag.is_none());
            plan.notes.released.extend(untagged.filter_map(|entry| Digest::read(entry.digest)));
            let before = index.entries().count();
            let is_changed = index.drop_untagged(|_| true);
            plan.report.untagged = before.saturating_sub(index.entries().count());
            plan.index = is_changed.then(|| index.clone());
        }
        plan.reached = all_needed(store, &mut self.walker, &index)?;
        plan.notes.outdate(&plan.reached);
        let (files, problems) = store.layout().blob_files();
        if let Some(error) = problems.into_iter().next() {
            return Err(nothing_removed(error));
        }
        self.keep_unlisted(&files, &mut plan)?;
        self.garbage(&files, &mut plan)?;
        self.rest(plan, is_locked)
    }

    /// Keeps what is complete and listed nowhere, unless this store itself let go of it (LS-18).
    fn keep_unlisted(&mut self, files: &[BlobFile], plan: &mut Plan) -> Result<()> {
        if self.options.unlisted.is_zero() {
            return Ok(());
        }
        let Self { store, walker, finder, .. } = self;
        let found = finder.find(store, walker, files, &plan.reached);
        if let Some(error) = found.unreadable.into_iter().next() {
            return Err(nothing_removed(error));
        }
        let mut kept = Vec::new();
        for root in found.roots {
            if plan.notes.released.contains(&root.digest) {
                continue;
            }
            let since = release::unlisted_since(self.store, &root.digest)?;
            if since.is_some_and(|since| self.age(since) >= self.options.unlisted) {
                continue;
            }
            if since.is_none() {
                plan.unlisted.push(root.digest);
            }
            kept.push(root.digest);
            let Root { digest, size, name, time, .. } = root;
            plan.report.unlisted.push(Unlisted { digest, size, name, time });
        }
        let (parts, _) = self.walker.reach(self.store, kept, Leaves::Trusted);
        plan.reached.extend(parts);
        Ok(())
    }

    fn garbage(&self, files: &[BlobFile], plan: &mut Plan) -> Result<()> {
        for BlobFile { path, digest } in files {
            let Some(digest) = digest else { continue };
            if plan.reached.contains(digest) {
                continue;
            }
            let meta = ops::done("cannot examine the blob", path, ops::stat(path));
            // What is no file is no blob: `check` names it.
            let Some(meta) = meta.map_err(nothing_removed)?.filter(Meta::is_file) else { continue };
            if self.is_young(&meta) {
                plan.report.young = plan.report.young.saturating_add(1);
            } else if plan.report.allows(self.owners.check(path, &meta)) {
                plan.blobs.push(Garbage { digest: *digest, size: meta.size });
            }
        }
        // Of a build that goes only in part, nothing is complete any more.
        plan.blobs.sort_by_key(|blob| self.finder.is_document(&blob.digest));
        Ok(())
    }

    /// Adds the contents of the directory of ingests, and new files that never took their place.
    fn rest(&self, mut plan: Plan, is_locked: bool) -> Result<Plan> {
        let layout = self.store.layout();
        for path in ops::entries(&layout.ingest_dir())? {
            let meta = ops::done("cannot examine the file", &path, ops::stat(&path))?;
            let Some(meta) = meta else { continue };
            match Shape::of(&path, &meta) {
                // Its lock says whether the ingest lives.
                Some(Shape::Session) => match session::lock(&path) {
                    Ok(None) => {}
                    Ok(Some(lock)) => {
                        if plan.report.allows(self.owners.check_session(&path, &meta)) {
                            plan.leftovers.push(Leftover::Session(path, lock));
                        }
                    }
                    // Another user's stays in any case.
                    Err(error) => match self.owners.check(&path, &meta) {
                        Ok(()) => return Err(error),
                        Err(others) => plan.report.problem(&others),
                    },
                },
                Some(Shape::Mark) => {}
                Some(Shape::GoFile) if self.is_young(&meta) => {}
                Some(Shape::GoFile | Shape::Note) => self.file(path, &meta, &mut plan),
                None => plan.report.problem(&own::foreign(&path)),
            }
        }
        for path in layout.new_files() {
            let meta = ops::done("cannot examine the file", &path, ops::stat(&path))?;
            // Nobody else makes one now; without the lock, somebody may.
            let is_left = |meta: &Meta| meta.is_file() && (is_locked || !self.is_young(meta));
            if let Some(meta) = meta.filter(is_left) {
                self.file(path, &meta, &mut plan);
            }
        }
        Ok(plan)
    }

    fn file(&self, path: StorePath, meta: &Meta, plan: &mut Plan) {
        if plan.report.allows(self.owners.check(&path, meta)) {
            plan.leftovers.push(Leftover::File(path));
        }
    }

    /// Whether a file is younger than the grace period.
    fn is_young(&self, meta: &Meta) -> bool {
        meta.modified().is_some_and(|then| self.age(then) < self.options.grace)
    }

    /// Returns the time that has passed since `then`. A time in the future counts as now.
    fn age(&self, then: SystemTime) -> Duration {
        self.options.now.duration_since(then).unwrap_or_default()
    }
}

impl Plan {
    /// Reports the removals of a dry run.
    fn foresee(mut self) -> GcReport {
        for blob in std::mem::take(&mut self.blobs) {
            self.report.removed(blob);
        }
        let paths = self.leftovers.into_iter().map(|leftover| match leftover {
            Leftover::Session(path, _) | Leftover::File(path) => path.path(),
        });
        self.report.leftovers.extend(paths);
        self.report.sorted()
    }

    fn carry_out(mut self, mut change: Change<'_>, owners: &Owners) -> Result<GcReport> {
        if let Some(index) = self.index.take() {
            change.save(index)?;
        }
        for digest in &self.unlisted {
            change.note_unlisted(digest);
        }
        let mut report = std::mem::take(&mut self.report);
        for blob in self.blobs {
            match change.remove(&blob.digest) {
                Ok(_) => report.removed(blob),
                Err(error) => report.problem(&error),
            }
        }
        for leftover in self.leftovers {
            let (result, path) = match leftover {
                Leftover::Session(path, _lock) => (session::remove(&path), path),
                Leftover::File(path) => (ops::remove_file(&path).map(|_| ()), path),
            };
            match result {
                Ok(()) => report.leftovers.push(path.path()),
                Err(error) => report.problem(&error),
            }
        }
        self.notes.tidy(change.store(), owners);
        Ok(report.sorted())
    }
}

impl GcReport {
    fn removed(&mut self, blob: Garbage) {
        self.size = self.size.saturating_add(blob.size);
        self.blobs.push(blob);
    }

    /// Whether something may be removed; why not is a problem.
    fn allows(&mut self, allowed: Result<()>) -> bool {
        allowed.map_err(|error| self.problem(&error)).is_ok()
    }

    fn problem(&mut self, error: &Error) {
        self.problems.extend(error.diagnostics().first().cloned());
    }

    fn sorted(mut self) -> Self {
        self.blobs.sort_by_key(|blob| blob.digest);
        self
    }
}

fn lost_index(store: &Store) -> Error {
    let message = "the store has blobs but no index.json: all of them would be garbage";
    Error::new(ErrorKind::InvalidStore, message)
        .at_path(store.layout().index_file())
        .with_help(crate::Remedy::RepairStore.help(super::LOST_INDEX))
}
