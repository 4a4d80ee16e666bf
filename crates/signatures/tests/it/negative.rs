// SPDX-License-Identifier: Apache-2.0
//! Tests of signatures that must not count (signatures.md 8): each case by its name, each of its
//! own kind.

use oci_artifact::digest::sha256;
use signatures::FaultKind::{
    BindingMismatch, CertificateSigned, MalformedMaterial, SignatureInvalid,
};
use signatures::envelope::signed_bytes;
use signatures::sign::{Request, Signed};
use signatures::statement::{PAYLOAD_TYPE, SIGNATURE as PREDICATE, check};
use signatures::verify::{Expected, verify_bundle};

use crate::support::{
    SIGNATURE, artifact, bundle_of, check_bundle, check_payload, check_simple, encode, key, kind,
    signed, vector,
};

fn statement(subjects: &str, predicate_type: &str) -> Vec<u8> {
    let text = format!(
        r#"{{"_type":"https://in-toto.io/Statement/v1","subject":[{subjects}],"predicateType":"{predicate_type}","predicate":{{}}}}"#
    );
    text.into_bytes()
}

fn subject(hex: &str) -> String {
    format!(r#"{{"digest":{{"sha256":"{hex}"}}}}"#)
}

#[test]
fn substituted_signature_sig_12() {
    // Another artifact of the same signer, signed as it should be, and moved here.
    let other = sha256(b"another artifact");
    let signed = Signed::new(&Request::new(&other, "registry.example/me/demo"), &key());
    let signed = signed.expect("signed");
    assert_eq!(kind(check_bundle(&signed.bundle)), BindingMismatch);
    assert_eq!(kind(check_payload(&signed.payload)), BindingMismatch);
    // The signature of the one artifact beside the payload of the other one.
    let mixed = check_simple(&vector("payload.json"), &[(SIGNATURE, encode(key().sign(b"x")))]);
    assert_eq!(kind(mixed), SignatureInvalid);
}

#[test]
fn a_statement_binds_by_any_of_its_subjects_and_by_nothing_else_sig_12() {
    let (own, other) = (artifact().hex(), sha256(b"other").hex());
    let second = format!("{},{}", subject(&other), subject(&own));
    check_bundle(&bundle_of(&statement(&second, PREDICATE))).expect("the second of two");
    let sha512 = format!(r#"{{"digest":{{"sha512":"{own}"}}}},{}"#, subject(&own));
    check_bundle(&bundle_of(&statement(&sha512, PREDICATE))).expect("one of another kind besides");
    for (name, subjects, predicate, wanted) in [
        ("another artifact", subject(&other), PREDICATE, BindingMismatch),
        ("none", String::new(), PREDICATE, BindingMismatch),
        ("capitals", subject(&own.to_uppercase()), PREDICATE, BindingMismatch),
        ("a part", subject(&own[..63]), PREDICATE, BindingMismatch),
        ("a name", format!(r#"{{"name":"sha256:{own}"}}"#), PREDICATE, MalformedMaterial),
        ("other kind", format!(r#"{{"digest":{{"sha1":"{own}"}}}}"#), PREDICATE, BindingMismatch),
        ("other predicate", subject(&own), "https://slsa.dev/provenance/v1", BindingMismatch),
    ] {
        let found = check_bundle(&bundle_of(&statement(&subjects, predicate)));
        assert_eq!(kind(found), wanted, "{name}");
    }
}

#[test]
fn a_payload_binds_by_its_digest_and_is_read_in_one_way_sig_12_sig_15() {
    let own = artifact().to_string();
    let other = sha256(b"other").to_string();
    let kind_of = |image: &str, more: &str| {
        let payload = format!(
            r#"{{"critical":{{"identity":{{"docker-reference":""}},"image":{{{image}}},"type":"cosign container image signature"{more}}},"optional":null}}"#
        );
        check_payload(payload.as_bytes()).map_err(|fault| fault.kind).err()
    };
    let named = |digest: &str| format!(r#""docker-manifest-digest":"{digest}""#);
    assert_eq!(kind_of(&named(&own), ""), None, "as cosign writes it");
    for (name, image, more, wanted) in [
        ("another one", named(&other), "", BindingMismatch),
        ("both", format!("{},{}", named(&other), named(&own)), "", MalformedMaterial),
        ("both, reversed", format!("{},{}", named(&own), named(&other)), "", MalformedMaterial),
        (
            "another case",
            format!(r#"{},"Docker-Manifest-Digest":"{other}""#, named(&own)),
            "",
            MalformedMaterial,
        ),
        ("a letter that folds", named(&own), r#","tYpe":"x""#, MalformedMaterial),
        ("none", String::new(), "", MalformedMaterial),
        ("no digest", named("sha256:x"), "", MalformedMaterial),
        (
            "in another case only",
            format!(r#""Docker-Manifest-Digest":"{own}""#),
            "",
            MalformedMaterial,
        ),
        ("two images", named(&own), r#","image":{}"#, MalformedMaterial),
    ] {
        assert_eq!(kind_of(&image, more), Some(wanted), "{name}");
    }
    let typed = String::from_utf8(vector("payload.json")).expect("text");
    let typed = typed.replace("cosign container image signature", "git commit");
    assert_eq!(kind(check_payload(typed.as_bytes())), MalformedMaterial);
    for bytes in
        [&b""[..], b"[]", b"null", b"{}", b"{\"critical\":[]}", b"\xff", b"{\"a\":\"\xff\"}"]
    {
        assert_eq!(kind(check_payload(bytes)), MalformedMaterial, "{bytes:?}");
    }
}

#[test]
fn what_has_a_certificate_is_not_a_key_s_even_if_it_is_broken_sig_13() {
    let signature = encode(vector("payload.sig"));
    let simple = |certificate: &str| {
        let annotations = [
            (SIGNATURE, signature.clone()),
            ("dev.sigstore.cosign/certificate", certificate.to_owned()),
        ];
        check_simple(&vector("payload.json"), &annotations)
    };
    for certificate in ["", "x", "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"] {
        assert_eq!(kind(simple(certificate)), CertificateSigned, "{certificate}");
    }
    let bundle = String::from_utf8(signed().bundle).expect("text");
    let hint = bundle.split(r#""publicKey":"#).nth(1).expect("a hint");
    let key = format!(r#""publicKey":{}}}"#, hint.split('}').next().expect("an end"));
    for (voucher, wanted) in [
        (r#""certificate":{"rawBytes":"AA=="}"#.to_owned(), CertificateSigned),
        (
            r#""x509CertificateChain":{"certificates":[{"rawBytes":"AA=="}]}"#.to_owned(),
            CertificateSigned,
        ),
        (r#""certificate":{"rawBytes":"?"}"#.to_owned(), MalformedMaterial),
        (format!(r#"{key},"certificate":{{"rawBytes":"AA=="}}"#), MalformedMaterial),
        (r#""publicKey":null"#.to_owned(), MalformedMaterial),
    ] {
        let altered = bundle.replace(&key, &voucher);
        assert_ne!(altered, bundle);
        assert_eq!(kind(check_bundle(altered.as_bytes())), wanted, "{voucher}");
    }
}

#[test]
fn a_bundle_is_whole_or_nothing_sig_15() {
    let bundle = String::from_utf8(signed().bundle).expect("text");
    let altered = |from: &str, to: &str| {
        let text = bundle.replacen(from, to, 1);
        assert_ne!(text, bundle, "{from}");
        check_bundle(text.as_bytes()).map_err(|fault| fault.kind)
    };
    for version in ["+json;version=0.1", "+json;version=0.2", "+json;version=0.3"] {
        altered(".v0.3+json", version).expect("another version");
    }
    altered(r#""tlogEntries":[],"#, "").expect("what is left out where it is empty");
    for (from, to, wanted) in [
        (".v0.3+json", ".v0.4+json", MalformedMaterial),
        (r#""dsseEnvelope""#, r#""envelope""#, MalformedMaterial),
        (r#""payload":"#, r#""payload":"","payload":"#, MalformedMaterial),
        (r#""payload":"#, r#""Payload":"","payload":"#, MalformedMaterial),
        (r#""payload":""#, r#""payload":"?"#, MalformedMaterial),
        (r#"{"sig""#, r#"{"sig":"AA=="},{"sig""#, MalformedMaterial),
        ("vnd.in-toto+json", "vnd.in-toto+jsoN", SignatureInvalid),
        (
            r#""dsseEnvelope""#,
            r#""messageSignature":{"signature":"AA=="},"dsseEnvelope""#,
            MalformedMaterial,
        ),
    ] {
        assert_eq!(altered(from, to).expect_err("altered"), wanted, "{from} → {to}");
    }
    let empty = bundle.split(r#"{"sig""#).next().expect("a start").to_owned() + "]}}";
    assert_eq!(kind(check_bundle(empty.as_bytes())), MalformedMaterial);
    // White space says nothing, up to the limit.
    let padded = |size: usize| format!("{bundle}{}", " ".repeat(size - bundle.len()));
    check_bundle(padded(1 << 20).as_bytes()).expect("1 MiB");
    assert_eq!(kind(check_bundle(padded((1 << 20) + 1).as_bytes())), MalformedMaterial);
    let deep = format!(r#"{{"x":{}1{}}}"#, "[".repeat(100), "]".repeat(100));
    assert_eq!(kind(check_bundle(deep.as_bytes())), MalformedMaterial);
}

#[test]
fn a_message_signature_is_over_the_manifest_itself_sig_12() {
    let bundle = |signature: Vec<u8>| {
        format!(
            r#"{{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{{"publicKey":{{"hint":"x"}}}},"messageSignature":{{"messageDigest":{{"algorithm":"SHA2_256","digest":""}},"signature":"{}"}}}}"#,
            encode(signature)
        )
    };
    check_bundle(bundle(key().sign(&vector("artifact.json"))).as_bytes()).expect("it counts");
    let other = key().sign(b"another manifest");
    assert_eq!(kind(check_bundle(bundle(other).as_bytes())), SignatureInvalid);
}

#[test]
fn a_message_is_the_manifest_of_the_artifact_and_no_other_sig_12() {
    let manifest = vector("artifact.json");
    let bundle = format!(
        r#"{{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{{"publicKey":{{"hint":""}}}},"messageSignature":{{"signature":"{}"}}}}"#,
        encode(key().sign(&manifest))
    );
    let (keys, other) = ([key().public().expect("a key")], sha256(b"another artifact"));
    let found = verify_bundle(bundle.as_bytes(), &Expected::new(&other, &manifest, &keys));
    assert_eq!(kind(found), BindingMismatch);
}

#[test]
fn what_is_signed_is_a_statement_of_a_known_type_sig_12() {
    let own = statement(&subject(&artifact().hex()), PREDICATE);
    let typed = |version: &str| {
        let text = String::from_utf8(own.clone()).expect("text");
        bundle_of(text.replacen("/v1", version, 1).as_bytes())
    };
    check_bundle(&typed("/v0.1")).expect("the older type");
    for version in ["/v2", "/v1.1", "/V1", ""] {
        assert_eq!(kind(check_bundle(&typed(version))), MalformedMaterial, "{version}");
    }
    // Signed as something else than a statement, whatever it looks like.
    let other = "application/vnd.in-toto";
    let signature = encode(key().sign(&signed_bytes(other, &own)));
    let bundle = String::from_utf8(bundle_of(&own)).expect("text");
    let sig = bundle.split(r#""sig":""#).nth(1).and_then(|text| text.split('"').next());
    let bundle = bundle.replace(sig.expect("one"), &signature).replace(PAYLOAD_TYPE, other);
    assert_eq!(kind(check_bundle(bundle.as_bytes())), MalformedMaterial);
    // The digest of a subject is a SHA-256, and so is the artifact's.
    let long = oci_artifact::digest::parse(&format!("sha512:{}", "a".repeat(128))).expect("one");
    let about = statement(&subject(&long.hex()), PREDICATE);
    let fault = check(&about, &long, PREDICATE).expect_err("a SHA-512");
    assert_eq!(fault.kind, BindingMismatch);
}

#[test]
fn what_two_readers_could_read_in_two_ways_is_read_by_none_sig_15() {
    let payload = |optional: &[u8]| {
        let text = String::from_utf8(vector("payload.json")).expect("text");
        let head = text.strip_suffix('}').expect("an object").as_bytes().to_vec();
        [&head[..], br#","optional":"#, optional, b"}"].concat()
    };
    check_payload(&payload(br#"{"a":[[[1]]]}"#)).expect("anything else besides");
    let deep = format!("{}1{}", "[".repeat(70), "]".repeat(70));
    for optional in
        [&b"{\"a\":\"\xff\"}"[..], br#"{"a":1,"a":1}"#, br#"{"a":1,"A":1}"#, deep.as_bytes()]
    {
        let found = check_payload(&payload(optional));
        assert_eq!(kind(found), MalformedMaterial, "{}", String::from_utf8_lossy(optional));
    }
    let large = [b"\"".to_vec(), vec![b'x'; 1 << 20], b"\"".to_vec()].concat();
    assert_eq!(kind(check_payload(&payload(&large))), MalformedMaterial);
}

#[test]
fn text_of_others_is_escaped_in_reasons_sig_20() {
    let evil = "\\u0000\\u001b[31m";
    let text = statement(&subject(evil), PREDICATE);
    let fault = check_bundle(&bundle_of(&text)).expect_err("another artifact");
    assert!(!fault.message.contains(['\0', '\x1b']), "{}", fault.message);
    assert!(fault.message.contains("\\u{1b}"), "{}", fault.message);
    let text = statement(&subject(&artifact().hex()), evil);
    let fault = check_bundle(&bundle_of(&text)).expect_err("another predicate");
    assert!(!fault.message.contains(['\0', '\x1b']), "{}", fault.message);
}
