// SPDX-License-Identifier: Apache-2.0
//! Reading everything, and mending what can be mended (LS-12).

mod blobs;
mod entries;
mod unlisted;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use oci_spec::image::Digest;

use super::change::Change;
use super::graph::Walker;
use super::index_file::IndexFile;
use super::layout::{Layout, LayoutState, read_bounded};
use super::{Store, fs as ops, missing};
use crate::{Diagnostic, Error, ErrorKind, Result, limits};

/// How often the entries are checked anew when another process changes the index meanwhile.
const READS: usize = 5;

/// Whether a check mends what it finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckMode {
    /// It only tells. It changes nothing, takes no lock, and may run beside everything else.
    Report,
    /// What is broken is dropped, what was lost is listed again. The store is locked meanwhile.
    Repair,
}

/// What [`Store::check`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckReport {
    /// The findings, in the order of the check.
    pub findings: Vec<Finding>,
    /// How many entries the index has, in the end.
    pub entries: usize,
    /// How many blobs are intact.
    pub blobs: usize,
    /// Their sizes together, in bytes.
    pub size: u64,
}

impl CheckReport {
    /// Whether nothing is broken, or nothing any more.
    pub fn is_sound(&self) -> bool {
        self.findings.iter().all(|finding| !finding.kind.is_problem() || finding.repair.is_some())
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What kind of finding it is.
    pub kind: FindingKind,
    /// What was found, where, and what to do.
    pub diagnostic: Diagnostic,
    /// The tag that is concerned.
    pub tag: Option<String>,
    /// The content that is concerned.
    pub digest: Option<Digest>,
    /// What was done about it, and so what was lost.
    pub repair: Option<String>,
}

/// What kind of finding it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum FindingKind {
    /// `oci-layout` is missing or malformed.
    LayoutFile,
    /// `index.json` is missing or malformed.
    IndexFile,
    /// A blob is not what its name says.
    CorruptBlob,
    /// An entry is not a descriptor.
    InvalidEntry,
    /// An entry's content is gone.
    Dangling,
    /// Some of what an entry's content needs is gone or broken.
    Incomplete,
    /// An entry states another size or media type than its content has.
    WrongDescriptor,
    /// An entry's tag belongs to a later entry.
    Shadowed,
    /// Content that was listed before the index was lost.
    Unlisted,
    /// A file that does not belong to a layout. It is never touched.
    Stray,
    /// Blobs that nothing reaches. They are for [`Store::gc`].
    Garbage,
}

impl FindingKind {
    /// Whether something is broken; else it is only worth knowing.
    pub fn is_problem(self) -> bool {
        !matches!(self, Self::Shadowed | Self::Stray | Self::Garbage)
    }

    /// The kind in kebab case, as the command line prints it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LayoutFile => "layout-file",
            Self::IndexFile => "index-file",
            Self::CorruptBlob => "corrupt-blob",
            Self::InvalidEntry => "invalid-entry",
            Self::Dangling => "dangling",
            Self::Incomplete => "incomplete",
            Self::WrongDescriptor => "wrong-descriptor",
            Self::Shadowed => "shadowed",
            Self::Unlisted => "unlisted",
            Self::Stray => "stray",
            Self::Garbage => "garbage",
        }
    }
}

impl Store {
    /// Reads everything in the store in that directory, which need not be one that can be opened:
    /// digests, sizes, media types, reachability. Repairing makes it one that can, and whose tags
    /// all resolve to complete content; a malformed `index.json` is kept as `index.json.broken`.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if the directory holds nothing of a store;
    /// [`ErrorKind::InvalidStore`] for a layout of another version; [`ErrorKind::Locked`];
    /// [`ErrorKind::Io`].
    pub fn check(root: impl Into<PathBuf>, mode: CheckMode) -> Result<CheckReport> {
        let layout = Layout::new(&root.into())?;
        let state = layout.state()?;
        let is_bare = !layout.index_file().exists()? && !layout.blobs_dir().exists()?;
        if is_bare && matches!(state, LayoutState::Missing) {
            return Err(missing(&layout));
        }
        let store = Self::unread(layout);
        let change = match mode {
            CheckMode::Repair => Some(store.change()?),
            CheckMode::Report => None,
        };
        let mut check = Check {
            store: &store,
            change,
            walker: Walker::default(),
            intact: BTreeMap::new(),
            corrupt: BTreeSet::new(),
            report: CheckReport::default(),
        };
        check.layout_file(state)?;
        check.strays()?;
        check.blobs()?;
        check.index()?;
        check.remove_corrupt()?;
        Ok(check.report)
    }
}

struct Check<'a> {
    store: &'a Store,
    /// The right to repair, if that is wanted.
    change: Option<Change<'a>>,
    walker: Walker,
    /// The blobs that are what they should be, with their sizes.
    intact: BTreeMap<Box<str>, u64>,
    corrupt: BTreeSet<Box<str>>,
    report: CheckReport,
}

impl Check<'_> {
    fn layout_file(&mut self, state: LayoutState) -> Result<()> {
        let problem = match state {
            LayoutState::Valid => return Ok(()),
            LayoutState::Missing => Diagnostic::new("the file that makes this a store is missing")
                .at_path(self.store.layout().layout_file()),
            LayoutState::Malformed(error) => main(&error),
        };
        if self.change.is_some() {
            self.store.layout().write(|file| ops::sync_many(&[file], []))?;
        }
        self.find(FindingKind::LayoutFile, problem, "wrote it anew");
        Ok(())
    }

    /// Checks the index file and what it lists, and saves it if that changed anything.
    fn index(&mut self) -> Result<()> {
        let found = self.report.findings.len();
        for _ in 0..READS {
            let listed = self.load()?;
            let IndexState::Intact(before) = &listed.state else {
                return self.recover(listed);
            };
            let mut index = listed.index;
            let is_changed = self.entries(&mut index)?;
            if let Some(change) = self.change.as_mut() {
                if is_changed {
                    change.save(index.clone())?;
                }
            } else if is_changed && !Arc::ptr_eq(before, &self.store.index()?) {
                // Another process has changed the store meanwhile: what was found may be that.
                self.report.findings.truncate(found);
                continue;
            }
            self.end(&index);
            break;
        }
        Ok(())
    }

    /// Makes a new index file of what is left of the old one and what lies in the store.
    fn recover(&mut self, Listed { mut index, state }: Listed) -> Result<()> {
        self.entries(&mut index)?;
        self.unlisted(&mut index)?;
        self.end(&index);
        let Some(change) = &mut self.change else { return Ok(()) };
        if let IndexState::Malformed = state {
            let layout = self.store.layout();
            let kept = layout.broken_index_file();
            ops::remove_file(&kept)?;
            ops::link(&layout.index_file(), &kept)?;
        }
        change.save(index)
    }

    fn end(&mut self, index: &IndexFile) {
        self.garbage(index);
        self.report.entries = index.entries().count();
    }

    /// The index file, or what is left of it.
    fn load(&mut self) -> Result<Listed> {
        let path = self.store.layout().index_file();
        if !path.exists()? {
            let problem = Diagnostic::new("the index file is missing").at_path(&path);
            self.find(FindingKind::IndexFile, problem, "wrote it anew; all tags are lost");
            return Ok(Listed { index: IndexFile::empty(), state: IndexState::Missing });
        }
        match self.store.index() {
            Ok(index) => Ok(Listed { index: (*index).clone(), state: IndexState::Intact(index) }),
            Err(error) if error.kind() == ErrorKind::InvalidStore => {
                let text = read_bounded(&path, limits::MAX_INDEX_FILE_SIZE).ok().flatten();
                let index = IndexFile::salvage(&text.unwrap_or_default(), &path.path());
                let repair = match index.entries().count() {
                    0 => "wrote it anew; all tags are lost".to_owned(),
                    count => format!("wrote it anew with the {count} entries that can be read"),
                };
                self.find(FindingKind::IndexFile, main(&error), &repair);
                Ok(Listed { index, state: IndexState::Malformed })
            }
            Err(error) => Err(error),
        }
    }

    fn find(&mut self, kind: FindingKind, diagnostic: Diagnostic, repair: &str) {
        self.find_with(kind, diagnostic, repair, None, None);
    }

    /// Adds a finding. `repair` says what repairing it does; empty if nothing is done.
    fn find_with(
        &mut self,
        kind: FindingKind,
        mut diagnostic: Diagnostic,
        repair: &str,
        tag: Option<&str>,
        digest: Option<Digest>,
    ) {
        let repair = match (&self.change, repair) {
            (_, "") => None,
            (Some(_), repair) => Some(repair.to_owned()),
            (None, _) => {
                diagnostic.help = Some("`store check --repair` mends it".to_owned());
                None
            }
        };
        let tag = tag.map(str::to_owned);
        self.report.findings.push(Finding { kind, diagnostic, tag, digest, repair });
    }
}

/// What the index file lists.
struct Listed {
    index: IndexFile,
    state: IndexState,
}

/// What the index file is like.
enum IndexState {
    /// As it was read.
    Intact(Arc<IndexFile>),
    Missing,
    Malformed,
}

/// The main reason of an error.
fn main(error: &Error) -> Diagnostic {
    let first = error.diagnostics().first().cloned();
    first.unwrap_or_else(|| Diagnostic::new(error.kind().as_str()))
}
