// SPDX-License-Identifier: Apache-2.0
//! An artifact as someone made it: every document of every platform, byte for byte, from a store or
//! from wherever else content comes.

use std::collections::BTreeMap;
use std::io::Read;

use oci_spec::image::{Descriptor, Digest, Platform};

use crate::content::{self, Limits};
use crate::document::{Config, Link};
use crate::error::{Error, ErrorKind, Result};
use crate::kind::ArtifactKind;
use crate::packager::{Document, Image};
use crate::store::Store;
use crate::{limits, media_type, platform};

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
    /// Config and manifest of each platform, in the order of the index; never none.
    pub images: Vec<Image>,
    /// The layer of all platforms.
    pub layer: Descriptor,
    /// The digest of the uncompressed layer, as the configs have it.
    pub diff_id: Digest,
    /// The first platform's config.
    pub config: Config,
    /// The annotations of the index, or else of the manifest.
    pub annotations: BTreeMap<String, String>,
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
    /// kind, is ambiguous (MAN-5), lacks a document, or is not one content for all platforms
    /// (CFG-8); [`ErrorKind::TooLarge`] past a limit.
    pub fn read<K: ArtifactKind>(source: &dyn ContentSource, reference: &str) -> Result<Self> {
        let limits = Limits::default();
        let root = source.resolve(reference)?;
        content::check_descriptor(&root, &limits)?;
        let bytes = source.document(&root)?;
        let mut index = None;
        let mut annotations = None;
        let mut listed = vec![(root.clone(), None)];
        // It may be anything: only what says that it is of this kind is looked at more closely.
        let document = content::read(&bytes, "document", &limits)?;
        content::check_type(&document, K::ARTIFACT_TYPE)?;
        let mut root_bytes = Some(bytes);
        if media_type::is_image_index(&document.media_type) {
            content::check_index(&document, &limits)?;
            index = root_bytes.take().map(Document::new);
            annotations = Some(document.annotations);
            let entry = |link: Link| (link.descriptor(), link.platform);
            listed = document.manifests.into_iter().map(entry).collect();
        }

        let mut read = Vec::new();
        let mut size = 0_u64;
        for (descriptor, platform) in listed {
            let bytes = match root_bytes.take() {
                Some(bytes) => bytes,
                None => part(source, "manifest", platform.as_ref(), &descriptor)?,
            };
            let manifest = content::read_manifest(&bytes, &limits)?;
            let layer = content::check_artifact(&manifest, K::ARTIFACT_TYPE)?.clone();
            let Some(config) = manifest.config.as_ref().map(Link::descriptor) else {
                return Err(Error::new(ErrorKind::InvalidDocument, "the manifest has no config"));
            };
            size = size.saturating_add(config.size());
            if size > MAX_CONFIGS_SIZE {
                let message = format!("the configs have more than {MAX_CONFIGS_SIZE} bytes");
                return Err(Error::new(ErrorKind::TooLarge, message));
            }
            let config = part(source, "config", platform.as_ref(), &config)?;
            let parsed = Config::parse(&config)?;
            let platform = platform.unwrap_or_else(|| parsed.platform.clone());
            annotations.get_or_insert(manifest.annotations);
            let (config, manifest) = (Document::new(config), Document::new(bytes));
            read.push((Image { platform, config, manifest }, layer, parsed));
        }
        let views = read.iter().map(|(image, layer, config)| {
            let platform = &image.platform;
            content::Image { platform, layer, config }
        });
        content::check_images(&views.collect::<Vec<_>>())?;
        let Some((_, layer, config)) = read.first().cloned() else {
            // check_images saw that there is one.
            return Err(Error::new(ErrorKind::InvalidDocument, "the index lists no manifest"));
        };
        let annotations = annotations.unwrap_or_default();
        let created = config.created.clone();
        let created = created.or_else(|| annotations.get(media_type::ANNOTATION_CREATED).cloned());
        Ok(Self {
            digest: root.digest().clone(),
            index,
            images: read.into_iter().map(|(image, ..)| image).collect(),
            layer: layer.descriptor(),
            diff_id: config.diff_id()?,
            config,
            annotations,
            created,
        })
    }
}

/// A document that another one names. An artifact that lacks it is not whole, which is not the same
/// as that there is no artifact.
fn part(
    source: &dyn ContentSource,
    what: &str,
    platform: Option<&Platform>,
    descriptor: &Descriptor,
) -> Result<Vec<u8>> {
    source.document(descriptor).map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            let platform = platform.map(|one| format!(" for {}", platform::to_text(one)));
            let (platform, digest) = (platform.unwrap_or_default(), descriptor.digest());
            let message =
                format!("the artifact is not whole: its {what}{platform} is missing, {digest}");
            Error::new(ErrorKind::InvalidDocument, message)
                .with_help("build or pull it again")
                .caused_by(error)
        }
        _ => error,
    })
}
