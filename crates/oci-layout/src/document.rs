// SPDX-License-Identifier: Apache-2.0
//! The one reader of manifests, indexes, descriptors and image configs. Everything that shows, moves,
//! serves or keeps an artifact learns from here what its documents say.
//!
//! Programs in Go match keys in any case and take the last of several; others take the exact one, or
//! the first. So that one digest has one content, [`Document::parse`] and [`Config::parse`] refuse
//! what two readers could understand in two ways (MAN-5): keys that an object has twice, in any
//! case, and a key that is another one's in another case.
//!
//! One reader must not refuse: garbage collection keeps what anybody may follow, also of content that
//! is refused everywhere else. [`references`] therefore reads a document in every way at once (MAN-6).

mod names;
mod fields;
mod link;
mod config;

use std::collections::BTreeMap;

pub use config::Config;
pub(crate) use link::begins_a_document;
pub use link::{Link, Part, Reference, references};

use crate::error::{Error, Result};
use crate::json::Value;
use crate::media_type::{self, IMAGE_INDEX, IMAGE_MANIFEST};
use names::Shape;

/// A manifest or an index, read. Its bytes are kept by the caller; they are never written again from this.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Document {
    /// Its media type: the one it states, or that of its `Content-Type`, or the one it looks like.
    pub media_type: String,
    /// Its artifact type, where it has one.
    pub artifact_type: Option<String>,
    /// The manifest that it is about.
    pub subject: Option<Link>,
    /// A manifest's config.
    pub config: Option<Link>,
    /// A manifest's layers.
    pub layers: Vec<Link>,
    /// The blobs of the artifact manifest of a release candidate.
    pub blobs: Vec<Link>,
    /// An index's manifests.
    pub manifests: Vec<Link>,
    /// The annotations of the document.
    pub annotations: BTreeMap<String, String>,
}

impl Document {
    /// Reads a document. `stated` is what its `Content-Type`, or the descriptor that leads to it,
    /// says; what is no manifest's media type says nothing there.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDocument`](crate::ErrorKind::InvalidDocument), with the place, where it is
    /// not JSON in UTF-8, has an ambiguous key (MAN-5), a member is of the wrong kind, a descriptor
    /// is malformed, its type is unknown, it lacks what its type has, or it could be read as a
    /// manifest and as an index.
    pub fn parse(bytes: &[u8], stated: Option<&str>) -> Result<Self> {
        let value = names::read(bytes, "a manifest", Shape::Document)?;
        if let Some(version) = value.get("schemaVersion").filter(|version| !version.is_null())
            && version.as_integer() != Some(2)
        {
            let found = version.preview();
            return Err(fields::wrong(
                version,
                format!("the schema version {found} is not supported"),
            ));
        }
        let has = |key: &str| value.get(key).is_some_and(|value| !value.is_null());
        let is_index = has("manifests");
        let is_manifest = has("config") || has("layers");
        if is_index && is_manifest {
            return Err(fields::wrong(value, "it could be a manifest or an index"));
        }
        let shape = match (is_index, is_manifest) {
            (true, _) => Some(IMAGE_INDEX),
            (_, true) => Some(IMAGE_MANIFEST),
            _ => None,
        };
        let media_type = media_type(value, stated, shape)?;
        let of_index = media_type::is_image_index(&media_type);
        let of_manifest = media_type::is_image_manifest(&media_type);
        // Go writes an empty list as null.
        let lacks = |key: &str| value.get(key).is_none();
        if (of_index && (is_manifest || lacks("manifests")))
            || (of_manifest && (is_index || !has("config") || lacks("layers")))
        {
            let message = format!("it says that it is {media_type:?}, and lacks the fields of one");
            return Err(fields::wrong(value, message));
        }
        Ok(Self {
            artifact_type: fields::text(value, "artifactType")?,
            subject: Link::one(value, "subject")?,
            config: Link::one(value, "config")?,
            layers: Link::many(value, "layers")?,
            blobs: Link::many(value, "blobs")?,
            manifests: Link::many(value, "manifests")?,
            annotations: fields::texts(value, "annotations")?.unwrap_or_default(),
            media_type,
        })
    }

    /// Everything that it cannot do without, in order: config, layers and blobs, or manifests.
    pub fn children(&self) -> impl Iterator<Item = &Link> {
        self.config.iter().chain(&self.layers).chain(&self.blobs).chain(&self.manifests)
    }

    /// Returns its type in a list of referrers: its artifact type, or else the media type of its
    /// config.
    pub fn kind(&self) -> Option<&str> {
        let config = self.config.as_ref().map(|config| config.media_type.as_str());
        self.artifact_type.as_deref().or(config)
    }
}

/// Determines the media type of a document. What it says itself and what was said of it must not
/// differ.
fn media_type(value: Value<'_>, stated: Option<&str>, shape: Option<&str>) -> Result<String> {
    let own = fields::text(value, "mediaType")?;
    let stated = stated.filter(|stated| {
        media_type::is_image_index(stated) || media_type::is_image_manifest(stated)
    });
    if let (Some(own), Some(stated)) = (&own, stated)
        && own != stated
    {
        let message = format!("it says that it is {own:?}, and came as {stated:?}");
        return Err(fields::wrong(value, message));
    }
    let found = own.or_else(|| stated.or(shape).map(str::to_owned));
    found.ok_or_else(|| fields::wrong(value, "nothing says what it is"))
}

/// Whether an error says that two programs would read a document differently (MAN-5).
pub fn is_ambiguous(error: &Error) -> bool {
    let rules = error.diagnostics().iter().filter_map(|diagnostic| diagnostic.rule);
    rules.into_iter().any(|rule| names::RULES.contains(&rule))
}

#[cfg(test)]
mod tests;
