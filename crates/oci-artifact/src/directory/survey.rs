// SPDX-License-Identifier: Apache-2.0
//! The survey: everything that lies in a directory, also what a walk would refuse.

use std::os::fd::BorrowedFd;

use rustix::fs::{AtFlags, FileType};

use super::walk::{Entry, count_directory, list};
use super::{Directory, FileEntry, Hidden, HiddenSpecials, MAX_ENTRIES};
use crate::error::{Error, ErrorKind, Result};

/// What a survey found. Where [`Directory::walk`] stops at the first entry that cannot be packaged,
/// a survey goes on, so that all of them can be told at once.
#[derive(Debug, Default)]
pub struct Survey {
    /// Every entry but directories, in byte order of the paths.
    pub entries: Vec<Found>,
    /// Whether there is nothing past a limit, and no directory that cannot be read.
    pub is_complete: bool,
    /// What a walk would refuse because of a limit: a path that is too long or too deep, too many
    /// directories.
    pub refusals: Vec<Error>,
}

/// One entry of a directory tree.
#[derive(Clone, Debug)]
pub struct Found {
    /// The path below the root, bytes as on disk.
    pub path: Vec<u8>,
    /// What it is.
    pub kind: FoundKind,
    /// Whether a walk would take it, or fail because of it; it leaves the others out.
    pub counts: bool,
    /// The nine permission bits; 0 for what is no file.
    pub mode: u32,
    /// Bytes; 0 for what is no file.
    pub size: u64,
    entry: Option<FileEntry>,
}

impl Found {
    /// The file, for [`Directory::open_file`]; `None` where it is none.
    pub fn file(&self) -> Option<&FileEntry> {
        self.entry.as_ref()
    }
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FoundKind {
    /// A regular file that can be read.
    File,
    /// A symbolic link.
    Link,
    /// A FIFO, a socket, a device.
    Special,
    /// A file or directory that cannot be opened.
    Unreadable,
}

impl FoundKind {
    /// Its name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Link => "link",
            Self::Special => "special",
            Self::Unreadable => "unreadable",
        }
    }
}

impl Directory {
    /// Lists everything below the root but version control's own directory: no link is followed,
    /// nothing but names and sizes is read.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDir`] where the root cannot be listed.
    pub fn survey(&self, hidden: &Hidden) -> Result<Survey> {
        let mut survey = Survey { is_complete: true, ..Survey::default() };
        let (mut seen, mut directories) = (0, 0);
        let mut files = self.files();
        let mut todo = list(files.walked(&[])?, &[], &mut seen)?;
        while let Some(entry) = todo.pop() {
            let parent = entry.path.get(..entry.name_at.saturating_sub(1)).unwrap_or_default();
            if entry.kind == FileType::Directory {
                if entry.path == b".git" {
                    continue;
                }
                let counts = counts(&entry, hidden);
                if counts && let Err(error) = count_directory(&mut directories, &entry.path) {
                    survey.is_complete = false;
                    survey.refusals.push(error);
                    break;
                }
                let opened = files.walked(&entry.path);
                let Ok(opened) = opened else {
                    survey.is_complete = false;
                    survey.entries.push(unreadable(entry, hidden));
                    continue;
                };
                match list(opened, &entry.path, &mut seen) {
                    Ok(mut children) => todo.append(&mut children),
                    Err(error) if std::error::Error::source(&error).is_some() => {
                        survey.is_complete = false;
                        survey.entries.push(unreadable(entry, hidden));
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
            survey.entries.push(match files.walked(parent) {
                Ok(parent) => found(entry, parent, hidden),
                Err(_) => unreadable(entry, hidden),
            });
        }
        survey.entries.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(survey)
    }
}

fn found(entry: Entry, parent: BorrowedFd<'_>, hidden: &Hidden) -> Found {
    let name = entry.path.get(entry.name_at..).unwrap_or_default();
    let file = (entry.kind == FileType::RegularFile)
        .then(|| super::open_regular(parent, name, &entry.path).ok())
        .flatten()
        .map(|(_, file)| file);
    let stat = rustix::fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW);
    let kind = match (entry.kind, &file) {
        (FileType::RegularFile, Some(_)) => FoundKind::File,
        (FileType::RegularFile, None) => FoundKind::Unreadable,
        (FileType::Symlink, _) => FoundKind::Link,
        _ if stat.is_err() => FoundKind::Unreadable,
        _ => FoundKind::Special,
    };
    Found {
        counts: counts(&entry, hidden),
        kind,
        mode: file.as_ref().map_or(0, |file| file.mode),
        size: file.as_ref().map_or(0, |file| file.size),
        entry: file,
        path: entry.path,
    }
}

fn unreadable(entry: Entry, hidden: &Hidden) -> Found {
    let counts = counts(&entry, hidden);
    let (mode, size) = (0, 0);
    Found { path: entry.path, kind: FoundKind::Unreadable, counts, mode, size, entry: None }
}

/// Whether a walk takes the entry, or fails because of it (PW-1 to PW-4, SW-1).
fn counts(entry: &Entry, hidden: &Hidden) -> bool {
    // A hidden directory hides what is in it, unless it is one of those that are descended into;
    // in those, only the files that are named are taken.
    let mut end = 0;
    let parents = entry.path.get(..entry.name_at.saturating_sub(1)).unwrap_or_default();
    for name in parents.split(|byte| *byte == b'/').filter(|name| !name.is_empty()) {
        end += name.len() + usize::from(end > 0);
        let path = entry.path.get(..end).unwrap_or_default();
        let is_known = hidden.directories.iter().any(|known| known.as_bytes() == path);
        if name.first() == Some(&b'.') && !is_known {
            return false;
        }
    }
    let is_hidden = entry.is_hidden() || parents.split(|b| *b == b'/').any(is_dot);
    match entry.kind {
        FileType::RegularFile => !is_hidden || entry.is_one_of(hidden.files),
        FileType::Directory => !entry.is_hidden() || entry.is_one_of(hidden.directories),
        _ => !entry.is_hidden() || hidden.specials == HiddenSpecials::Refuse,
    }
}

fn is_dot(name: &[u8]) -> bool {
    name.first() == Some(&b'.')
}
