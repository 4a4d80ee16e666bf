// SPDX-License-Identifier: Apache-2.0
//! An artifact, read back: what a tag, a digest or a reference stands for.

use std::collections::BTreeMap;

use oci_spec::image::{Descriptor, Digest, ImageConfiguration, ImageManifest, Platform};

use crate::content::{self, Limits};
use crate::error::{Error, ErrorKind, Result};
use crate::kind::ArtifactKind;
use crate::media_type;
use crate::original::ContentSource;

/// What a source has of one artifact, without its layer. The first platform's image speaks for all (CFG-7).
#[derive(Clone, Debug)]
pub struct Stored {
    /// The index, where there is one.
    pub index_digest: Option<Digest>,
    /// The first platform's manifest.
    pub manifest_digest: Digest,
    /// That manifest.
    pub manifest: ImageManifest,
    /// Its config's digest.
    pub config_digest: Digest,
    /// Its config.
    pub config: ImageConfiguration,
    /// Its layer.
    pub layer: Descriptor,
    /// The digest of the uncompressed layer, as the config has it.
    pub diff_id: Digest,
    /// The platforms, in the index's order.
    pub platforms: Vec<Platform>,
    /// The annotations of the index, or else of the manifest.
    pub annotations: BTreeMap<String, String>,
}

impl Stored {
    /// Checks that it is an artifact of that kind.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDocument`] where it is something else.
    pub fn check_kind<K: ArtifactKind>(&self) -> Result<()> {
        content::check_artifact(&self.manifest, K::ARTIFACT_TYPE)
    }
}

/// Reads what `reference` stands for: in a store a tag or a digest. No layer is read.
///
/// # Errors
/// [`ErrorKind::NotFound`] where there is no such tag or digest, or a blob is missing;
/// [`ErrorKind::DigestMismatch`] where one is damaged; [`ErrorKind::InvalidDocument`] where it is
/// not an artifact.
pub fn read(source: &dyn ContentSource, reference: &str) -> Result<Stored> {
    let Root { index_digest, manifest_digest, manifest, mut platforms, annotations } =
        read_root(source, reference)?;
    let config_digest = manifest.config().digest().clone();
    content::check_descriptor(manifest.config(), &Limits::default())?;
    let config = read_config(&source.document(manifest.config())?)?;
    let Some(layer) = manifest.layers().first().cloned() else {
        return Err(Error::new(ErrorKind::InvalidDocument, "the manifest has no layer"));
    };
    let diff_id = diff_id(&config)?;
    if platforms.is_empty() {
        platforms.push(platform_of(&config));
    }
    Ok(Stored {
        index_digest,
        manifest_digest,
        config_digest,
        config,
        layer,
        diff_id,
        platforms,
        annotations,
        manifest,
    })
}

/// Checks that what `reference` stands for is an artifact of that kind, by its manifest alone.
///
/// # Errors
/// As [`read`], and as [`Stored::check_kind`].
pub fn check_kind<K: ArtifactKind>(source: &dyn ContentSource, reference: &str) -> Result<()> {
    content::check_artifact(&read_root(source, reference)?.manifest, K::ARTIFACT_TYPE)
}

/// What an artifact's index and its first manifest say.
struct Root {
    index_digest: Option<Digest>,
    manifest_digest: Digest,
    manifest: ImageManifest,
    platforms: Vec<Platform>,
    annotations: BTreeMap<String, String>,
}

fn read_root(source: &dyn ContentSource, reference: &str) -> Result<Root> {
    let root = source.resolve(reference)?;
    let limits = Limits::default();
    content::check_descriptor(&root, &limits)?;
    let mut annotations = None;
    let mut platforms = Vec::new();
    let (index_digest, manifest) = if media_type::is_image_index(root.media_type().as_ref()) {
        let index = content::read_index(&source.document(&root)?, &limits)?;
        platforms.extend(index.manifests().iter().filter_map(|entry| entry.platform().clone()));
        annotations.clone_from(index.annotations());
        let Some(first) = index.manifests().first().cloned() else {
            return Err(Error::new(ErrorKind::InvalidDocument, "the index lists no manifest"));
        };
        content::check_descriptor(&first, &limits)?;
        (Some(root.digest().clone()), first)
    } else {
        (None, root)
    };
    let manifest_digest = manifest.digest().clone();
    let manifest = content::read_manifest(&source.document(&manifest)?, &limits)?;
    let annotations = annotations.or_else(|| manifest.annotations().clone());
    let annotations = annotations.into_iter().flatten().collect();
    Ok(Root { index_digest, manifest_digest, manifest, platforms, annotations })
}

pub(crate) fn read_config(bytes: &[u8]) -> Result<ImageConfiguration> {
    serde_json::from_slice(bytes).map_err(|error| {
        Error::new(ErrorKind::InvalidDocument, "this is not an image config").caused_by(error)
    })
}

/// The one diff ID of a config.
pub(crate) fn diff_id(config: &ImageConfiguration) -> Result<Digest> {
    match config.rootfs().diff_ids().as_slice() {
        [diff_id] => crate::digest::parse(diff_id)
            .map_err(|error| error.with_kind(ErrorKind::InvalidDocument)),
        ids => {
            let message = format!("the config has {} diff IDs instead of one", ids.len());
            Err(Error::new(ErrorKind::InvalidDocument, message))
        }
    }
}

/// The platform of a config, for a manifest that no index lists.
pub(crate) fn platform_of(config: &ImageConfiguration) -> Platform {
    let mut platform = Platform::default();
    platform.set_os(config.os().clone()).set_architecture(config.architecture().clone());
    platform.set_variant(config.variant().clone());
    platform
}
