// SPDX-License-Identifier: Apache-2.0
//! An artifact, read back: what a tag, a digest or a reference stands for.

use std::collections::BTreeMap;

use oci_spec::image::{Descriptor, Digest, Platform};

use crate::content;
use crate::document::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::kind::ArtifactKind;
use crate::original::{ContentSource, Original};

/// What a source has of one artifact, without its layer. All platforms have one content, so that the
/// first one's image speaks for all (CFG-7, CFG-8).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Stored {
    /// The artifact type of index and manifests.
    pub artifact_type: String,
    /// The index, where there is one.
    pub index_digest: Option<Digest>,
    /// The first platform's manifest.
    pub manifest_digest: Digest,
    /// Its config's digest.
    pub config_digest: Digest,
    /// Its config.
    pub config: Config,
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
    /// A label of the config; empty where there is none.
    pub fn label(&self, key: &str) -> &str {
        let labels = self.config.labels.as_ref();
        labels.and_then(|labels| labels.get(key)).map_or("", String::as_str)
    }

    /// An annotation; empty where there is none.
    pub fn annotation(&self, key: &str) -> &str {
        self.annotations.get(key).map_or("", String::as_str)
    }

    /// Checks that it is an artifact of that kind.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDocument`] where it is something else.
    pub fn check_kind<K: ArtifactKind>(&self) -> Result<()> {
        if self.artifact_type == K::ARTIFACT_TYPE {
            return Ok(());
        }
        Err(content::other_type(&self.artifact_type, K::ARTIFACT_TYPE))
    }
}

/// Reads what `reference` stands for: in a store a tag or a digest. The documents of every platform
/// are read and compared (CFG-8), no layer is.
///
/// # Errors
/// Those of [`Original::read`].
pub fn read<K: ArtifactKind>(source: &dyn ContentSource, reference: &str) -> Result<Stored> {
    let original = Original::read::<K>(source, reference)?;
    let Some(first) = original.images.first() else {
        // Original::read found at least one.
        return Err(Error::new(ErrorKind::InvalidDocument, "the index lists no manifest"));
    };
    Ok(Stored {
        artifact_type: K::ARTIFACT_TYPE.to_owned(),
        index_digest: original.index.as_ref().map(|index| index.blob.digest.clone()),
        manifest_digest: first.manifest.blob.digest.clone(),
        config_digest: first.config.blob.digest.clone(),
        platforms: original.images.iter().map(|image| image.platform.clone()).collect(),
        config: original.config,
        layer: original.layer,
        diff_id: original.diff_id,
        annotations: original.annotations,
    })
}
