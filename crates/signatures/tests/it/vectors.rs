// SPDX-License-Identifier: Apache-2.0
//! The bytes of section 3, as an independent program made them.

use signatures::envelope::signed_bytes;
use signatures::key::PrivateKey;
use signatures::layout::{Subject, referrer};
use signatures::statement::PAYLOAD_TYPE;
use signatures::verify::Signer;

use crate::support::{artifact, check_bundle, check_simple, key, public, signed, vector};

#[test]
fn every_byte_is_that_of_the_vectors_sig_11() {
    let signed = signed();
    let artifact = artifact();
    let manifest = vector("artifact.json");
    let subject = Subject {
        media_type: "application/vnd.oci.image.index.v1+json",
        digest: &artifact,
        size: manifest.len() as u64,
    };
    let statement = signatures::statement::write(&artifact, &Default::default());
    for (name, made) in [
        ("payload.json", signed.payload.clone()),
        ("statement.json", statement.clone()),
        ("signed-bytes.txt", signed_bytes(PAYLOAD_TYPE, &statement)),
        ("payload.sig", key().sign(&signed.payload)),
        ("bundle.json", signed.bundle.clone()),
        ("sig-config.json", signed.simple.config()),
        ("sig-manifest.json", signed.simple.manifest()),
        ("referrer.json", referrer(&signed.bundle, &subject, "1970-01-01T00:00:00Z")),
        ("key.pub", key().public().expect("a key").to_pem().into_bytes()),
        ("key.pem", key().to_pem().expect("a key").as_bytes().to_vec()),
    ] {
        let (made, wanted) = (String::from_utf8_lossy(&made), vector(name));
        assert_eq!(made, String::from_utf8_lossy(&wanted), "{name}");
    }
    check_bundle(&signed.bundle).expect("it counts");
    let annotations = signed.simple.annotations();
    let annotations: Vec<_> = annotations.iter().map(|(k, v)| (k.as_str(), v.clone())).collect();
    let accepted = check_simple(&signed.payload, &annotations).expect("it counts");
    assert_eq!(accepted.signer, Signer::Key(public("key.pub").id()));
}

#[test]
fn both_forms_of_a_private_key_are_the_same_key_sig_18() {
    let other = PrivateKey::from_pem(&vector("key-sec1.pem"), b"").expect("a key");
    assert_eq!(other.sign(b"x"), key().sign(b"x"));
    let made = PrivateKey::from_random(&std::array::from_fn(|index| index as u8 + 1));
    assert_eq!(made.expect("a key").sign(b"x"), key().sign(b"x"));
}
