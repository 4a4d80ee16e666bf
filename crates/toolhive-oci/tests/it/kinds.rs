// SPDX-License-Identifier: Apache-2.0
//! Every verb is for one kind, and says of anything else what it is (VB-1).

use std::fs;

use serde_json::{Value, json};

use crate::support::Sandbox;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// A sandbox whose store has a plugin, a skill, and what other programs put there.
fn sandbox() -> Sandbox {
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
    sandbox.write(&format!("store/blobs/sha256/{}", digest.digest()), text);
    json!({"mediaType": media_type, "digest": digest.as_ref() as &str, "size": text.len()})
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

/// What is said of a tag, by the verbs of the other kind.
fn words(kind: &str, tag: &str) -> String {
    match (kind, tag) {
        ("plugin", "a-skill") => "is a skill, not a plugin".to_owned(),
        ("skill", "a-plugin") => "is a plugin, not a skill".to_owned(),
        (_, "an-image") => format!("is no {kind}, but an image that runs in a container"),
        (_, _) => {
            format!("is no {kind}, but something of the type \"application/vnd.example.sbom.v1\"")
        }
    }
}

/// The kind, and what is not of it.
const WRONG: [(&str, &str); 6] = [
    ("plugin", "a-skill"),
    ("plugin", "an-image"),
    ("plugin", "an-sbom"),
    ("skill", "a-plugin"),
    ("skill", "an-image"),
    ("skill", "an-sbom"),
];

/// Runs what has to be refused because of the kind; the help.
fn refused(sandbox: &Sandbox, kind: &str, tag: &str, args: &[&str]) -> String {
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
        let verbs: [&[&str]; 8] = [
            &["inspect", tag],
            &["extract", tag, "out"],
            &["verify", tag, directory],
            &["diff", tag, directory],
            &["diff", directory, tag],
            &["builds", "remove", tag],
            &["builds", "remove", &own, tag],
            &["push", tag, "--to", "127.0.0.1:1/x/y:z"],
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
        assert!(help.contains(&format!("`{other} build`")), "{help}");
    }
}

#[cfg(feature = "network")]
mod remote {
    use super::*;
    use crate::support::served::Served;

    /// Sends what the store has of a foreign manifest to the registry, as any client can.
    fn send(sandbox: &Sandbox, served: &Served, tag: &str) {
        let index = fs::read_to_string(sandbox.path("store/index.json")).expect("reads");
        let index: Value = serde_json::from_str(&index).expect("JSON");
        let read = |digest: &Value| {
            let digest = digest.as_str().expect("text").trim_start_matches("sha256:");
            fs::read_to_string(sandbox.path(&format!("store/blobs/sha256/{digest}")))
                .expect("reads")
        };
        let listed = index["manifests"].as_array().expect("a list");
        let name =
            |entry: &&Value| entry["annotations"]["org.opencontainers.image.ref.name"] == tag;
        let manifest = read(&listed.iter().find(name).expect("is listed")["digest"]);
        let parsed: Value = serde_json::from_str(&manifest).expect("JSON");
        let config = &parsed["config"]["digest"];
        let path = format!("/v2/x/{tag}/blobs/uploads/?digest={}", config.as_str().expect("text"));
        let octets = "Content-Type: application/octet-stream\r\n";
        let sent = served.send("POST", &path, octets, &read(config));
        assert!(sent.starts_with("HTTP/1.1 201 "), "{sent}");
        let path = format!("/v2/x/{tag}/manifests/1");
        let sent = served.send("PUT", &path, &format!("Content-Type: {MANIFEST}\r\n"), &manifest);
        assert!(sent.starts_with("HTTP/1.1 201 "), "{sent}");
    }

    #[test]
    fn every_verb_on_a_registry_refuses_what_is_of_another_kind_vb_1() {
        let sandbox = sandbox();
        let served = Served::start(&sandbox, &[]);
        let at = |tag: &str| format!("{}/x/{tag}:1", served.addr);
        for kind in ["plugin", "skill"] {
            let own = format!("a-{kind}");
            sandbox.run(0, &[kind, "push", &own, "--to", &at(&own)]);
        }
        for tag in ["an-image", "an-sbom"] {
            send(&sandbox, &served, tag);
        }
        let before = fs::read(sandbox.path("store/index.json")).expect("reads");
        for (kind, tag) in WRONG {
            let reference = at(tag);
            let directory = if kind == "plugin" { "./p" } else { "./s" };
            let target = at("copied");
            let verbs: [&[&str]; 6] = [
                &["inspect", "--remote", &reference],
                &["verify", "--remote", &reference, directory],
                &["diff", "--remote", &reference, directory],
                &["diff", "--remote", directory, &reference],
                &["pull", &reference],
                &["copy", &reference, &target],
            ];
            for verb in verbs {
                let args = [&[kind], verb].concat();
                let help = sandbox.json(1, &args)["error"]["help"].clone();
                refused(&sandbox, kind, tag, &args);
                if let Some(other) = tag.strip_prefix("a-") {
                    let first = verb.first().expect("a verb");
                    let help = help.as_str().expect("help");
                    assert!(help.contains(&format!("`{other} {first} ")), "{args:?}: {help}");
                }
            }
            if kind == "plugin" {
                let args = ["marketplace", "generate", "--name", "m", "--owner", "o"];
                refused(&sandbox, kind, tag, &[&args[..], &["--remote", &reference]].concat());
            }
        }
        assert_eq!(fs::read(sandbox.path("store/index.json")).expect("reads"), before);
        let missing = sandbox.json(1, &["plugin", "resolve", &at("copied")]);
        assert_eq!(missing["error"]["kind"], "not-found", "nothing was copied");
        for kind in ["plugin", "skill"] {
            let own = at(&format!("a-{kind}"));
            sandbox.run(0, &[kind, "pull", &own]);
            sandbox.run(0, &[kind, "copy", &own, &at("copied")]);
        }
    }

    #[test]
    fn resolve_refuses_what_can_be_neither_vb_1() {
        let sandbox = Sandbox::new();
        let served = Served::start(&sandbox, &[]);
        let docker = "application/vnd.docker.distribution.manifest.list.v2+json";
        let list = json!({"schemaVersion": 2, "mediaType": docker, "manifests": []}).to_string();
        let header = format!("Content-Type: {docker}\r\n");
        let sent = served.send("PUT", "/v2/x/y/manifests/1", &header, &list);
        assert!(sent.starts_with("HTTP/1.1 201 "), "{sent}");
        let reference = format!("{}/x/y:1", served.addr);
        let error = sandbox.json(1, &["plugin", "resolve", &reference])["error"].clone();
        assert_eq!(error["kind"], "invalid-document", "{error}");
        assert!(error["message"].as_str().expect("text").contains("is no plugin"), "{error}");
    }
}
