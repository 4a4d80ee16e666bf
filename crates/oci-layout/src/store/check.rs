// SPDX-License-Identifier: Apache-2.0
//! Reads everything, and repairs what can be repaired (LS-12).

mod blobs;
mod entries;
mod unlisted;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::SystemTime;

use toolhive_diagnostics::Remedy;

use super::change::Change;
use super::graph::Walker;
use super::index_file::IndexFile;
use super::index_file::Reading;
use super::layout::{BROKEN_INDEX_FILE, BlobFile, LAYOUT_FILE, Layout, LayoutState};
use super::root::StorePath;
use super::{LOST_INDEX, Store, fs as ops, index_file, lists_as_a_store, missing};
use crate::digest::Digest;
use crate::{Diagnostic, Error, ErrorKind, Result};

/// The number of times that the entries are checked again when another process changes the index
/// meanwhile.
const READS: usize = 5;

/// Whether a check repairs what it finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckMode {
    /// Only reports. This changes nothing, takes no lock, and may run beside everything else.
    Report,
    /// Broken entries are dropped, lost ones are listed again. The store is locked meanwhile.
    Repair,
}

/// The report of [`Store::check`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckReport {
    /// The findings, in the order of the check.
    pub findings: Vec<Finding>,
    /// The number of entries that the index has in the end.
    pub entries: usize,
    /// The number of intact blobs.
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

/// One finding of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The kind of finding.
    pub kind: FindingKind,
    /// The finding for people: what, where, and what to do.
    pub diagnostic: Diagnostic,
    /// The tag that is concerned.
    pub tag: Option<String>,
    /// The content that is concerned.
    pub digest: Option<Digest>,
    /// The repair that was made, and so what was lost.
    pub repair: Option<String>,
    /// The time at which unlisted content came into the store.
    pub time: Option<SystemTime>,
}

crate::worded! {
    /// The kind of a finding.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    #[non_exhaustive]
    pub enum FindingKind {
        /// `oci-layout` is missing or malformed.
        LayoutFile = "layout-file",
        /// `index.json` is missing or malformed.
        IndexFile = "index-file",
        /// Something cannot be read, so that nothing is known about it; it stays as it is (LS-16).
        Unreadable = "unreadable",
        /// A blob is not what its name says.
        CorruptBlob = "corrupt-blob",
        /// An entry is not a descriptor.
        InvalidEntry = "invalid-entry",
        /// An entry's content is gone.
        Dangling = "dangling",
        /// The content of an entry without a tag is gone: nobody asks for it by a name.
        DanglingPart = "dangling-part",
        /// Some of what an entry's content needs is gone or broken.
        Incomplete = "incomplete",
        /// An entry states another size or media type than its content has.
        WrongDescriptor = "wrong-descriptor",
        /// An entry's tag belongs to a later entry. Its content is kept.
        Shadowed = "shadowed",
        /// Complete content that nothing lists, and that lost no tag here (LS-18).
        Unlisted = "unlisted",
        /// A file that does not belong to a layout. It is never touched.
        Stray = "stray",
        /// Blobs that nothing reaches. They are for [`Store::gc`].
        Garbage = "garbage",
    }
}

impl FindingKind {
    /// Whether something is broken; else it is only worth knowing.
    pub fn is_problem(self) -> bool {
        !matches!(
            self,
            Self::Shadowed | Self::DanglingPart | Self::Unlisted | Self::Stray | Self::Garbage
        )
    }
}

impl Store {
    /// Reads everything in the store in that directory, which need not be one that can be opened:
    /// digests, sizes, media types, reachability. Repairing makes it one that can, and whose tags
    /// all resolve to complete content; a malformed `index.json` is kept as `index.json.broken`. What
    /// cannot be read is a finding, and is left as it is (LS-16).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if the directory holds nothing of a store;
    /// [`ErrorKind::InvalidStore`] for a layout of another version, and for a directory with an
    /// `index.json` that is somebody else's; [`ErrorKind::Locked`];
    /// [`ErrorKind::Io`].
    pub fn check(root: impl Into<PathBuf>, mode: CheckMode) -> Result<CheckReport> {
        let layout = Layout::new(&root.into())?;
        let state = layout.state();
        if let Ok(LayoutState::Missing) = state {
            is_a_store(&layout)?;
        }
        let state = match state {
            // A layout of another version is not ours to judge.
            Err(error) if error.kind() != ErrorKind::Io => return Err(error),
            state => state,
        };
        let store = Self::new(layout, Vec::new(), None);
        let change = match mode {
            CheckMode::Repair => Some(store.change()?),
            CheckMode::Report => None,
        };
        let mut check = Check {
            store: &store,
            change,
            walker: Walker::default(),
            files: Vec::new(),
            intact: BTreeMap::new(),
            corrupt: BTreeMap::new(),
            report: CheckReport::default(),
        };
        check.layout_file(state)?;
        check.strays();
        check.blobs();
        check.index()?;
        check.remove_corrupt()?;
        Ok(check.report)
    }
}

/// Whether a directory without a layout file is a store all the same: by its index file, or by its
/// blobs.
fn is_a_store(layout: &Layout) -> Result<()> {
    let blobs = layout.blobs_dir();
    match lists_as_a_store(layout) {
        Ok(true) => Ok(()),
        Ok(false) if blobs.exists()? => Ok(()),
        Ok(false) => Err(missing(layout)),
        // An index file that is broken says nothing; one that is whole, and says nothing of what it
        // is, is somebody's.
        Err(error) => match index_file::read(&layout.index_file())? {
            Reading::Broken(..) | Reading::Foreign(_) if blobs.exists()? => Ok(()),
            _ => Err(error),
        },
    }
}

struct Check<'a> {
    store: &'a Store,
    /// The right to repair, if that is wanted.
    change: Option<Change<'a>>,
    walker: Walker,
    /// The files among the blobs.
    files: Vec<BlobFile>,
    /// The blobs that are what they should be, with their sizes.
    intact: BTreeMap<Digest, u64>,
    /// The blobs that are corrupt, and whether they are files.
    corrupt: BTreeMap<Digest, bool>,
    report: CheckReport,
}

impl Check<'_> {
    fn layout_file(&mut self, state: Result<LayoutState>) -> Result<()> {
        let problem = match state {
            Ok(LayoutState::Valid) => return Ok(()),
            Ok(LayoutState::Missing) => {
                Diagnostic::new("the file that makes this a store is missing")
                    .at_path(self.store.layout().at(LAYOUT_FILE))
            }
            Ok(LayoutState::Malformed(error)) => main(&error),
            Err(error) => {
                self.unreadable(&error, None, None);
                return Ok(());
            }
        };
        if self.change.is_some() {
            self.store.layout().write(|file| ops::sync_many(&[file], []))?;
        }
        self.find(FindingKind::LayoutFile, problem, "wrote it again");
        Ok(())
    }

    /// Checks the index file and what it lists, and saves it if that changed anything.
    fn index(&mut self) -> Result<()> {
        let found = self.report.findings.len();
        let path = self.store.layout().index_file();
        for _ in 0..READS {
            let mut index = match self.load() {
                Ok(Listed::Whole(index)) => index,
                Ok(Listed::Lost { index, is_broken }) => return self.recover(index, is_broken),
                Ok(Listed::Foreign) => break,
                Err(error) => {
                    self.unreadable(&error, None, None);
                    break;
                }
            };
            let before = index.clone();
            let mut is_changed = self.entries(&mut index);
            let listed = self.unlisted(&mut index);
            if let Some(change) = self.change.as_mut() {
                is_changed |= listed;
                if is_changed {
                    change.save(index.clone())?;
                }
            } else if is_changed && self.is_outdated(&before, &path) {
                // Another process has changed the store meanwhile: what was found may be that.
                self.report.findings.truncate(found);
                continue;
            }
            self.end(&index);
            break;
        }
        Ok(())
    }

    /// Whether the index file is another one by now, if that can be found out.
    fn is_outdated(&self, before: &IndexFile, path: &StorePath) -> bool {
        let now = index_file::read(path);
        !matches!(now, Ok(Reading::Whole(now)) if now.index.write() == before.write())
    }

    /// Makes a new index file of what is left of the old one and what lies in the store. One that is broken is kept.
    fn recover(&mut self, mut index: IndexFile, is_broken: bool) -> Result<()> {
        self.entries(&mut index);
        self.unlisted(&mut index);
        self.end(&index);
        let Some(change) = &mut self.change else { return Ok(()) };
        if is_broken {
            let layout = self.store.layout();
            let kept = layout.at(BROKEN_INDEX_FILE);
            ops::remove_file(&kept)?;
            ops::link(&layout.index_file(), &kept)?;
        }
        change.save(index)
    }

    fn end(&mut self, index: &IndexFile) {
        self.garbage(index);
        self.report.entries = index.entries().count();
    }

    /// Returns the index file, or what is left of it.
    fn load(&mut self) -> Result<Listed> {
        let path = self.store.layout().index_file();
        match index_file::read(&path)? {
            Reading::Whole(whole) => Ok(Listed::Whole(whole.index)),
            Reading::Missing => {
                let help = Remedy::RepairStore.help(LOST_INDEX);
                let problem = Diagnostic::new("the index file is missing").at_path(&path);
                let repair = "wrote it again with everything that is complete, under the names of \
                              the builds themselves; other tags are lost";
                self.find(FindingKind::IndexFile, problem.with_help(help), repair);
                Ok(Listed::Lost { index: IndexFile::empty(), is_broken: false })
            }
            Reading::Broken(text, error) => {
                let index = IndexFile::salvage(&text, &path.path());
                let repair = match index.entries().count() {
                    0 => "wrote it again; content that has no name of its own has lost its tag"
                        .to_owned(),
                    count => format!(
                        "wrote it again with the {count} entries that can be read; content that \
                         has no name of its own has lost its tag"
                    ),
                };
                self.find(FindingKind::IndexFile, main(&error), &repair);
                Ok(Listed::Lost { index, is_broken: true })
            }
            Reading::Foreign(error) => {
                self.find(FindingKind::IndexFile, main(&error), "");
                Ok(Listed::Foreign)
            }
        }
    }

    /// Adds that something cannot be read, and is left as it is. Every look at it fails alike: it is one
    /// finding, or one for each tag that needs it, which names the tag.
    fn unreadable(&mut self, error: &Error, tag: Option<&str>, digest: Option<Digest>) {
        let mut diagnostic = main(error);
        let source = std::error::Error::source(error).map(|source| format!(": {source}"));
        let source = source.unwrap_or_default();
        let needed = tag.map(|tag| format!(" ({tag:?} needs it)")).unwrap_or_default();
        let start = "cannot be read, so it stays as it is";
        diagnostic.message = format!("{start}{needed}: {}{source}", diagnostic.message);
        let help = "make it readable, and check again";
        diagnostic.help.get_or_insert_with(|| help.into());
        let findings = self.report.findings.iter_mut();
        let mut same = findings.filter(|finding| {
            let found = &finding.diagnostic;
            // What has no place is the same if it says the same.
            finding.kind == FindingKind::Unreadable
                && found.path == diagnostic.path
                && (found.path.is_some() || found.message == diagnostic.message)
        });
        let known =
            same.find(|finding| tag.is_none() || [None, tag].contains(&finding.tag.as_deref()));
        let Some(known) = known else {
            return self.find_with(FindingKind::Unreadable, diagnostic, "", tag, digest);
        };
        // Now it is known who needs it.
        if known.tag.is_none()
            && let Some(tag) = tag
        {
            known.tag = Some(tag.to_owned());
            known.diagnostic = diagnostic;
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
            (None, repair) => {
                let help = || Remedy::RepairStore.help(format!("{{}} {}", present_tense(repair)));
                diagnostic.help.get_or_insert_with(help);
                None
            }
        };
        let tag = tag.map(str::to_owned);
        let time = None;
        self.report.findings.push(Finding { kind, diagnostic, tag, digest, repair, time });
    }
}

/// The content of the index file.
enum Listed {
    Whole(IndexFile),
    /// The file is missing or broken; what is left.
    Lost {
        index: IndexFile,
        is_broken: bool,
    },
    /// The name is taken by something that is no index file. It is left alone.
    Foreign,
}

/// Returns the words for a repair that would be done, from those for one that was.
fn present_tense(repair: &str) -> String {
    const WORDS: [(&str, &str); 6] = [
        ("removed ", "removes "),
        ("moved ", "moves "),
        ("dropped ", "drops "),
        ("listed ", "lists "),
        ("corrected ", "corrects "),
        ("wrote ", "writes "),
    ];
    let word = WORDS.iter().find_map(|(past, present)| {
        repair.strip_prefix(past).map(|rest| format!("{present}{rest}"))
    });
    word.unwrap_or_else(|| format!("repairs it: {repair}"))
}

/// Returns the main reason of an error.
fn main(error: &Error) -> Diagnostic {
    let first = error.diagnostics().first().cloned();
    first.unwrap_or_else(|| Diagnostic::new(error.kind().as_str()))
}
