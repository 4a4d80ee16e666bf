// SPDX-License-Identifier: Apache-2.0
//! Commands with two sides, one of which is in the store: `diff --remote=SIDE`, `copy`.

use serde_json::{Value, json};

use super::served::Served;
use crate::support::Sandbox;

/// A plugin of one version in the registry, and of the next one in the store, both under one
/// reference; the store has the next one as `next`, too.
fn two_versions() -> (Sandbox, Served, String) {
    let sandbox = Sandbox::new();
    let served = Served::start(&sandbox, &[]);
    let reference = format!("{}/me/p:1", served.addr);
    sandbox.plugin("one", r#"{"name":"p","version":"1"}"#);
    sandbox.plugin("two", r#"{"name":"p","version":"2"}"#);
    sandbox.text(&["plugin", "build", "one", "--tag", &reference, "--push"]);
    sandbox.text(&["plugin", "build", "two", "--tag", &reference, "--tag", "next"]);
    (sandbox, served, reference)
}

#[test]
fn each_side_of_a_comparison_is_in_its_registry_or_here_vb_11() {
    let (sandbox, _served, reference) = two_versions();
    // The version that each side is, as the difference says it.
    let versions = |words: &[&str]| -> [Value; 2] {
        let found = sandbox.json(0, &[&["plugin", "diff"], words].concat());
        if found["same"] == true {
            return [json!("same"), json!("same")];
        }
        let fields = found["fields"].as_array().expect("a list");
        let version = fields.iter().find(|field| {
            field["what"] == "label" && field["name"] == "dev.toolhive.plugins.version"
        });
        let version = version.unwrap_or_else(|| panic!("{words:?}: {found}"));
        ["before", "after"].map(|side| version[side].clone())
    };
    let same = [json!("same"), json!("same")];
    let (up, down) = ([json!("1"), json!("2")], [json!("2"), json!("1")]);
    let reference = reference.as_str();
    assert_eq!(versions(&[reference, reference]), same);
    assert_eq!(versions(&["--remote", reference, reference]), same);
    assert_eq!(versions(&["--remote=both", reference, reference]), same);
    assert_eq!(versions(&["--remote=old", reference, reference]), up);
    assert_eq!(versions(&["--remote=new", reference, reference]), down);
    // What names no registry is here, whichever side it is: a tag, a digest, a directory.
    let next = sandbox.json(0, &["plugin", "inspect", "next"]);
    let digest = next["artifact"]["index_digest"].as_str().expect("a digest");
    for here in ["next", digest, &digest[..19], "./two", "two"] {
        assert_eq!(versions(&["--remote", reference, here]), up, "{here}");
        assert_eq!(versions(&["--remote", here, reference]), down, "{here}");
        assert_eq!(versions(&["--remote=old", reference, here]), up, "{here}");
        assert_eq!(versions(&["--remote=new", here, reference]), down, "{here}");
        // Of a side that has to be in a registry a directory of that name says nothing.
        let refused = sandbox.json(1, &["plugin", "diff", "--remote=old", here, reference]);
        assert_eq!(refused["error"]["kind"], "invalid-reference", "{refused}");
    }
    sandbox.run(64, &["plugin", "diff", "--remote=left", reference, "next"]);
    // A policy is asked about what comes from a registry, and about nothing else.
    sandbox.write("nobody.json", r#"{"version":1,"default":"reject","rules":[]}"#);
    let policy = |side: &str, words: &[&str], code| {
        let side = format!("--remote={side}");
        let words = [&["plugin", "diff", &side, "--policy", "nobody.json"], words].concat();
        sandbox.run(code, &words);
    };
    policy("old", &[reference, "next"], 4);
    policy("new", &["next", reference], 4);
    policy("both", &["next", "./one"], 0);
}

#[test]
fn a_build_is_copied_from_the_store_to_a_registry_vb_12() {
    let (sandbox, served, reference) = two_versions();
    let digest =
        sandbox.json(0, &["plugin", "inspect", "next"])["artifact"]["index_digest"].clone();
    let digest = digest.as_str().expect("a digest").to_owned();
    for (number, source) in ["next", &digest, &digest[..19], &digest[7..15]].iter().enumerate() {
        let to = format!("{}/you/p:{number}", served.addr);
        let copied = sandbox.json(0, &["plugin", "copy", source, &to]);
        assert_eq!((&copied["reference"], &copied["digest"]), (&json!(to), &json!(digest)));
        assert_eq!(sandbox.text(&["plugin", "resolve", &to]), format!("{digest}\n"));
    }
    // A reference is in its registry, whatever the store has under it.
    let to = format!("{}/you/p:there", served.addr);
    assert_ne!(sandbox.json(0, &["plugin", "copy", &reference, &to])["digest"], json!(digest));

    let refused = |words: &[&str]| {
        let words = [&["plugin", "copy"], words, &[&to]].concat();
        let refused = sandbox.json(1, &words)["error"].clone();
        ["kind", "message", "help"].map(|key| refused[key].as_str().unwrap_or_default().to_owned())
    };
    let [kind, _, help] = refused(&["nexd"]);
    assert!(kind == "not-found" && help.contains("\"next\""), "{kind} {help}");
    let [kind, message, _] = refused(&["ghcr.io/Me/P:1"]);
    assert!(kind == "invalid-reference" && message.contains("capital"), "{kind} {message}");
    let [kind, message, _] = refused(&["next", "--src-plain-http"]);
    assert!(kind == "invalid-reference" && message.contains("no registry"), "{kind} {message}");
    let other = sandbox.json(1, &["skill", "copy", "next", &to]);
    let message = other["error"]["message"].as_str().expect("words");
    assert!(message.contains("is a plugin, not a skill"), "{message}");
    let help = other["error"]["help"].as_str().expect("words");
    assert!(help.contains("plugin copy next"), "{help}");
}

/// A part of an artifact is found without asking for any document twice.
#[test]
fn each_document_of_a_registry_is_asked_for_once() {
    let (sandbox, _served, reference) = two_versions();
    let seen = sandbox.json(0, &["plugin", "inspect", "--remote", &reference]);
    for part in ["config", "layer", "index"] {
        let digest = seen["artifact"][format!("{part}_digest")].as_str().expect("a digest");
        // By its name, where it has one, and by the start of its digest.
        let own = Some(part).filter(|part| ["config", "layer"].contains(part));
        for name in own.into_iter().chain([&digest[..19]]) {
            let output = sandbox.run(0, &["-v", "plugin", "blob", "--remote", &reference, name]);
            assert_eq!(oci_artifact::digest::sha256(&output.stdout).to_string(), digest, "{name}");
            let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
            let asked = stderr
                .lines()
                .filter(|line| line.starts_with("GET ") && line.contains("/manifests/"));
            let mut asked: Vec<&str> = asked.filter_map(|line| line.split(": ").next()).collect();
            let all = asked.len();
            asked.sort_unstable();
            asked.dedup();
            assert!(all > 1 && asked.len() == all, "{name}: {stderr}");
        }
    }
}
