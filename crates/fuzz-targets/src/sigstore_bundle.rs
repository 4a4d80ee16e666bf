// SPDX-License-Identifier: Apache-2.0
//! Any Sigstore bundle: no panic, and what counts for one artifact counts for no other (SIG-12, SIG-15).

use oci_artifact::digest::sha256;
use signatures::bundle::Bundle;
use signatures::key::PrivateKey;
use signatures::statement;
use signatures::verify::{Expected, verify_bundle};

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
    // As what is signed in one, too.
    if statement::check(input, &artifact, statement::SIGNATURE).is_ok() {
        assert!(input.len() <= 1 << 20);
    }
}
