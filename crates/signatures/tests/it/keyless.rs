// SPDX-License-Identifier: Apache-2.0
//! Tests of the requests to an authority, and of the answers that are accepted (SIG-41 to SIG-43).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use signatures::FaultKind::InvalidAnswer;
use signatures::key::PrivateKey;
use signatures::keyless::{Draft, Token, certificate_request};
use signatures::sign::Request;
use sigstore_lab::server::token;
use sigstore_lab::{Lab, Owner};

use crate::support::artifact;

fn key(seed: u8) -> PrivateKey {
    PrivateKey::from_random(&[seed; 32]).expect("a key")
}

/// Returns the request for a certificate of that key, for the person of the claims.
fn asked(key: &PrivateKey, claims: &Value) -> Value {
    let token = Token::parse(&token(claims)).expect("a token");
    let request = certificate_request(key, &token).expect("a request");
    serde_json::from_slice(&request).expect("JSON")
}

#[test]
fn the_proof_is_over_an_address_only_where_that_is_verified_sig_41() {
    let key = key(5);
    let public = key.public().expect("a key");
    let both = |verified: Value| json!({"sub": "me", "email": "me@acme.example", "email_verified": verified});
    for (claims, subject) in [
        (json!({"sub": "me"}), "me"),
        (json!({"sub": "me", "email": "me@acme.example"}), "me"),
        (both(json!(false)), "me"),
        (both(json!("false")), "me"),
        (both(json!(1)), "me"),
        (both(json!(true)), "me@acme.example"),
        (both(json!("true")), "me@acme.example"),
    ] {
        let asked = asked(&key, &claims);
        let proof = asked["publicKeyRequest"]["proofOfPossession"].as_str().expect("text");
        let proof = STANDARD.decode(proof).expect("base64");
        for other in ["me", "me@acme.example"] {
            assert_eq!(public.verifies(other.as_bytes(), &proof), other == subject, "{claims}");
        }
    }
}

#[test]
fn a_certificate_of_another_key_is_no_answer_sig_43() {
    let artifact = artifact();
    let request = Request::new(&artifact, "registry.example/me/demo");
    let lab = Lab::new(0);
    for (seed, is_taken) in [(5, true), (6, false)] {
        let asked = asked(&key(seed), &json!({"sub": "me"}));
        let (_, certified) = lab.certify(&Owner::job("acme/skills"), &asked);
        let draft = Draft::new(&request, &key(5), certified.to_string().as_bytes());
        match draft {
            Ok(_) => assert!(is_taken),
            Err(fault) => {
                assert_eq!((fault.kind, is_taken), (InvalidAnswer, false), "{fault}");
                assert!(fault.message.contains("another key"), "{fault}");
            }
        }
    }
}
