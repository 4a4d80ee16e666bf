// SPDX-License-Identifier: Apache-2.0
//! Reading listed documents, each once, for all that is noted of them (LS-36) and for what of them is
//! attached to something.

use std::collections::{BTreeMap, BTreeSet};

use crate::digest::Digest;
use crate::document::Document;
use crate::error::Error;
use crate::parts::in_parts;
use crate::store::{Notes, Store, Topic};
use crate::summary::Summary;
use crate::{ErrorKind, limits};

/// The result of reading documents.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// The attached documents: the subject, the digest and the size of each, and the document
    /// itself.
    pub(crate) found: Vec<(Digest, Digest, u64, Document)>,
    notes: Vec<Note>,
    /// The first that could not be read: it may be attached.
    pub(crate) failure: Option<Error>,
}

/// The note on a listed document.
#[derive(Debug)]
struct Note {
    root: Digest,
    summary: Option<String>,
    subjects: Option<String>,
}

/// Summaries of listed documents, noted or read (LS-36).
#[derive(Debug)]
pub struct Summaries(Notes);

impl Summaries {
    /// Reads the summaries of these documents, whose digests ascend. What could not be read has none. What was read
    /// now is noted, if that is worth it.
    pub fn of(store: &Store, digests: &[Digest]) -> Self {
        let mut notes = store.notes(Topic::Summaries);
        let mut known = notes.walk();
        let missing: Vec<_> =
            digests.iter().filter(|digest| known.line(digest).is_none()).copied().collect();
        if !missing.is_empty() {
            let survey = Survey::of(store, &missing, &[]);
            survey.note(store, &mut notes);
        }
        Self(notes)
    }

    /// Returns the summary of each of these documents, whose digests ascend.
    pub fn each<'a>(
        &'a self,
        digests: impl Iterator<Item = &'a Digest>,
    ) -> impl Iterator<Item = Option<Summary<'a>>> {
        let mut walk = self.0.walk();
        digests.map(move |digest| walk.line(digest).and_then(Summary::from_line))
    }
}

impl Survey {
    /// Reads these listed documents and all that they list, for what is attached to one of `wanted`.
    pub(crate) fn of(store: &Store, roots: &[Digest], wanted: &[Digest]) -> Self {
        let mut all = Self::default();
        for part in in_parts(roots, |part| Reader::new(store, wanted).survey(part)) {
            all.extend(part);
        }
        all
    }

    pub(crate) fn extend(&mut self, other: Self) {
        self.found.extend(other.found);
        self.notes.extend(other.notes);
        self.failure = self.failure.take().or(other.failure);
    }

    /// Adds what is new to these notes. If that is worth it, all that was learned is kept, also what
    /// belongs to the other notes.
    pub(crate) fn note(&self, store: &Store, own: &mut Notes) {
        let of = |note: &Note, topic| match topic {
            Topic::Summaries => note.summary.clone(),
            Topic::Subjects => note.subjects.clone(),
        };
        let add = |notes: &mut Notes| {
            for note in &self.notes {
                if let Some(line) = of(note, notes.topic()) {
                    notes.add(&note.root, line);
                }
            }
        };
        add(own);
        if own.is_worth_keeping()
            && let Ok(listed) = store.listed_digests()
        {
            let mut other = store.notes(own.topic().other());
            add(&mut other);
            store.keep(own, &listed);
            store.keep(&other, &listed);
        }
    }
}

/// Reads documents, each once.
struct Reader<'a> {
    store: &'a Store,
    wanted: &'a [Digest],
    /// The documents that were read; of one that lists no other, what that is attached to.
    seen: BTreeMap<Digest, Option<Subject>>,
    survey: Survey,
}

/// The digest of what a document is attached to, if it is.
type Subject = Option<Digest>;

impl<'a> Reader<'a> {
    fn new(store: &'a Store, wanted: &'a [Digest]) -> Self {
        Self { store, wanted, seen: BTreeMap::new(), survey: Survey::default() }
    }

    fn survey(mut self, roots: &[Digest]) -> Survey {
        for root in roots {
            let note = self.visit(root);
            self.survey.notes.push(note);
        }
        self.survey
    }

    /// Looks at a listed document and at all that it lists: what it says of itself, if it could be read,
    /// and what all of them are attached to, if all could. What was read before as a part of another is
    /// noted another time.
    fn visit(&mut self, root: &Digest) -> Note {
        let (mut summary, mut subjects) = (None, BTreeSet::new());
        let mut is_whole = true;
        let mut own = BTreeSet::new();
        let mut open = vec![*root];
        while let Some(digest) = open.pop() {
            if !own.insert(digest) {
                continue;
            }
            match self.seen.get(&digest) {
                Some(Some(subject)) => subjects.extend(*subject),
                Some(None) => is_whole = false,
                None => {
                    let part = if digest == *root { Part::Root } else { Part::Listed };
                    let Ok(document) = self.read(&digest, part) else {
                        is_whole = false;
                        continue;
                    };
                    if digest == *root {
                        // What is no document is attached to nothing, and so is all that it lists.
                        let found = document.as_ref().map(Summary::of).unwrap_or_default();
                        summary = Some(found.to_line());
                    }
                    let Some(document) = document else { continue };
                    let subject = document.subject.as_ref().map(|it| it.digest);
                    subjects.extend(subject);
                    let small =
                        document.manifests.iter().filter(|it| it.size <= limits::MAX_MANIFEST_SIZE);
                    open.extend(small.map(|link| link.digest));
                }
            }
        }
        let texts: Vec<_> = subjects.iter().map(Digest::to_string).collect();
        Note { root: *root, summary, subjects: is_whole.then(|| texts.join(" ")) }
    }

    /// Reads a document that was not seen before; nothing if it is not one.
    fn read(&mut self, digest: &Digest, part: Part) -> Result<Option<Document>, Unread> {
        let bytes = match self.store.get_document(digest) {
            Ok(bytes) => bytes,
            Err(error) => {
                // It may be read another time.
                self.seen.insert(*digest, None);
                if !says_nothing(error.kind()) {
                    self.survey.failure.get_or_insert(error);
                }
                return Err(Unread);
            }
        };
        let is_plain = part == Part::Listed && is_plain(&bytes);
        let document = (!is_plain).then(|| Document::parse(&bytes, None).ok()).flatten();
        let leaf = match &document {
            None => Some(None),
            Some(it) if it.manifests.is_empty() => Some(it.subject.as_ref().map(|it| it.digest)),
            Some(_) => None,
        };
        self.seen.insert(*digest, leaf);
        if let Some(document) = &document
            && let Some(subject) = document.subject.as_ref().map(|subject| subject.digest)
            && self.wanted.contains(&subject)
        {
            let size = bytes.len() as u64;
            self.survey.found.push((subject, *digest, size, document.clone()));
        }
        Ok(document)
    }
}

/// A document that could not be read, or may be none.
struct Unread;

/// The position of a document that is examined.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Root,
    Listed,
}

/// Whether a document can be attached to nothing and list nothing, whatever else it is: it does not
/// even have the words. Most are the manifests of platforms, and need not be understood.
fn is_plain(bytes: &[u8]) -> bool {
    let text = bytes.to_ascii_lowercase();
    let text = std::str::from_utf8(&text).unwrap_or("\\");
    text.is_ascii() && !["\\", "subject", "manifests"].iter().any(|word| text.contains(word))
}

/// Whether an error of reading a manifest means that there is none.
fn says_nothing(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::DigestMismatch | ErrorKind::TooLarge)
}
