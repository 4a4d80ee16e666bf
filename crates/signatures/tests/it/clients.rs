// SPDX-License-Identifier: Apache-2.0
//! Sigstore's clients in JavaScript and Python as peers: what their makers make counts here, and what is
//! made here counts there. Where they are not installed, that is said. OpenSSL checks what they do not.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oci_artifact::digest::sha256;
use serde_json::{Value, json};
use signatures::FaultKind::{BindingMismatch, LogProofInvalid, SignatureInvalid, SignerMismatch};
use signatures::identity::{Identity, Subject, Text};
use signatures::key::PrivateKey;
use signatures::keyless::{Draft, Token, certificate_request};
use signatures::root::Root;
use signatures::sign::{Request, Signed};
use signatures::verify::{Expected, Owners, verify_bundle, verify_simple};
use sigstore_lab::{Lab, Owner, pem};
use test_support::testdata;
use test_support::tools::{are_installed, sigstore_clients};

use crate::support::{artifact, vector};

const IDENTITY: &str = "https://github.com/acme/skills/.github/workflows/release.yml@refs/tags/v1";
const ISSUER: &str = "https://token.actions.githubusercontent.com";
const OTHER: &str = "https://github.com/acme/skills/.github/workflows/release.yml@refs/tags/v2";

/// Returns the output of a script.
fn script(clients: &Path, name: &str, arguments: &[&str]) -> String {
    let script = testdata("signatures/peers").join(name);
    let mut command = match name.ends_with(".py") {
        true => Command::new(clients.join("py/bin/python")),
        false => Command::new("node"),
    };
    command.env("NODE_PATH", clients.join("node_modules")).arg(script).args(arguments);
    let output = command.output().expect("it runs");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{name}: {errors}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Returns the verdict of each client on each bundle: whether it counts for that identity.
fn says(clients: &Path, directory: &Path, identity: &str, names: &[&str]) -> Vec<(String, bool)> {
    let directory = directory.to_str().expect("UTF-8");
    let mut said = Vec::new();
    for name in ["verify.js", "verify.py"] {
        let words = [&[directory, identity, ISSUER][..], names].concat();
        let lines = script(clients, name, &words);
        assert_eq!(lines.lines().count(), names.len(), "{lines}");
        said.extend(lines.lines().map(|line| (format!("{name}: {line}"), line.ends_with(" ok"))));
    }
    said
}

fn owner(name: &str) -> Identity {
    let exact = |text: &str| Text::Exact(text.to_owned());
    Identity::new(exact(ISSUER), Subject::Named(exact(name)))
}

/// A layer's annotations with what a bundle over its payload has.
fn annotations(bundle: &[u8]) -> BTreeMap<String, String> {
    let bundle: Value = serde_json::from_slice(bundle).expect("JSON");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let decode = |value: &Value| STANDARD.decode(text(value)).expect("base64");
    let material = &bundle["verificationMaterial"];
    let leaf = match material.get("certificate") {
        Some(leaf) => leaf,
        None => &material["x509CertificateChain"]["certificates"][0],
    };
    let entry = &material["tlogEntries"][0];
    let number = |value: &Value| text(value).parse::<u64>().expect("a number");
    let logged = json!({
        "SignedEntryTimestamp": entry["inclusionPromise"]["signedEntryTimestamp"],
        "Payload": {
            "body": entry["canonicalizedBody"], "integratedTime": number(&entry["integratedTime"]),
            "logIndex": number(&entry["logIndex"]), "logID": sigstore_lab::hex(&decode(&entry["logId"]["keyId"])),
        },
    });
    BTreeMap::from([
        (
            "dev.cosignproject.cosign/signature".to_owned(),
            text(&bundle["messageSignature"]["signature"]),
        ),
        (
            "dev.sigstore.cosign/certificate".to_owned(),
            pem("CERTIFICATE", &decode(&leaf["rawBytes"])),
        ),
        ("dev.sigstore.cosign/bundle".to_owned(), logged.to_string()),
    ])
}

#[test]
fn what_sigstore_s_javascript_client_signs_counts_here_and_with_python_sig_35() {
    let Some(clients) = sigstore_clients() else { return };
    let directory = tempfile::tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name);
    let manifest = vector("artifact.json");
    std::fs::write(at("manifest"), &manifest).expect("written");
    script(&clients, "make.js", &[directory.path().to_str().expect("UTF-8")]);
    let read = |name: &str| std::fs::read(at(name)).expect("made");
    let root = Root::parse(&read("trusted_root.json")).expect("a root");
    let artifact = artifact();
    let check = |name: &str, who: &str, manifest: &[u8]| {
        let owners = [owner(who)];
        let digest = sha256(manifest);
        let expected =
            Expected::new(&digest, manifest, &[]).or_certificates(Owners::These(&owners), &root);
        let bundle = read(&format!("{name}.json"));
        match name {
            "simple" => verify_simple(&read("simple.content"), &annotations(&bundle), &expected),
            _ => verify_bundle(&bundle, &expected),
        }
    };
    assert_eq!(sha256(&manifest), artifact);
    let names = ["statement", "statement-clock", "message", "simple"];
    for name in names {
        check(name, IDENTITY, &manifest).unwrap_or_else(|fault| panic!("{name}: {fault:?}"));
        assert_eq!(check(name, OTHER, &manifest).expect_err(name).kind, SignerMismatch);
        let wanted = if name == "message" { SignatureInvalid } else { BindingMismatch };
        assert_eq!(check(name, IDENTITY, b"another").expect_err(name).kind, wanted, "{name}");
    }
    let found = check("statement-clock-only", IDENTITY, &manifest);
    assert_eq!(found.expect_err("it is in no log").kind, LogProofInvalid);
    for (line, counts) in says(&clients, directory.path(), IDENTITY, &names) {
        assert!(counts, "{line}");
    }
}

/// Signs an artifact as `sign --keyless` does.
fn signed(lab: &mut Lab) -> Signed {
    let artifact = artifact();
    let request = Request::new(&artifact, "registry.example/me/demo");
    let key = PrivateKey::from_random(&[5; 32]).expect("a key");
    let token = sigstore_lab::server::token(&json!({"sub": "me"}));
    let token = Token::parse(&token).expect("a token");
    let read = |bytes: Vec<u8>| -> Value { serde_json::from_slice(&bytes).expect("JSON") };
    let asked = read(certificate_request(&key, &token).expect("a request"));
    let (_, certified) = lab.certify(&Owner::job("acme/skills"), &asked);
    let draft = Draft::new(&request, &key, certified.to_string().as_bytes()).expect("a draft");
    let (_, statement) = lab.take_in(&read(draft.statement_entry()));
    let (_, payload) = lab.take_in(&read(draft.payload_entry()));
    draft
        .finish(statement.to_string().as_bytes(), payload.to_string().as_bytes())
        .expect("it is whole")
}

#[test]
fn what_is_signed_keyless_here_counts_here_sig_42() {
    for others in [0, 1, 6] {
        let mut lab = Lab::new(others);
        let signed = signed(&mut lab);
        let root = Root::parse(lab.root().json().as_bytes()).expect("a root");
        let (artifact, manifest, owners) = (artifact(), vector("artifact.json"), [owner(IDENTITY)]);
        let expected =
            Expected::new(&artifact, &manifest, &[]).or_certificates(Owners::These(&owners), &root);
        verify_bundle(&signed.bundle, &expected).expect("the bundle");
        let annotations = signed.simple.annotations();
        verify_simple(&signed.payload, &annotations, &expected).expect("simple signing");
        assert!(annotations["dev.sigstore.cosign/certificate"].ends_with("-----\n"));
    }
}

#[test]
fn what_is_signed_keyless_here_counts_with_javascript_and_python_sig_42() {
    let Some(clients) = sigstore_clients() else { return };
    let mut lab = Lab::new(4);
    let own = signed(&mut lab);
    let directory = tempfile::tempdir().expect("a directory");
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(directory.path().join(name), bytes).expect("written");
    };
    write("trusted_root.json", lab.root().json().as_bytes());
    write("own.json", &own.bundle);
    let text = String::from_utf8(own.bundle.clone()).expect("text");
    let payload = text.split(r#""payload":""#).nth(1).expect("a payload").split('"').next();
    let other = sigstore_lab::material::statement(&[sha256(b"another").hex().as_str()]);
    let other = text.replace(payload.expect("an end"), &sigstore_lab::base64(other));
    write("altered.json", other.as_bytes());
    for (line, counts) in says(&clients, directory.path(), IDENTITY, &["own", "altered"]) {
        assert_eq!(counts, line.contains(": own "), "{line}");
    }
    for (line, counts) in says(&clients, directory.path(), OTHER, &["own"]) {
        assert!(!counts, "another identity: {line}");
    }
}

#[test]
fn openssl_takes_what_is_signed_keyless_over_its_payload_sig_42() {
    if !are_installed(&["openssl"]) {
        return;
    }
    let own = signed(&mut Lab::new(0));
    let directory = tempfile::tempdir().expect("a directory");
    let annotations = own.simple.annotations();
    let signature = STANDARD.decode(&annotations["dev.cosignproject.cosign/signature"]);
    for (name, bytes) in [
        ("leaf.pem", annotations["dev.sigstore.cosign/certificate"].as_bytes()),
        ("payload", &own.payload),
        ("signature", &signature.expect("base64")),
    ] {
        std::fs::write(directory.path().join(name), bytes).expect("written");
    }
    let openssl = |words: &str| {
        let mut command = Command::new("openssl");
        let output = command.args(words.split(' ')).current_dir(directory.path()).output();
        output.expect("it runs").status.success()
    };
    assert!(openssl("x509 -in leaf.pem -noout -pubkey -out leaf.pub"));
    let verify = "dgst -sha256 -verify leaf.pub -signature signature";
    assert!(openssl(&format!("{verify} payload")));
    assert!(!openssl(&format!("{verify} leaf.pem")));
}
