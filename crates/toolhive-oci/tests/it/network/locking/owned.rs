// SPDX-License-Identifier: Apache-2.0
//! Owners of certificates: recorded by the install that a policy lets in, and checked again by `sync` (LK-3).

use serde_json::json;
use sigstore_lab::server::token;
use sigstore_lab::{Lab, Owner, Server};

use super::Bench;

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
