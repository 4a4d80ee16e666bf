// SPDX-License-Identifier: Apache-2.0
//! `lock check`, `list` and `places` (lock.md, 3; place.md, 2).

use std::fs;
use std::os::unix::fs::symlink;

use crate::support::Sandbox;

/// The content digest of the one file `SKILL.md` with the text `# Skill` and `refs/guide.md`, `guide`.
const CONTENT: &str = "sha256:9b46342aaebede490f12bf67a5ecb4be507c7684ee5e11a0511b54c701f464bd";

fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(".git", "a worktree's file");
    let digest = "0".repeat(64);
    let lock = format!(
        "version: 1\nskills:\n    - name: demo\n      source: ghcr.io/acme/demo:1\n      \
         resolvedReference: ghcr.io/acme/demo:1\n      digest: sha256:{digest}\n      \
         contentDigest: {CONTENT}\nx-toolhive-oci:\n    clients:\n        - claude-code\n        \
         - codex\n"
    );
    sandbox.write("toolhive.lock.yaml", lock);
    sandbox
}

fn place(sandbox: &Sandbox, directory: &str) {
    sandbox.write(&format!("{directory}/demo/SKILL.md"), "# Skill");
    sandbox.write(&format!("{directory}/demo/refs/guide.md"), "guide");
}

fn states(sandbox: &Sandbox) -> Vec<String> {
    let list = sandbox.json(0, &["skill", "list"]);
    let places = list[0]["places"].as_array().expect("a list").iter();
    places.map(|place| place["state"].as_str().expect("text").to_owned()).collect()
}

#[test]
fn a_tree_s_state_is_listed_for_each_place() {
    let sandbox = project();
    assert_eq!(states(&sandbox), ["missing", "missing"]);
    place(&sandbox, ".claude/skills");
    place(&sandbox, ".agents/skills");
    assert_eq!(states(&sandbox), ["current", "current"]);
    sandbox.write(".agents/skills/demo/SKILL.md", "# Other");
    assert_eq!(states(&sandbox), ["current", "drifted"]);
    fs::remove_dir_all(sandbox.path(".claude")).expect("removed");
    fs::create_dir(sandbox.path("elsewhere")).expect("made");
    symlink("elsewhere", sandbox.path(".claude")).expect("linked");
    assert_eq!(states(&sandbox), ["foreign", "drifted"]);
    assert_eq!(sandbox.json(0, &["plugin", "list"]), serde_json::json!([]));
    assert!(sandbox.text(&["skill", "list"]).contains(".claude/skills/demo"));
}

#[test]
fn a_lock_is_checked_without_a_change() {
    let sandbox = project();
    let before = fs::read(sandbox.path("toolhive.lock.yaml")).expect("is there");
    let clean = sandbox.json(0, &["lock", "check"]);
    assert_eq!((&clean["skills"], &clean["problems"]), (&1.into(), &serde_json::json!([])));
    place(&sandbox, ".claude/skills");
    sandbox.json(0, &["lock", "check"]);
    sandbox.write(".claude/skills/demo/more", "");
    let found = sandbox.json(2, &["lock", "check"]);
    assert_eq!(found["problems"][0]["state"], "drifted");
    assert_eq!(found["problems"][0]["path"], ".claude/skills/demo");
    assert_eq!(fs::read(sandbox.path("toolhive.lock.yaml")).expect("is there"), before);
    assert!(!sandbox.path("toolhive.lock.yaml.lock").exists(), "nothing is locked to read");
}

#[test]
fn an_entry_that_cannot_be_restored_is_incomplete() {
    let sandbox = project();
    let path = sandbox.path("toolhive.lock.yaml");
    let text = fs::read_to_string(&path).expect("is there");
    fs::write(&path, text.replace(&format!("      contentDigest: {CONTENT}\n"), ""))
        .expect("written");
    let found = sandbox.json(2, &["lock", "check"]);
    assert_eq!(found["problems"][0]["state"], "incomplete");
}

#[test]
fn a_lock_that_is_wrong_or_not_there_is_an_error_with_its_place() {
    let sandbox = project();
    sandbox.write("toolhive.lock.yaml", "version: 1\nskills:\n    - name: A\n");
    let found = sandbox.json(1, &["lock", "check"]);
    assert_eq!(found["error"]["kind"], "invalid-document", "{found}");
    let text = sandbox.run(1, &["lock", "check"]);
    assert!(String::from_utf8_lossy(&text.stderr).contains("toolhive.lock.yaml:3:"));
    fs::remove_file(sandbox.path("toolhive.lock.yaml")).expect("removed");
    assert_eq!(sandbox.json(1, &["lock", "check"])["error"]["kind"], "not-found");
}

#[test]
fn places_say_what_exists_here() {
    let sandbox = project();
    place(&sandbox, ".cursor/skills");
    let places = sandbox.json(0, &["places"]);
    let cursor =
        places.as_array().expect("a list").iter().find(|row| row["path"] == ".cursor/skills");
    assert_eq!(cursor.expect("is there")["exists"], true);
    assert!(sandbox.text(&["places"]).contains("claude-code"));
    assert_eq!(
        sandbox.json(1, &["skill", "list", "--clients", "nobody"])["error"]["kind"],
        "invalid-option"
    );
}
