// SPDX-License-Identifier: Apache-2.0
//! A build without certificates: it says so, wherever one would have to be read (SIG-44).

use serde_json::{Value, json};
use signatures::FaultKind::{CertificateSigned, Unsupported};
use signatures::key::PrivateKey;
use signatures::keyless::{Draft, Token, certificate_request};
use signatures::root::Root;
use signatures::sign::Request;
use signatures::verify::{Expected, verify_bundle, verify_simple};
use sigstore_lab::material::{payload, statement};
use sigstore_lab::{Lab, Owner};

use crate::support::{artifact, public, vector};

#[test]
fn no_root_is_read_and_the_reason_is_that_of_the_build_sig_44() {
    let root = Lab::new(0).root().json();
    for (name, found) in [
        ("a root", Root::parse(root.as_bytes())),
        ("no root", Root::parse(b"{")),
        ("the one that is built in elsewhere", Root::built_in()),
    ] {
        let fault = found.expect_err(name);
        assert_eq!(fault.kind, Unsupported, "{name}");
        assert!(fault.message.contains("checks no certificates"), "{name}: {fault}");
    }
}

#[test]
fn what_has_a_certificate_counts_for_no_key_and_is_not_called_unsigned_sig_44() {
    let mut lab = Lab::new(2);
    let owner = Owner::job("acme/skills");
    let (artifact, manifest, keys) = (artifact(), vector("artifact.json"), [public("key.pub")]);
    let expected = Expected::new(&artifact, &manifest, &keys);
    let bundles = [
        lab.statement(&owner, &statement(&[artifact.hex().as_str()])),
        lab.message(&owner, &manifest),
    ];
    for made in bundles {
        let fault = verify_bundle(&made.bundle(), &expected).expect_err("a certificate's");
        assert_eq!(fault.kind, CertificateSigned);
    }
    let simple = lab.message(&owner, &payload(artifact.to_string().as_str()));
    let fault = verify_simple(&simple.content, &simple.annotations(), &expected);
    assert_eq!(fault.expect_err("a certificate's").kind, CertificateSigned);
}

#[test]
fn nothing_is_signed_with_a_certificate_that_nobody_here_can_read_sig_44() {
    let artifact = artifact();
    let request = Request::new(&artifact, "registry.example/me/demo");
    let key = PrivateKey::from_random(&[5; 32]).expect("a key");
    let token = sigstore_lab::server::token(&json!({"sub": "me"}));
    let token = Token::parse(&token).expect("a token");
    let asked = certificate_request(&key, &token).expect("a request");
    let asked: Value = serde_json::from_slice(&asked).expect("JSON");
    let (_, certified) = Lab::new(0).certify(&Owner::job("acme/skills"), &asked);
    let draft = Draft::new(&request, &key, certified.to_string().as_bytes());
    assert_eq!(draft.err().expect("no draft").kind, Unsupported);
}
