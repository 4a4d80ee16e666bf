// SPDX-License-Identifier: Apache-2.0
//! Signatures between registries of two kinds, tags that move, and what is asked meanwhile (SIG-2, SIG-10,
//! SIG-14).

use oci_registry_faults::{Endpoint, Fault, When};
use serde_json::{Value, json};
use sigstore_lab::server::token;
use sigstore_lab::{Lab, Owner, Server};

use super::signatures::{Faulty, kinds, layouts, pushed, two};
use crate::support::{Sandbox, example};

/// The layouts, manifests and bundles that count.
fn set(report: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let accepted = report["accepted"].as_array().expect("a list").iter();
    let mut set: Vec<_> = accepted
        .map(|one| (text(&one["layout"]), text(&one["manifest"]), text(&one["bundle_sha256"])))
        .collect();
    set.sort();
    set
}

#[test]
fn the_same_signatures_count_in_registries_with_and_without_a_list_of_referrers_sig_2() {
    let sandbox = Sandbox::new();
    let places = [Sandbox::new(), Sandbox::new()];
    let (with, without) = (Faulty::start(&places[0]), Faulty::start(&places[1]));
    without.script(When::get(Endpoint::Referrers), Fault::status(404));
    // It does not say that it keeps them, either.
    without.script(When::put(Endpoint::Manifest), Fault::pass().remove("oci-subject"));
    let services = Server::start(Lab::new(2), Owner::job("acme/skills"));
    sandbox.write("root.json", services.root());
    sandbox.write("token", token(&json!({"sub": "me"})));
    let (from, _) = pushed(&sandbox, &with.server().addr().to_string());
    sandbox.text(&["keys", "generate", "--output", "mine"]);
    let url = services.url();
    let inspected = sandbox.json(0, &["plugin", "inspect", "--remote", &from]);
    let below = inspected["artifact"]["manifest_digest"].as_str().expect("a digest").to_owned();
    // The index, and one of the manifests below it; with a key and without one.
    let pinned = format!("{}@{below}", from.rsplit_once(':').expect("a tag").0);
    for reference in [&from, &pinned] {
        sandbox.json(0, &["plugin", "sign", reference, "--key", "mine.key"]);
        if !cfg!(feature = "certificates") {
            continue;
        }
        let keyless = [
            "plugin",
            "sign",
            reference,
            "--keyless",
            "--fulcio-url",
            &url,
            "--rekor-url",
            &url,
            "--trusted-root",
            "root.json",
            "--identity-token",
            "token",
        ];
        sandbox.json(0, &keyless);
    }
    let by_key = ["--key", "mine.pub"];
    let by_owner = ["--github-repository", "acme/skills", "--trusted-root", "root.json"];
    let whom = match cfg!(feature = "certificates") {
        true => vec![&by_key[..], &by_owner],
        false => vec![&by_key[..]],
    };
    let sets = |reference: &str| {
        let pinned = format!("{}@{below}", reference.rsplit_once(':').expect("a tag").0);
        let mut sets = Vec::new();
        for reference in [reference, &pinned] {
            for whom in &whom {
                let words = ["plugin", "verify-signature", "--remote", reference];
                sets.push(set(&sandbox.json(0, &[&words[..], whom].concat())));
            }
        }
        sets
    };
    let wanted = sets(&from);
    assert!(wanted.iter().all(|set| set.len() == 2), "{wanted:?}");
    let there = format!("{}/mirror/x:1", without.server().addr());
    let back = format!("{}/back/x:1", with.server().addr());
    for (from, to) in [(&from, &there), (&there, &back)] {
        sandbox.text(&["plugin", "copy", from, to, "--referrers"]);
        assert_eq!(sets(to), wanted, "{to}");
    }
}

#[test]
fn a_tag_is_asked_once_and_what_it_named_then_is_what_is_meant_sig_10() {
    let sandbox = Sandbox::new();
    let faulty = Faulty::start(&sandbox);
    let addr = faulty.server().addr().to_string();
    let (reference, digest) = pushed(&sandbox, &addr);
    sandbox.text(&["keys", "generate", "--output", "mine"]);
    sandbox.text(&["plugin", "sign", &reference, "--key", "mine.key"]);
    // Once it was asked for, the tag names something else, which nobody signed.
    let other = format!("{addr}/me/release-notes:other");
    let plugin = example("plugins/release-notes");
    sandbox.json(0, &["plugin", "build", &plugin, "--tag", &other, "--epoch", "7"]);
    sandbox.text(&["plugin", "push", &other]);
    let moved = || {
        let at_tag = |seen: &oci_registry_faults::Seen| seen.path.ends_with("/manifests/1.2.0");
        When::any().on(Endpoint::Manifest).matching(at_tag).after(1)
    };
    faulty.script(moved(), Fault::redirect(307, "/v2/me/release-notes/manifests/other"));
    let pull = ["--format", "json", "plugin", "pull", &reference, "--verify", "--key", "mine.pub"];
    let pulled: Value =
        serde_json::from_slice(&two(&sandbox, 0, &pull).stdout).expect("one document");
    assert_eq!(pulled["digest"], json!(digest));
    // By now it names the other one, and that is not signed.
    let words = ["plugin", "verify-signature", "--remote", &reference, "--key", "mine.pub"];
    assert_eq!(sandbox.json(2, &words)["verdict"], "unsigned");
}

#[test]
fn the_last_of_more_signatures_than_are_looked_at_is_not_denied_sig_14() {
    let sandbox = Sandbox::new();
    let faulty = Faulty::start(&sandbox);
    let (reference, digest) = pushed(&sandbox, &faulty.server().addr().to_string());
    for name in ["mine", "other"] {
        sandbox.text(&["keys", "generate", "--output", name]);
    }
    // 32 of another signer, then the one that is expected.
    for index in 0..33 {
        let key = if index == 32 { "mine.key" } else { "other.key" };
        let annotation = format!("n={index}");
        let words = ["plugin", "sign", &reference, "--key", key, "--layout", "tag", "--annotation"];
        sandbox.text(&[&words[..], &[&annotation]].concat());
    }
    let words = ["plugin", "verify-signature", "--remote", &reference, "--key", "mine.pub"];
    let error = sandbox.json(1, &words);
    let message = error["error"]["message"].as_str().expect("words");
    assert!(message.contains("first 32") && message.contains("more"), "{message}");
    let found = sandbox.json(0, &[&words[..], &["--max-signatures", "33"]].concat());
    assert_eq!((layouts(&found), kinds(&found).len()), (vec!["tag"], 32));
    assert_eq!(found["digest"], json!(digest));
    two(&sandbox, 1, &["plugin", "pull", &reference, "--verify", "--key", "mine.pub"]);
    assert!(!sandbox.path("two").exists());
}
