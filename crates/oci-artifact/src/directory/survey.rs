// SPDX-License-Identifier: Apache-2.0
//! The survey: everything that lies in a directory, also what a walk would refuse.

use std::fs::File;

use held_directory::{AtFlags, BorrowedFd, FileType};

use super::walk::{Entry, count_directory, list};
use super::{Directory, FileEntry, Hidden, HiddenSpecials, MAX_ENTRIES, Tree};
use crate::error::{Error, ErrorKind, Result};

/// The result of a survey. [`Directory::walk`] stops at the first entry that cannot be packaged; a survey goes on, so
/// that all of them can be reported at once.
#[derive(Debug, Default)]
pub struct Survey {
    /// Every entry but directories, in byte order of the paths.
    pub entries: Vec<Found>,
    /// Whether there is nothing past a limit, and no directory that cannot be read.
    pub is_complete: bool,
    /// Errors with which a walk would stop because of a limit: a path that is too long or too deep, too many
    /// directories.
    pub refusals: Vec<Error>,
    /// The hidden directories that a walk leaves out, with a `/` at the end.
    pub passed: Vec<Vec<u8>>,
}

/// One entry of a directory tree.
#[derive(Clone, Debug)]
pub struct Found {
    /// The path below the root, bytes as on disk.
    pub path: Vec<u8>,
    /// The kind of the entry.
    pub kind: FoundKind,
    /// Whether a walk would take it, or fail because of it; it leaves the others out.
    pub counts: bool,
    /// The nine permission bits; 0 for what is no file.
    pub mode: u32,
    /// The number of bytes; 0 for what is no file.
    pub size: u64,
    /// The target of a link.
    pub target: Option<Vec<u8>>,
    entry: Option<FileEntry>,
}

impl Found {
    fn new(entry: Entry, kind: FoundKind, hidden: &Hidden) -> Self {
        let counts = counts(&entry, hidden);
        Self { path: entry.path, kind, counts, mode: 0, size: 0, target: None, entry: None }
    }

    /// Returns the file, for [`Directory::open_file`]; `None` if it is not one.
    pub fn file(&self) -> Option<&FileEntry> {
        self.entry.as_ref()
    }
}

oci_layout::worded! {
    /// The kind of an entry.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[non_exhaustive]
    pub enum FoundKind {
        /// A regular file that can be read.
        File = "file",
        /// A symbolic link.
        Link = "link",
        /// A FIFO, a socket, a device.
        Special = "special",
        /// A file or directory that cannot be opened.
        Unreadable = "unreadable",
    }
}

/// Work that is done with a tree while it is surveyed.
pub trait Surveyor {
    /// Whether to look into a hidden directory that a walk leaves out.
    fn enters(&mut self, path: &[u8]) -> bool;

    /// Takes a regular file, just opened.
    ///
    /// # Errors
    /// What ends the survey.
    fn file(&mut self, found: &Found, file: File) -> Result<()>;
}

/// Looks into everything, and reads nothing.
struct Names;

impl Surveyor for Names {
    fn enters(&mut self, _: &[u8]) -> bool {
        true
    }

    fn file(&mut self, _: &Found, _: File) -> Result<()> {
        Ok(())
    }
}

impl Survey {
    /// Returns the tree that [`Directory::walk`] would find, of a survey with nothing that it would refuse. The file
    /// at `manifest` is not listed (CNT-1).
    pub fn tree(&self, manifest: &str) -> Tree {
        let is_manifest = |path: &[u8]| path == manifest.as_bytes();
        let mut tree = Tree { omitted: self.passed.clone(), ..Tree::default() };
        for found in &self.entries {
            let below = |directory: &&Vec<u8>| found.path.starts_with(directory);
            match &found.entry {
                _ if is_manifest(&found.path) => {}
                Some(entry) if found.counts => {
                    tree.size = tree.size.saturating_add(entry.size);
                    tree.files.push(entry.clone());
                }
                _ if found.counts || self.passed.iter().any(|path| below(&path)) => {}
                _ => tree.omitted.push(found.path.clone()),
            }
        }
        tree.omitted.sort();
        tree
    }
}

impl Directory {
    /// Lists everything below the root but version control's own directory: no link is followed,
    /// nothing but names and sizes is read.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDir`] if the root cannot be listed.
    pub fn survey(&self, hidden: &Hidden) -> Result<Survey> {
        self.survey_with(hidden, &mut Names)
    }

    /// Surveys a directory and hands over each regular file, so that a tree is read once: each directory and each
    /// file is opened once.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDir`] if the root cannot be listed, and what `surveyor` has.
    pub fn survey_with(&self, hidden: &Hidden, surveyor: &mut dyn Surveyor) -> Result<Survey> {
        let mut survey = Survey { is_complete: true, ..Survey::default() };
        let (mut seen, mut directories) = (0, 0);
        let mut files = self.files();
        let mut todo = list(files.walked(&[])?, &[], &mut seen)?;
        while let Some(entry) = todo.pop() {
            if entry.kind == FileType::Directory {
                if entry.path == b".git" {
                    continue;
                }
                let counts = counts(&entry, hidden);
                let is_left_out = entry.is_hidden() && !entry.is_one_of(hidden.directories);
                if is_left_out && parent_counts(&entry, hidden) {
                    survey.passed.push([entry.path.as_slice(), b"/"].concat());
                }
                if !counts && !surveyor.enters(&entry.path) {
                    continue;
                }
                if counts && let Err(error) = count_directory(&mut directories, &entry.path) {
                    survey.is_complete = false;
                    survey.refusals.push(error);
                    break;
                }
                let opened = files.walked(&entry.path);
                match opened.and_then(|opened| list(opened, &entry.path, &mut seen)) {
                    Ok(mut children) => todo.append(&mut children),
                    Err(error) if std::error::Error::source(&error).is_some() => {
                        survey.is_complete = false;
                        survey.entries.push(Found::new(entry, FoundKind::Unreadable, hidden));
                    }
                    Err(error) => {
                        survey.is_complete = false;
                        if counts && error.kind() == ErrorKind::InvalidFile {
                            survey.refusals.push(error);
                        }
                        if seen > MAX_ENTRIES {
                            break;
                        }
                    }
                }
                continue;
            }
            survey.entries.push(match files.walked(entry.parent()) {
                Ok(parent) => {
                    let (found, file) = found(entry, parent, hidden);
                    if let Some(file) = file {
                        surveyor.file(&found, file)?;
                    }
                    found
                }
                Err(_) => Found::new(entry, FoundKind::Unreadable, hidden),
            });
        }
        survey.entries.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(survey)
    }
}

/// Returns an entry, and the file if it is one that can be opened.
fn found(entry: Entry, parent: BorrowedFd<'_>, hidden: &Hidden) -> (Found, Option<File>) {
    let name = entry.name();
    let opened = (entry.kind == FileType::RegularFile)
        .then(|| super::open_regular(parent, name, &entry.path).ok())
        .flatten();
    let (opened, file) = opened.unzip();
    let target = (entry.kind == FileType::Symlink)
        .then(|| held_directory::readlinkat(parent, name, Vec::new()).ok())
        .flatten()
        .map(std::ffi::CString::into_bytes);
    let stat = held_directory::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW);
    let kind = match (entry.kind, &file) {
        (FileType::RegularFile, Some(_)) => FoundKind::File,
        (FileType::RegularFile, None) => FoundKind::Unreadable,
        (FileType::Symlink, _) => FoundKind::Link,
        _ if stat.is_err() => FoundKind::Unreadable,
        _ => FoundKind::Special,
    };
    let (mode, size) = file.as_ref().map_or((0, 0), |file: &FileEntry| (file.mode, file.size));
    (Found { mode, size, target, entry: file, ..Found::new(entry, kind, hidden) }, opened)
}

/// Whether a walk looks into the directory that an entry lies in.
fn parent_counts(entry: &Entry, hidden: &Hidden) -> bool {
    let parent = entry.parent();
    let mut end = 0;
    parent.split(|byte| *byte == b'/').filter(|name| !name.is_empty()).all(|name| {
        end += name.len() + usize::from(end > 0);
        let path = parent.get(..end).unwrap_or_default();
        name.first() != Some(&b'.')
            || hidden.directories.iter().any(|known| known.as_bytes() == path)
    })
}

/// Whether a walk takes the entry, or fails because of it (PW-1 to PW-4, SW-1).
fn counts(entry: &Entry, hidden: &Hidden) -> bool {
    // A hidden directory hides what is in it, unless it is one of those that are descended into;
    // in those, only the files that are named are taken.
    if !parent_counts(entry, hidden) {
        return false;
    }
    match entry.kind {
        FileType::RegularFile => !entry.is_at_or_below_hidden() || entry.is_one_of(hidden.files),
        FileType::Directory => !entry.is_hidden() || entry.is_one_of(hidden.directories),
        _ => !entry.is_hidden() || hidden.specials == HiddenSpecials::Refuse,
    }
}
