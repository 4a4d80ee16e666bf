// SPDX-License-Identifier: Apache-2.0
//! Attachments of an artifact: signatures, SBOMs, provenance. Each is a manifest whose
//! `subject` is the artifact (OCI distribution specification, listing referrers), or lies at a tag that
//! has the artifact's digest in its name (signatures.md, SIG-1).

use std::collections::BTreeMap;

use crate::digest::Digest;
use crate::document::Document;
use crate::error::Result;
use crate::media_type;
use crate::reference::is_tag;
use crate::store::{Store, Topic};
use crate::survey::Survey;

/// An artifact that is attached to another one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Referrer {
    /// The digest of its manifest.
    pub digest: Digest,
    /// The number of bytes of its manifest.
    pub size: u64,
    /// The media type of its manifest.
    pub media_type: String,
    /// Its type: its artifact type, or else the media type of its config; empty if it has neither.
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

/// Returns the tags at which something may be attached to `subject`: `sha256-<hex>.sig`, `.att` and
/// `.sbom` (SIG-1). None for a digest that makes no tag.
pub fn attached_tags(subject: &Digest) -> Vec<String> {
    let stem = subject.to_string().replacen(':', "-", 1);
    let tags = TAG_ENDINGS.iter().map(|ending| format!("{stem}.{ending}"));
    tags.filter(|tag| is_tag(tag)).collect()
}

/// The basis on which listed documents are left unread when looking for what is attached to something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The documents themselves, all of them: for decisions.
    Documents,
    /// Notes of earlier readings, where there are some: for display (LS-36). What is attached is read all the same.
    Notes,
}

/// Lists what the store has that is attached to `subject`, in either layout: its [`referrers`], and what lies
/// at its tags (SIG-1), whatever repository it was pulled from (SIG-6). Sorted, referrers first.
///
/// # Errors
/// Those of [`referrers`], and those of reading what a tag names: what cannot be read is not absent
/// (SIG-4).
pub fn attached(store: &Store, subject: &Digest, basis: Basis) -> Result<Vec<Referrer>> {
    Ok(attached_to_each(store, &[*subject], basis)?.pop().unwrap_or_default())
}

/// Returns the artifacts attached to each of several subjects, in their order. All that is listed
/// is looked at once.
///
/// # Errors
/// Those of [`attached`].
pub fn attached_to_each(
    store: &Store,
    subjects: &[Digest],
    basis: Basis,
) -> Result<Vec<Vec<Referrer>>> {
    let mut found = referrers_of_each(store, subjects, basis)?;
    let tags: Vec<_> = subjects.iter().map(attached_tags).collect();
    for (tag, digest) in store.listed_at(&tags.concat())? {
        let bytes = store.get_manifest(&digest)?;
        let document = Document::parse(&bytes, None)?;
        let mut one = describe(&digest, &document, bytes.len() as u64);
        one.tag = Some(tag);
        for (own, found) in tags.iter().zip(&mut found) {
            if one.tag.as_ref().is_some_and(|tag| own.contains(tag)) {
                found.push(one.clone());
            }
        }
    }
    for found in &mut found {
        found.sort_by(|a, b| (&a.tag, a.digest).cmp(&(&b.tag, b.digest)));
    }
    Ok(found)
}

/// Lists what the store has that is attached to `subject`: manifests that the store lists, or that an index
/// lists which it lists, sorted by artifact type and digest. A manifest that is missing, damaged or
/// ambiguous (MAN-5) is attached to nothing; one that cannot be read may be (SIG-4).
///
/// # Errors
/// [`ErrorKind::InvalidStore`](crate::ErrorKind::InvalidStore) and
/// [`ErrorKind::Io`](crate::ErrorKind::Io) if the store or a manifest of it cannot be read.
pub fn referrers(store: &Store, subject: &Digest, basis: Basis) -> Result<Vec<Referrer>> {
    Ok(referrers_of_each(store, &[*subject], basis)?.pop().unwrap_or_default())
}

fn referrers_of_each(
    store: &Store,
    subjects: &[Digest],
    basis: Basis,
) -> Result<Vec<Vec<Referrer>>> {
    let mut roots = store.listed_digests()?;
    let mut notes = (basis == Basis::Notes).then(|| store.notes(Topic::Subjects));
    let mut unnoted = Vec::new();
    if let Some(notes) = &notes {
        let wanted: Vec<_> = subjects.iter().map(Digest::to_string).collect();
        let mut walk = notes.walk();
        roots.retain(|root| match walk.line(root) {
            Some(line) => wanted.iter().any(|subject| line.contains(subject)),
            None => {
                unnoted.push(*root);
                false
            }
        });
    }
    let mut survey = Survey::of(store, &roots, subjects);
    if let Some(notes) = &mut notes
        && !unnoted.is_empty()
    {
        let new = Survey::of(store, &unnoted, subjects);
        new.note(store, notes);
        survey.extend(new);
    }
    if let Some(error) = survey.failure {
        return Err(error);
    }
    let mut found = survey.found;
    found.sort_by_key(|(_, digest, ..)| *digest);
    found.dedup_by_key(|(_, digest, ..)| *digest);
    let of = |subject: &Digest| {
        let own = found.iter().filter(|(about, ..)| about == subject);
        let own = own.map(|(_, digest, size, document)| describe(digest, document, *size));
        let mut own: Vec<_> = own.collect();
        own.sort_by(|a, b| (&a.artifact_type, a.digest).cmp(&(&b.artifact_type, b.digest)));
        own
    };
    Ok(subjects.iter().map(of).collect())
}

fn describe(digest: &Digest, document: &Document, size: u64) -> Referrer {
    let parts = document.children().map(|part| part.size);
    Referrer {
        digest: *digest,
        size,
        artifact_type: attached_type(document).to_owned(),
        total_size: parts.fold(size, u64::saturating_add),
        media_type: document.media_type.clone(),
        annotations: document.annotations.clone(),
        tag: None,
    }
}

/// Returns the type of something attached: its artifact type, or else that of its config. A config that is an image's
/// or nothing says nothing, and then it is the first layer's (signatures.md 3.5).
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
