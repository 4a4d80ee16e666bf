// SPDX-License-Identifier: Apache-2.0
//! Manifests and indexes as far as a registry must understand them: what they are, what they need,
//! what they are about. Their bytes are kept as they came.

use oci_artifact::Digest;
use oci_artifact::document::{self, Link};
use oci_artifact::media_type;

use crate::refusal::{Code, Refusal};

/// A manifest or index, as the one reader of the project reads it (MAN-5): what two programs could
/// follow in two ways is not taken, so nobody is served it.
#[derive(Debug)]
pub(crate) struct Document(document::Document);

impl Document {
    /// Reads a document and checks that it is of a type that is taken.
    ///
    /// # Errors
    /// `MANIFEST_INVALID`.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let invalid = |message: String| Refusal::new(Code::ManifestInvalid, message);
        let document = document::Document::parse(bytes, None);
        let document = document.map_err(|error| invalid(error.to_string()))?;
        match document.media_type.as_str() {
            known if media_type::is_manifest(known) => Ok(Self(document)),
            other => Err(invalid(format!("manifests of type {other:?} are not accepted"))),
        }
    }

    /// Returns its media type: the one that it states, or what it looks like.
    pub(crate) fn media_type(&self) -> &str {
        &self.0.media_type
    }

    /// Returns the manifests that it lists.
    pub(crate) fn children(&self) -> impl Iterator<Item = &Link> {
        self.0.manifests.iter()
    }

    /// Returns the blobs that it is made of. A layer that is not distributed need not be here.
    pub(crate) fn blobs(&self) -> impl Iterator<Item = &Link> {
        let more = self.0.layers.iter().chain(&self.0.blobs);
        self.0.config.iter().chain(more).filter(|blob| !blob.is_foreign())
    }

    /// Returns the config of an image, which is a document, too.
    pub(crate) fn image_config(&self) -> Option<&Link> {
        let is_image = |config: &&Link| {
            matches!(
                config.media_type.as_str(),
                media_type::IMAGE_CONFIG | media_type::DOCKER_CONFIG
            )
        };
        self.0.config.as_ref().filter(is_image)
    }

    /// Returns the manifest that it is about.
    pub(crate) fn subject(&self) -> Option<&Digest> {
        self.0.subject.as_ref().map(|subject| &subject.digest)
    }

    /// Returns its artifact type as a list of referrers shows it: a manifest without one has its
    /// config's.
    pub(crate) fn artifact_type(&self) -> Option<&str> {
        self.0.kind()
    }

    /// Returns its annotations, in the order of their keys.
    pub(crate) fn annotations(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.annotations.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

/// Checks that programs do not read an image's config in two ways (MAN-5). What is no config at all is
/// read in none.
///
/// # Errors
/// `MANIFEST_INVALID`.
pub(crate) fn check_config(bytes: &[u8]) -> Result<(), Refusal> {
    match document::Config::parse(bytes) {
        Err(error) if document::is_ambiguous(&error) => {
            Err(Refusal::new(Code::ManifestInvalid, format!("its config: {error}")))
        }
        _ => Ok(()),
    }
}
