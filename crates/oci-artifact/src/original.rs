// SPDX-License-Identifier: Apache-2.0
//! An artifact as someone made it: every document of every platform, byte for byte, from a store or
//! from wherever else content comes.

use std::io::Read;

use oci_spec::image::{Descriptor, Digest};

use crate::artifact::{diff_id, platform_of, read_config};
use crate::content::{self, Limits};
use crate::error::{Error, ErrorKind, Result};
use crate::kind::ArtifactKind;
use crate::packager::{Document, Image};
use crate::store::Store;
use crate::{limits, media_type};

/// Where content comes from. Whoever implements it verifies: bytes that do not have their digest
/// never get out.
pub trait ContentSource {
    /// What `reference` names: an index or a manifest.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where it names nothing; what else the source has against it.
    fn resolve(&self, reference: &str) -> Result<Descriptor>;

    /// A document: an index, a manifest, a config. Its size was checked before.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], [`ErrorKind::DigestMismatch`]; what else the source has against it.
    fn document(&self, descriptor: &Descriptor) -> Result<Vec<u8>>;

    /// A blob of any size as a stream, whose last read fails if the digest is not right.
    ///
    /// # Errors
    /// As [`document`](Self::document).
    fn stream(&self, descriptor: &Descriptor) -> Result<Box<dyn Read + '_>>;
}

impl ContentSource for Store {
    fn resolve(&self, reference: &str) -> Result<Descriptor> {
        Store::resolve(self, reference)
    }

    fn document(&self, descriptor: &Descriptor) -> Result<Vec<u8>> {
        self.get_blob(descriptor.digest())
    }

    fn stream(&self, descriptor: &Descriptor) -> Result<Box<dyn Read + '_>> {
        Ok(Box::new(self.open_blob(descriptor.digest())?))
    }
}

/// An artifact with all its documents.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Original {
    /// The digest that stands for it: of the index, or of its only manifest.
    pub digest: Digest,
    /// The index, where there is one.
    pub index: Option<Document>,
    /// Config and manifest of each platform, in the order of the index.
    pub images: Vec<Image>,
    /// The first platform's layer.
    pub layer: Descriptor,
    /// The digest of the uncompressed layer, as the first platform's config has it.
    pub diff_id: Digest,
    /// When it was made, as the first config says, or else an annotation.
    pub created: Option<String>,
}

/// Bytes of all configs of one artifact that are read.
const MAX_CONFIGS_SIZE: u64 = 8 * limits::MAX_CONFIG_SIZE;

impl Original {
    /// Reads the artifact that `reference` names, without its layer.
    ///
    /// # Errors
    /// As of [`ContentSource`]; [`ErrorKind::InvalidDocument`] where it is not an artifact of this
    /// kind, [`ErrorKind::TooLarge`] past a limit.
    pub fn read<K: ArtifactKind>(source: &dyn ContentSource, reference: &str) -> Result<Self> {
        let limits = Limits::default();
        let root = source.resolve(reference)?;
        content::check_descriptor(&root, &limits)?;
        let mut index = None;
        let mut annotations = None;
        let mut listed = Vec::new();
        if media_type::is_image_index(root.media_type().as_ref()) {
            let bytes = source.document(&root)?;
            let parsed = content::read_index(&bytes, &limits)?;
            annotations = parsed.annotations().clone();
            listed.extend_from_slice(parsed.manifests());
            index = Some(Document::new(bytes));
        } else {
            listed.push(root.clone());
        }

        let mut images = Vec::new();
        let mut first = None;
        let mut size = 0_u64;
        for descriptor in &listed {
            let bytes = source.document(descriptor)?;
            let manifest = content::read_manifest(&bytes, &limits)?;
            content::check_artifact(&manifest, K::ARTIFACT_TYPE)?;
            size = size.saturating_add(manifest.config().size());
            if size > MAX_CONFIGS_SIZE {
                let message = format!("the configs have more than {MAX_CONFIGS_SIZE} bytes");
                return Err(Error::new(ErrorKind::TooLarge, message));
            }
            let config = source.document(manifest.config())?;
            let parsed = read_config(&config)?;
            let platform = descriptor.platform().clone().unwrap_or_else(|| platform_of(&parsed));
            let (config, manifest_document) = (Document::new(config), Document::new(bytes));
            images.push(Image { platform, config, manifest: manifest_document });
            first.get_or_insert((manifest, parsed));
        }
        let Some((manifest, config)) = first else {
            return Err(Error::new(ErrorKind::InvalidDocument, "the index lists no manifest"));
        };
        // check_artifact saw that there is one.
        let Some(layer) = manifest.layers().first().cloned() else {
            return Err(Error::new(ErrorKind::InvalidDocument, "the manifest has no layer"));
        };
        let annotations = annotations.or_else(|| manifest.annotations().clone());
        let created = config
            .created()
            .clone()
            .or_else(|| annotations.as_ref()?.get(media_type::ANNOTATION_CREATED).cloned());
        let diff_id = diff_id(&config)?;
        Ok(Self { digest: root.digest().clone(), index, images, layer, diff_id, created })
    }
}
