// SPDX-License-Identifier: Apache-2.0
//! A build without certificates: whatever needs one is an error that says so, and never an answer (SIG-44).

use serde_json::{Value, json};
use sigstore_lab::server::token;
use sigstore_lab::{Lab, Owner, Server};

use super::served::Served;
use super::signatures::{pushed, two};
use crate::support::Sandbox;

/// Checks that a document is the error of this build, and says how to get another one.
fn is_said(error: &Value, words: &[&str]) {
    let text = error.to_string();
    assert_eq!(error["error"]["kind"], "invalid-option", "{words:?}: {text}");
    assert!(text.contains("this build checks no certificates"), "{words:?}: {text}");
    assert!(text.contains("--features certificates"), "{words:?}: {text}");
    for verdict in ["unsigned", "untrusted", "trusted\"", "verdict", "refused"] {
        assert!(!text.contains(verdict), "{words:?}: {text}");
    }
}

#[test]
fn whatever_needs_a_certificate_is_an_error_that_says_so_sig_44() {
    let sandbox = Sandbox::new();
    let served = Served::start(&sandbox, &[]);
    let (reference, _) = pushed(&sandbox, &served.addr);
    sandbox.text(&["keys", "generate", "--output", "mine"]);
    sandbox.write("root.json", Lab::new(0).root().json());
    let reference = reference.as_str();
    let issuer = "https://token.actions.githubusercontent.com";
    let [repository, root] =
        [["--github-repository", "acme/skills"], ["--trusted-root", "root.json"]];
    let named = ["--certificate-identity", "me", "--certificate-oidc-issuer", issuer];
    let matching =
        ["--certificate-identity-regexp", ".+", "--certificate-oidc-issuer-regexp", ".+"];
    let rule = json!({"match": "127.0.0.1:*/**", "require": [
        {"keys": ["mine.pub"]}, {"issuer": issuer, "repository": "https://github.com/acme/skills"}]});
    let policy = json!({"version": 1, "default": "reject", "rules": [rule]});
    sandbox.write("owners.json", policy.to_string());
    let rule = json!({"match": "127.0.0.1:*/**", "require": [{"keys": ["mine.pub"]}]});
    let policy =
        json!({"version": 1, "default": "reject", "rules": [rule], "trusted-root": "root.json"});
    sandbox.write("logged.json", policy.to_string());
    let verify = ["plugin", "verify-signature", "--remote", reference];
    // Unsigned first, then signed by the key that some of them expect besides.
    for _ in 0..2 {
        for whom in [
            &repository[..],
            &[&repository[..], &root].concat(),
            &named,
            &matching,
            &["--show"],
            &["--show", "--key", "mine.pub"],
            &["--key", "mine.pub", "--trusted-root", "root.json"],
            &["--policy", "owners.json"],
            &["--policy", "logged.json"],
        ] {
            let words = [&verify[..], whom].concat();
            is_said(&sandbox.json(1, &words), &words);
            if whom.contains(&"--show") {
                continue;
            }
            let pull =
                [&["--format", "json", "plugin", "pull", reference, "--verify"], whom].concat();
            let output = two(&sandbox, 1, &pull);
            is_said(&serde_json::from_slice(&output.stdout).expect("JSON"), &pull);
        }
        for policy in ["owners.json", "logged.json"] {
            for reader in
                [&["plugin", "pull", reference][..], &["plugin", "inspect", "--remote", reference]]
            {
                let words = [&["--format", "json"], reader, &["--policy", policy]].concat();
                let output = two(&sandbox, 1, &words);
                is_said(&serde_json::from_slice(&output.stdout).expect("JSON"), &words);
            }
        }
        assert!(!sandbox.path("two").exists(), "nothing is stored");
        sandbox.text(&["plugin", "sign", reference, "--key", "mine.key"]);
    }
    // What needs none is as ever.
    let found = sandbox.json(0, &[&verify[..], &["--key", "mine.pub"]].concat());
    assert_eq!(found["verdict"], "trusted");
}

#[test]
fn nobody_is_asked_for_a_certificate_that_cannot_be_checked_sig_44() {
    let sandbox = Sandbox::new();
    let served = Served::start(&sandbox, &[]);
    let (reference, _) = pushed(&sandbox, &served.addr);
    let services = Server::start(Lab::new(0), Owner::job("acme/skills"));
    sandbox.write("root.json", services.root());
    sandbox.write("token", token(&json!({"sub": "me"})));
    let url = services.url();
    let keyless = ["plugin", "sign", &reference, "--keyless", "--identity-token", "token"];
    let ours = ["--fulcio-url", &url, "--rekor-url", &url, "--trusted-root", "root.json"];
    for services in [&ours[..], &["--public-good"]] {
        let words = [&keyless[..], services].concat();
        is_said(&sandbox.json(1, &words), &words);
    }
    assert!(services.requests().is_empty(), "{:?}", services.requests());
    let inspected = sandbox.json(0, &["plugin", "inspect", "--remote", &reference]);
    assert!(inspected["artifact"].get("referrers").is_none(), "{inspected}");
}
