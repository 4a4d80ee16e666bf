// SPDX-License-Identifier: Apache-2.0
//! Policies in force: what they refuse is not read, and nothing that goes wrong lets anything in (SIG-32).

use oci_registry_faults::{Endpoint, Fault, When};
use serde_json::{Value, json};

use super::signatures::{Faulty, pushed, two};
use crate::support::{Sandbox, example};

/// A policy for the registries of this machine.
fn policy(sandbox: &Sandbox, name: &str, rule: &Value) {
    let policy = json!({"version": 1, "default": "reject", "rules": [rule]});
    sandbox.write(name, policy.to_string());
}

/// The commands that read an artifact of a registry, each for that reference.
fn readers(reference: &str) -> Vec<Vec<String>> {
    let plugin = example("plugins/release-notes");
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    vec![
        words(&["plugin", "pull", reference]),
        words(&["plugin", "inspect", "--remote", reference]),
        words(&["plugin", "diff", "--remote", reference, &plugin]),
        words(&["plugin", "diff", "--remote", &plugin, reference]),
        words(&["plugin", "verify", "--remote", reference, &plugin]),
        words(&["marketplace", "generate", "--remote", reference, "--name", "n", "--owner", "o"]),
    ]
}

/// Runs a reader over another store, with a policy as an option and as a variable; both must end so.
fn read(sandbox: &Sandbox, code: i32, reader: &[String], policy: &str) -> Vec<String> {
    let timeout = if code == 1 { "1" } else { "60" };
    let mut errors = Vec::new();
    for is_option in [true, false] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_toolhive-oci"));
        command.env_clear().current_dir(sandbox.path("."));
        command.args(["--store", "two", "--format", "json", "--timeout", timeout]).args(reader);
        match is_option {
            true => command.args(["--policy", policy]),
            false => command.env("TOOLHIVE_OCI_POLICY", policy),
        };
        let output = command.output().expect("it runs");
        let (out, err) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{reader:?} {policy}: {out}{err}");
        if code != 0 {
            assert!(!sandbox.path("two").exists(), "{reader:?}: nothing is stored");
            errors.push(out.into_owned());
        }
        let _ = std::fs::remove_dir_all(sandbox.path("two"));
    }
    errors
}

#[test]
fn a_policy_decides_before_anything_of_a_registry_is_read_sig_32() {
    let sandbox = Sandbox::new();
    let faulty = Faulty::start(&sandbox);
    let (reference, digest) = pushed(&sandbox, &faulty.server().addr().to_string());
    std::fs::create_dir(sandbox.path("policies")).expect("a directory");
    sandbox.text(&["keys", "generate", "--output", "policies/mine"]);
    sandbox.text(&["keys", "generate", "--output", "other"]);
    let mine = json!({"match": "127.0.0.1:*/**", "require": [{"keys": ["mine.pub"]}]});
    policy(&sandbox, "policies/mine.json", &mine);
    let other = json!({"match": "127.0.0.1:*/me/**", "require": [{"keys": ["other.pub"]}]});
    policy(&sandbox, "other.json", &other);
    policy(&sandbox, "nobody.json", &json!({"match": "ghcr.io/**", "accept-unsigned": true}));
    policy(&sandbox, "all.json", &json!({"match": "127.0.0.1:*/**", "accept-unsigned": true}));

    let ends = |reader: &[String], code: i32, policy: &str, words: &str| {
        for error in read(&sandbox, code, reader, policy) {
            let error: Value = serde_json::from_str(&error).expect("JSON");
            let message = error["error"]["message"].as_str().expect("words");
            assert!(message.contains(words), "{reader:?}: {message}");
            assert_eq!(error["error"]["kind"], "refused");
        }
    };
    let readers = readers(&reference);
    for reader in &readers {
        ends(reader, 4, "policies/mine.json", "it is not signed");
        ends(reader, 4, "nobody.json", "no rule for 127.0.0.1");
    }
    // What is wanted is asked of the digest, and nothing else of it is read.
    faulty.server().clear_requests();
    ends(&readers[1], 4, "policies/mine.json", &digest);
    let blobs = faulty.server().requests();
    let blobs = blobs.iter().filter(|request| request.seen.path.contains("/blobs/")).count();
    assert_eq!(blobs, 0);

    sandbox.text(&["plugin", "sign", &reference, "--key", "policies/mine.key"]);
    for reader in &readers {
        read(&sandbox, 0, reader, "policies/mine.json");
        read(&sandbox, 0, reader, "all.json");
        ends(reader, 4, "other.json", "no signature of it is valid");
    }
    // What let it in is kept with what was pulled.
    let inspect = ["plugin", "inspect", "--remote", &reference, "--policy"];
    let shown = |args: &[&str]| {
        let output = two(&sandbox, 0, &[&inspect[..], args].concat());
        String::from_utf8(output.stdout).expect("text")
    };
    for format in ["text", "html", "markdown", "json"] {
        let mine = shown(&["policies/mine.json", "--format", format]);
        assert!(mine.contains(" [referrer]") && mine.contains("igned"), "{format}: {mine}");
        let all = shown(&["all.json", "--format", format]);
        assert!(!all.contains(" [referrer]"), "nothing was asked of it, {format}: {all}");
    }
    two(&sandbox, 0, &["plugin", "pull", &reference, "--policy", "policies/mine.json"]);
    let verify = ["plugin", "verify-signature", &reference, "--policy", "policies/mine.json"];
    two(&sandbox, 0, &verify);
    two(&sandbox, 2, &["plugin", "verify-signature", &reference, "--policy", "other.json"]);
    two(&sandbox, 4, &["plugin", "verify-signature", &reference, "--policy", "nobody.json"]);
    // Nobody is expected there, so nobody is trusted.
    two(&sandbox, 2, &["plugin", "verify-signature", &reference, "--policy", "all.json"]);
    two(&sandbox, 1, &["plugin", "verify-signature", &digest, "--policy", "policies/mine.json"]);
}

#[test]
fn pull_verify_asks_and_a_policy_in_force_asks_too_sig_32() {
    let sandbox = Sandbox::new();
    let faulty = Faulty::start(&sandbox);
    let (reference, _) = pushed(&sandbox, &faulty.server().addr().to_string());
    for name in ["mine", "other"] {
        sandbox.text(&["keys", "generate", "--output", name]);
    }
    let rule = |key: &str| json!({"match": "127.0.0.1:*/**", "require": [{"keys": [key]}]});
    policy(&sandbox, "mine.json", &rule("mine.pub"));
    sandbox.text(&["plugin", "sign", &reference, "--key", "mine.key"]);
    let pull = |code: i32, in_force: Option<&str>, words: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_toolhive-oci"));
        command.env_clear().current_dir(sandbox.path(".")).args(["--store", "two"]);
        command.args(["plugin", "pull", &reference]).args(words);
        if let Some(policy) = in_force {
            command.env("TOOLHIVE_OCI_POLICY", policy);
        }
        let output = command.output().expect("it runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{words:?}: {errors}");
        assert_eq!(sandbox.path("two").exists(), code == 0);
        let _ = std::fs::remove_dir_all(sandbox.path("two"));
    };
    pull(0, Some("mine.json"), &["--verify", "--key", "mine.pub"]);
    // Signed by the policy's signer, and not by the requested one; and the reverse.
    pull(2, Some("mine.json"), &["--verify", "--key", "other.pub"]);
    policy(&sandbox, "other.json", &rule("other.pub"));
    pull(4, Some("other.json"), &["--verify", "--key", "mine.pub"]);
    // A policy that is named stands for the environment's.
    pull(0, Some("other.json"), &["--policy", "mine.json"]);
    pull(0, Some("other.json"), &["--verify", "--policy", "mine.json"]);
    pull(2, None, &["--verify", "--policy", "other.json"]);
    pull(0, Some(""), &[]);
    for usage in [
        &["--verify"][..],
        &["--key", "mine.pub"],
        &["--verify", "--key", "mine.pub", "--policy", "mine.json"],
        &["--trusted-root", "x"],
    ] {
        pull(64, None, usage);
    }
}

#[test]
fn what_goes_wrong_with_a_policy_lets_nothing_in_sig_32() {
    let sandbox = Sandbox::new();
    sandbox.text(&["keys", "generate", "--output", "mine"]);
    let signed = |faulty: &Faulty| {
        let (reference, _) = pushed(&sandbox, &faulty.server().addr().to_string());
        sandbox.text(&["plugin", "sign", &reference, "--key", "mine.key"]);
        readers(&reference)
    };
    let rule = |key: &str| json!({"match": "127.0.0.1:*/**", "require": [{"keys": [key]}]});
    policy(&sandbox, "mine.json", &rule("mine.pub"));
    policy(&sandbox, "lost-key.json", &rule("lost.pub"));
    policy(&sandbox, "private-key.json", &rule("mine.key"));
    sandbox.write("broken.json", "{");
    sandbox.write("unknown.json", r#"{"version":1,"default":"accept-unsigned","rules":[],"x":1}"#);
    let faulty = Faulty::start(&sandbox);
    let readers = signed(&faulty);
    for name in ["lost.json", "broken.json", "unknown.json", "lost-key.json", "private-key.json"] {
        for reader in &readers {
            for error in read(&sandbox, 1, reader, name) {
                assert!(error.contains("\"error\"") && !error.contains("refused"), "{error}");
            }
        }
    }
    // The registry says nothing, or not what it should.
    let at_tag = || When::any().on(Endpoint::Manifest).matching(|seen| seen.path.ends_with(".sig"));
    for when in [When::get(Endpoint::Referrers), at_tag(), When::get(Endpoint::Blob)] {
        let place = Sandbox::new();
        let faulty = Faulty::start(&place);
        let readers = signed(&faulty);
        faulty.script(when, Fault::status(500));
        for reader in &readers[..2] {
            for error in read(&sandbox, 1, reader, "mine.json") {
                assert!(!error.contains("refused") && !error.contains("unsigned"), "{error}");
            }
        }
    }
}
