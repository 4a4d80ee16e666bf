// SPDX-License-Identifier: Apache-2.0
//! Artifacts that are one thing here and another there, before every reader (MAN-5, CFG-8).

use std::fs;

use serde_json::Value;
use test_support::hostile::{Artifact, Class, artifacts, write_layout};

use crate::support::Sandbox;

const PLUGIN: &str = r#"{"name":"x"}"#;

/// A sandbox whose store has all of them, each under its name, and the directory of the harmless one.
pub(crate) fn sandbox() -> (Sandbox, Vec<Artifact>) {
    let (sandbox, artifacts) = (Sandbox::new(), artifacts());
    fs::create_dir(sandbox.path("store")).expect("a directory");
    for artifact in &artifacts {
        // What one of them lacks another one has.
        let store = sandbox.path(&format!("stores/{}", artifact.name));
        fs::create_dir_all(&store).expect("a directory");
        write_layout(&store, [artifact], str::to_owned);
    }
    sandbox.plugin("x", PLUGIN);
    (sandbox, artifacts)
}

/// Runs a command on the store of one of them; its exit code and the document that it printed.
pub(crate) fn on(
    sandbox: &Sandbox,
    artifact: &Artifact,
    args: &[&str],
) -> (Option<i32>, Value, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_toolhive-oci"));
    let store = format!("stores/{}", artifact.name);
    command.env_clear().current_dir(sandbox.path("."));
    let output = command.args(["--store", &store, "--format", "json"]).args(args).output();
    let output = output.expect("it runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), serde_json::from_str(&text).unwrap_or_default(), text + &errors)
}

/// A command that must refuse the artifact, and say why.
pub(crate) fn refused(sandbox: &Sandbox, artifact: &Artifact, args: &[&str]) {
    let (code, found, text) = on(sandbox, artifact, args);
    let Artifact { name, class, .. } = artifact;
    assert_eq!(code, Some(1), "{name}, {args:?}: {text}");
    let error = &found["error"];
    let said = error["message"].as_str().unwrap_or_else(|| panic!("{name}, {args:?}: {text}"));
    let expected: &[&str] = match class {
        None => panic!("{name} is harmless"),
        Some(Class::Ambiguous) => &["another case of", "is repeated", "count as one key"],
        Some(Class::Divided) => &[
            "has the layer",
            "the diff ID",
            "the same label",
            "twice",
            "is incomplete",
            "not found",
            "has no manifest for",
        ],
        Some(Class::Foreign) => &["the artifact type is", "not a plugin"],
    };
    assert!(expected.iter().any(|text| said.contains(text)), "{name}, {args:?}: {said}");
}

#[test]
fn the_harmless_one_is_read_by_every_command() {
    let (sandbox, artifacts) = sandbox();
    let harmless = &artifacts[0];
    for args in [
        &["plugin", "inspect", "harmless", "--fail-on", "error"][..],
        &["plugin", "verify", "harmless", "x"],
        &["plugin", "diff", "harmless", "x", "--exit-code"],
        &["plugin", "extract", "harmless", "out"],
        &["marketplace", "generate", "harmless", "--name", "n", "--owner", "o"],
    ] {
        let (code, _, text) = on(&sandbox, harmless, args);
        assert_eq!(code, Some(0), "{args:?}: {text}");
    }
}

#[test]
fn a_hostile_artifact_is_refused_by_every_command_man_5_cfg_8() {
    let (sandbox, artifacts) = sandbox();
    for artifact in &artifacts[1..] {
        let name = artifact.name.as_str();
        for args in [
            &["plugin", "inspect", name][..],
            &["plugin", "verify", name, "x"],
            &["plugin", "diff", name, name],
            &["plugin", "diff", "./x", name],
            &["plugin", "extract", name, "out"],
            &["marketplace", "generate", name, "--name", "n", "--owner", "o"],
        ] {
            refused(&sandbox, artifact, args);
        }
        assert!(!sandbox.path("out").exists(), "{name}");
    }
}

#[test]
fn garbage_collection_keeps_what_any_reader_may_follow_man_6() {
    let (sandbox, artifacts) = sandbox();
    for artifact in &artifacts {
        let store = sandbox.path(&format!("stores/{}/blobs/sha256", artifact.name));
        let names = || {
            let entries = fs::read_dir(&store).expect("is there");
            let mut names: Vec<_> = entries.map(|entry| entry.expect("one").file_name()).collect();
            names.sort();
            names
        };
        let before = names();
        on(&sandbox, artifact, &["store", "gc"]);
        // Of a config nothing is followed, so that the one which only a config mentions is none.
        assert_eq!(names(), before, "{}", artifact.name);
    }
}

#[test]
fn a_difference_between_two_digests_is_named_cfg_8() {
    let (sandbox, artifacts) = (Sandbox::new(), artifacts());
    let harmless = &artifacts[0];
    fs::create_dir(sandbox.path("store")).expect("a directory");
    // The same content, written differently: another digest, and nothing else.
    let mut spaced = harmless.clone();
    spaced.name = "spaced".to_owned();
    let index = spaced.blobs.pop().expect("an index");
    let text = String::from_utf8(index.bytes).expect("text").replacen(':', ": ", 1);
    spaced.blobs.push(test_support::hostile::blob("index", text.into_bytes()));
    let mut other = harmless.clone();
    other.name = "other".to_owned();
    let index = other.blobs.pop().expect("an index");
    let text = String::from_utf8(index.bytes).expect("text").replacen('{', r#"{"x":1,"#, 1);
    other.blobs.push(test_support::hostile::blob("index", text.into_bytes()));
    write_layout(&sandbox.path("store"), [harmless, &spaced, &other], str::to_owned);

    let (old, new) = (harmless.root().digest.clone(), spaced.root().digest.clone());
    let found = sandbox.json(2, &["plugin", "diff", "harmless", "spaced", "--exit-code"]);
    assert_eq!(found["same"], false);
    assert_eq!(
        found["fields"],
        serde_json::json!([{"what": "field", "name": "index, its bytes", "before": old, "after": new}])
    );
    let found = sandbox.json(0, &["plugin", "diff", "harmless", "other"]);
    assert_eq!(
        found["fields"],
        serde_json::json!([{"what": "field", "name": "index /x", "after": "1"}])
    );
    let text = sandbox.text(&["plugin", "diff", "harmless", "other"]);
    assert!(!text.contains("the same files") && text.contains("index /x"), "{text}");
    let text = sandbox.text(&["plugin", "diff", "harmless", "harmless"]);
    assert!(text.contains("the same files"), "{text}");
}

#[test]
fn inspect_prints_the_name_of_the_files_and_a_label_that_says_another() {
    let sandbox = Sandbox::new();
    let mut artifact = artifacts().remove(0);
    // The same on every platform, so that the artifact is one content: only its label is false.
    let (from, to) = (r#"plugins.name":"x""#, r#"plugins.name":"y""#);
    let mut renamed: Vec<(String, String)> = Vec::new();
    for blob in artifact.blobs.iter_mut().filter(|blob| blob.name != "layer") {
        let mut text = String::from_utf8(blob.bytes.clone()).expect("text");
        if blob.name.starts_with("config") {
            text = text.replace(from, to);
        }
        renamed.iter().for_each(|(old, new)| text = text.replace(old, new));
        let new = test_support::hostile::blob(&blob.name, text.into_bytes());
        renamed.push((blob.digest.clone(), new.digest.clone()));
        *blob = new;
    }
    fs::create_dir(sandbox.path("store")).expect("a directory");
    write_layout(&sandbox.path("store"), [&artifact], str::to_owned);
    let text = sandbox.text(&["plugin", "inspect", "harmless"]);
    let row = |name: &str| {
        let rows = text.lines().filter_map(|line| line.strip_prefix(name)).map(str::trim);
        rows.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(row("Name  "), ["x"], "{text}");
    assert_eq!(row("Name (label)"), ["y"], "{text}");
    assert!(row("Name (annotation)").is_empty(), "it says what the files say: {text}");
    assert!(text.contains("label-mismatch"), "{text}");
    sandbox.run(2, &["plugin", "inspect", "harmless", "--fail-on", "warning"]);
}
