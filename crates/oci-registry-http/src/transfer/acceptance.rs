// SPDX-License-Identifier: Apache-2.0
//! Checks of everything that is taken from a registry, before it is followed (BUG-49 to BUG-54, PULL-V1, PULL-V6).

use std::collections::BTreeMap;

use bytes::Bytes;
use oci_artifact::Digest;
use oci_artifact::content::{Image, check_images};
use oci_artifact::digest::Algorithm;
use oci_artifact::document::Config;
use oci_artifact::media_type::{is_image_index, is_image_manifest, is_manifest};
use oci_spec::image::Platform;

use crate::document::{Document, Link};
use crate::error::{Error, ErrorKind, Result};
use crate::manifests::Manifest;
use crate::transfer::pull::PullOptions;

/// The requirements on an artifact (BUG-54). They are checked before a blob is fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// The artifact type of the root and of every manifest.
    pub artifact_type: String,
    /// The media type of the one layer that every manifest has.
    pub layer_media_type: String,
}

/// Parts by digest, each once.
#[derive(Debug, Default)]
pub(super) struct Links(BTreeMap<Digest, Link>);

impl Links {
    /// Returns all of them.
    pub(super) fn all(&self) -> impl Iterator<Item = &Link> {
        self.0.values()
    }

    /// Whether one of that digest is among them.
    pub(super) fn has(&self, digest: &Digest) -> bool {
        self.0.contains_key(digest)
    }

    /// Takes one out.
    pub(super) fn remove(&mut self, digest: &Digest) {
        self.0.remove(digest);
    }

    pub(super) fn add(&mut self, link: &Link) -> Result<()> {
        match self.0.get(&link.digest) {
            Some(before) if before.size != link.size => Err(other_size(link, before.size)),
            Some(_) => Ok(()),
            None => {
                self.0.insert(link.digest, link.clone());
                Ok(())
            }
        }
    }
}

pub(super) fn other_size(link: &Link, found: u64) -> Error {
    let message = format!("{} has {found} bytes instead of {}", link.digest, link.size);
    Error::new(ErrorKind::SizeMismatch, message)
}

/// Checks what a descriptor says, before it is followed.
pub(super) fn check_link(link: &Link, limit: u64) -> Result<()> {
    let refused = |why: &str| Error::new(ErrorKind::Refused, format!("{} {why}", link.digest));
    if link.digest.algorithm() != Algorithm::Sha256 {
        let message = format!(
            "{} does not have a SHA-256 digest, the only kind that is accepted",
            link.digest
        );
        return Err(Error::new(ErrorKind::UnsupportedDigest, message));
    }
    if link.size > limit {
        let message = format!("{} has {} bytes, more than {limit}", link.digest, link.size);
        return Err(Error::new(ErrorKind::TooLarge, message));
    }
    if link.is_foreign() || link.has_urls {
        return Err(refused("is not in the registry, but elsewhere"));
    }
    Ok(())
}

/// Checks a root: a manifest, or an index of manifests (BUG-49, BUG-50, BUG-52 to BUG-54).
pub(super) fn check(document: &Document, options: &PullOptions) -> Result<()> {
    let PullOptions { limits, .. } = options;
    if !is_image_index(&document.media_type) {
        return check_child(document, options);
    }
    check_common(document, options)?;
    if document.manifests.len() > limits.manifests {
        let message = format!(
            "the index has {} manifests, more than {}",
            document.manifests.len(),
            limits.manifests
        );
        return Err(Error::new(ErrorKind::TooLarge, message));
    }
    if document.manifests.is_empty() && options.expectation.is_some() {
        let message = "the index lists no manifest, so there is nothing to pull";
        return Err(Error::new(ErrorKind::Refused, message)
            .with_help("build the artifact and push it again"));
    }
    for link in &document.manifests {
        if !is_image_manifest(&link.media_type) {
            let message =
                format!("the index refers to {:?}, which is not a manifest", link.media_type);
            return Err(Error::new(ErrorKind::Refused, message));
        }
    }
    Ok(())
}

/// Checks a manifest that has a config and layers.
pub(super) fn check_child(document: &Document, options: &PullOptions) -> Result<()> {
    if !is_image_manifest(&document.media_type) {
        let message = format!("{:?} is not a manifest that can be pulled", document.media_type);
        return Err(Error::new(ErrorKind::Refused, message));
    }
    check_common(document, options)?;
    let (layers, limit) = (document.layers.len(), options.limits.layers);
    if layers > limit {
        let message = format!("the manifest has {layers} layers, more than {limit}");
        return Err(Error::new(ErrorKind::TooLarge, message));
    }
    let Some(config) = &document.config else {
        return Err(Error::new(ErrorKind::InvalidManifest, "the manifest has no config"));
    };
    // Some readers would follow it, and then the artifact is more than what was checked.
    if let Some(nested) = document.children().find(|part| is_manifest(&part.media_type)) {
        let message = format!("the manifest refers to another one, {}, as a blob", nested.digest);
        return Err(Error::new(ErrorKind::Refused, message));
    }
    let Some(wanted) = &options.expectation else { return Ok(()) };
    if config.size > options.limits.config_size {
        let (size, limit) = (config.size, options.limits.config_size);
        let message = format!("the config has {size} bytes, more than {limit}");
        return Err(Error::new(ErrorKind::TooLarge, message));
    }
    match document.layers.as_slice() {
        [layer] if layer.media_type == wanted.layer_media_type => Ok(()),
        _ => {
            let message = format!(
                "the manifest does not have exactly one layer {:?}",
                wanted.layer_media_type
            );
            Err(Error::new(ErrorKind::Refused, message))
        }
    }
}

fn check_common(document: &Document, options: &PullOptions) -> Result<()> {
    let subject = document.subject.as_ref().map(|subject| &subject.digest);
    if subject.is_some_and(|subject| options.about.as_ref() != Some(subject)) {
        let message = "the artifact is attached to another one, and is not pulled by itself";
        return Err(Error::new(ErrorKind::Refused, message));
    }
    let Some(wanted) = &options.expectation else { return Ok(()) };
    let found = document.artifact_type.as_deref().unwrap_or("none");
    if found != wanted.artifact_type {
        let message =
            format!("the artifact type is {found:?} and should be {:?}", wanted.artifact_type);
        return Err(Error::new(ErrorKind::Refused, message)
            .with_help("the reference is an artifact of another kind"));
    }
    Ok(())
}

/// Checks that all images of an artifact are one content (CFG-8). Each is a manifest and the platform
/// that the index gives it; `config` has the configs' bytes.
pub(super) fn check_whole<'a>(
    images: &[(&Document, Option<&Platform>)],
    config: impl Fn(&Digest) -> Option<&'a Bytes>,
) -> Result<()> {
    let mut parts = Vec::new();
    for (document, platform) in images {
        // check_child saw that they are there.
        let (Some(link), Some(layer)) = (&document.config, document.layers.first()) else {
            continue;
        };
        let bytes = config(&link.digest).map(|bytes| &bytes[..]).unwrap_or_default();
        parts.push((*platform, layer, Config::parse(bytes)?));
    }
    let images: Vec<Image<'_>> = parts
        .iter()
        .map(|(platform, layer, config)| Image {
            platform: platform.unwrap_or(&config.platform),
            layer,
            config,
        })
        .collect();
    Ok(check_images(&images)?)
}

/// Returns the first manifest for a platform; `arm64` and `arm64/v8` are the same.
pub(super) fn choose(root: &Manifest, wanted: &Platform) -> Result<Link> {
    let same = |link: &&Link| link.platform.as_ref().is_some_and(|found| fits(found, wanted));
    root.document.manifests.iter().find(same).cloned().ok_or_else(|| {
        let wanted = oci_artifact::platform::to_text(wanted);
        Error::new(ErrorKind::NotFound, format!("the index has no manifest for {wanted}"))
    })
}

fn fits(found: &Platform, wanted: &Platform) -> bool {
    let variant = |platform: &Platform| {
        let own = platform.variant().clone().filter(|variant| !variant.is_empty());
        own.or_else(|| (platform.architecture().to_string() == "arm64").then(|| "v8".to_owned()))
    };
    let version = |platform: &Platform| platform.os_version().clone();
    found.os() == wanted.os()
        && found.architecture() == wanted.architecture()
        && variant(found) == variant(wanted)
        && version(wanted).is_none_or(|wanted| version(found) == Some(wanted))
}
