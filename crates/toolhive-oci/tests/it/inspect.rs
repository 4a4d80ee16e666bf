// SPDX-License-Identifier: Apache-2.0
//! `inspect` of what the store has.

use crate::support::{Sandbox, example};

#[test]
fn a_tag_and_its_digests_show_the_same_artifact() {
    let sandbox = Sandbox::new();
    let built = sandbox.json(0, &["plugin", "build", &example("plugins/release-notes")]);
    for key in ["reference", "index_digest", "manifest_digest"] {
        let reference = built[key].as_str().expect("text");
        let found = sandbox.json(0, &["plugin", "inspect", reference]);
        for same in ["manifest_digest", "config_digest", "layer_digest", "diff_id", "layer_size"] {
            assert_eq!(found["artifact"][same], built[same], "{key}: {same}");
        }
        assert_eq!(found["artifact"]["files"], built["files"]);
        assert_eq!(found["config"], built["config"]);
    }
    let text = sandbox.text(&["plugin", "inspect", "release-notes"]);
    assert!(text.contains("0755     2.6 KiB  hooks/check_changelog.py"), "{text}");
}

#[test]
fn what_is_not_there_or_not_of_the_kind_is_said() {
    let sandbox = Sandbox::new();
    let missing = sandbox.json(1, &["plugin", "inspect", "missing"]);
    assert_eq!(missing["error"]["kind"], "not-found");
    let skill = example("skills/why-digests-differ");
    sandbox.text(&["skill", "build", &skill]);
    let other = sandbox.json(1, &["plugin", "inspect", "why-digests-differ"]);
    assert_eq!(other["error"]["kind"], "invalid-document");
}

#[test]
fn a_directory_and_its_artifact_have_one_surface_s_1() {
    let sandbox = Sandbox::new();
    for (kind, path) in
        [("plugin", "plugins/release-notes"), ("skill", "skills/why-digests-differ")]
    {
        let path = example(path);
        let built = sandbox.json(0, &[kind, "build", &path]);
        let reference = built["reference"].as_str().expect("text");
        let mut stored = sandbox.json(0, &[kind, "inspect", reference]);
        let mut directory = sandbox.json(0, &[kind, "inspect", &path]);
        let stored = stored.as_object_mut().expect("an object");
        assert!(stored.remove("artifact").is_some() && stored.remove("config").is_some());
        let directory = directory.as_object_mut().expect("an object");
        if kind == "skill" {
            // A skill's files lose their execute bits (BUG-11).
            for side in [&mut *stored, &mut *directory] {
                side.remove("executables");
                side["subject"].as_object_mut().expect("an object").remove("code_digest");
            }
        }
        assert_eq!(stored, directory, "{kind}");
        assert_eq!(directory["schema"], "plugin-surface/1");
    }
}

#[test]
fn the_surface_comes_first_s_83() {
    let sandbox = Sandbox::new();
    let text = sandbox.text(&["plugin", "inspect", &example("plugins/release-notes")]);
    let expected = "\nRUNS BY ITSELF once enabled\n  after every Edit or Write   \
                    \"${CLAUDE_PLUGIN_ROOT}/hooks/check_changelog.py\"  ";
    assert!(text.contains(expected), "{text}");
    sandbox.text(&["plugin", "build", &example("plugins/release-notes")]);
    let stored = sandbox.text(&["plugin", "inspect", "release-notes"]);
    assert!(stored.starts_with(&text), "{stored}");
}

#[test]
fn a_condition_that_holds_is_exit_code_2_s_85() {
    let sandbox = Sandbox::new();
    let path = example("plugins/release-notes");
    for (what, code) in [("error", 0), ("warning", 0), ("moving", 0), ("automatic", 2)] {
        sandbox.run(code, &["plugin", "inspect", &path, "--fail-on", what]);
    }
    sandbox.write("p/.mcp.json", r#"{"a": {"command": "npx", "args": ["x"]}}"#);
    for what in ["warning", "moving", "automatic"] {
        sandbox.run(2, &["plugin", "inspect", "./p", "--fail-on", what]);
    }
    sandbox.run(0, &["plugin", "inspect", "p"]);
}

#[test]
fn a_directory_without_a_name_is_called_like_its_place() {
    let sandbox = Sandbox::new();
    sandbox.write("here/commands/a.md", "---\na: b\n---\n");
    let found = sandbox.json(0, &["plugin", "inspect", "./here"]);
    assert_eq!(found["subject"]["name"], "here");
    let found = sandbox.json(0, &["plugin", "inspect", "./here/../here"]);
    assert_eq!(found["subject"]["name"], "here");
    assert_eq!(sandbox.json(1, &["plugin", "inspect", "./gone"])["error"]["kind"], "invalid-dir");
}

#[test]
fn what_the_labels_say_is_compared_with_the_files() {
    let sandbox = Sandbox::new();
    sandbox.plugin("p", r#"{"name":"x","version":"1.0.0"}"#);
    sandbox.text(&["plugin", "build", "p"]);
    let clean = sandbox.json(0, &["plugin", "inspect", "x"]);
    assert!(!clean["warnings"].to_string().contains("label-mismatch"), "{}", clean["warnings"]);
    // An index that says something else of the same manifests: only its annotations differ.
    let store = sandbox.path("store");
    let blob = |digest: &str| {
        store.join("blobs/sha256").join(digest.strip_prefix("sha256:").expect("a digest"))
    };
    let digest = clean["artifact"]["index_digest"].as_str().expect("text").to_owned();
    let index = std::fs::read_to_string(blob(&digest)).expect("the index");
    let forged = index.replace("1.0.0", "9.9.9");
    assert_ne!(index, forged);
    let forged_digest = oci_artifact::digest::sha256(forged.as_bytes());
    std::fs::write(blob(&forged_digest.to_string()), &forged).expect("a blob");
    let listing = store.join("index.json");
    let text = std::fs::read_to_string(&listing).expect("the listing");
    std::fs::write(&listing, text.replace(&digest, &forged_digest.to_string()))
        .expect("the listing");

    let found = sandbox.json(0, &["plugin", "inspect", "x"]);
    let warnings = found["warnings"].to_string();
    assert!(warnings.contains("label-mismatch") && warnings.contains("9.9.9"), "{warnings}");
    sandbox.run(2, &["plugin", "inspect", "x", "--fail-on", "warning"]);
}

/// Signatures, SBOMs and provenance that a store has are listed with what they are about.
#[test]
fn inspect_lists_what_is_attached() {
    let sandbox = Sandbox::new();
    sandbox.plugin("p", r#"{"name":"p"}"#);
    let built = sandbox.json(0, &["plugin", "build", "p"]);
    let found = sandbox.json(0, &["plugin", "inspect", "p"]);
    assert_eq!(found["artifact"].get("referrers"), None);

    let subject = built["index_digest"].as_str().expect("text");
    let store = oci_artifact::store::Store::open(sandbox.path("store")).expect("opens");
    let ingest = store.ingest().expect("begins");
    let empty = ingest.put_blob(b"{}").expect("stored");
    let index = store.get_blob(&subject.parse().expect("a digest")).expect("is there");
    let config = format!(
        r#"{{"mediaType":"application/vnd.oci.empty.v1+json","digest":"{empty}","size":2}}"#
    );
    let manifest = format!(
        r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/spdx+json","config":{config},"layers":[{config}],"subject":{{"mediaType":"application/vnd.oci.image.index.v1+json","digest":"{subject}","size":{}}}}}"#,
        index.len()
    );
    let digest = ingest.put_manifest(manifest.as_bytes()).expect("stored");
    ingest.tag(&digest, "sbom", oci_artifact::store::Origin::Remote).expect("a tag");
    ingest.commit().expect("commits");

    let found = sandbox.json(0, &["plugin", "inspect", "p"]);
    let wanted = serde_json::json!([{
        "artifact_type": "application/spdx+json",
        "media_type": "application/vnd.oci.image.manifest.v1+json",
        "digest": digest.to_string(),
        "size": manifest.len(),
        "subject": subject,
        "layout": "referrer",
    }]);
    assert_eq!(found["artifact"]["referrers"], wanted);
    let text = sandbox.text(&["plugin", "inspect", "p"]);
    assert!(text.contains("Attached (1):\n  application/spdx+json"), "{text}");
}

/// On a terminal no line is broken by the terminal, whatever a plugin says, and digests stay whole; in a
/// pipe each fact is a line.
#[cfg(target_os = "linux")]
#[test]
fn inspect_fits_a_terminal_and_names_each_digest_s_83() {
    use crate::support::terminal::on_terminal;
    if !test_support::tools::are_installed(&["script"]) {
        return;
    }
    let sandbox = Sandbox::new();
    let (name, words) = ("n".repeat(60), "many words ".repeat(30));
    let manifest = serde_json::json!({"name": name, "version": "1.0.0-a.b.c", "description": words,
        "hooks": {"SessionStart": [{"hooks": [{"type": "command", "command": words}]}]}});
    sandbox.plugin("p", &manifest.to_string());
    sandbox.write(&format!("p/commands/{}/{}.md", "d".repeat(70), "f".repeat(90)), "Do it.");
    sandbox.write("p/.codex-plugin/plugin.json", manifest.to_string());
    let built = sandbox.json(0, &["plugin", "build", "p"]);
    let tag = built["reference"].as_str().expect("a tag");
    for (columns, args) in [
        (80, ["plugin", "inspect", tag]),
        (80, ["plugin", "inspect", "./p"]),
        (100, ["plugin", "inspect", tag]),
        (200, ["plugin", "inspect", tag]),
    ] {
        let shown = on_terminal(&sandbox, columns, &[&["--color", "never"][..], &args].concat());
        let longest = shown.lines().map(|line| line.chars().count()).max();
        assert!(longest.is_some_and(|longest| longest <= columns), "{columns}: {shown}");
        assert!(shown.contains("content sha256:"), "{shown}");
        for key in ["index_digest", "manifest_digest", "config_digest", "layer_digest", "diff_id"] {
            let digest = built[key].as_str().expect("a digest");
            assert_eq!(shown.contains(digest), args[2] == tag, "{key}: {shown}");
        }
    }
    let piped = sandbox.text(&["plugin", "inspect", tag]);
    let index = built["index_digest"].as_str().expect("a digest");
    let lines: Vec<&str> = piped.lines().collect();
    assert!(
        lines.iter().any(|line| line.starts_with("Index ") && line.ends_with(index)),
        "{piped}"
    );
    // A digest that is short has its name before it.
    for line in lines.iter().filter(|line| line.contains("…")) {
        let is_named = ["content sha256:", "code sha256:"].iter().any(|name| line.contains(name));
        assert!(is_named || !line.contains("sha256:"), "{line}");
    }
}
