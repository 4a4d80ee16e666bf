// SPDX-License-Identifier: Apache-2.0
//! The vectors, and signatures to alter.

use oci_artifact::Digest;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use signatures::envelope::signed_bytes;
use signatures::key::{PrivateKey, PublicKey};
use signatures::sign::{Request, Signed};
use signatures::statement::PAYLOAD_TYPE;
use signatures::verify::{Accepted, Expected, verify_bundle, verify_simple};
use signatures::{Fault, FaultKind};

pub(crate) const SIGNATURE: &str = "dev.cosignproject.cosign/signature";

pub(crate) fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/signatures").join(name)
}

pub(crate) fn vector(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).expect("a vector")
}

pub(crate) fn key() -> PrivateKey {
    PrivateKey::from_pem(&vector("key.pem"), b"").expect("a key")
}

pub(crate) fn public(name: &str) -> PublicKey {
    PublicKey::from_pem(&vector(name)).expect("a public key")
}

pub(crate) fn artifact() -> Digest {
    oci_artifact::digest::sha256(&vector("artifact.json"))
}

pub(crate) fn signed() -> Signed {
    Signed::new(&Request::new(&artifact(), "registry.example/me/demo"), &key()).expect("signed")
}

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

/// The check of a bundle for the artifact of the vectors and their key.
pub(crate) fn check_bundle(bundle: &[u8]) -> Result<Accepted, Fault> {
    let (artifact, manifest, keys) = (artifact(), vector("artifact.json"), [public("key.pub")]);
    verify_bundle(bundle, &Expected::new(&artifact, &manifest, &keys))
}

/// Checks a payload with its layer's annotations.
pub(crate) fn check_simple(
    payload: &[u8],
    annotations: &[(&str, String)],
) -> Result<Accepted, Fault> {
    let (artifact, manifest, keys) = (artifact(), vector("artifact.json"), [public("key.pub")]);
    let annotations: BTreeMap<String, String> =
        annotations.iter().map(|(key, text)| ((*key).to_owned(), text.clone())).collect();
    verify_simple(payload, &annotations, &Expected::new(&artifact, &manifest, &keys))
}

/// A bundle with that statement, signed by the key of the vectors.
pub(crate) fn bundle_of(statement: &[u8]) -> Vec<u8> {
    let signature = key().sign(&signed_bytes(PAYLOAD_TYPE, statement));
    let text = format!(
        r#"{{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{{"publicKey":{{"hint":""}}}},"dsseEnvelope":{{"payload":"{}","payloadType":"{PAYLOAD_TYPE}","signatures":[{{"sig":"{}"}}]}}}}"#,
        encode(statement),
        encode(signature)
    );
    text.into_bytes()
}

/// A payload that the key of the vectors has signed.
pub(crate) fn check_payload(payload: &[u8]) -> Result<Accepted, Fault> {
    check_simple(payload, &[(SIGNATURE, encode(key().sign(payload)))])
}

pub(crate) fn kind(found: Result<Accepted, Fault>) -> FaultKind {
    found.expect_err("it does not count").kind
}
