// SPDX-License-Identifier: Apache-2.0
//! What is accepted from another side: the checks of every node of a graph that is pulled
//! (format.md, 10.4), and the reading of manifests and indexes.
//!
//! A node is checked before it is fetched ([`check_descriptor`]) and when its bytes are there
//! ([`read_index`], [`read_manifest`]); nothing of its graph is asked for in between (BUG-49).

use oci_spec::image::{Descriptor, DigestAlgorithm, ImageIndex, ImageManifest};
use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind, Result};
use crate::media_type::{self, IMAGE_CONFIG, IMAGE_INDEX, IMAGE_LAYER_GZIP, IMAGE_MANIFEST};
use crate::{digest, json, limits};

/// How much is accepted. The default is that of [`limits`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a manifest or an index (PULL-V1).
    pub manifest_size: u64,
    /// Bytes of a config (DEV-7).
    pub config_size: u64,
    /// Bytes of any other blob (PULL-V1).
    pub blob_size: u64,
    /// Manifests of an index (PULL-V6).
    pub manifests: usize,
    /// Layers of a manifest (PULL-V6).
    pub layers: usize,
    /// Bytes of all nodes together (BUG-52).
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
            total_size: 4 * limits::MAX_BLOB_SIZE,
        }
    }
}

impl Limits {
    /// How many bytes a node of that media type may have.
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
    if *descriptor.digest().algorithm() != DigestAlgorithm::Sha256 {
        let message = format!("{} is not a SHA-256 digest", descriptor.digest());
        return Err(Error::new(ErrorKind::InvalidDocument, message)
            .with_help("only sha256 digests can be verified here"));
    }
    let limit = limits.size_of(descriptor.media_type().as_ref());
    if descriptor.size() > limit {
        let (digest, size) = (descriptor.digest(), descriptor.size());
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
    if config.size() > limits.config_size {
        let (size, limit) = (config.size(), limits.config_size);
        let message = format!("the config has {size} bytes, more than {limit}");
        return Err(Error::new(ErrorKind::TooLarge, message)
            .with_help("an honest config lists labels and files; this is none to be read"));
    }
    Ok(())
}

/// Checks a node's bytes against its descriptor: size, then digest (PULL-V4, PULL-V5, PULL-V7).
///
/// # Errors
/// [`ErrorKind::DigestMismatch`].
pub fn check_bytes(descriptor: &Descriptor, bytes: &[u8]) -> Result<()> {
    let (claimed, size) = (descriptor.digest(), bytes.len() as u64);
    if size != descriptor.size() {
        let message = format!("{claimed} has {size} bytes instead of {}", descriptor.size());
        return Err(Error::new(ErrorKind::DigestMismatch, message));
    }
    digest::verify(bytes, claimed)
}

/// Reads an image index. Its manifests must be image manifests with acceptable descriptors
/// (BUG-50, BUG-52), and it may have no subject.
///
/// # Errors
/// [`ErrorKind::InvalidDocument`] where it is malformed, has a key twice (BUG-56), or names what is
/// refused; [`ErrorKind::TooLarge`] past a limit.
pub fn read_index(bytes: &[u8], limits: &Limits) -> Result<ImageIndex> {
    let index: ImageIndex = read(bytes, "index", limits)?;
    let own_type = index.media_type().as_ref().map(AsRef::as_ref);
    check_own_type(own_type, IMAGE_INDEX)?;
    refuse_subject(index.subject().as_ref())?;
    check_count("manifests", index.manifests().len(), limits.manifests)?;
    for manifest in index.manifests() {
        check_type("a manifest of the index", manifest, IMAGE_MANIFEST)?;
        check_descriptor(manifest, limits)?;
    }
    Ok(index)
}

/// Reads an image manifest, which may have no subject and whose config and layers must have
/// acceptable descriptors.
///
/// # Errors
/// As [`read_index`].
pub fn read_manifest(bytes: &[u8], limits: &Limits) -> Result<ImageManifest> {
    let manifest: ImageManifest = read(bytes, "manifest", limits)?;
    let own_type = manifest.media_type().as_ref().map(AsRef::as_ref);
    check_own_type(own_type, IMAGE_MANIFEST)?;
    refuse_subject(manifest.subject().as_ref())?;
    check_count("layers", manifest.layers().len(), limits.layers)?;
    check_config(manifest.config(), limits)?;
    for layer in manifest.layers() {
        check_descriptor(layer, limits)?;
    }
    Ok(manifest)
}

/// Checks that a manifest is that of an artifact of this type: its artifact type, an image config,
/// and one gzip-compressed layer (BUG-53, BUG-54).
///
/// # Errors
/// [`ErrorKind::InvalidDocument`].
pub fn check_artifact(manifest: &ImageManifest, artifact_type: &str) -> Result<()> {
    match manifest.artifact_type() {
        Some(found) if found.as_ref() == artifact_type => {}
        Some(found) => return Err(other_type(found.as_ref(), artifact_type)),
        None => return Err(other_type("none", artifact_type)),
    }
    check_type("the config", manifest.config(), IMAGE_CONFIG)?;
    match manifest.layers().as_slice() {
        [layer] => check_type("the layer", layer, IMAGE_LAYER_GZIP),
        layers => {
            let message = format!("the manifest has {} layers instead of one", layers.len());
            Err(Error::new(ErrorKind::InvalidDocument, message))
        }
    }
}

pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8], what: &str, limits: &Limits) -> Result<T> {
    if bytes.len() as u64 > limits.manifest_size {
        let message = format!("the {what} has more than {} bytes", limits.manifest_size);
        return Err(Error::new(ErrorKind::TooLarge, message));
    }
    let malformed = |reason| Error::from_diagnostics(ErrorKind::InvalidDocument, vec![reason]);
    let value = json::parse(bytes).map_err(malformed)?;
    if let Some(twice) = json::duplicate_key(value) {
        let message = format!("the {what} has the key {:?} twice in one object", twice.key);
        return Err(malformed(crate::Diagnostic::new(message).at(bytes, twice.second)));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        Error::new(ErrorKind::InvalidDocument, format!("this is not an image {what}"))
            .caused_by(error)
    })
}

fn check_own_type(found: Option<&str>, wanted: &str) -> Result<()> {
    match found {
        None => Ok(()),
        Some(found) if found == wanted => Ok(()),
        Some(found) => {
            let message = format!("the document says that it is {found:?}, not {wanted}");
            Err(Error::new(ErrorKind::InvalidDocument, message))
        }
    }
}

fn check_type(what: &str, descriptor: &Descriptor, wanted: &str) -> Result<()> {
    let found: &str = descriptor.media_type().as_ref();
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

fn refuse_subject(subject: Option<&Descriptor>) -> Result<()> {
    match subject {
        None => Ok(()),
        Some(subject) => {
            let message = format!("the document is attached to {}", subject.digest());
            Err(Error::new(ErrorKind::InvalidDocument, message)
                .with_help("name the artifact itself, not what is attached to it"))
        }
    }
}

fn other_type(found: &str, wanted: &str) -> Error {
    Error::new(ErrorKind::InvalidDocument, format!("the artifact type is {found}, not {wanted}"))
        .with_help("use the command or crate for that kind of artifact")
}
