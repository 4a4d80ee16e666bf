// SPDX-License-Identifier: Apache-2.0
//! What is attached to an artifact: signatures, SBOMs, provenance. Each is a manifest whose
//! `subject` is the artifact (OCI distribution specification, listing referrers).

use std::collections::{BTreeMap, BTreeSet};

use oci_spec::image::{Descriptor, Digest};

use crate::error::Result;
use crate::store::Store;
use crate::{json, limits, media_type};

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
/// not JSON is attached to nothing.
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
        let Ok(document) = json::parse(&bytes) else { continue };
        if let Some(referrer) = referrer(digest, document, bytes.len() as u64, subject) {
            found.push(referrer);
        }
        open.extend(children(document));
    }
    found.sort_by(|a: &Referrer, b| {
        (&a.artifact_type, a.digest.as_ref()).cmp(&(&b.artifact_type, b.digest.as_ref()))
    });
    Ok(found)
}

/// The manifest as something that is attached to `subject`, if it is.
fn referrer(
    digest: &Digest,
    document: json::Value<'_>,
    size: u64,
    subject: &Digest,
) -> Option<Referrer> {
    let text = |value: json::Value<'_>, key: &str| value.get(key)?.as_string();
    let about = text(document.get("subject")?, "digest")?;
    if about != subject.as_ref() {
        return None;
    }
    let config_type = || text(document.get("config")?, "mediaType");
    let stated = text(document, "artifactType").filter(|stated| !stated.is_empty());
    let parts = ["config", "layers", "blobs", "manifests"].iter().filter_map(|key| {
        let value = document.get(key)?;
        let one = (value.kind() == json::Kind::Object).then_some(value);
        let sizes = one
            .into_iter()
            .chain(value.elements())
            .filter_map(|part| u64::try_from(part.get("size")?.as_integer()?).ok());
        Some(sizes.fold(0, u64::saturating_add))
    });
    let annotations = document.get("annotations").into_iter().flat_map(json::Value::members);
    Some(Referrer {
        digest: digest.clone(),
        size,
        media_type: text(document, "mediaType")
            .unwrap_or_else(|| media_type::IMAGE_MANIFEST.to_owned()),
        artifact_type: stated.or_else(config_type).unwrap_or_default(),
        total_size: parts.fold(size, u64::saturating_add),
        annotations: annotations
            .filter_map(|member| Some((member.key.into_owned(), member.value.as_string()?)))
            .collect(),
    })
}

/// The manifests that an index lists.
fn children(document: json::Value<'_>) -> Vec<Descriptor> {
    let listed = document.get("manifests").into_iter().flat_map(json::Value::elements);
    let descriptor = |value: json::Value<'_>| {
        let digest = crate::digest::parse(&value.get("digest")?.as_str()?).ok()?;
        let size = u64::try_from(value.get("size")?.as_integer()?).ok()?;
        let media_type = value.get("mediaType")?.as_string()?;
        Some(Descriptor::new(media_type.as_str().into(), size, digest))
    };
    listed.filter_map(descriptor).collect()
}
