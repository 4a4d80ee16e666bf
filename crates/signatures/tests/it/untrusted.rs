// SPDX-License-Identifier: Apache-2.0
//! Signatures with certificates that must not count (signatures.md 8): each by its name, each of its own
//! kind. One check of section 4 stands behind each.

use oci_artifact::digest::sha256;
use serde_json::json;
use signatures::FaultKind;
use signatures::FaultKind::{
    BindingMismatch, ExpiredRoot, InvalidRoot, KeySigned, LogProofInvalid, MalformedMaterial,
    ProvenanceFieldMismatch, SignatureInvalid, SignerMismatch, TimestampInvalid,
    UntrustedCertificate,
};
use signatures::identity::{Expression, Identity, Subject, Text};
use signatures::root::Root;
use signatures::verify::{Expected, Owners, verify_bundle, verify_simple};
use sigstore_lab::material::{BUNDLE, payload, statement};
use sigstore_lab::{Authority, Key, Lab, Log, Made, NOW, Name, Owner, Sct};

use crate::certificates::{acme, all, check};
use crate::support::{SIGNATURE, artifact, encode, key, signed, vector};

/// The kind of the reason for which it does not count, by its form.
fn refused(made: &Made, root: &str) -> FaultKind {
    match check(made, root, Owners::These(&[acme()])) {
        Ok(accepted) => panic!("it counts: {accepted:?}"),
        Err(fault) => fault.kind,
    }
}

/// Checks that an owner's certificate does not count in any form.
fn refuse_owner(name: &str, owner: &Owner, wanted: FaultKind) {
    let mut lab = Lab::new(2);
    for (form, made) in all(&mut lab, owner) {
        assert_eq!(refused(&made, &lab.root().json()), wanted, "{name}, {form}");
    }
}

/// Checks that an altered signature does not count in any form.
fn refuse_altered(name: &str, alter: impl Fn(&mut Lab, &mut Made), wanted: FaultKind) {
    let mut lab = Lab::new(2);
    for (form, mut made) in all(&mut lab, &Owner::job("acme/skills")) {
        alter(&mut lab, &mut made);
        assert_eq!(refused(&made, &lab.root().json()), wanted, "{name}, {form}");
    }
}

#[test]
fn substituted_signature_with_a_certificate_sig_12() {
    let mut lab = Lab::new(2);
    let owner = Owner::job("acme/skills");
    let other = sha256(b"another artifact");
    let (own, root) = (artifact(), lab.root().json());
    let bundle = lab.statement(&owner, &statement(&[other.hex().as_str()]));
    assert_eq!(refused(&bundle, &root), BindingMismatch);
    let simple = lab.message(&owner, &payload(other.to_string().as_str()));
    assert_eq!(refused(&simple, &root), BindingMismatch);
    let second = lab.statement(&owner, &statement(&[other.hex().as_str(), own.hex().as_str()]));
    check(&second, &root, Owners::These(&[acme()])).expect("the second of two");
    // A message is the manifest, or nothing.
    let message = lab.message(&owner, b"another artifact");
    assert_eq!(refused(&message, &root), SignatureInvalid);
    let twice = format!(
        r#"{{"critical":{{"identity":{{"docker-reference":""}},"image":{{"docker-manifest-digest":"{other}","docker-manifest-digest":"{own}"}},"type":"cosign container image signature"}}}}"#
    );
    let twice = lab.message(&owner, twice.as_bytes());
    assert_eq!(refused(&twice, &root), MalformedMaterial);
}

#[test]
fn a_signature_by_another_key_than_the_certificate_s_sig_35() {
    let message = |made: &mut Made| made.signature = Key::new().sign(b"anything");
    refuse_altered("another key", |_, made| message(made), SignatureInvalid);
    let mut lab = Lab::new(2);
    for (form, mut made) in all(&mut lab, &Owner::job("acme/skills")) {
        made.content.push(b' ');
        // Of a message only its digest is in the bundle.
        let wanted = if form == "message" { BindingMismatch } else { SignatureInvalid };
        assert_eq!(refused(&made, &lab.root().json()), wanted, "other content, {form}");
    }
    refuse_altered("no signature", |_, made| made.signature.clear(), SignatureInvalid);
}

#[test]
fn an_authority_that_the_root_does_not_have_sig_35() {
    // Whatever names are wished for: also those that are expected.
    let stranger = Authority::new();
    let mut lab = Lab::new(2);
    let artifact = artifact();
    for (content, is_statement) in [
        (statement(&[artifact.hex().as_str()]), true),
        (payload(artifact.to_string().as_str()), false),
        (vector("artifact.json"), false),
    ] {
        let key = Key::new();
        let certificate = stranger.issue(&Owner::job("acme/skills"), &key.point());
        let made = lab.sign_with(&key, certificate, &content, is_statement, NOW + 60);
        assert_eq!(refused(&made, &lab.root().json()), UntrustedCertificate, "another authority");
        // The authority's own certificate is no signer's.
        let certificate = lab.authority.certificate().to_vec();
        let made = lab.sign_with(&key, certificate, &content, is_statement, NOW + 60);
        assert_ne!(refused(&made, &lab.root().json()), SignerMismatch);
    }
}

#[test]
fn a_certificate_that_is_not_for_signing_or_names_not_one_sig_36() {
    use sigstore_lab::authority::ExtendedKeyUsagePurpose::ServerAuth;
    let job = || Owner::job("acme/skills");
    let names = |names: &[Name]| Owner { names: names.to_vec(), ..job() };
    let [own] = &job().names[..] else { panic!("one name") };
    let evil = Name::Uri("https://evil.example/".to_owned());
    for (name, owner) in [
        ("for servers", Owner { usages: vec![ServerAuth], ..job() }),
        ("for nothing", Owner { usages: Vec::new(), ..job() }),
        ("two names", names(&[own.clone(), evil.clone()])),
        ("two names, the reverse", names(&[evil, own.clone()])),
        ("no name", names(&[])),
        ("an empty name", names(&[Name::Uri(String::new())])),
        ("a host", names(&[Name::Host("github.com".to_owned())])),
        ("a name of another kind", names(&[Name::Other("me".to_owned())])),
        ("nobody vouches", Owner { issuer: None, facts: Vec::new(), ..job() }),
    ] {
        refuse_owner(name, &owner, UntrustedCertificate);
    }
    refuse_altered("no certificate", |_, made| made.certificate = vec![0x30, 0], MalformedMaterial);
    refuse_altered("cut", |_, made| made.certificate.truncate(300), MalformedMaterial);
    let mut lab = Lab::new(0);
    for (form, mut made) in all(&mut lab, &job()) {
        made.certificate = vec![0x30; (1 << 16) + 1];
        let found = check(&made, &lab.root().json(), Owners::These(&[acme()]));
        let fault = found.expect_err("64 KiB and a byte");
        assert!(fault.message.contains("too large"), "{form}: {fault}");
    }
}

#[test]
fn another_signer_than_is_expected_sig_33() {
    let job = Owner::job;
    // Who vouches is right and the name is not, and the reverse.
    refuse_owner("name", &job("acme/skills.evil"), ProvenanceFieldMismatch);
    refuse_owner("name", &job("evil/acme"), ProvenanceFieldMismatch);
    let elsewhere = Some("https://gitlab.example".to_owned());
    refuse_owner("issuer", &Owner { issuer: elsewhere, ..job("acme/skills") }, SignerMismatch);
    let facts = Vec::new();
    refuse_owner("no facts", &Owner { facts, ..job("acme/skills") }, ProvenanceFieldMismatch);

    let mut lab = Lab::new(0);
    let root = lab.root().json();
    let issuer = || Text::Exact("https://token.actions.githubusercontent.com".to_owned());
    let expression = Expression::parse("https://github.com/acme/skills/.*").expect("one");
    let named = Identity::new(issuer(), Subject::Named(Text::Expression(expression)));
    let exact = Text::Exact("https://github.com/acme/skills".to_owned());
    let short = Identity::new(issuer(), Subject::Named(exact));
    for (repository, identity, wanted) in [
        ("acme/skills", &named, None),
        ("acme/skills.evil", &named, Some(SignerMismatch)),
        ("acme/skills", &short, Some(SignerMismatch)),
    ] {
        for (form, made) in all(&mut lab, &job(repository)) {
            let found = check(&made, &root, Owners::These(std::slice::from_ref(identity)));
            assert_eq!(found.err().map(|fault| fault.kind), wanted, "{repository}, {form}");
        }
    }
}

#[test]
fn what_a_name_would_have_a_terminal_do_is_shown_escaped_sig_20() {
    let name = "https://evil.example/\u{0}\u{1b}[2J\u{7}";
    let owner = Owner { names: vec![Name::Uri(name.to_owned())], ..Owner::job("acme/skills") };
    let mut lab = Lab::new(0);
    let exact = Text::Exact("me".to_owned());
    let issuer = Text::Exact("https://token.actions.githubusercontent.com".to_owned());
    let expected = [Identity::new(issuer, Subject::Named(exact))];
    for (form, made) in all(&mut lab, &owner) {
        let fault = check(&made, &lab.root().json(), Owners::These(&expected)).expect_err(form);
        assert_eq!(fault.kind, SignerMismatch);
        assert!(!fault.message.chars().any(char::is_control), "{fault}");
        assert!(fault.message.contains("\\u{1b}[2J"), "{fault}");
    }
}

#[test]
fn a_certificate_that_did_not_hold_when_it_signed_sig_37() {
    for (name, time) in [("late", NOW + 601), ("early", NOW - 1)] {
        let mut lab = Lab::new(1);
        let artifact = artifact();
        let owner = Owner::job("acme/skills");
        for (content, is_statement) in [
            (statement(&[artifact.hex().as_str()]), true),
            (payload(artifact.to_string().as_str()), false),
        ] {
            let made = lab.sign(&owner, &content, is_statement, time);
            assert_eq!(refused(&made, &lab.root().json()), UntrustedCertificate, "{name}");
        }
        // At the ends it does.
        for time in [NOW, NOW + 600] {
            let made = lab.sign(&owner, &payload(artifact.to_string().as_str()), false, time);
            check(&made, &lab.root().json(), Owners::These(&[acme()])).expect("it holds");
        }
    }
    // A time that is altered is not the one that the log promised.
    refuse_altered("time", |_, made| made.logged.as_mut().expect("one").time += 1, LogProofInvalid);
    let far = Lab::new(0).sign(&Owner::job("acme/skills"), b"x", false, 1 << 33);
    let made = Made { content: payload(artifact().to_string().as_str()), ..far };
    assert_eq!(refused(&made, &Lab::new(0).root().json()), SignatureInvalid);
}

#[test]
fn an_authority_outside_its_time_sig_37() {
    let mut lab = Lab::new(2);
    for (form, made) in all(&mut lab, &Owner::job("acme/skills")) {
        for valid in [
            json!({"start": "2020-01-01T00:00:00Z", "end": "2023-12-31T23:59:59Z"}),
            json!({"start": "2024-01-01T00:02:00Z"}),
        ] {
            let mut root = lab.root();
            root.authorities[0].1 = valid;
            assert_eq!(refused(&made, &root.json()), ExpiredRoot, "{form}");
        }
        let mut none = lab.root();
        none.authorities.clear();
        assert_eq!(refused(&made, &none.json()), ExpiredRoot, "{form}");
    }
}

#[test]
fn a_certificate_in_no_log_of_certificates_sig_35() {
    for sct in [Sct::Missing, Sct::Foreign, Sct::OfAnother] {
        let owner = Owner { sct, ..Owner::job("acme/skills") };
        refuse_owner(&format!("{sct:?}"), &owner, UntrustedCertificate);
    }
    let mut lab = Lab::new(0);
    for (form, made) in all(&mut lab, &Owner::job("acme/skills")) {
        let mut root = lab.root();
        root.ct.clear();
        assert_eq!(refused(&made, &root.json()), InvalidRoot, "{form}");
        root.ct = vec![Key::new().spki()];
        assert_eq!(refused(&made, &root.json()), UntrustedCertificate, "{form}");
    }
}

#[test]
fn a_signature_in_no_log_of_the_root_sig_38() {
    refuse_altered("in no log", |_, made| made.logged = None, LogProofInvalid);
    let mut lab = Lab::new(2);
    for (form, made) in all(&mut lab, &Owner::job("acme/skills")) {
        let made_alone = Made { logged: None, ..made.clone() };
        let found = check(&made_alone, &lab.root().json(), Owners::These(&[acme()]));
        let fault = found.expect_err(form);
        assert!(fault.message.contains("names no log entry"), "{form}: {fault}");
        let root = lab.root().with_log(&Key::new());
        assert_eq!(refused(&made, &root.json()), LogProofInvalid, "{form}");
    }
    refuse_altered(
        "promise of another log",
        |_, made| {
            let logged = made.logged.as_mut().expect("one");
            logged.promise = Key::new().sign(logged.body.as_bytes());
        },
        LogProofInvalid,
    );
    refuse_altered(
        "no promise",
        |_, made| made.logged.as_mut().expect("one").promise.clear(),
        LogProofInvalid,
    );
}

#[test]
fn an_entry_about_something_else_sig_38() {
    // CVE-2022-36056: an entry that is right, of the same log, for another signature.
    let another = |content: fn(&Made) -> Vec<u8>| {
        move |lab: &mut Lab, made: &mut Made| {
            let other =
                lab.sign(&Owner::job("acme/skills"), &content(made), made.is_statement, NOW + 60);
            made.logged = other.logged;
        }
    };
    refuse_altered("other signature", another(|made| made.content.clone()), LogProofInvalid);
    refuse_altered("other content", another(|_| b"{\"_type\":\"x\"}".to_vec()), LogProofInvalid);
    // Only the hash, only the signature, only the verifier is another.
    for (name, part) in [("hash", 0), ("signature", 1), ("verifier", 2)] {
        refuse_altered(
            name,
            |lab, made| {
                let foreign = lab.authority.issue(&Owner::job("acme/skills"), &Key::new().point());
                let content = if part == 0 { b"other".to_vec() } else { made.content.clone() };
                let signature =
                    if part == 1 { Key::new().sign(b"x") } else { made.signature.clone() };
                let certificate = if part == 2 { &foreign } else { &made.certificate };
                let (kind, body) = match made.is_statement {
                    true => ("dsse", sigstore_lab::log::dsse(&content, &signature, certificate)),
                    false => (
                        "hashedrekord",
                        sigstore_lab::log::hashed(&content, &signature, certificate),
                    ),
                };
                made.logged = Some(lab.log.add(kind, &body, NOW + 60));
            },
            LogProofInvalid,
        );
    }
}

#[test]
fn a_proof_that_proves_nothing_of_it_sig_38() {
    let refuse = |name: &str, alter: &dyn Fn(&mut Lab, &mut Made)| {
        let mut lab = Lab::new(5);
        for (form, mut made) in all(&mut lab, &Owner::job("acme/skills")) {
            alter(&mut lab, &mut made);
            // A layer's annotations have no room for a proof.
            if form != "simple" {
                assert_eq!(refused(&made, &lab.root().json()), LogProofInvalid, "{name}, {form}");
            }
        }
    };
    fn logged(made: &mut Made) -> &mut sigstore_lab::Logged {
        made.logged.as_mut().expect("one")
    }
    refuse("proof of another leaf", &|lab, made| {
        let other = lab.message(&Owner::job("acme/skills"), b"other").logged.expect("one");
        let own = logged(made);
        (own.hashes, own.root, own.size, own.checkpoint) =
            (other.hashes, other.root, other.size, other.checkpoint);
    });
    refuse("another hash", &|_, made| logged(made).hashes[0][0] ^= 1);
    refuse("a hash less", &|_, made| {
        logged(made).hashes.pop().expect("one");
    });
    refuse("another root", &|_, made| logged(made).root[0] ^= 1);
    refuse("checkpoint of another log", &|lab, made| {
        let own = logged(made);
        own.checkpoint = lab.log.checkpoint(&own.root, own.size, &Key::new());
    });
    refuse("checkpoint of another origin", &|_, made| {
        let other = Log::new(0);
        let own = logged(made);
        own.checkpoint = own.checkpoint.replacen("log.lab - 1", "evil.lab - 1", 1);
        assert_eq!(other.origin, "log.lab - 1");
    });
    refuse("checkpoint of another tree", &|lab, made| {
        let own = logged(made);
        own.checkpoint = lab.log.checkpoint(&[7; 32], own.size, &lab.log.key);
    });
    // Without a proof, and without a promise.
    let mut lab = Lab::new(5);
    let root = lab.root().json();
    let root = Root::parse(root.as_bytes()).expect("a root");
    let (artifact, manifest, owners) = (artifact(), vector("artifact.json"), [acme()]);
    let expected =
        Expected::new(&artifact, &manifest, &[]).or_certificates(Owners::These(&owners), &root);
    for (form, made) in &all(&mut lab, &Owner::job("acme/skills"))[..2] {
        for (part, wanted) in [
            ("inclusionProof", LogProofInvalid),
            ("inclusionPromise", TimestampInvalid),
            ("integratedTime", TimestampInvalid),
        ] {
            let mut bundle: serde_json::Value =
                serde_json::from_slice(&made.bundle()).expect("JSON");
            let entry = &mut bundle["verificationMaterial"]["tlogEntries"][0];
            entry.as_object_mut().expect("an object").remove(part).expect("it was there");
            // Also as the first version, for which others take a promise alone.
            let older = "application/vnd.dev.sigstore.bundle+json;version=0.1";
            for version in [BUNDLE, older] {
                bundle["mediaType"] = json!(version);
                let found = verify_bundle(bundle.to_string().as_bytes(), &expected);
                let is_other = version == older && part != "inclusionProof";
                let kind = found.expect_err(part).kind;
                assert!(kind == wanted || is_other, "{part}, {form}, {version}: {kind:?}");
            }
        }
    }
}

#[test]
fn the_annotations_of_a_layer_are_whole_or_nothing_sig_15() {
    let mut lab = Lab::new(1);
    let artifact = artifact();
    let made = lab.message(&Owner::job("acme/skills"), &payload(artifact.to_string().as_str()));
    let root = Root::parse(lab.root().json().as_bytes()).expect("a root");
    let (manifest, owners) = (vector("artifact.json"), [acme()]);
    let expected =
        Expected::new(&artifact, &manifest, &[]).or_certificates(Owners::These(&owners), &root);
    let certificate = "dev.sigstore.cosign/certificate";
    let bundle = "dev.sigstore.cosign/bundle";
    let right = made.annotations();
    let (pem, entry) = (right[certificate].clone(), right[bundle].clone());
    verify_simple(&made.content, &right, &expected).expect("it counts");
    for (key, text, wanted) in [
        (certificate, String::new(), MalformedMaterial),
        (certificate, "x".to_owned(), MalformedMaterial),
        (certificate, format!("{pem}{pem}"), MalformedMaterial),
        (certificate, pem.replace("CERTIFICATE", "PUBLIC KEY"), MalformedMaterial),
        (certificate, pem.replacen("MII", "AII", 1), MalformedMaterial),
        (bundle, String::new(), MalformedMaterial),
        (bundle, "{}".to_owned(), MalformedMaterial),
        (bundle, entry.replacen(r#""logIndex":"#, r#""logIndex":-"#, 1), MalformedMaterial),
        (bundle, entry.replacen(r#""logID":""#, r#""logID":"g"#, 1), MalformedMaterial),
        (bundle, entry.replacen(r#""logID":""#, r#""logID":"aa"#, 1), MalformedMaterial),
        (bundle, entry.replacen("{", r#"{"payload":1,"#, 1), MalformedMaterial),
        (SIGNATURE, "?".to_owned(), MalformedMaterial),
        (SIGNATURE, encode(b"x"), SignatureInvalid),
    ] {
        let mut annotations = right.clone();
        annotations.insert(key.to_owned(), text.clone());
        let found = verify_simple(&made.content, &annotations, &expected);
        let kind = found.expect_err(&text).kind;
        // A malformed name of a log may also be found when the log is looked up.
        assert!(
            kind == wanted || text.contains(r#""logID":"aa"#) && kind == LogProofInvalid,
            "{key} {text}: {kind:?}"
        );
    }
    for (key, wanted) in
        [(bundle, LogProofInvalid), (SIGNATURE, MalformedMaterial), (certificate, KeySigned)]
    {
        let mut annotations = right.clone();
        annotations.remove(key);
        let found = verify_simple(&made.content, &annotations, &expected);
        assert_eq!(found.expect_err(key).kind, wanted, "{key}");
    }
}

#[test]
fn a_key_s_signature_where_a_certificate_is_expected_sig_13() {
    let root = Root::parse(Lab::new(0).root().json().as_bytes()).expect("a root");
    let (artifact, manifest, owners) = (artifact(), vector("artifact.json"), [acme()]);
    let expected =
        Expected::new(&artifact, &manifest, &[]).or_certificates(Owners::These(&owners), &root);
    let own = signed();
    let found = verify_bundle(&own.bundle, &expected);
    assert_eq!(found.expect_err("a key's").kind, KeySigned);
    let found = verify_simple(&own.payload, &own.simple.annotations(), &expected);
    assert_eq!(found.expect_err("a key's").kind, KeySigned);
    // With a key besides, each counts in its own way.
    let keys = [key().public().expect("a key")];
    let expected =
        Expected::new(&artifact, &manifest, &keys).or_certificates(Owners::These(&owners), &root);
    verify_bundle(&own.bundle, &expected).expect("the key's");
}
