// SPDX-License-Identifier: Apache-2.0
//! Every verb with a registry is for one kind, and says of anything else what it is (VB-1).

use std::fs;

use serde_json::{Value, json};

use super::served::Served;
use crate::kinds::{MANIFEST, WRONG, refused, sandbox};
use crate::support::Sandbox;

/// Sends what the store has of a foreign manifest to the registry, as any client can.
fn send(sandbox: &Sandbox, served: &Served, tag: &str) {
    let index = fs::read_to_string(sandbox.path("store/index.json")).expect("reads");
    let index: Value = serde_json::from_str(&index).expect("JSON");
    let read = |digest: &Value| {
        let digest = digest.as_str().expect("text").trim_start_matches("sha256:");
        fs::read_to_string(sandbox.path(&format!("store/blobs/sha256/{digest}"))).expect("reads")
    };
    let listed = index["manifests"].as_array().expect("a list");
    let name = |entry: &&Value| entry["annotations"]["org.opencontainers.image.ref.name"] == tag;
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
        let verbs: [&[&str]; 7] = [
            &["inspect", "--remote", &reference],
            &["verify", "--remote", &reference, directory],
            &["diff", "--remote", &reference, directory],
            &["diff", "--remote", directory, &reference],
            &["pull", &reference],
            &["push", tag, "--to", &target],
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
    assert!(error["message"].as_str().expect("text").contains("is not a plugin"), "{error}");
}
