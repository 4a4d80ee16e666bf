// SPDX-License-Identifier: Apache-2.0
//! Signatures with certificates that count, in both layouts: of a lab of our own, and recorded ones.

use oci_artifact::digest::sha256;
use signatures::FaultKind::{
    BindingMismatch, LogProofInvalid, MalformedMaterial, SignatureInvalid, SignerMismatch,
    TimestampInvalid, UntrustedCertificate,
};
use signatures::identity::{Claims, Identity, Subject, Text};
use signatures::key::PublicKey;
use signatures::root::Root;
use signatures::verify::{Accepted, Expected, Owners, Signer, verify_bundle, verify_simple};
use signatures::{Fault, FaultKind};
use sigstore_lab::{Lab, Made, Name, Owner};

use crate::support::{artifact, vector};

/// Returns the identity that most tests expect.
pub(crate) fn acme() -> Identity {
    Identity::github("acme/skills").expect("a repository")
}

/// The check of a signature in the layout that it is for.
pub(crate) fn check(made: &Made, root: &str, owners: Owners<'_>) -> Result<Accepted, Fault> {
    let root = Root::parse(root.as_bytes()).expect("a root");
    let (artifact, manifest) = (artifact(), vector("artifact.json"));
    let expected = Expected::new(&artifact, &manifest, &[]).or_certificates(owners, &root);
    match made.content.starts_with(br#"{"critical""#) {
        true => verify_simple(&made.content, &made.annotations(), &expected),
        false => verify_bundle(&made.bundle(), &expected),
    }
}

/// A signature of the artifact of the vectors in each of the three forms.
pub(crate) fn all(lab: &mut Lab, owner: &Owner) -> Vec<(&'static str, Made)> {
    let artifact = artifact();
    let statement = sigstore_lab::material::statement(&[artifact.hex().as_str()]);
    let payload = sigstore_lab::material::payload(artifact.to_string().as_str());
    vec![
        ("statement", lab.statement(owner, &statement)),
        ("message", lab.message(owner, &vector("artifact.json"))),
        ("simple", lab.message(owner, &payload)),
    ]
}

fn claims(accepted: Accepted) -> Claims {
    match accepted.signer {
        Signer::Owner(claims) => *claims,
        Signer::Key(id) => panic!("the key {id}"),
    }
}

#[test]
fn each_form_counts_in_a_log_of_one_and_of_a_thousand_entries_sig_35() {
    for others in [0, 1, 1000] {
        let mut lab = Lab::new(others);
        let owner = Owner::job("acme/skills");
        for (form, made) in all(&mut lab, &owner) {
            let accepted = check(&made, &lab.root().json(), Owners::These(&[acme()]));
            let accepted = accepted.unwrap_or_else(|fault| panic!("{form} {others}: {fault:?}"));
            assert_eq!(accepted.proven.time.as_deref(), Some("2024-01-01T00:01:00Z"));
            assert!(accepted.proven.log_index >= Some(others), "{form}");
            let claims = claims(accepted);
            assert_eq!(claims.issuer, "https://token.actions.githubusercontent.com");
            assert!(claims.identity.ends_with("release.yml@refs/tags/v1"));
            assert_eq!(claims.source_repository.as_deref(), Some("https://github.com/acme/skills"));
            assert_eq!(claims.source_ref.as_deref(), Some("refs/tags/v1"));
            assert_eq!(claims.runner_environment.as_deref(), Some("github-hosted"));
        }
    }
}

#[test]
fn names_of_each_kind_are_taken_and_the_older_word_for_who_vouches_sig_36() {
    let mut lab = Lab::new(0);
    let person = Owner::person("me@acme.example");
    let user = Owner { names: vec![Name::User("me!acme".to_owned())], ..person.clone() };
    let older = Owner {
        issuer: None,
        facts: vec![(1, "https://accounts.example".to_owned())],
        ..person.clone()
    };
    // The newer one is believed where both are there.
    let both = Owner { facts: vec![(1, "https://evil.example".to_owned())], ..person.clone() };
    for (owner, name) in [
        (person, "me@acme.example"),
        (user, "me!acme"),
        (older, "me@acme.example"),
        (both, "me@acme.example"),
    ] {
        let exact = |text: &str| Text::Exact(text.to_owned());
        let expected =
            Identity::new(exact("https://accounts.example"), Subject::Named(exact(name)));
        for (form, made) in all(&mut lab, &owner) {
            let found =
                check(&made, &lab.root().json(), Owners::These(std::slice::from_ref(&expected)));
            assert!(found.is_ok(), "{form} {name}: {found:?}");
        }
    }
}

#[test]
fn any_of_several_owners_suffices_and_nobody_else_sig_33() {
    let mut lab = Lab::new(3);
    for (form, made) in all(&mut lab, &Owner::job("acme/skills")) {
        let root = lab.root().json();
        let other = Identity::github("acme/plugins").expect("a repository");
        check(&made, &root, Owners::These(&[other.clone(), acme()])).expect(form);
        check(&made, &root, Owners::Anyone).expect(form);
        let none = check(&made, &root, Owners::These(&[])).expect_err("nobody is expected");
        assert_eq!(none.kind, SignerMismatch, "{form}");
        let fault = check(&made, &root, Owners::These(&[other])).expect_err(form);
        assert_eq!(fault.kind, FaultKind::ProvenanceFieldMismatch, "{form}");
    }
}

/// A file of the recorded ones; the README there says where it is from.
fn recorded(name: &str) -> Vec<u8> {
    vector(&format!("recorded/{name}"))
}

const CONDA: &str = "https://schemas.conda.org/attestations-publish-1.schema.json";

/// The check of a recorded bundle for an artifact, against a root.
fn check_recorded(
    name: &str,
    content: &[u8],
    stated: &str,
    root: &Root,
) -> Result<Accepted, Fault> {
    let digest = sha256(content);
    let expected = Expected::new(&digest, content, &[])
        .or_certificates(Owners::Anyone, root)
        .with_predicate_type(stated);
    verify_bundle(&recorded(&format!("{name}.sigstore.json")), &expected)
}

#[test]
fn recorded_bundles_count_for_their_artifact_and_their_root_only_sig_34() {
    let built_in = Root::built_in().expect("it is a root");
    let staging = Root::parse(&recorded("staging.root.json")).expect("a root");
    let lab = Root::parse(Lab::new(0).root().json().as_bytes()).expect("a root");
    let signed = "https://sigstore.dev/cosign/sign/v1";
    for (name, file, stated, root, other) in [
        ("conda-attestation", "package.conda", CONDA, &built_in, BindingMismatch),
        ("conda-attestation-rekor2", "package.conda", CONDA, &staging, BindingMismatch),
        ("cosign-v3-blob", "cosign-v3-blob.txt", signed, &built_in, SignatureInvalid),
    ] {
        let content = recorded(file);
        let found = check_recorded(name, &content, stated, root);
        let accepted = found.unwrap_or_else(|fault| panic!("{name}: {fault:?}"));
        assert!(accepted.proven.time.is_some() && accepted.proven.log_index.is_some());
        assert!(!claims(accepted).identity.is_empty());
        let found = check_recorded(name, b"another artifact", stated, root);
        assert_eq!(found.expect_err("of another").kind, other, "{name}");
        check_recorded(name, &content, stated, &lab).expect_err("nobody vouches for it");
        if stated == CONDA {
            let found = check_recorded(name, &content, signed, root);
            assert_eq!(found.expect_err("something else").kind, BindingMismatch, "{name}");
        }
    }
    // A clock says when it was signed where the log does not.
    let found =
        check_recorded("conda-attestation-rekor2", &recorded("package.conda"), CONDA, &built_in);
    assert!([TimestampInvalid, LogProofInvalid].contains(&found.expect_err("staging's").kind));
}

#[test]
fn recorded_bundles_that_others_found_wrong_do_not_count_sig_35() {
    let root = Root::parse(&recorded("invalid-ct-key.root.json")).expect("a root");
    let found = check_recorded("invalid-ct-key", &recorded("a.txt"), "", &root);
    assert_eq!(found.expect_err("another key for the log").kind, UntrustedCertificate);
    let root = Root::built_in().expect("it is a root");
    let found = check_recorded("dsse-2sigs", b"", "", &root);
    assert_eq!(found.expect_err("two signatures").kind, MalformedMaterial);
}

#[test]
fn a_key_s_signature_is_in_the_log_that_it_names_if_one_is_trusted_sig_38() {
    let root = Root::built_in().expect("it is a root");
    let lab = Root::parse(Lab::new(0).root().json().as_bytes()).expect("a root");
    let (message, bundle) = (recorded("a.txt"), recorded("managed-key.sigstore.json"));
    let keys = [PublicKey::from_pem(&recorded("managed-key.pub")).expect("a key")];
    let digest = sha256(&message);
    let expected = || Expected::new(&digest, &message, &keys);
    let accepted = verify_bundle(&bundle, &expected()).expect("no log is asked for");
    assert_eq!(accepted.proven.log_index, None);
    let accepted = verify_bundle(&bundle, &expected().with_log(&root)).expect("it is in it");
    assert!(accepted.proven.log_index.is_some());
    let found = verify_bundle(&bundle, &expected().with_log(&lab));
    assert_eq!(found.expect_err("in another").kind, LogProofInvalid);
    let found = verify_bundle(
        &crate::support::signed().bundle,
        &Expected::new(&artifact(), &vector("artifact.json"), &[crate::support::public("key.pub")])
            .with_log(&lab),
    );
    found.expect("it names no log");
}

#[test]
fn roots_are_taken_whole_or_not_at_all_sig_34() {
    let lab = Lab::new(0);
    let root = lab.root().json();
    let parsed = Root::parse(root.as_bytes()).expect("a root");
    assert_eq!(parsed.sha256(), sha256(root.as_bytes()).hex());
    for (name, altered) in [
        ("a key twice that nobody reads", root.replacen('{', r#"{"x":1,"x":2,"#, 1)),
        ("twice", root.replacen(r#""tlogs""#, r#""tlogs":[],"tlogs""#, 1)),
        ("no certificate", root.replacen(r#""rawBytes":"MII"#, r#""rawBytes":"AII"#, 1)),
        ("no key", root.replacen(r#""rawBytes":"MFk"#, r#""rawBytes":"AFk"#, 1)),
        ("no base64", root.replacen(r#""rawBytes":"M"#, r#""rawBytes":"?"#, 1)),
        ("no JSON", root.replacen('{', "", 1)),
        ("another type", root.replacen("trustedroot+json", "bundle+json", 1)),
    ] {
        assert_ne!(altered, root, "{name}");
        let fault = Root::parse(altered.as_bytes()).expect_err(name);
        assert_eq!(fault.kind, FaultKind::InvalidRoot, "{name}");
    }
}
