// SPDX-License-Identifier: Apache-2.0
//! The manifests that signatures lie in (signatures.md 3.2 and 3.5), as bytes.

use std::collections::BTreeMap;

use oci_artifact::Digest;
use oci_artifact::digest;
use oci_artifact::json::Writer;
use oci_artifact::media_type::{ANNOTATION_CREATED, IMAGE_CONFIG, IMAGE_MANIFEST};

use crate::{bundle, statement, strict};

/// The media type of a payload of simple signing, as a layer.
pub const SIMPLE_SIGNING: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
/// The media type of a config that says nothing.
const EMPTY: &str = "application/vnd.oci.empty.v1+json";
/// The layer's annotation that has the signature.
pub(crate) const SIGNATURE: &str = "dev.cosignproject.cosign/signature";
/// The layer's annotation that has a certificate.
pub(crate) const CERTIFICATE: &str = "dev.sigstore.cosign/certificate";
/// The layer's annotation that has a log's entry.
pub(crate) const BUNDLE: &str = "dev.sigstore.cosign/bundle";
/// The layer's annotation that has the word of a clock.
pub(crate) const TIMESTAMP: &str = "dev.sigstore.cosign/rfc3161timestamp";

/// A blob's media type, digest and size.
fn write_descriptor(json: &mut Writer, media_type: &str, digest: &Digest, size: u64) {
    json.key("mediaType").string(media_type);
    json.key("size").integer(size);
    json.key("digest").string(digest.to_string());
}

/// A signature of simple signing, and the payload that it is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simple {
    pub(crate) payload: Digest,
    pub(crate) size: u64,
    pub(crate) signature: Vec<u8>,
    /// The certificate, PEM, and the log's entry, where it is not a key's.
    pub(crate) vouched: Option<(String, String)>,
}

impl Simple {
    /// Returns the annotations of its layer.
    pub fn annotations(&self) -> BTreeMap<String, String> {
        let mut annotations =
            BTreeMap::from([(SIGNATURE.to_owned(), strict::encode(&self.signature))]);
        if let Some((certificate, entry)) = &self.vouched {
            annotations.insert(CERTIFICATE.to_owned(), certificate.clone());
            annotations.insert(BUNDLE.to_owned(), entry.clone());
        }
        annotations
    }

    /// Returns the config of a manifest that has it alone. Nobody reads it.
    pub fn config(&self) -> Vec<u8> {
        const NEVER: &str = "0001-01-01T00:00:00Z";
        let mut json = Writer::new();
        json.object(|json| {
            json.key("architecture").string("");
            json.key("created").string(NEVER);
            json.key("history").array(|json| {
                json.object(|json| json.key("created").string(NEVER));
            });
            json.key("os").string("");
            json.key("rootfs").object(|json| {
                json.key("type").string("layers");
                json.key("diff_ids").strings([self.payload.to_string()]);
            });
            json.key("config").object(|_| {});
        });
        json.into_bytes()
    }

    /// Returns the manifest that has it alone, for the tag `sha256-<hex>.sig`.
    pub fn manifest(&self) -> Vec<u8> {
        let config = self.config();
        let mut json = Writer::new();
        json.object(|json| {
            json.key("schemaVersion").integer(2);
            json.key("mediaType").string(IMAGE_MANIFEST);
            json.key("config").object(|json| {
                let digest = digest::sha256(&config);
                write_descriptor(json, IMAGE_CONFIG, &digest, config.len() as u64);
            });
            json.key("layers").array(|json| {
                json.object(|json| {
                    write_descriptor(json, SIMPLE_SIGNING, &self.payload, self.size);
                    json.key("annotations").texts(self.annotations());
                });
            });
        });
        json.into_bytes()
    }
}

/// The subject of a referrer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject<'a> {
    /// The media type of its manifest.
    pub media_type: &'a str,
    /// The digest of the artifact.
    pub digest: &'a Digest,
    /// The number of bytes of its manifest.
    pub size: u64,
}

/// Writes the manifest that attaches a bundle; `created` is a time of RFC 3339.
pub fn referrer(of: &[u8], subject: &Subject<'_>, created: &str) -> Vec<u8> {
    let mut json = Writer::new();
    json.object(|json| {
        json.key("schemaVersion").integer(2);
        json.key("mediaType").string(IMAGE_MANIFEST);
        json.key("artifactType").string(bundle::MEDIA_TYPE);
        json.key("config").object(|json| {
            write_descriptor(json, EMPTY, &digest::sha256(b"{}"), 2);
        });
        json.key("layers").array(|json| {
            json.object(|json| {
                let digest = digest::sha256(of);
                write_descriptor(json, bundle::MEDIA_TYPE, &digest, of.len() as u64);
            });
        });
        json.key("subject").object(|json| {
            write_descriptor(json, subject.media_type, subject.digest, subject.size);
        });
        json.key("annotations").object(|json| {
            json.key("dev.sigstore.bundle.content").string("dsse-envelope");
            json.key("dev.sigstore.bundle.predicateType").string(statement::SIGNATURE);
            json.key(ANNOTATION_CREATED).string(created);
        });
    });
    json.into_bytes()
}
