// SPDX-License-Identifier: Apache-2.0
//! Checks of what comes from another side: of every node of a graph that is pulled
//! (format.md, 10.4), and of an artifact as a whole (CFG-8).
//!
//! A node is checked before it is fetched ([`check_descriptor`]) and when its bytes are there
//! ([`read_index`], [`read_manifest`]); nothing of its graph is asked for in between (BUG-49).

use std::collections::BTreeMap;

use oci_spec::image::Platform;

use crate::descriptor::Descriptor;
use crate::digest::Algorithm;
use crate::document::{Config, Document, Link};
use crate::error::{Error, ErrorKind, Result};
use crate::media_type::{self, IMAGE_CONFIG, IMAGE_INDEX, IMAGE_LAYER_GZIP, IMAGE_MANIFEST};
use crate::{digest, limits, platform};

type Texts = BTreeMap<String, String>;

/// The largest content that is accepted, from a store or a registry; inclusive maxima. The default is that of
/// [`limits`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest number of bytes of a manifest or an index (PULL-V1).
    pub manifest_size: u64,
    /// The largest number of bytes of a config (DEV-7).
    pub config_size: u64,
    /// The largest number of bytes of any other blob (PULL-V1).
    pub blob_size: u64,
    /// The largest number of manifests of an index (PULL-V6).
    pub manifests: usize,
    /// The largest number of layers of a manifest (PULL-V6).
    pub layers: usize,
    /// The largest number of bytes of all nodes together (BUG-52).
    pub total_size: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            manifest_size: limits::MAX_MANIFEST_SIZE,
            config_size: limits::MAX_CONFIG_SIZE,
            blob_size: limits::MAX_BLOB_SIZE,
            manifests: limits::MAX_INDEX_MANIFESTS,
            layers: limits::MAX_MANIFEST_LAYERS,
            total_size: limits::MAX_ARTIFACT_SIZE,
        }
    }
}

impl Limits {
    /// Returns the most bytes that a node of that media type may have.
    pub fn size_of(&self, media_type: &str) -> u64 {
        if media_type::is_manifest(media_type) { self.manifest_size } else { self.blob_size }
    }
}

/// Checks what a descriptor claims, before anything is fetched: its size (PULL-V3) and its
/// algorithm, which has to be SHA-256 (PULL-V5, BUG-51).
///
/// # Errors
/// [`ErrorKind::TooLarge`], [`ErrorKind::InvalidDocument`].
pub fn check_descriptor(descriptor: &Descriptor, limits: &Limits) -> Result<()> {
    if descriptor.digest.algorithm() != Algorithm::Sha256 {
        let message = format!("{} is not a SHA-256 digest", descriptor.digest);
        return Err(Error::new(ErrorKind::InvalidDocument, message)
            .with_help("only SHA-256 digests can be verified here"));
    }
    let limit = limits.size_of(&descriptor.media_type);
    if descriptor.size > limit {
        let (digest, size) = (&descriptor.digest, descriptor.size);
        let message = format!("{digest} has {size} bytes, more than {limit}");
        return Err(Error::new(ErrorKind::TooLarge, message));
    }
    Ok(())
}

/// Checks what a manifest claims of its config, whatever it says that it is (DEV-7).
///
/// # Errors
/// As [`check_descriptor`].
fn check_config(config: &Descriptor, limits: &Limits) -> Result<()> {
    check_descriptor(config, limits)?;
    if config.size > limits.config_size {
        let (size, limit) = (config.size, limits.config_size);
        let message = format!("the config has {size} bytes, more than {limit}");
        return Err(Error::new(ErrorKind::TooLarge, message)
            .with_help("a config lists labels and files, and is never this large"));
    }
    Ok(())
}

/// Checks a node's bytes against its descriptor: size, then digest (PULL-V4, PULL-V5, PULL-V7).
///
/// # Errors
/// [`ErrorKind::DigestMismatch`].
pub fn check_bytes(descriptor: &Descriptor, bytes: &[u8]) -> Result<()> {
    let (claimed, size) = (&descriptor.digest, bytes.len() as u64);
    if size != descriptor.size {
        let message = format!("{claimed} has {size} bytes instead of {}", descriptor.size);
        return Err(Error::new(ErrorKind::DigestMismatch, message));
    }
    digest::verify(bytes, claimed)
}

/// Reads an image index. Its manifests must be image manifests with acceptable descriptors
/// (BUG-50, BUG-52), and it may have no subject.
///
/// # Errors
/// [`ErrorKind::InvalidDocument`] if it is malformed or ambiguous (BUG-56, MAN-5), or names what is refused;
/// [`ErrorKind::TooLarge`] past a limit.
pub fn read_index(bytes: &[u8], limits: &Limits) -> Result<Document> {
    let index = read(bytes, "index", limits)?;
    check_index(&index, limits)?;
    Ok(index)
}

/// Reads an image manifest, which may have no subject and whose config and layers must have
/// acceptable descriptors.
///
/// # Errors
/// As [`read_index`].
pub fn read_manifest(bytes: &[u8], limits: &Limits) -> Result<Document> {
    let manifest = read(bytes, "manifest", limits)?;
    check_own_type(&manifest, IMAGE_MANIFEST)?;
    refuse_subject(&manifest)?;
    check_count("layers", manifest.layers.len(), limits.layers)?;
    for part in manifest.children() {
        check_descriptor(&part.descriptor(), limits)?;
    }
    if let Some(config) = &manifest.config {
        check_config(&config.descriptor(), limits)?;
    }
    Ok(manifest)
}

/// Checks that an index or a manifest is of an artifact of this type (BUG-54).
///
/// # Errors
/// [`ErrorKind::InvalidDocument`] that says what it is.
pub fn check_type(document: &Document, artifact_type: &str) -> Result<()> {
    match document.artifact_type.as_deref() {
        Some(found) if found == artifact_type => Ok(()),
        Some(found) => Err(other_type(found, artifact_type)
            .with_help("use the command or crate for that kind of artifact")),
        None => Err(other_type("none", artifact_type).with_help(
            "this is an ordinary image, or something else that is neither a plugin nor a skill",
        )),
    }
}

/// Checks that a manifest is that of an artifact of this type: its artifact type, an image config,
/// and one gzip-compressed layer (BUG-53, BUG-54). The layer.
///
/// # Errors
/// [`ErrorKind::InvalidDocument`].
pub fn check_artifact<'a>(manifest: &'a Document, artifact_type: &str) -> Result<&'a Link> {
    check_type(manifest, artifact_type)?;
    if let Some(config) = &manifest.config {
        check_media_type("the config", &config.media_type, IMAGE_CONFIG)?;
    }
    match manifest.layers.as_slice() {
        [layer] => {
            check_media_type("the layer", &layer.media_type, IMAGE_LAYER_GZIP).map(|()| layer)
        }
        layers => {
            let message = format!("the manifest has {} layers instead of one", layers.len());
            Err(Error::new(ErrorKind::InvalidDocument, message))
        }
    }
}

/// One platform's image, as the documents of an artifact describe it.
#[derive(Clone, Copy, Debug)]
pub struct Image<'a> {
    /// The platform, as the index has it, or else the config.
    pub platform: &'a Platform,
    /// The one layer of the manifest.
    pub layer: &'a Link,
    /// The config of the image.
    pub config: &'a Config,
}

/// Checks that all images of an artifact are one content (CFG-8): one layer, one diff ID, one set of labels, and no
/// platform twice. So any of them gives the content of the others.
///
/// # Errors
/// [`ErrorKind::InvalidDocument`] that names the two platforms and what they differ in.
pub fn check_images(images: &[Image<'_>]) -> Result<()> {
    let Some((first, rest)) = images.split_first() else {
        return Err(Error::new(ErrorKind::InvalidDocument, "the index lists no manifest"));
    };
    let diff_id = first.config.diff_id()?;
    for (at, image) in rest.iter().enumerate() {
        let (name, other) = (platform::to_text(image.platform), platform::to_text(first.platform));
        let refused = |message: String| {
            Err(Error::new(ErrorKind::InvalidDocument, message).with_help(
                "all platforms of such an artifact have the same content; somebody made this one \
                 by other means, so that it is one thing here and another there: do not use it",
            ))
        };
        if images.iter().take(at + 1).any(|earlier| earlier.platform == image.platform) {
            return refused(format!("the index lists the platform {name} twice"));
        }
        let (layer, wanted) = (image.layer, first.layer);
        if (&layer.digest, layer.size) != (&wanted.digest, wanted.size) {
            let (found, wanted) = (&layer.digest, &wanted.digest);
            return refused(format!("{name} has the layer {found}, and {other} has {wanted}"));
        }
        let found = image.config.diff_id()?;
        if found != diff_id {
            return refused(format!("{name} has the diff ID {found}, and {other} has {diff_id}"));
        }
        if let Some(key) = other_label(&first.config.labels, &image.config.labels) {
            return refused(format!("{name} and {other} do not have the same label {key:?}"));
        }
    }
    Ok(())
}

/// Returns the first label that two configs do not have alike; the empty text where one has no labels at all.
fn other_label(before: &Option<Texts>, after: &Option<Texts>) -> Option<String> {
    let (Some(before), Some(after)) = (before, after) else {
        return (before != after).then(String::new);
    };
    let mut keys = before.keys().chain(after.keys());
    keys.find(|key| before.get(*key) != after.get(*key)).cloned()
}

pub(crate) fn read(bytes: &[u8], what: &str, limits: &Limits) -> Result<Document> {
    if bytes.len() as u64 > limits.manifest_size {
        let message = format!("the {what} has more than {} bytes", limits.manifest_size);
        return Err(Error::new(ErrorKind::TooLarge, message));
    }
    Document::parse(bytes, None)
}

pub(crate) fn check_index(index: &Document, limits: &Limits) -> Result<()> {
    check_own_type(index, IMAGE_INDEX)?;
    refuse_subject(index)?;
    check_count("manifests", index.manifests.len(), limits.manifests)?;
    for manifest in &index.manifests {
        check_media_type("a manifest of the index", &manifest.media_type, IMAGE_MANIFEST)?;
        check_descriptor(&manifest.descriptor(), limits)?;
    }
    Ok(())
}

fn check_own_type(document: &Document, wanted: &str) -> Result<()> {
    check_media_type("the document says that it", &document.media_type, wanted)
}

fn check_media_type(what: &str, found: &str, wanted: &str) -> Result<()> {
    if found == wanted {
        return Ok(());
    }
    let message = format!("{what} is {found:?}, not {wanted}");
    Err(Error::new(ErrorKind::InvalidDocument, message))
}

fn check_count(what: &str, found: usize, limit: usize) -> Result<()> {
    if found <= limit {
        return Ok(());
    }
    Err(Error::new(ErrorKind::TooLarge, format!("{found} {what}, more than {limit}")))
}

fn refuse_subject(document: &Document) -> Result<()> {
    match &document.subject {
        None => Ok(()),
        Some(subject) => {
            let message = format!("the document is attached to {}", subject.digest);
            Err(Error::new(ErrorKind::InvalidDocument, message)
                .with_help("name the artifact itself, not the one that is attached to it"))
        }
    }
}

pub(crate) fn other_type(found: &str, wanted: &str) -> Error {
    Error::new(ErrorKind::InvalidDocument, format!("the artifact type is {found}, not {wanted}"))
}
