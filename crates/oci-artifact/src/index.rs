// SPDX-License-Identifier: Apache-2.0
//! The image index (format.md, 6.4).

use crate::config::TextMap;
use crate::json;
use crate::media_type::{IMAGE_INDEX, IMAGE_MANIFEST};
use crate::one_or_more::OneOrMore;
use crate::packager::Image;
use crate::platform;

/// Writes the index of an artifact: a manifest for each platform, in the order of the request
/// (IDX-1 to IDX-3).
pub fn write(artifact_type: &str, images: &OneOrMore<Image>, annotations: &TextMap) -> Vec<u8> {
    let mut json = json::Writer::new();
    json.object(|json| {
        json.key("schemaVersion").integer(2);
        json.key("mediaType").string(IMAGE_INDEX);
        json.key("artifactType").string(artifact_type);
        json.key("manifests").array(|json| {
            for Image { platform, manifest, .. } in images.iter() {
                json.object(|json| {
                    manifest.blob.write_members(IMAGE_MANIFEST, json);
                    json.key("platform").object(|json| platform::write_members(platform, json));
                });
            }
        });
        json.key("annotations").texts(annotations);
    });
    json.into_bytes()
}
