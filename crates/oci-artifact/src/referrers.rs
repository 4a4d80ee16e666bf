// SPDX-License-Identifier: Apache-2.0
//! What is attached to an artifact: signatures, SBOMs, provenance. Each is a manifest whose
//! `subject` is the artifact (OCI distribution specification, listing referrers), or lies at a tag that
//! has the artifact's digest in its name (signatures.md, SIG-1).

use std::collections::{BTreeMap, BTreeSet};

use oci_spec::image::{Descriptor, Digest};

use crate::document::{Document, Link};
use crate::error::Result;
use crate::reference::is_tag;
use crate::store::Store;
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
    let mut found = referrers(store, subject)?;
    let tags = attached_tags(subject);
    let mut seen = BTreeSet::new();
    for entry in store.entries()? {
        let name = entry.tag.as_deref().unwrap_or_default();
        let last = name.rsplit_once(':').map_or(name, |(_, last)| last);
        let Some(tag) = tags.iter().find(|tag| *tag == last) else { continue };
        let digest = entry.descriptor.digest();
        if !seen.insert((tag, digest.to_string())) {
            continue;
        }
        let bytes = store.get_manifest(digest)?;
        let document = Document::parse(&bytes, None)?;
        let mut one = describe(digest, document, bytes.len() as u64);
        one.tag = Some(tag.clone());
        found.push(one);
    }
    found.sort_by(|a, b| (&a.tag, a.digest.as_ref()).cmp(&(&b.tag, b.digest.as_ref())));
    Ok(found)
}

/// What the store has that is attached to `subject`: manifests that the store lists, or that an index
/// lists which it lists, sorted by artifact type and digest. A manifest that is missing, damaged or
/// ambiguous (MAN-5) is attached to nothing; one that cannot be read may be (SIG-4).
///
/// # Errors
/// [`ErrorKind::InvalidStore`] and [`ErrorKind::Io`] where the store or a manifest of it cannot be read.
pub fn referrers(store: &Store, subject: &Digest) -> Result<Vec<Referrer>> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    let listed = store.entries()?.into_iter().map(|entry| entry.descriptor);
    let mut open: Vec<Descriptor> = listed.collect();
    while let Some(descriptor) = open.pop() {
        let digest = descriptor.digest();
        let is_small = descriptor.size() <= limits::MAX_MANIFEST_SIZE;
        if !is_small || !seen.insert(digest.to_string()) {
            continue;
        }
        let bytes = match store.get_manifest(digest) {
            Ok(bytes) => bytes,
            Err(error) if says_nothing(error.kind()) => continue,
            Err(error) => return Err(error),
        };
        let Ok(document) = Document::parse(&bytes, None) else { continue };
        open.extend(document.manifests.iter().map(Link::descriptor));
        found.extend(referrer(digest, document, bytes.len() as u64, subject));
    }
    found.sort_by(|a: &Referrer, b| {
        (&a.artifact_type, a.digest.as_ref()).cmp(&(&b.artifact_type, b.digest.as_ref()))
    });
    Ok(found)
}

/// Whether an error of reading a manifest means that there is none.
fn says_nothing(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::DigestMismatch | ErrorKind::TooLarge)
}

/// The manifest as something that is attached to `subject`, if it is.
fn referrer(digest: &Digest, document: Document, size: u64, subject: &Digest) -> Option<Referrer> {
    if document.subject.as_ref()?.digest != *subject {
        return None;
    }
    Some(describe(digest, document, size))
}

fn describe(digest: &Digest, document: Document, size: u64) -> Referrer {
    let parts = document.children().map(|part| part.size);
    Referrer {
        digest: digest.clone(),
        size,
        artifact_type: attached_type(&document).to_owned(),
        total_size: parts.fold(size, u64::saturating_add),
        media_type: document.media_type,
        annotations: document.annotations,
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
