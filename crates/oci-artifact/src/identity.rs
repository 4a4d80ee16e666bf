// SPDX-License-Identifier: Apache-2.0
//! Words of an artifact about what it is, read from its documents alone: for those who have to say
//! that it is something else than was asked for, and what.

use crate::content::{self, Limits};
use crate::descriptor::Descriptor;
use crate::document::Document;
use crate::error::{Error, ErrorKind, Result};
use crate::media_type;
use crate::reader::ContentSource;

/// The name and version that an artifact states.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// The media type of its root.
    pub media_type: String,
    /// Its artifact type: that of the index, or else of the first manifest.
    pub artifact_type: Option<String>,
    /// The media type of its first manifest's config.
    pub config_type: Option<String>,
}

/// Reads what `reference` says that it is. Nothing else of it is looked at, so that it may be no
/// artifact at all.
///
/// # Errors
/// Those of reading it from `source`; [`ErrorKind::InvalidDocument`] if it is no manifest or index.
pub fn identify(source: &dyn ContentSource, reference: &str) -> Result<Identity> {
    identify_at(source, &source.resolve(reference)?)
}

/// Identifies the content that a descriptor leads to.
///
/// # Errors
/// Those of [`identify`].
pub fn identify_at(source: &dyn ContentSource, root: &Descriptor) -> Result<Identity> {
    identified(source, root).map(|(identity, _)| identity)
}

/// The same, with the document that the descriptor leads to, for those who look further.
///
/// # Errors
/// Those of [`identify`].
pub fn identified(source: &dyn ContentSource, root: &Descriptor) -> Result<(Identity, Document)> {
    let first = read(source, root)?;
    let mut identity = Identity {
        media_type: root.media_type.clone(),
        artifact_type: first.artifact_type.clone(),
        config_type: first.config.as_ref().map(|config| config.media_type.clone()),
    };
    if identity.artifact_type.is_none()
        && let Some(child) = first.manifests.first()
    {
        let child = read(source, &child.descriptor())?;
        identity.artifact_type = child.artifact_type;
        identity.config_type = child.config.map(|config| config.media_type);
    }
    Ok((identity, first))
}

fn read(source: &dyn ContentSource, descriptor: &Descriptor) -> Result<Document> {
    let limits = Limits::default();
    content::check_descriptor(descriptor, &limits)?;
    let media_type = descriptor.media_type.as_str();
    if !media_type::is_manifest(media_type) {
        let message = format!("{} is {media_type:?}, which is not a manifest", descriptor.digest);
        return Err(Error::new(ErrorKind::InvalidDocument, message));
    }
    let is_index = media_type::is_image_index(media_type);
    let bytes = source.document(descriptor)?;
    content::read(&bytes, if is_index { "index" } else { "manifest" }, &limits)
}
