// SPDX-License-Identifier: Apache-2.0
//! Manifests and indexes as far as a registry must understand them: what they are, what they need,
//! what they are about. Their bytes are kept as they came.

use std::collections::BTreeMap;

use oci_artifact::{digest, media_type};
use oci_spec::image::Digest;
use serde::{Deserialize, Deserializer};

use crate::refusal::{Code, Refusal};

/// A parsed manifest or index. Unknown members are passed over; a member that stands twice is an
/// error, since two readers could follow different ones.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Document {
    #[serde(default)]
    media_type: Option<String>,
    #[serde(default)]
    artifact_type: Option<String>,
    #[serde(default)]
    config: Option<Descriptor>,
    #[serde(default)]
    layers: Option<Vec<Descriptor>>,
    /// Of the artifact manifest of a release candidate.
    #[serde(default)]
    blobs: Option<Vec<Descriptor>>,
    #[serde(default)]
    manifests: Option<Vec<Descriptor>>,
    #[serde(default)]
    subject: Option<Descriptor>,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
}

/// What one document says about another.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Descriptor {
    pub(crate) media_type: String,
    #[serde(deserialize_with = "read_digest")]
    pub(crate) digest: Digest,
    pub(crate) size: u64,
}

impl Descriptor {
    /// Whether a registry need not have it: a layer that may not be distributed.
    pub(crate) fn is_elsewhere(&self) -> bool {
        self.media_type.starts_with("application/vnd.oci.image.layer.nondistributable.")
            || self.media_type.starts_with("application/vnd.docker.image.rootfs.foreign.")
    }
}

fn read_digest<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Digest, D::Error> {
    let text = String::deserialize(deserializer)?;
    digest::parse(&text).map_err(serde::de::Error::custom)
}

impl Document {
    /// Reads a document and checks that it is one thing only.
    ///
    /// # Errors
    /// `MANIFEST_INVALID`.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let invalid = |message: String| Refusal::new(Code::ManifestInvalid, message);
        let document: Self =
            serde_json::from_slice(bytes).map_err(|error| invalid(error.to_string()))?;
        let is_index = document.manifests.is_some();
        if is_index && (document.layers.is_some() || document.config.is_some()) {
            return Err(invalid("a manifest and an index at once".to_owned()));
        }
        let stated = document.media_type.as_deref().unwrap_or_default();
        let is_whole = if media_type::is_image_index(stated) {
            is_index
        } else if media_type::is_image_manifest(stated) {
            document.config.is_some() && document.layers.is_some()
        } else if stated == media_type::ARTIFACT_MANIFEST {
            true
        } else if stated.is_empty() {
            is_index || (document.config.is_some() && document.layers.is_some())
        } else {
            return Err(invalid(format!("manifests of type {stated:?} are not taken")));
        };
        match is_whole {
            true => Ok(document),
            false => Err(invalid("it lacks what its media type has".to_owned())),
        }
    }

    /// Its media type: the one that it states, or what it looks like.
    pub(crate) fn media_type(&self) -> &str {
        match self.media_type.as_deref().filter(|stated| !stated.is_empty()) {
            Some(stated) => stated,
            None if self.manifests.is_some() => media_type::IMAGE_INDEX,
            None => media_type::IMAGE_MANIFEST,
        }
    }

    /// The manifests that it lists.
    pub(crate) fn children(&self) -> impl Iterator<Item = &Descriptor> {
        self.manifests.iter().flatten()
    }

    /// The blobs that it is made of.
    pub(crate) fn blobs(&self) -> impl Iterator<Item = &Descriptor> {
        let more = self.layers.iter().chain(&self.blobs).flatten();
        self.config.iter().chain(more).filter(|blob| !blob.is_elsewhere())
    }

    /// What it is about.
    pub(crate) fn subject(&self) -> Option<&Digest> {
        self.subject.as_ref().map(|subject| &subject.digest)
    }

    /// Its artifact type as a list of referrers shows it: a manifest without one has its config's.
    pub(crate) fn artifact_type(&self) -> Option<&str> {
        let own = self.artifact_type.as_deref().filter(|own| !own.is_empty());
        own.or_else(|| self.config.as_ref().map(|config| config.media_type.as_str()))
    }

    /// Its annotations, in the order of their keys.
    pub(crate) fn annotations(&self) -> impl Iterator<Item = (&str, &str)> {
        self.annotations.iter().flatten().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}
