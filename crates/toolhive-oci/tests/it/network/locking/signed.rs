// SPDX-License-Identifier: Apache-2.0
//! Who signed: recorded by the first verified install, and the same ever after (LK-3).

use serde_json::json;
use sigstore_lab::server::token;
use sigstore_lab::{Lab, Owner, Server};

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

#[test]
fn the_owner_of_a_certificate_is_recorded_and_checked_again_without_a_network_lk_3() {
    let mut bench = Bench::new();
    let reference = bench.skill("demo", "1", "", &[]);
    let services = Server::start(Lab::new(3), Owner::job("acme/skills"));
    bench.sandbox.write("root.json", services.root());
    bench.sandbox.write("token", token(&json!({"sub": "me"})));
    let url = services.url();
    let sign = ["skill", "sign", &reference, "--keyless", "--identity-token", "token"];
    let by = ["--fulcio-url", &url, "--rekor-url", &url, "--trusted-root", "root.json"];
    bench.sandbox.text(&[&sign[..], &by].concat());
    let issuer = "https://token.actions.githubusercontent.com";
    let owner = json!({"issuer": issuer, "repository": "https://github.com/acme/skills", "ref": "refs/tags/*", "runner": "github-hosted"});
    let rule = json!({"match": "127.0.0.1:*/**", "require": [owner]});
    let policy =
        json!({"version": 1, "default": "reject", "rules": [rule], "trusted-root": "root.json"});
    bench.sandbox.write("policy.json", policy.to_string());
    bench.json(0, &["skill", "install", &reference, "--policy", "policy.json"]);
    let identity = "signerIdentity: /.github/workflows/release.yml";
    let lock = bench.lock();
    assert!(lock.contains(identity) && lock.contains(issuer), "{lock}");

    bench.close_registry();
    let sync = |code: i32, in_force: Option<&str>| {
        std::fs::remove_dir_all(bench.sandbox.path("p/.claude")).expect("removed");
        let mut command = bench.sandbox.command();
        command.args(["skill", "sync", "--yes", "--offline", "--require-signatures"]);
        if let Some(policy) = in_force {
            command.env("TOOLHIVE_OCI_POLICY", policy);
        }
        let output = command.args(["--project-root", "p"]).output().expect("it runs");
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert_eq!(output.status.code(), Some(code), "{said}");
        said
    };
    let said = sync(0, Some("policy.json"));
    assert!(!said.contains("not checked"), "{said}");
    assert!(bench.is_there(".claude/skills/demo/SKILL.md"));
    // The root that is built in does not vouch for it: that proves nothing.
    assert!(sync(4, None).contains("signature not checked"));
    assert!(bench.is_there(".claude/skills/demo/SKILL.md"), "its digest is that of the lock file");
    let other = lock.replace(identity, "signerIdentity: /.github/workflows/other.yml");
    bench.sandbox.write("p/toolhive.lock.yaml", &other);
    let said = sync(3, Some("policy.json"));
    assert!(said.contains("/.github/workflows/release.yml signed it"), "{said}");
    assert!(!bench.is_there(".claude/skills/demo"));
    assert_eq!(bench.lock(), other, "nothing is invented");
}
