// SPDX-License-Identifier: Apache-2.0
//! Any manifest: no panic, and what is read is there.

use oci_artifact::media_type::{IMAGE_INDEX, IMAGE_MANIFEST};
use oci_registry_http::Document;

/// Runs the target on an input.
pub fn run(document: &[u8]) {
    for stated in [None, Some(IMAGE_MANIFEST), Some(IMAGE_INDEX), Some("text/plain")] {
        let Ok(read) = Document::parse(document, stated) else { continue };
        assert!(read.manifests.is_empty() || (read.layers.is_empty() && read.config.is_none()));
        for link in read.children() {
            assert!(document.windows(link.raw.len()).any(|part| part == link.raw));
        }
        let again = Document::parse(document, Some(&read.media_type)).expect("it says so itself");
        assert_eq!(again, read);
    }
}
