// SPDX-License-Identifier: Apache-2.0
//! Notes of what listed content says of itself, and what it is attached to, so that nobody need read each
//! of very many documents again (LS-36).
//!
//! It is for display alone. Who can write to the store can write what they like there, as they can
//! write to `index.json`; so nothing that decides may look at it: not what is needed, kept, removed,
//! sent, extracted or equal.

use std::collections::BTreeMap;

use super::Store;
use super::layout::{SUBJECTS_FILE, SUMMARIES_FILE, read_bounded};
use super::lines::{Lines, Walk};
use super::root::StorePath;
use crate::digest;
use crate::digest::Digest;

/// The number of new notes from which on they are written.
const WORTH: usize = if cfg!(test) { 6 } else { 200 };
/// The largest file that is read or written, in bytes.
const MAX_SIZE: usize = 128 << 20;
/// The longest line, in bytes. What says more of itself is read each time.
const MAX_LINE: usize = 4096;
/// The version of both files. A file with another one is not read, and written again.
const VERSION: u32 = 2;

/// The topic of notes: each has a file of its own, so that neither is read for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Topic {
    /// The texts of a document that lists show: its [`Summary`](crate::summary::Summary).
    Summaries,
    /// The digests that a document, and all that it lists, are attached to, with spaces between.
    Subjects,
}

/// The notes on listed content, a line each, without a line end.
#[derive(Debug)]
pub(crate) struct Notes {
    topic: Topic,
    lines: Lines,
    new: BTreeMap<Digest, String>,
}

impl Topic {
    fn file(self, store: &Store) -> StorePath {
        store.layout().at(self.names().0)
    }

    /// Returns the start of the first line; the digest of all others follows.
    fn head(self) -> String {
        format!("{} {VERSION} ", self.names().1)
    }

    /// Returns the name of its file, and that in the file.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Summaries => (SUMMARIES_FILE, "summaries"),
            Self::Subjects => (SUBJECTS_FILE, "subjects"),
        }
    }

    /// The other one.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Summaries => Self::Subjects,
            Self::Subjects => Self::Summaries,
        }
    }
}

impl Store {
    /// Reads the notes of an earlier process. A file that is missing, damaged, torn or of another version says
    /// nothing, and neither does one that cannot be read: everything is read then.
    pub(crate) fn notes(&self, topic: Topic) -> Notes {
        let text = read_bounded(&topic.file(self), MAX_SIZE as u64).ok().flatten();
        let lines = text.and_then(|text| checked(text, &topic.head())).map(Lines::of);
        Notes { topic, lines: lines.unwrap_or_default(), new: BTreeMap::new() }
    }

    /// Keeps what is new of the notes, for what is listed; the digests of that ascend. That it can be
    /// written is not needed: a store may be read-only. Nobody's lock is needed either, since a file
    /// in which two have written is not the one that its first line names.
    pub(crate) fn keep(&self, notes: &Notes, listed: &[Digest]) {
        if !notes.is_worth_keeping() {
            return;
        }
        let lines = notes.lines.with(&notes.new, listed);
        let text = lines.text();
        if text.len() < MAX_SIZE - 200 {
            let head = format!("{}{}\n", notes.topic.head(), digest::sha256(text.as_bytes()));
            // The next one who looks reads more.
            let _ = Lines::write(&notes.topic.file(self), &[&head, text]);
        }
    }

    /// Returns the digests of all that is listed, once each and ascending.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidStore`](crate::ErrorKind::InvalidStore); [`ErrorKind::Io`](crate::ErrorKind::Io).
    pub(crate) fn listed_digests(&self) -> crate::Result<Vec<Digest>> {
        Ok(self.index()?.digests())
    }

    /// Returns the content at each of these tags, in whatever repository: tag and digest.
    ///
    /// # Errors
    /// As of [`listed_digests`](Self::listed_digests).
    pub(crate) fn listed_at(&self, tags: &[String]) -> crate::Result<Vec<(String, Digest)>> {
        let index = self.index()?;
        let mut found = Vec::new();
        for entry in index.entries() {
            let Some(name) = entry.tag else { continue };
            let is_at = |tag: &&String| {
                let repository = name.strip_suffix(tag.as_str());
                repository.is_some_and(|it| it.is_empty() || it.ends_with(':'))
            };
            if let Some(tag) = tags.iter().find(is_at)
                && let Some(digest) = Digest::read(entry.digest)
            {
                found.push((tag.clone(), digest));
            }
        }
        found.sort();
        found.dedup();
        Ok(found)
    }
}

impl Notes {
    pub(crate) fn topic(&self) -> Topic {
        self.topic
    }

    /// Notes a line for content with that digest. It must follow from that content alone. One that
    /// holds a line end, or is too long, is not noted.
    pub(crate) fn add(&mut self, digest: &Digest, line: String) {
        let is_new = self.lines.get(digest).is_none();
        if is_new && line.len() <= MAX_LINE && !line.contains('\n') {
            self.new.insert(*digest, line);
        }
    }

    /// Whether there are enough new ones to write them.
    pub(crate) fn is_worth_keeping(&self) -> bool {
        self.new.len() >= WORTH
    }

    /// Returns a way through them, for digests that ascend.
    pub(crate) fn walk(&self) -> NotesWalk<'_> {
        NotesWalk { new: &self.new, lines: self.lines.walk() }
    }
}

/// A way through notes.
#[derive(Debug)]
pub(crate) struct NotesWalk<'a> {
    new: &'a BTreeMap<Digest, String>,
    lines: Walk<'a>,
}

impl<'a> NotesWalk<'a> {
    /// Returns the line for content with that digest, which is not before the one that was asked
    /// for last.
    pub(crate) fn line(&mut self, digest: &Digest) -> Option<&'a str> {
        let new = (!self.new.is_empty()).then(|| self.new.get(digest)).flatten();
        new.map(String::as_str).or_else(|| self.lines.line(digest))
    }
}

/// Returns the text behind the first line, if that has its digest.
fn checked(mut text: Vec<u8>, head: &str) -> Option<Vec<u8>> {
    let end = text.iter().position(|byte| *byte == b'\n')?;
    let first = std::str::from_utf8(text.get(..end)?).ok()?;
    let stated = Digest::read(first.strip_prefix(head)?)?;
    let start = end.checked_add(1)?;
    digest::verify(text.get(start..)?, &stated).ok()?;
    text.drain(..start);
    Some(text)
}
