// SPDX-License-Identifier: Apache-2.0
//! Links from a document to others: descriptors.

use std::collections::BTreeMap;

use oci_spec::image::Platform;

use super::fields::{self, wrong};
use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::json::{self, Kind, Value};
use crate::{digest, media_type};

/// A link from a document to other content.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Link {
    /// Its media type.
    pub media_type: String,
    /// The digest of the content.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// Its artifact type, where the document says one.
    pub artifact_type: Option<String>,
    /// Its platform, where the document says one.
    pub platform: Option<Platform>,
    /// The annotations of the link.
    pub annotations: BTreeMap<String, String>,
    /// Whether it has addresses of its own.
    pub has_urls: bool,
    /// The descriptor as it stands in the document.
    pub raw: Vec<u8>,
}

impl Link {
    /// Returns a member that is a descriptor.
    pub(super) fn one(document: Value<'_>, key: &str) -> Result<Option<Self>> {
        fields::object(document, key)?.map(Self::read).transpose()
    }

    /// Returns a member that is an array of descriptors.
    pub(super) fn many(document: Value<'_>, key: &str) -> Result<Vec<Self>> {
        fields::list(document, key)?.map(Self::read).collect()
    }

    fn read(value: Value<'_>) -> Result<Self> {
        if value.kind() != Kind::Object {
            return Err(wrong(value, format!("a descriptor is an object, not {}", value.kind())));
        }
        let text = |key: &str| {
            let missing = || wrong(value, format!("a descriptor has no {key}"));
            fields::text(value, key)?.ok_or_else(missing)
        };
        let digest = text("digest")?;
        let digest = digest::parse(&digest)
            .map_err(|error| wrong(value, format!("a descriptor is malformed: {error}")))?;
        let size = value.get("size").and_then(size);
        Ok(Self {
            media_type: text("mediaType")?,
            digest,
            size: size.ok_or_else(|| wrong(value, "a descriptor has no valid size"))?,
            artifact_type: fields::text(value, "artifactType")?,
            platform: fields::object(value, "platform")?.map(fields::platform).transpose()?,
            annotations: fields::texts(value, "annotations")?.unwrap_or_default(),
            has_urls: !fields::strings(value, "urls")?.is_empty(),
            raw: value.raw().to_vec(),
        })
    }

    /// Returns the link as a descriptor, without annotations.
    pub fn descriptor(&self) -> Descriptor {
        let mut descriptor = Descriptor::new(self.media_type.as_str(), self.size, self.digest);
        descriptor.platform = self.platform.clone();
        descriptor
    }

    /// Whether it is not distributed with its image, so that it may be elsewhere (PUSH-1).
    pub fn is_foreign(&self) -> bool {
        media_type::is_foreign(&self.media_type)
    }
}

fn size(value: Value<'_>) -> Option<u64> {
    // To some readers -0 is no whole number.
    u64::try_from(value.as_integer()?).ok().filter(|_| !value.raw().starts_with(b"-"))
}

/// The part that linked content plays for the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// One of an index's manifests.
    Manifest,
    /// The subject of the document.
    Subject,
    /// A config, a layer, a blob.
    Blob,
}

/// A reference that some reader of a document may follow.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reference {
    /// The part that it plays for the document.
    pub part: Part,
    /// The digest of the content.
    pub digest: Digest,
    /// Its size in bytes, where all that the document says of it is one.
    pub size: Option<u64>,
    /// Every media type that the document gives it.
    pub media_types: Vec<String>,
}

/// Everything that any reader of `bytes` may follow: keys in any case, and of several with one name
/// all (MAN-6). What does not begin like a JSON object is no document, and refers to nothing.
///
/// # Errors
/// [`ErrorKind::InvalidDocument`] for what begins like one and cannot be read here.
pub fn references(bytes: &[u8]) -> Result<Vec<Reference>> {
    let mut found = Vec::new();
    let document = match json::parse(bytes) {
        Ok(document) => document,
        Err(_) if !begins_a_document(bytes) => return Ok(found),
        Err(problem) => {
            return Err(Error::from_diagnostics(ErrorKind::InvalidDocument, vec![problem]));
        }
    };
    for member in document.members() {
        let part = match json::fold(&member.key).as_str() {
            "manifests" => Part::Manifest,
            "subject" => Part::Subject,
            "config" | "layers" | "blobs" => Part::Blob,
            _ => continue,
        };
        let one = (member.value.kind() == Kind::Object).then_some(member.value);
        for value in one.into_iter().chain(member.value.elements()) {
            let all = |key: &'static str| {
                value.members().filter(move |member| member.is(key)).map(|member| member.value)
            };
            let mut sizes: Vec<_> = all("size").filter_map(size).collect();
            sizes.dedup();
            let size = sizes.first().copied().filter(|_| sizes.len() == 1);
            let media_types: Vec<_> = all("mediaType").filter_map(Value::as_string).collect();
            let digests = all("digest").filter_map(Value::as_string);
            found.extend(
                digests.filter_map(|digest| Digest::read(&digest)).map(|digest| Reference {
                    part,
                    digest,
                    size,
                    media_types: media_types.clone(),
                }),
            );
        }
    }
    Ok(found)
}

/// Whether a text may be a JSON object, judging by its beginning.
pub(crate) fn begins_a_document(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii_start();
    text.starts_with(b"{")
}
