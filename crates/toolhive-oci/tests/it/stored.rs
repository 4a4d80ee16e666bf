// SPDX-License-Identifier: Apache-2.0
//! Tests of the contents of a store and of their names: `list --stored`, `store list`, short digests, `manifest`,
//! `blob`; and of `init`.

use serde_json::{Value, json};

use crate::kinds::sandbox;
use crate::support::Sandbox;

#[test]
fn everything_in_the_store_is_listed_with_where_it_came_from_vb_8() {
    let sandbox = sandbox();
    let listed = sandbox.json(0, &["store", "list"]);
    let row = |tag: &str| {
        let rows = listed.as_array().expect("a list");
        rows.iter()
            .find(|row| row["tag"] == tag)
            .unwrap_or_else(|| panic!("{tag}: {listed}"))
            .clone()
    };
    for (tag, kind, origin) in [
        ("a-plugin", "plugin", "built"),
        ("a-skill", "skill", "built"),
        ("an-image", "image", "unknown"),
        ("an-sbom", "application/vnd.example.sbom.v1", "unknown"),
    ] {
        let found = row(tag);
        assert_eq!((&found["kind"], &found["origin"]), (&kind.into(), &origin.into()));
        assert!(found["size"].as_u64().is_some_and(|size| size > 100), "{found}");
        assert!(found["time"].as_str().is_some_and(|time| time.ends_with('Z')), "{found}");
    }
    assert_eq!(
        (&row("a-plugin")["name"], &row("a-plugin")["version"]),
        (&json!("a-plugin"), &json!("1"))
    );
    let tags = |args: &[&str]| -> Vec<Value> {
        let rows = sandbox.json(0, args);
        rows.as_array().expect("a list").iter().map(|row| row["tag"].clone()).collect()
    };
    assert_eq!(tags(&["plugin", "list", "--stored"]), ["a-plugin"]);
    assert_eq!(tags(&["skill", "ls", "--stored"]), ["a-skill"]);
    let text = sandbox.text(&["store", "list"]);
    let head: Vec<&str> = text.lines().next().expect("a line").split_whitespace().collect();
    assert_eq!(head, ["KIND", "TAG", "DIGEST", "SIZE", "ORIGIN", "ADDED"]);
    // What a gone manifest was, nobody knows; the rest is listed.
    let digest = row("a-plugin")["digest"].as_str().expect("a digest").replace("sha256:", "");
    std::fs::remove_file(sandbox.path(&format!("store/blobs/sha256/{digest}"))).expect("removed");
    let listed = sandbox.json(0, &["plugin", "list", "--stored"]);
    assert_eq!(listed[0]["kind"], "unreadable");
}

#[test]
fn the_start_of_a_digest_stands_for_it_vb_6() {
    let sandbox = Sandbox::new();
    sandbox.plugin("p", r#"{"name":"p"}"#);
    let built = sandbox.json(0, &["plugin", "build", "p", "--tag", "one", "--tag", "two"]);
    let digest = built["index_digest"].as_str().expect("a digest");
    let (short, bare) = (&digest[..19], &digest[7..15]);
    for name in [short, bare] {
        let found = sandbox.json(0, &["plugin", "inspect", name]);
        assert_eq!(found["artifact"]["index_digest"], digest);
    }
    assert_eq!(sandbox.json(0, &["plugin", "verify", bare, "p"])["verdict"], "exact");
    assert_eq!(sandbox.json(0, &["plugin", "extract", bare, "out"])["digest"], digest);
    let error = sandbox.json(1, &["plugin", "inspect", "sha256:0000"])["error"].clone();
    assert!(
        error["help"].as_str().is_some_and(|help| help.contains("begins with 0000")),
        "{error}"
    );

    // A removal names the tags first; by its digest every tag goes.
    let foreseen = sandbox.json(0, &["plugin", "builds", "remove", bare, "--dry-run"]);
    assert_eq!(
        foreseen,
        json!([{"tag": "one", "digest": digest}, {"tag": "two", "digest": digest}])
    );
    let gone = sandbox.json(0, &["plugin", "builds", "remove", bare]);
    assert_eq!(gone[1]["tag"], "two");
    assert!(gone[1]["blobs"].as_u64().is_some_and(|blobs| blobs > 3), "{gone}");
    assert_eq!(sandbox.json(0, &["store", "list"]), json!([]));
}

#[test]
fn the_parts_of_an_artifact_come_byte_for_byte() {
    let sandbox = Sandbox::new();
    sandbox.plugin("p", r#"{"name":"p"}"#);
    let built = sandbox.json(0, &["plugin", "build", "p"]);
    let text = |key: &str| built[key].as_str().expect("a digest").to_owned();
    let manifest = text("manifest_digest");
    for (args, digest) in [
        (&["manifest", "p"][..], text("index_digest")),
        (&["manifest", "p", "--platform", "linux/amd64"], manifest.clone()),
        (&["blob", "p", "config"], text("config_digest")),
        (&["blob", "p", "layer"], text("layer_digest")),
        (&["blob", "p", &manifest[..20]], manifest.clone()),
    ] {
        let bytes = sandbox.run(0, &[&["plugin"], args].concat()).stdout;
        assert_eq!(oci_artifact::digest::sha256(&bytes).to_string(), digest, "{args:?}");
        sandbox.run(0, &[&["plugin"], args, &["-o", "file"]].concat());
        assert_eq!(std::fs::read(sandbox.path("file")).expect("a file"), bytes);
    }
    let error = sandbox.json(1, &["plugin", "manifest", "p", "--platform", "linux/s390x"]);
    let help = error["error"]["help"].as_str().expect("help");
    assert_eq!(help, "it is for linux/amd64, linux/arm64");
    let error = sandbox.json(1, &["plugin", "blob", "p", "nonsense"]);
    assert_eq!(error["error"]["kind"], "not-found");
}

#[test]
fn a_dry_build_stores_nothing_vb_10() {
    let sandbox = Sandbox::new();
    sandbox.plugin("tree/p", r#"{"name":"p"}"#);
    let wet = |sandbox: &Sandbox| sandbox.json(0, &["plugin", "build", "tree/p"]);
    let dry = sandbox.json(0, &["plugin", "build", "tree/p", "--dry-run"]);
    assert_eq!(dry["dry_run"], true);
    sandbox.run(0, &["plugin", "build", "--all", "tree", "--dry-run"]);
    assert!(!sandbox.path("store").exists());
    assert_eq!(dry["index_digest"], wet(&sandbox)["index_digest"]);
}

#[test]
fn what_init_writes_validates_without_a_finding_and_builds() {
    let sandbox = Sandbox::new();
    for kind in ["plugin", "skill"] {
        let directory = format!("my-{kind}");
        let begun = sandbox.json(0, &[kind, "init", &directory]);
        assert_eq!(begun["name"], directory.as_str());
        for profile in ["claude", "toolhive"] {
            let found = sandbox.json(0, &[kind, "validate", &directory, "--profile", profile]);
            assert_eq!(found["errors"], json!([]), "{profile}");
            assert_eq!(found["warnings"], json!([]), "{profile}");
        }
        // Where no path is said, it is the directory that one is in.
        let mut here = sandbox.command();
        here.current_dir(sandbox.path(&directory)).args([kind, "build"]);
        assert_eq!(here.output().expect("it runs").stdout, format!("{directory}\n").into_bytes());
        let again = sandbox.json(1, &[kind, "init", &directory]);
        assert_eq!(again["error"]["kind"], "already-exists");
        let odd = sandbox.json(1, &[kind, "init", "Not A Name"]);
        assert!(odd["error"]["help"].as_str().is_some_and(|help| help.contains("--name")), "{odd}");
        let sentence = "Quotes \"this\": and more";
        let args = [kind, "init", "odd dir", "--name", kind, "--description", sentence];
        sandbox.run(0, &args);
        let built = sandbox.json(0, &[kind, "build", "odd dir"]);
        assert_eq!(built["config"]["description"], sentence);
        std::fs::remove_dir_all(sandbox.path("odd dir")).expect("removed");
    }
}
