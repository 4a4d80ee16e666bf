// SPDX-License-Identifier: Apache-2.0
//! Any Sigstore bundle, and any root: no panic, and what counts for one artifact counts for no other, with a
//! key or with a certificate (SIG-12, SIG-15, SIG-35).

use std::sync::OnceLock;

use oci_artifact::digest::sha256;
use signatures::bundle::Bundle;
use signatures::key::PrivateKey;
use signatures::keyless::Token;
use signatures::root::Root;
use signatures::statement;
use signatures::verify::{Expected, Owners, verify_bundle};

/// The root that is built in, read once.
static ROOT: OnceLock<Option<Root>> = OnceLock::new();

/// Runs the target on an input.
pub fn run(input: &[u8]) {
    let _ = Bundle::parse(input);
    let manifest = br#"{"schemaVersion":2}"#;
    // The key of the vectors, whose bundle is in the corpus.
    let key = PrivateKey::from_random(&std::array::from_fn(|index| index as u8 + 1));
    let Ok(public) = key.and_then(|key| key.public()) else { panic!("it is a key") };
    let keys = [public];
    let artifact = sha256(manifest);
    let other = sha256(b"another");
    if verify_bundle(input, &Expected::new(&artifact, manifest, &keys)).is_ok() {
        let moved = verify_bundle(input, &Expected::new(&other, b"another", &keys));
        assert!(moved.is_err(), "it counts for two artifacts");
    }
    let root = ROOT.get_or_init(|| Root::built_in().ok());
    if let Some(root) = root {
        let counts = |content: &[u8]| {
            let digest = sha256(content);
            let expected =
                Expected::new(&digest, content, &[]).or_certificates(Owners::Anyone, root);
            verify_bundle(input, &expected).is_ok()
        };
        assert!(!(counts(manifest) && counts(b"another")), "it counts for two artifacts");
        // One that is recorded, and its artifact.
        counts(b"test content for cosign\n");
    }
    let _ = Root::parse(input);
    let _ = Token::parse(crate::text(input));
    // As what is signed in one, too.
    if statement::check(input, &artifact, statement::SIGNATURE).is_ok() {
        assert!(input.len() <= 1 << 20);
    }
}
