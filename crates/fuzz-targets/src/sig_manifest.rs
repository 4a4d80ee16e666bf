// SPDX-License-Identifier: Apache-2.0
//! Any manifest at a tag for signatures: no panic, and no layer of it counts without a signature (SIG-12).

use std::sync::OnceLock;

use oci_artifact::digest::sha256;
use oci_artifact::document::Document;
use signatures::key::PrivateKey;
use signatures::root::Root;
use signatures::verify::{Expected, Owners, verify_simple};

/// The root that is built in, read once.
static ROOT: OnceLock<Option<Root>> = OnceLock::new();

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
        let Some(root) = ROOT.get_or_init(|| Root::built_in().ok()) else { continue };
        let expected = expected.or_certificates(Owners::Anyone, root);
        assert!(verify_simple(&payload, &layer.annotations, &expected).is_err());
    }
}
