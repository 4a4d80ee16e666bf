// SPDX-License-Identifier: Apache-2.0
//! Manifests and indexes as far as a registry must understand them: what they are, what they need,
//! what they are about. Their bytes are kept as they came.

use oci_artifact::document::{self, Document, Link};
use oci_artifact::media_type;

use crate::refusal::{Code, Refusal};

/// Reads a manifest or index as the one reader of the project does (MAN-5): what two programs could follow in two
/// ways is not taken, so nobody is served it. Checks that it is of a type that is taken.
///
/// # Errors
/// `MANIFEST_INVALID`.
pub(crate) fn parse(bytes: &[u8]) -> Result<Document, Refusal> {
    let invalid = |message: String| Refusal::new(Code::ManifestInvalid, message);
    let document = Document::parse(bytes, None).map_err(|error| invalid(error.to_string()))?;
    match document.media_type.as_str() {
        known if media_type::is_manifest(known) => Ok(document),
        other => Err(invalid(format!("manifests of type {other:?} are not accepted"))),
    }
}

/// Returns the blobs that a document is made of. A layer that is not distributed need not be here.
pub(crate) fn blobs(document: &Document) -> impl Iterator<Item = &Link> {
    let more = document.layers.iter().chain(&document.blobs);
    document.config.iter().chain(more).filter(|blob| !blob.is_foreign())
}

/// Returns the config of an image, which is a document, too.
pub(crate) fn image_config(document: &Document) -> Option<&Link> {
    let types = [media_type::IMAGE_CONFIG, media_type::DOCKER_CONFIG];
    document.config.as_ref().filter(|config| types.contains(&config.media_type.as_str()))
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
