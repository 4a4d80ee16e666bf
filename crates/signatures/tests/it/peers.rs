// SPDX-License-Identifier: Apache-2.0
//! OpenSSL as a peer: it takes what is signed here, and what it signs counts here. Where it is not
//! installed, that is said.

use std::process::Command;

use signatures::key::{PrivateKey, PublicKey};

use crate::support::{key, path};

/// Runs `openssl` in a directory; `None` if it is not installed.
fn openssl(directory: &std::path::Path, args: &[&str]) -> Option<bool> {
    let output = test_support::tools::are_installed(&["openssl"])
        .then(|| Command::new("openssl").args(args).current_dir(directory).output())?;
    Some(output.expect("openssl runs").status.success())
}

#[test]
fn openssl_and_this_crate_take_each_other_s_signatures_sig_11() {
    let directory = tempfile::tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name);
    std::fs::write(at("message"), "a message").expect("written");
    std::fs::write(at("signature"), key().sign(b"a message")).expect("written");
    let public = path("key.pub").canonicalize().expect("there");
    let public = public.to_str().expect("UTF-8");
    let verify = ["dgst", "-sha256", "-verify", public, "-signature", "signature", "message"];
    let Some(is_fine) = openssl(directory.path(), &verify) else { return };
    assert!(is_fine, "openssl takes it");
    std::fs::write(at("message"), "another").expect("written");
    assert_eq!(openssl(directory.path(), &verify), Some(false), "but not of another message");

    let generate = "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out new.key";
    let publish = "pkey -in new.key -pubout -out new.pub";
    let sign = "dgst -sha256 -sign new.key -out signature message";
    for command in [generate, publish, sign] {
        let words: Vec<&str> = command.split(' ').collect();
        assert_eq!(openssl(directory.path(), &words), Some(true), "{command}");
    }
    let read = |name: &str| std::fs::read(at(name)).expect("made");
    let public = PublicKey::from_pem(&read("new.pub")).expect("a key");
    assert!(public.verifies(b"another", &read("signature")));
    assert!(!public.verifies(b"a message", &read("signature")));
    let private = PrivateKey::from_pem(&read("new.key"), b"").expect("a key");
    assert_eq!(private.public().expect("a key"), public);
}
