// SPDX-License-Identifier: Apache-2.0
//! The image manifest (format.md, 6.3).

use crate::config::TextMap;
use crate::digest::Digest;
use crate::json;
use crate::media_type::{ANNOTATION_TITLE, IMAGE_CONFIG, IMAGE_LAYER_GZIP, IMAGE_MANIFEST};

/// A blob that a manifest names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// The digest of the bytes.
    pub digest: Digest,
    /// Its bytes' number.
    pub size: u64,
}

impl Blob {
    /// Returns the blob that has these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self { digest: crate::digest::sha256(bytes), size: bytes.len() as u64 }
    }

    /// Writes a descriptor's first three members (MAN-2).
    pub(crate) fn write_members(&self, media_type: &str, json: &mut json::Writer) {
        json.key("mediaType").string(media_type);
        json.key("digest").string(self.digest.to_string());
        json.key("size").integer(self.size);
    }
}

/// Writes the manifest of one platform (MAN-1, MAN-2): its config, and the layer with its title.
pub fn write(
    artifact_type: &str,
    config: &Blob,
    layer: &Blob,
    layer_title: &str,
    annotations: &TextMap,
) -> Vec<u8> {
    let mut json = json::Writer::new();
    json.object(|json| {
        json.key("schemaVersion").integer(2);
        json.key("mediaType").string(IMAGE_MANIFEST);
        json.key("artifactType").string(artifact_type);
        json.key("config").object(|json| config.write_members(IMAGE_CONFIG, json));
        json.key("layers").array(|json| {
            json.object(|json| {
                layer.write_members(IMAGE_LAYER_GZIP, json);
                json.key("annotations").object(|json| {
                    json.key(ANNOTATION_TITLE).string(layer_title);
                });
            });
        });
        json.key("annotations").texts(annotations);
    });
    json.into_bytes()
}
