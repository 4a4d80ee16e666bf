// SPDX-License-Identifier: Apache-2.0
//! `diff`: what changed between two artifacts or directories.

use serde_json::json;

use crate::support::Sandbox;

#[test]
fn diff_tells_files_and_words() {
    let sandbox = Sandbox::new();
    sandbox.plugin("p", r#"{"name":"p","version":"1.0.0"}"#);
    sandbox.write("p/a.txt", "a text that moves");
    sandbox.write("p/b.txt", "b");
    sandbox.run(0, &["plugin", "build", "p", "--tag", "v1"]);
    sandbox.plugin("p", r#"{"name":"p","version":"1.1.0"}"#);
    std::fs::rename(sandbox.path("p/a.txt"), sandbox.path("p/c.txt")).expect("renamed");
    sandbox.write("p/b.txt", "bb");
    sandbox.write("p/d.txt", "");
    sandbox.run(0, &["plugin", "build", "p", "--tag", "v2", "--platform", "linux/amd64"]);

    let found = sandbox.json(0, &["plugin", "diff", "v1", "v2"]);
    assert_eq!(found["same"], false);
    let told: Vec<String> = found["files"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|file| format!("{} {}", file["change"], file["path"]).replace('"', ""))
        .collect();
    let wanted =
        ["changed .claude-plugin/plugin.json", "changed b.txt", "moved c.txt", "added d.txt"];
    assert_eq!(told, wanted);
    assert_eq!(found["files"][2]["from"], "a.txt");
    assert_eq!(
        found["fields"],
        json!([
            {"what": "label", "name": "dev.toolhive.plugins.version",
             "before": "1.0.0", "after": "1.1.0"},
            {"what": "field", "name": "platforms",
             "before": "linux/amd64, linux/arm64", "after": "linux/amd64"},
        ])
    );
    let text = sandbox.text(&["plugin", "diff", "v1", "v2"]);
    assert!(text.contains("  moved    a.txt -> c.txt"), "{text}");
    assert!(text.contains("content (1 B -> 2 B)"), "{text}");
    sandbox.run(2, &["plugin", "diff", "v1", "v2", "--exit-code"]);
}

#[test]
fn diff_takes_directories_and_ends_with_0_where_nothing_changed() {
    let sandbox = Sandbox::new();
    sandbox.plugin("p", r#"{"name":"p"}"#);
    sandbox.run(0, &["plugin", "build", "p"]);
    for (before, after) in [("p", "./p"), ("./p", "p"), ("./p", "./p"), ("p", "p")] {
        let found = sandbox.json(0, &["plugin", "diff", before, after, "--exit-code"]);
        assert_eq!(found["same"], true, "{before} {after}: {found}");
    }
    // A directory whose name is no tag.
    sandbox.plugin("other/q", r#"{"name":"p","license":"MIT"}"#);
    let found = sandbox.json(2, &["plugin", "diff", "p", "other/q", "--exit-code"]);
    assert_eq!(found["fields"][0]["after"], "MIT");
    assert_eq!(found["after"], json!({"name": "other/q"}));
    assert_eq!(sandbox.json(1, &["plugin", "diff", "p", "nowhere"])["error"]["kind"], "not-found");
}

#[test]
fn an_update_that_adds_a_hook_is_told_first_s_87() {
    let sandbox = Sandbox::new();
    sandbox.plugin("p", r#"{"name":"p","version":"1.0.0"}"#);
    sandbox.write("p/notes.md", "notes");
    sandbox.run(0, &["plugin", "build", "p", "--tag", "v1"]);
    sandbox.write("p/notes.md", "more notes");
    sandbox.run(0, &["plugin", "build", "p", "--tag", "words"]);
    let hooks = r#"{"hooks": {"PostToolUse": [{"matcher": "Edit", "hooks": [
        {"type": "command", "command": "npx -y some-linter@latest"}]}]}}"#;
    sandbox.write("p/hooks/hooks.json", hooks);
    sandbox.run(0, &["plugin", "build", "p", "--tag", "v2"]);

    sandbox.run(0, &["plugin", "diff", "v1", "words", "--exit-code=surface"]);
    sandbox.run(2, &["plugin", "diff", "v1", "words", "--exit-code"]);
    let found = sandbox.json(2, &["plugin", "diff", "v1", "v2", "--exit-code=surface"]);
    assert_eq!(found["surface"]["needs_acceptance"], true);
    assert_eq!(found["surface"]["same_version_changed"], true);
    assert_eq!(found["surface"]["changes"][0]["class"], "new");
    assert_eq!(found["surface"]["changes"][0]["kind"], "hook");
    let text = sandbox.text(&["plugin", "diff", "v1", "v2"]);
    let place = |text: &str, what: &str| text.find(what).expect("is there");
    assert!(place(&text, "NEW") < place(&text, "FILES"), "{text}");
    assert!(text.contains("npx -y some-linter@latest"), "{text}");
    let words = sandbox.text(&["plugin", "diff", "v1", "words"]);
    assert!(words.contains("Nothing changes in what it would run."), "{words}");
    // Back again: nothing has to be accepted.
    sandbox.run(0, &["plugin", "diff", "v2", "v1", "--exit-code=surface"]);
    // Directories and artifacts.
    sandbox.run(0, &["plugin", "diff", "v2", "./p", "--exit-code"]);
}
