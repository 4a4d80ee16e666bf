// SPDX-License-Identifier: Apache-2.0
//! What is attached to an artifact: signatures, SBOMs, provenance. Each is a manifest whose
//! `subject` is the artifact (OCI distribution specification, listing referrers).

use std::collections::{BTreeMap, BTreeSet};

use oci_spec::image::{Descriptor, Digest};

use crate::document::{Document, Link};
use crate::error::Result;
use crate::limits;
use crate::store::Store;

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
/// ambiguous (MAN-5) is attached to nothing.
///
/// # Errors
/// [`ErrorKind::InvalidStore`](crate::ErrorKind::InvalidStore) and
/// [`ErrorKind::Io`](crate::ErrorKind::Io) where the store cannot be listed.
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
        let Ok(bytes) = store.get_manifest(digest) else { continue };
        let Ok(document) = Document::parse(&bytes, None) else { continue };
        open.extend(document.manifests.iter().map(Link::descriptor));
        found.extend(referrer(digest, document, bytes.len() as u64, subject));
    }
    found.sort_by(|a: &Referrer, b| {
        (&a.artifact_type, a.digest.as_ref()).cmp(&(&b.artifact_type, b.digest.as_ref()))
    });
    Ok(found)
}

/// The manifest as something that is attached to `subject`, if it is.
fn referrer(digest: &Digest, document: Document, size: u64, subject: &Digest) -> Option<Referrer> {
    if document.subject.as_ref()?.digest != *subject {
        return None;
    }
    let parts = document.children().map(|part| part.size);
    Some(Referrer {
        digest: digest.clone(),
        size,
        artifact_type: document.kind().unwrap_or_default().to_owned(),
        total_size: parts.fold(size, u64::saturating_add),
        media_type: document.media_type,
        annotations: document.annotations,
    })
}
