// SPDX-License-Identifier: Apache-2.0
//! What is attached to an artifact: signatures, SBOMs, provenance. Each is a manifest whose
//! `subject` is the artifact (OCI distribution specification, listing referrers), or lies at a tag that
//! has the artifact's digest in its name (signatures.md, SIG-1).

use std::collections::{BTreeMap, BTreeSet};

use oci_spec::image::Digest;

use crate::document::Document;
use crate::error::{Error, Result};
use crate::reference::is_tag;
use crate::store::{Listed, Store};
use crate::summary::Summary;
use crate::{ErrorKind, limits, media_type};

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
    /// The tag at which it lies in its repository, where that is what attaches it; a referrer has none.
    pub tag: Option<String>,
}

/// Endings of the tags at which something is attached to an artifact: signatures, attestations, an SBOM.
pub const TAG_ENDINGS: [&str; 3] = ["sig", "att", "sbom"];

/// The tags at which something may be attached to `subject`: `sha256-<hex>.sig`, `.att` and `.sbom`
/// (SIG-1). None for a digest that makes no tag.
pub fn attached_tags(subject: &Digest) -> Vec<String> {
    let stem = subject.to_string().replacen(':', "-", 1);
    let tags = TAG_ENDINGS.iter().map(|ending| format!("{stem}.{ending}"));
    tags.filter(|tag| is_tag(tag)).collect()
}

/// What the store has that is attached to `subject`, in either layout: its [`referrers`], and what lies
/// at its tags (SIG-1), whatever repository it was pulled from (SIG-6). Sorted, referrers first.
///
/// # Errors
/// Those of [`referrers`], and those of reading what a tag names: what cannot be read is not absent
/// (SIG-4).
pub fn attached(store: &Store, subject: &Digest) -> Result<Vec<Referrer>> {
    let listed = store.listed()?;
    let mut found = referrers_of(store, &listed, subject)?;
    let tags = attached_tags(subject);
    let mut seen = BTreeSet::new();
    for Listed { tag, digest, .. } in &listed {
        let name = tag.as_deref().unwrap_or_default();
        let last = name.rsplit_once(':').map_or(name, |(_, last)| last);
        let Some(tag) = tags.iter().find(|tag| *tag == last) else { continue };
        if !seen.insert((tag, digest.to_string())) {
            continue;
        }
        let bytes = store.get_manifest(digest)?;
        let document = Document::parse(&bytes, None)?;
        let mut one = describe(digest, &document, bytes.len() as u64);
        one.tag = Some(tag.clone());
        found.push(one);
    }
    found.sort_by(|a, b| (&a.tag, a.digest.as_ref()).cmp(&(&b.tag, b.digest.as_ref())));
    Ok(found)
}

/// What the store has that is attached to `subject`: manifests that the store lists, or that an index
/// lists which it lists, sorted by artifact type and digest. A manifest that is missing, damaged or
/// ambiguous (MAN-5) is attached to nothing; one that cannot be read may be (SIG-4). It is for display: where a summary says that what is listed
/// is attached to something else, that is not read again (LS-36).
///
/// # Errors
/// [`ErrorKind::InvalidStore`] and [`ErrorKind::Io`] where the store or a manifest of it cannot be read.
pub fn referrers(store: &Store, subject: &Digest) -> Result<Vec<Referrer>> {
    referrers_of(store, &store.listed()?, subject)
}

/// The same where what the store lists was read before.
fn referrers_of(store: &Store, listed: &[Listed], subject: &Digest) -> Result<Vec<Referrer>> {
    let mut summaries = store.summaries();
    let mut search =
        Search { store, subject, found: Vec::new(), seen: BTreeMap::new(), failure: None };
    for Listed { digest, size, .. } in listed {
        let may_refer = summaries.get(digest).is_none_or(|line| Summary::may_refer(line, subject));
        if is_small(*size)
            && may_refer
            && let Some(summary) = search.visit(digest)
        {
            summaries.add(digest, summary.to_line());
        }
    }
    store.keep_summaries(summaries, listed.iter().map(|listed| &listed.digest));
    if let Some(error) = search.failure {
        return Err(error);
    }
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
    /// The first that could not be read: it may be attached.
    failure: Option<Error>,
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
        let bytes = match self.store.get_manifest(digest) {
            Ok(bytes) => bytes,
            Err(error) => {
                // It may be read another time.
                *is_whole = false;
                self.seen.insert(digest.to_string(), None);
                if !says_nothing(error.kind()) {
                    self.failure.get_or_insert(error);
                }
                return None;
            }
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
    Some(describe(digest, document, size))
}

/// Whether an error of reading a manifest means that there is none.
fn says_nothing(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::DigestMismatch | ErrorKind::TooLarge)
}

fn describe(digest: &Digest, document: &Document, size: u64) -> Referrer {
    let parts = document.children().map(|part| part.size);
    Referrer {
        digest: digest.clone(),
        size,
        artifact_type: attached_type(document).to_owned(),
        total_size: parts.fold(size, u64::saturating_add),
        media_type: document.media_type.clone(),
        annotations: document.annotations.clone(),
        tag: None,
    }
}

/// The type of something attached: its artifact type, or else that of its config. A config that is an
/// image's or nothing says nothing, and then it is the first layer's (signatures.md 3.5).
pub fn attached_type(document: &Document) -> &str {
    let says = |kind: &&str| {
        !["", EMPTY, media_type::IMAGE_CONFIG, media_type::DOCKER_CONFIG].contains(kind)
    };
    let own = document.kind().filter(says);
    let config = document.config.as_ref().map(|config| config.media_type.as_str()).filter(says);
    let layer = document.layers.first().map(|layer| layer.media_type.as_str());
    own.or(config).or(layer).or(document.kind()).unwrap_or_default()
}

/// The media type of a config that is empty.
const EMPTY: &str = "application/vnd.oci.empty.v1+json";
