// SPDX-License-Identifier: Apache-2.0
//! Any manifest at a tag for signatures: no panic, and no layer of it counts without a signature (SIG-12).

use oci_artifact::digest::sha256;
use oci_artifact::document::Document;
use signatures::key::PrivateKey;
use signatures::verify::{Expected, verify_simple};

/// Runs the target on an input.
pub fn run(input: &[u8]) {
    let Ok(document) = Document::parse(input, None) else { return };
    let key = PrivateKey::from_random(&[7; 32]).and_then(|key| key.public());
    let Ok(public) = key else { panic!("it is a key") };
    let keys = [public];
    let manifest = b"{}";
    let artifact = sha256(manifest);
    for layer in &document.layers {
        let payload = signatures::payload::write("x", &artifact, &layer.annotations);
        let expected = Expected::new(&artifact, manifest, &keys);
        assert!(verify_simple(&payload, &layer.annotations, &expected).is_err());
    }
}
