// SPDX-License-Identifier: Apache-2.0
//! Keys: the expected one decides the algorithm (SIG-13), and none of what is secret shows (SIG-18).

use signatures::FaultKind::{InvalidKey, SignatureInvalid};
use signatures::key::{Algorithm, PrivateKey, PublicKey, Randomness};
use signatures::verify::{Expected, Signer, verify_bundle};

use crate::support::{artifact, key, public, signed, vector};

#[test]
fn each_kind_of_key_verifies_its_own_signatures_only_sig_13() {
    let keys = [
        ("key.pub", Algorithm::P256),
        ("p384.pub", Algorithm::P384),
        ("ed.pub", Algorithm::Ed25519),
        ("rsa.pub", Algorithm::Rsa),
    ];
    let made = [
        ("payload.sig", "key.pub"),
        ("payload.p384.sig", "p384.pub"),
        ("payload.p384-sha384.sig", "p384.pub"),
        ("payload.ed.sig", "ed.pub"),
        ("payload.rsa.sig", "rsa.pub"),
    ];
    let payload = vector("payload.json");
    for (name, algorithm) in keys {
        let key = public(name);
        assert_eq!(key.algorithm(), algorithm);
        for (signature, maker) in made {
            let found = key.verifies(&payload, &vector(signature));
            assert_eq!(found, maker == name, "{signature} by {name}");
            let mut other = payload.clone();
            other.push(b' ');
            assert!(!key.verifies(&other, &vector(signature)), "{signature} of other bytes");
        }
    }
}

#[test]
fn any_of_several_keys_suffices_and_no_other_does_sig_13() {
    let (artifact, manifest, bundle) = (artifact(), vector("artifact.json"), signed().bundle);
    let keys = [public("ed.pub"), public("key.pub")];
    let accepted = verify_bundle(&bundle, &Expected::new(&artifact, &manifest, &keys));
    assert_eq!(accepted.expect("the second").signer, Signer::Key(public("key.pub").id()));
    let stranger = PrivateKey::from_random(&[9; 32]).expect("a key").public().expect("a key");
    for keys in
        [vec![], vec![public("ed.pub"), public("rsa.pub"), public("p384.pub")], vec![stranger]]
    {
        let found = verify_bundle(&bundle, &Expected::new(&artifact, &manifest, &keys));
        assert_eq!(found.expect_err("none of them").kind, SignatureInvalid, "{keys:?}");
    }
}

#[test]
fn other_keys_are_refused_with_words_sig_18() {
    for name in ["k1.pub", "rsa1024.pub", "key.pem", "payload.json"] {
        let fault = PublicKey::from_pem(&vector(name)).expect_err(name);
        assert_eq!(fault.kind, InvalidKey, "{name}");
    }
    // More than one, or one that is called something else.
    let own = String::from_utf8(vector("key.pub")).expect("text");
    for pem in [own.repeat(2), own.replace("PUBLIC KEY", "EC PUBLIC KEY")] {
        let fault = PublicKey::from_pem(pem.as_bytes()).expect_err(&pem);
        assert_eq!(fault.kind, InvalidKey, "{pem}");
    }
    // A point of P-384, compressed.
    let head = b"\x30\x46\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22\x03\x32\x00\x02";
    let fault = PublicKey::from_der(&[&head[..], &[7; 48]].concat()).expect_err("compressed");
    assert!(fault.message.contains("P-384"), "{fault}");
    let mut off_the_curve = vector("key.pub");
    let at = off_the_curve.len() - 40;
    off_the_curve[at] = if off_the_curve[at] == b'A' { b'B' } else { b'A' };
    PublicKey::from_pem(&off_the_curve).expect_err("no point of the curve");
    let public = String::from_utf8(vector("key.pub")).expect("text");
    for pem in [
        public.clone(),
        String::new(),
        "x".repeat(1 << 17),
        String::from_utf8(vector("key.pem")).expect("text").replace("PRIVATE", "SECRET"),
        public.replace("PUBLIC", "ENCRYPTED SIGSTORE PRIVATE"),
    ] {
        let fault = PrivateKey::from_pem(pem.as_bytes(), b"").expect_err("no private key");
        assert_eq!(fault.kind, InvalidKey);
    }
    PrivateKey::from_random(&[0; 32]).expect_err("zero is no key");
    PrivateKey::from_random(&[255; 32]).expect_err("more than the order");
}

#[test]
fn nothing_shows_a_private_key_sig_18() {
    let pem = vector("key.pem");
    assert_eq!(format!("{:?}", key()), "PrivateKey(..)");
    // A key that breaks off.
    let cut = &pem[..pem.len() - 60];
    let text = String::from_utf8_lossy(&pem);
    let secret = text.lines().nth(1).expect("a line");
    for broken in [cut.to_vec(), text.replace("PRIVATE KEY", "EC PRIVATE KEY").into_bytes()] {
        let fault = PrivateKey::from_pem(&broken, b"").expect_err("broken");
        for part in secret.as_bytes().chunks(8) {
            let part = String::from_utf8_lossy(part);
            assert!(!format!("{fault:?}").contains(&*part), "{fault:?}");
        }
    }
}

#[test]
fn cosign_s_encrypted_keys_open_with_their_password_only_sig_21() {
    let from = |pem: &[u8], password: &[u8]| PrivateKey::from_pem(pem, password);
    // PyNaCl and Python's scrypt made these.
    for name in ["key-encrypted.pem", "key-encrypted-cosign.pem"] {
        let read = from(&vector(name), b"correct horse").expect("it opens");
        assert_eq!(read.sign(b"x"), key().sign(b"x"), "{name}");
    }
    let password = b"battery staple";
    let randomness = Randomness { salt: [3; 32], nonce: [4; 24] };
    let pem = key().to_encrypted_pem(password, &randomness).expect("written");
    let read = from(pem.as_bytes(), password).expect("it opens");
    assert_eq!(read.sign(b"x"), key().sign(b"x"));
    for wrong in [&b""[..], b"battery stapl", b"battery staple "] {
        let fault = from(pem.as_bytes(), wrong).expect_err("another password");
        assert_eq!(fault.kind, InvalidKey);
        assert!(fault.message.contains("password") && !fault.message.contains("staple"));
    }
}

#[test]
fn what_scrypt_would_work_too_long_on_is_refused_before_any_work_sig_21() {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let pem = String::from_utf8(vector("key-encrypted.pem")).expect("text");
    let lines: Vec<&str> = pem.lines().collect();
    let body = STANDARD.decode(lines[1..lines.len() - 1].concat()).expect("base64");
    let body = String::from_utf8(body).expect("text");
    for (from, to) in [
        ("65536", "1073741824"),
        ("65536", "65537"),
        ("65536", "0"),
        ("\"r\":8", "\"r\":9"),
        ("\"r\":8", "\"r\":0"),
        ("\"r\":8", "\"r\":4294967304"),
        ("\"p\":1", "\"p\":2"),
        ("\"p\":1", "\"p\":1,\"P\":1"),
        ("scrypt", "pbkdf2"),
        ("nacl/secretbox", "none"),
        ("\"nonce\":\"", "\"nonce\":\"AAAA"),
        ("\"ciphertext\":\"", "\"ciphertext\":\"AA==\",\"x\":\""),
    ] {
        let altered = body.replacen(from, to, 1);
        assert_ne!(altered, body, "{from}");
        let text = STANDARD.encode(altered);
        let label = "ENCRYPTED SIGSTORE PRIVATE KEY";
        let pem = format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n");
        let fault = PrivateKey::from_pem(pem.as_bytes(), b"correct horse").expect_err(to);
        assert_eq!(fault.kind, InvalidKey, "{to}");
        assert!(!fault.message.contains("password"), "{to}: {fault}");
    }
}
