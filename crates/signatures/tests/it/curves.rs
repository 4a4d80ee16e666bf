// SPDX-License-Identifier: Apache-2.0
//! Certificates for keys of other kinds than P-256 (SIG-45), in each form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA384, digest};
use serde_json::{Value, json};
use signatures::FaultKind::{BindingMismatch, SignatureInvalid, Unsupported};
use signatures::root::Root;
use signatures::verify::{Accepted, Expected, Owners, verify_bundle};
use signatures::{Fault, FaultKind};
use sigstore_lab::material::{payload, statement};
use sigstore_lab::{Key, Lab, Made, NOW, Owner};

use crate::certificates::{acme, check};
use crate::support::{artifact, vector};

/// The end of a vector's public key: a point of that many bytes, or all that RSA has.
fn point(name: &str, bytes: usize) -> Vec<u8> {
    let pem = String::from_utf8(vector(name)).expect("text");
    let text: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let spki = STANDARD.decode(text).expect("base64");
    spki[spki.len() - bytes..].to_vec()
}

/// The payload of the vectors, with that signature of the key that has the point, in the log.
fn simple(lab: &mut Lab, point: &[u8], signature: Vec<u8>) -> Made {
    let certificate = lab.authority.issue(&Owner::job("acme/skills"), point);
    let content = vector("payload.json");
    let body = sigstore_lab::log::hashed(&content, &signature, &certificate);
    let logged = Some(lab.log.add("hashedrekord", &body, NOW + 60));
    Made { content, is_statement: false, signature, certificate, logged }
}

fn check_made(lab: &Lab, made: &Made) -> Result<Accepted, Fault> {
    check(made, &lab.root().json(), Owners::These(&[acme()]))
}

fn kind(found: Result<Accepted, Fault>) -> FaultKind {
    found.expect_err("it does not count").kind
}

#[test]
fn certificates_of_p_384_count_in_each_form_sig_45() {
    let mut lab = Lab::new(2);
    let key = Key::p384();
    let certificate = lab.authority.issue(&Owner::job("acme/skills"), &key.point());
    let (artifact, manifest) = (artifact(), vector("artifact.json"));
    let statement = statement(&[artifact.hex().as_str()]);
    let payload = payload(artifact.to_string().as_str());
    for (content, is_statement) in [(statement, true), (payload, false)] {
        let made = lab.sign_with(&key, certificate.clone(), &content, is_statement, NOW + 60);
        check_made(&lab, &made).unwrap_or_else(|fault| panic!("{is_statement}: {fault:?}"));
        let signature = Key::p384().sign(&content);
        assert_eq!(kind(check_made(&lab, &Made { signature, ..made })), SignatureInvalid);
    }
    // A message, whose bundle says of which kind its digest is.
    let made = lab.sign_with(&key, certificate, &manifest, false, NOW + 60);
    let root = Root::parse(lab.root().json().as_bytes()).expect("a root");
    let owners = [acme()];
    let expected =
        Expected::new(&artifact, &manifest, &[]).or_certificates(Owners::These(&owners), &root);
    let mut bundle: Value = serde_json::from_slice(&made.bundle()).expect("JSON");
    let mut found = |algorithm: &str, stated: &[u8]| {
        bundle["messageSignature"]["messageDigest"] =
            json!({"algorithm": algorithm, "digest": sigstore_lab::base64(stated)});
        verify_bundle(bundle.to_string().as_bytes(), &expected)
    };
    found("SHA2_384", digest(&SHA384, &manifest).as_ref()).expect("it counts");
    assert_eq!(kind(found("SHA2_384", &[7; 48])), BindingMismatch);
    assert_eq!(kind(found("SHA2_256", &[7; 32])), BindingMismatch);
    assert_eq!(kind(found("SHA2_512", &[7; 64])), BindingMismatch);
}

#[test]
fn certificates_of_ed25519_count_in_each_form_and_of_rsa_as_statements_sig_45() {
    let (artifact, manifest) = (artifact(), vector("artifact.json"));
    let statement = (statement(&[artifact.hex().as_str()]), true);
    let simple = (payload(artifact.to_string().as_str()), false);
    let rsa = || Key::rsa(&String::from_utf8(vector("rsa-owner.pem")).expect("text"));
    for (name, key, other, contents) in [
        ("Ed25519", Key::ed25519(), Key::ed25519(), vec![statement.clone(), simple]),
        ("RSA", rsa(), Key::new(), vec![statement]),
    ] {
        let mut lab = Lab::new(2);
        let certificate = lab.authority.issue(&Owner::job("acme/skills"), &key.point());
        for (content, is_statement) in contents {
            let made = lab.sign_with(&key, certificate.clone(), &content, is_statement, NOW + 60);
            check_made(&lab, &made).unwrap_or_else(|fault| panic!("{name}: {fault:?}"));
            let forged = Made { signature: other.sign(&content), ..made };
            assert_eq!(kind(check_made(&lab, &forged)), SignatureInvalid, "{name}");
        }
    }
    // A message: it is signed itself, and its digest is in the log.
    let mut lab = Lab::new(2);
    let key = Key::ed25519();
    let certificate = lab.authority.issue(&Owner::job("acme/skills"), &key.point());
    let made = lab.sign_with(&key, certificate, &manifest, false, NOW + 60);
    check_made(&lab, &made).expect("it counts");
}

#[test]
fn simple_signing_by_p_384_is_over_either_digest_sig_45() {
    let mut lab = Lab::new(2);
    let point = point("p384.pub", 97);
    // OpenSSL signed both, as cosign would the first one.
    for name in ["payload.p384.sig", "payload.p384-sha384.sig"] {
        let made = simple(&mut lab, &point, vector(name));
        check_made(&lab, &made).unwrap_or_else(|fault| panic!("{name}: {fault:?}"));
    }
    let made = simple(&mut lab, &point, vector("payload.sig"));
    assert_eq!(kind(check_made(&lab, &made)), SignatureInvalid);
}

#[test]
fn a_message_by_rsa_is_refused_with_words_sig_45() {
    let mut lab = Lab::new(2);
    let point = point("rsa.pub", 270);
    let made = simple(&mut lab, &point, vector("payload.rsa.sig"));
    let fault = check_made(&lab, &made).expect_err("not checked");
    assert_eq!(fault.kind, Unsupported, "{fault}");
    assert!(fault.message.contains("RSA"), "{fault}");
    // One that is none is not the same as one that is not looked at.
    let made = simple(&mut lab, &point, vector("payload.sig"));
    assert_eq!(kind(check_made(&lab, &made)), SignatureInvalid);
}
