// SPDX-License-Identifier: Apache-2.0
//! Every verb is for one kind, and says of anything else what it is (VB-1).

use std::fs;

use serde_json::{Value, json};

use crate::support::Sandbox;

pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// A sandbox whose store has a plugin, a skill, and what other programs put there.
pub(crate) fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.plugin("p", r#"{"name":"a-plugin","version":"1","description":"One."}"#);
    sandbox.write("s/SKILL.md", "---\nname: a-skill\ndescription: One.\n---\n");
    sandbox.run(0, &["plugin", "build", "p"]);
    sandbox.run(0, &["skill", "build", "s"]);
    let image = json!({"schemaVersion": 2, "mediaType": MANIFEST,
        "config": blob(&sandbox, "application/vnd.oci.image.config.v1+json", IMAGE_CONFIG),
        "layers": []});
    list(&sandbox, "an-image", &image);
    let other = json!({"schemaVersion": 2, "mediaType": MANIFEST,
        "artifactType": "application/vnd.example.sbom.v1",
        "config": blob(&sandbox, "application/vnd.oci.empty.v1+json", "{}"),
        "layers": []});
    list(&sandbox, "an-sbom", &other);
    sandbox
}

const IMAGE_CONFIG: &str =
    r#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"#;

/// Puts a blob into the store, as other programs do; its descriptor.
fn blob(sandbox: &Sandbox, media_type: &str, text: &str) -> Value {
    let digest = oci_artifact::digest::sha256(text.as_bytes());
    sandbox.write(&format!("store/blobs/sha256/{}", digest.hex()), text);
    json!({"mediaType": media_type, "digest": digest.to_string(), "size": text.len()})
}

/// Lists a manifest in the store under that tag.
fn list(sandbox: &Sandbox, tag: &str, manifest: &Value) {
    let mut entry = blob(sandbox, MANIFEST, &manifest.to_string());
    entry["annotations"] = json!({"org.opencontainers.image.ref.name": tag});
    let index = sandbox.path("store/index.json");
    let text = fs::read_to_string(&index).expect("reads");
    let mut listed: Value = serde_json::from_str(&text).expect("JSON");
    listed["manifests"].as_array_mut().expect("a list").push(entry);
    fs::write(index, listed.to_string()).expect("writes");
}

/// Returns the message about a tag by the verbs of the other kind.
fn words(kind: &str, tag: &str) -> String {
    match (kind, tag) {
        ("plugin", "a-skill") => "is a skill, not a plugin".to_owned(),
        ("skill", "a-plugin") => "is a plugin, not a skill".to_owned(),
        (_, "an-image") => format!("is not a {kind}, but an image that runs in a container"),
        (_, _) => {
            format!(
                "is not a {kind}, but an artifact of the type \"application/vnd.example.sbom.v1\""
            )
        }
    }
}

/// The kind, and what is not of it.
pub(crate) const WRONG: [(&str, &str); 6] = [
    ("plugin", "a-skill"),
    ("plugin", "an-image"),
    ("plugin", "an-sbom"),
    ("skill", "a-plugin"),
    ("skill", "an-image"),
    ("skill", "an-sbom"),
];

/// Runs what has to be refused because of the kind; the help.
pub(crate) fn refused(sandbox: &Sandbox, kind: &str, tag: &str, args: &[&str]) -> String {
    let error = sandbox.json(1, args)["error"].clone();
    assert_eq!(error["kind"], "invalid-document", "{args:?}: {error}");
    let message = error["message"].as_str().expect("text");
    assert!(message.contains(&words(kind, tag)), "{args:?}: {message}");
    let help = error["help"].as_str().expect("help").to_owned();
    assert!(!help.contains("--force") && !help.contains("--remote"), "{args:?}: {help}");
    help
}

#[test]
fn every_verb_on_the_store_refuses_what_is_of_another_kind_vb_1() {
    let sandbox = sandbox();
    let before = fs::read(sandbox.path("store/index.json")).expect("reads");
    for (kind, tag) in WRONG {
        let own = format!("a-{kind}");
        let directory = if kind == "plugin" { "./p" } else { "./s" };
        let verbs: [&[&str]; 7] = [
            &["inspect", tag],
            &["extract", tag, "out"],
            &["verify", tag, directory],
            &["diff", tag, directory],
            &["diff", directory, tag],
            &["builds", "remove", tag],
            &["builds", "remove", &own, tag],
        ];
        for verb in verbs {
            let args = [&[kind], verb].concat();
            let help = refused(&sandbox, kind, tag, &args);
            if let Some(other) = tag.strip_prefix("a-") {
                let first = verb.first().expect("a verb");
                assert!(help.contains(&format!("`{other} {first} ")), "{args:?}: {help}");
            }
        }
        if kind == "plugin" {
            let args = ["marketplace", "generate", "--name", "m", "--owner", "o", tag];
            refused(&sandbox, kind, tag, &args);
        }
    }
    assert!(!sandbox.path("out").exists());
    assert_eq!(fs::read(sandbox.path("store/index.json")).expect("reads"), before);
    // What is of the kind is taken.
    for kind in ["plugin", "skill"] {
        sandbox.run(0, &[kind, "inspect", &format!("a-{kind}")]);
        sandbox.run(0, &[kind, "builds", "remove", &format!("a-{kind}")]);
    }
}

#[test]
fn builds_lists_what_is_of_its_kind_vb_1() {
    let sandbox = sandbox();
    for kind in ["plugin", "skill"] {
        let listed = sandbox.json(0, &[kind, "builds"]);
        let tags: Vec<&Value> =
            listed.as_array().expect("a list").iter().map(|b| &b["tag"]).collect();
        assert_eq!(tags, [&json!(format!("a-{kind}"))]);
    }
    let all = sandbox.json(0, &["marketplace", "generate", "--name", "m", "--owner", "o", "--all"]);
    assert_eq!(all["plugins"].as_array().map(Vec::len), Some(1), "{all}");
}

#[test]
fn a_directory_of_the_other_kind_is_said_to_be_that_vb_1() {
    let sandbox = sandbox();
    for (kind, other, directory) in [("plugin", "skill", "s"), ("skill", "plugin", "p")] {
        let error = sandbox.json(1, &[kind, "build", directory])["error"].clone();
        assert_eq!(error["kind"], "manifest-missing");
        let help = error["help"].as_str().expect("help");
        assert!(help.contains(&format!("`{other} build {directory}`")), "{help}");
    }
}
