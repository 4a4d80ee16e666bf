// SPDX-License-Identifier: Apache-2.0
//! Tests of the signer, recorded by the first verified install and required ever after (LK-3).

use super::{Bench, status};

#[test]
fn the_first_verified_install_records_the_key_and_later_versions_must_have_it_lk_3() {
    let bench = Bench::new();
    for key in ["mine", "other", "third"] {
        bench.sandbox.text(&["keys", "generate", "--output", key]);
    }
    let sign = |reference: &str, key: &str| {
        bench.sandbox.text(&["skill", "sign", reference, "--key", key]);
    };
    let reference = bench.skill("demo", "1", "", &[("a", "1")]);
    let unsigned = bench.json(4, &["skill", "install", &reference]);
    assert_eq!(unsigned["failed"][0]["reason"], "unsigned-rejected");
    bench.json(4, &["skill", "install", &reference, "--public-key", "mine.pub"]);
    sign(&reference, "mine.key");
    // It is signed, by whom is not known: that is not unsigned.
    bench.json(4, &["skill", "install", &reference]);
    bench.json(4, &["skill", "install", &reference, "--public-key", "other.pub"]);
    assert!(!bench.is_there("toolhive.lock.yaml") && !bench.is_there(".claude"));
    bench.json(0, &["skill", "install", &reference, "--public-key", "mine.pub"]);
    let pem = std::fs::read_to_string(bench.sandbox.path("mine.pub")).expect("is there");
    let key: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    assert!(bench.lock().contains(&format!("publicKey: {key}")), "{}", bench.lock());
    assert!(!bench.lock().contains("unsigned"));

    bench.skill("demo", "1", "", &[("a", "2")]);
    let gone = bench.json(4, &["skill", "upgrade", "--yes"]);
    assert_eq!(status(&gone), "signer-change-blocked");
    bench.json(4, &["skill", "install", &reference, "--allow-unsigned"]);
    sign(&reference, "other.key");
    assert_eq!(status(&bench.json(4, &["skill", "upgrade", "--yes"])), "signer-change-blocked");
    let other = bench.json(4, &["skill", "upgrade", "--yes", "--public-key", "other.pub"]);
    assert_eq!(other["outcomes"][0]["reason"], "signer-mismatch");
    sign(&reference, "mine.key");
    assert_eq!(status(&bench.json(0, &["skill", "upgrade", "--yes"])), "upgraded");
    assert!(bench.lock().contains(&key));

    // Restored, it is checked again, without a network.
    std::fs::remove_dir_all(bench.sandbox.path("p/.claude")).expect("removed");
    bench.json(0, &["skill", "sync", "--yes", "--offline", "--require-signatures"]);
    let wrong = std::fs::read_to_string(bench.sandbox.path("third.pub")).expect("is there");
    let wrong: String = wrong.lines().filter(|line| !line.starts_with('-')).collect();
    let lock = bench.lock().replace(&key, &wrong);
    bench.sandbox.write("p/toolhive.lock.yaml", lock);
    std::fs::remove_dir_all(bench.sandbox.path("p/.claude")).expect("removed");
    bench.sandbox.write("p/.claude/x", "");
    let sync = bench.json(3, &["skill", "sync", "--yes", "--offline", "--clients", "claude-code"]);
    assert_eq!(sync["failed"][0]["reason"], "signer-mismatch");
    assert!(!bench.is_there(".claude/skills/demo"));
}

#[test]
fn an_identity_that_cannot_be_checked_here_is_said_and_never_invented_lk_3() {
    let bench = Bench::new();
    let reference = bench.skill("demo", "1", "", &[]);
    bench.install(&[&reference]);
    let provenance =
        "provenance:\n        signerIdentity: me\n        certIssuer: https://issuer\n";
    let lock = bench.lock().replace("unsigned: true\n", provenance);
    bench.sandbox.write("p/toolhive.lock.yaml", &lock);
    for directory in ["p/.claude", "p/.agents"] {
        std::fs::remove_dir_all(bench.sandbox.path(directory)).expect("removed");
    }
    let text = bench.text(0, &["skill", "sync", "--yes"]);
    assert!(text.contains("signature not checked"), "{text}");
    std::fs::remove_dir_all(bench.sandbox.path("p/.claude")).expect("removed");
    bench.run(4, &["skill", "sync", "--yes", "--require-signatures"]);
    // Also where nothing is left to be placed.
    bench.run(4, &["skill", "sync", "--yes", "--require-signatures"]);
    assert_eq!(bench.lock(), lock);
    bench.skill("demo", "1", "", &[("a", "")]);
    assert_eq!(status(&bench.json(4, &["skill", "upgrade", "--yes"])), "signer-change-blocked");
}
