// SPDX-License-Identifier: Apache-2.0
//! What is attached to an artifact: signatures, SBOMs, provenance. Each is a manifest whose
//! `subject` is the artifact (OCI distribution specification, listing referrers).

use std::collections::{BTreeMap, BTreeSet};

use oci_spec::image::Digest;

use crate::document::Document;
use crate::error::Result;
use crate::limits;
use crate::store::{Listed, Store};
use crate::summary::Summary;

/// Something that is attached.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Referrer {
    /// The digest of its manifest.
    pub digest: Digest,
    /// Bytes of its manifest.
    pub size: u64,
    /// The media type of its manifest.
    pub media_type: String,
    /// What it is: its artifact type, or else the media type of its config; empty if it has neither.
    pub artifact_type: String,
    /// The bytes of everything that it consists of, its manifest included, as it says itself.
    pub total_size: u64,
    /// The annotations of its manifest.
    pub annotations: BTreeMap<String, String>,
}

/// What the store has that is attached to `subject`: manifests that the store lists, or that an index
/// lists which it lists, sorted by artifact type and digest. A manifest that is missing, damaged or
/// ambiguous (MAN-5) is attached to nothing. It is for display: where a summary says that what is listed
/// is attached to something else, that is not read again (LS-36).
///
/// # Errors
/// [`ErrorKind::InvalidStore`](crate::ErrorKind::InvalidStore) and
/// [`ErrorKind::Io`](crate::ErrorKind::Io) where the store cannot be listed.
pub fn referrers(store: &Store, subject: &Digest) -> Result<Vec<Referrer>> {
    let listed = store.listed()?;
    let mut summaries = store.summaries();
    let mut search = Search { store, subject, found: Vec::new(), seen: BTreeMap::new() };
    for Listed { digest, size, .. } in &listed {
        let may_refer = summaries.get(digest).is_none_or(|line| Summary::may_refer(line, subject));
        if is_small(*size)
            && may_refer
            && let Some(summary) = search.visit(digest)
        {
            summaries.add(digest, summary.to_line());
        }
    }
    store.keep_summaries(summaries, listed.iter().map(|listed| &listed.digest));
    let mut found = search.found;
    found.sort_by(|a, b| {
        (&a.artifact_type, a.digest.as_ref()).cmp(&(&b.artifact_type, b.digest.as_ref()))
    });
    Ok(found)
}

/// Looks for what is attached to one subject.
struct Search<'a> {
    store: &'a Store,
    subject: &'a Digest,
    found: Vec<Referrer>,
    /// What was read; of what lists no other, what that is attached to.
    seen: BTreeMap<String, Option<Subject>>,
}

/// The digest of what a document is attached to, if it is.
type Subject = Option<String>;

impl Search<'_> {
    /// Looks at a listed document and at all that it lists. What it says of itself and of those, if all
    /// of them could be read and none was read before for another that lists more.
    fn visit(&mut self, root: &Digest) -> Option<Summary> {
        let (mut summary, mut subjects) = (None, BTreeSet::new());
        let mut is_whole = true;
        let mut own = BTreeSet::new();
        let mut open = vec![root.clone()];
        while let Some(digest) = open.pop() {
            if !own.insert(digest.to_string()) {
                continue;
            }
            match self.seen.get(digest.as_ref()) {
                Some(Some(subject)) => subjects.extend(subject.clone()),
                Some(None) => is_whole = false,
                None => {
                    let part = if digest == *root { Part::Root } else { Part::Listed };
                    let document = self.read(&digest, part, &mut is_whole);
                    if digest == *root {
                        // What is no document is attached to nothing, and so is all that it lists.
                        summary = Some(document.as_ref().map(Summary::of).unwrap_or_default());
                    }
                    let Some(document) = document else { continue };
                    subjects.extend(document.subject.as_ref().map(|it| it.digest.to_string()));
                    let small = document.manifests.iter().filter(|it| is_small(it.size));
                    open.extend(small.map(|link| link.digest.clone()));
                }
            }
        }
        // One that was seen as part of another has no summary here.
        summary.filter(|_| is_whole).map(|it| Summary { subjects: Some(subjects), ..it })
    }

    /// Reads a document that was not seen before; nothing if it is none.
    fn read(&mut self, digest: &Digest, part: Part, is_whole: &mut bool) -> Option<Document> {
        let Ok(bytes) = self.store.get_manifest(digest) else {
            // It may be read another time.
            *is_whole = false;
            self.seen.insert(digest.to_string(), None);
            return None;
        };
        let is_plain = part == Part::Listed && is_plain(&bytes);
        let document = (!is_plain).then(|| Document::parse(&bytes, None).ok()).flatten();
        let leaf = match &document {
            None => Some(None),
            Some(it) if it.manifests.is_empty() => {
                Some(it.subject.as_ref().map(|it| it.digest.to_string()))
            }
            Some(_) => None,
        };
        self.seen.insert(digest.to_string(), leaf);
        let document = document?;
        let size = bytes.len() as u64;
        self.found.extend(referrer(digest, &document, size, self.subject));
        Some(document)
    }
}

/// Where a document stands that is looked at.
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

fn is_small(size: u64) -> bool {
    size <= limits::MAX_MANIFEST_SIZE
}

/// The manifest as something that is attached to `subject`, if it is.
fn referrer(digest: &Digest, document: &Document, size: u64, subject: &Digest) -> Option<Referrer> {
    if document.subject.as_ref()?.digest != *subject {
        return None;
    }
    let parts = document.children().map(|part| part.size);
    Some(Referrer {
        digest: digest.clone(),
        size,
        artifact_type: document.kind().unwrap_or_default().to_owned(),
        total_size: parts.fold(size, u64::saturating_add),
        media_type: document.media_type.clone(),
        annotations: document.annotations.clone(),
    })
}
