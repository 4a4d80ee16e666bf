// SPDX-License-Identifier: Apache-2.0
//! Reading artifacts back: from a store, or from wherever else content comes. What the
//! [packager](crate::packager) makes, this takes apart again.
//!
//! [`Original`] is an artifact as someone made it, every document of every platform, byte for byte;
//! [`Stored`] is what most need of it. No layer is read here.

use std::collections::BTreeMap;
use std::io::Read;

use oci_spec::image::Platform;

use crate::content::{self, Limits};
use crate::descriptor::Descriptor;
use crate::digest::Digest;
use crate::document::{Config, Link};
use crate::error::{Error, ErrorKind, Result};
use crate::kind::ArtifactKind;
use crate::limits::MAX_CONFIGS_SIZE;
use crate::one_or_more::OneOrMore;
use crate::packager::{Document, Image};
use crate::store::Store;
use crate::{media_type, platform};

/// A source of content. Implementations verify: bytes that do not have their digest never get out.
pub trait ContentSource {
    /// Resolves `reference` to an index or a manifest.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if it names nothing; what else the source has against it.
    fn resolve(&self, reference: &str) -> Result<Descriptor>;

    /// Returns a document: an index, a manifest, a config. Its size was checked before.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], [`ErrorKind::DigestMismatch`]; what else the source has against it.
    fn document(&self, descriptor: &Descriptor) -> Result<Vec<u8>>;

    /// Returns a blob of any size as a stream, whose last read fails if the digest is not right.
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
        self.get_blob(&descriptor.digest)
    }

    fn stream(&self, descriptor: &Descriptor) -> Result<Box<dyn Read + '_>> {
        Ok(Box::new(self.open_blob(&descriptor.digest)?))
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
    pub images: OneOrMore<Image>,
    /// The layer of all platforms.
    pub layer: Descriptor,
    /// The digest of the uncompressed layer, as the configs have it.
    pub diff_id: Digest,
    /// The first platform's config.
    pub config: Config,
    /// The annotations of the index, or else of the manifest.
    pub annotations: BTreeMap<String, String>,
    /// The time at which it was made, as the first config says, or else an annotation.
    pub created: Option<String>,
}

/// One artifact of a source, without its layer. All platforms have one content, so that the
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
    /// The config of the artifact.
    pub config: Config,
    /// The descriptor of the layer.
    pub layer: Descriptor,
    /// The digest of the uncompressed layer, as the config has it.
    pub diff_id: Digest,
    /// The platforms, in the index's order.
    pub platforms: Vec<Platform>,
    /// The annotations of the index, or else of the manifest.
    pub annotations: BTreeMap<String, String>,
}

impl Stored {
    /// Returns a label of the config; empty if there is none.
    pub fn label(&self, key: &str) -> &str {
        let labels = self.config.labels.as_ref();
        labels.and_then(|labels| labels.get(key)).map_or("", String::as_str)
    }

    /// Returns an annotation; empty if there is none.
    pub fn annotation(&self, key: &str) -> &str {
        self.annotations.get(key).map_or("", String::as_str)
    }

    /// Checks that it is an artifact of that kind.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDocument`] if it is something else.
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
    read_at::<K>(source, source.resolve(reference)?)
}

/// Reads the metadata of the artifact that `reference` names, as its kind has it.
///
/// # Errors
/// Those of [`read`], and those of [`ArtifactKind::read_config`].
pub fn read_config<K: ArtifactKind>(
    source: &dyn ContentSource,
    reference: &str,
) -> Result<K::Config> {
    K::read_config(&read::<K>(source, reference)?.config)
}

/// Reads the artifact that a descriptor leads to, as [`read`] does that of a reference.
///
/// # Errors
/// Those of [`Original::read_at`].
pub fn read_at<K: ArtifactKind>(source: &dyn ContentSource, root: Descriptor) -> Result<Stored> {
    let original = Original::read_at::<K>(source, root)?;
    let first = &original.images.first;
    Ok(Stored {
        artifact_type: K::ARTIFACT_TYPE.to_owned(),
        index_digest: original.index.as_ref().map(|index| index.blob.digest),
        manifest_digest: first.manifest.blob.digest,
        config_digest: first.config.blob.digest,
        platforms: original.images.iter().map(|image| image.platform.clone()).collect(),
        config: original.config,
        layer: original.layer,
        diff_id: original.diff_id,
        annotations: original.annotations,
    })
}

impl Original {
    /// Reads the artifact that `reference` names, without its layer.
    ///
    /// # Errors
    /// As of [`ContentSource`]; [`ErrorKind::InvalidDocument`] if it is not an artifact of this
    /// kind, is ambiguous (MAN-5), lacks a document, or is not one content for all platforms
    /// (CFG-8); [`ErrorKind::TooLarge`] past a limit.
    pub fn read<K: ArtifactKind>(source: &dyn ContentSource, reference: &str) -> Result<Self> {
        Self::read_at::<K>(source, source.resolve(reference)?)
    }

    /// Reads the artifact that a descriptor leads to, without its layer.
    ///
    /// # Errors
    /// Those of [`read`](Self::read).
    pub fn read_at<K: ArtifactKind>(source: &dyn ContentSource, root: Descriptor) -> Result<Self> {
        let limits = Limits::default();
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
            size = size.saturating_add(config.size);
            if size > MAX_CONFIGS_SIZE {
                let message = format!("the configs have more than {MAX_CONFIGS_SIZE} bytes in all");
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
        let Some(read) = OneOrMore::of(read) else {
            return Err(Error::new(ErrorKind::InvalidDocument, "the index lists no manifest"));
        };
        let (_, layer, config) = read.first.clone();
        let annotations = annotations.unwrap_or_default();
        let created = config.created.clone();
        let created = created.or_else(|| annotations.get(media_type::ANNOTATION_CREATED).cloned());
        Ok(Self {
            digest: root.digest,
            index,
            images: read.map(|(image, ..)| image),
            layer: layer.descriptor(),
            diff_id: config.diff_id()?,
            config,
            annotations,
            created,
        })
    }
}

/// Returns a document that another one names. An artifact that lacks it is not whole, which is not
/// the same as that there is no artifact.
fn part(
    source: &dyn ContentSource,
    what: &str,
    platform: Option<&Platform>,
    descriptor: &Descriptor,
) -> Result<Vec<u8>> {
    source.document(descriptor).map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            let platform = platform.map(|one| format!(" for {}", platform::to_text(one)));
            let (platform, digest) = (platform.unwrap_or_default(), &descriptor.digest);
            let message =
                format!("the artifact is incomplete: its {what}{platform} is missing, {digest}");
            Error::new(ErrorKind::InvalidDocument, message)
                .with_help("build or pull it again")
                .caused_by(error)
        }
        _ => error,
    })
}
