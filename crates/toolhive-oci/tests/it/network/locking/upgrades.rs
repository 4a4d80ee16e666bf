// SPDX-License-Identifier: Apache-2.0
//! Tags that move, repositories that move, and versions that would run something new.

use super::{Bench, names, status};

const HOOK: &str =
    r#"{"hooks": {"SessionStart": [{"hooks": [{"type": "command", "command": "./go.sh"}]}]}}"#;

#[test]
fn a_tag_that_moved_changes_nothing_until_it_is_asked_for() {
    let bench = Bench::new();
    let reference = bench.skill("demo", "1", "", &[("a", "old")]);
    bench.install(&[&reference]);
    let (lock, placed) = (bench.lock(), bench.tree());
    assert_eq!(status(&bench.json(0, &["skill", "upgrade", "--yes"])), "up-to-date");
    assert_eq!(bench.json(0, &["skill", "outdated"])["outcomes"], serde_json::json!([]));
    bench.skill("demo", "1", "", &[("a", "new")]);
    bench.json(0, &["skill", "sync", "--yes"]);
    assert_eq!(bench.tree(), placed, "no tag is asked for");
    let outdated = bench.json(0, &["skill", "outdated"]);
    assert_eq!(status(&outdated), "upgraded");
    assert!(bench.text(0, &["skill", "outdated"]).contains("NEWLY RUNS"));
    let preview = bench.json(0, &["skill", "upgrade", "--preview"]);
    assert_eq!(status(&preview), "upgraded");
    bench.json(2, &["skill", "upgrade", "--fail-on-changes"]);
    bench.run(4, &["skill", "upgrade"]);
    assert_eq!((bench.lock(), bench.tree()), (lock.clone(), placed));
    let upgraded = bench.json(0, &["skill", "upgrade", "--yes"]);
    assert_eq!(upgraded["outcomes"][0]["new_resolved_reference"], *reference);
    assert_ne!(bench.lock(), lock);
    let text = std::fs::read_to_string(bench.sandbox.path("p/.claude/skills/demo/a"));
    assert_eq!(text.expect("is there"), "new");
    assert_eq!(names(&bench.json(0, &["skill", "sync", "--check"]), "already_current"), ["demo"]);
    bench.json(0, &["skill", "upgrade", "--fail-on-changes"]);
}

#[test]
fn a_version_with_a_new_hook_waits_for_a_word_and_is_told_in_diff_s() {
    let bench = Bench::new();
    let reference = bench.plugin("tool", "1", &[("README.md", "x")]);
    bench.json(0, &["plugin", "install", &reference, "--allow-unsigned"]);
    let (lock, placed) = (bench.lock(), bench.tree());
    bench.plugin("tool", "1", &[("hooks/hooks.json", HOOK), ("go.sh", "#!/bin/sh\n")]);
    let blocked = bench.json(4, &["plugin", "upgrade", "--yes"]);
    assert_eq!(status(&blocked), "executables-change-blocked");
    let added = blocked["outcomes"][0]["surface"]["added"].as_array().expect("a list");
    assert!(added.iter().any(|change| change["kind"] == "hook"), "{blocked}");
    let text = bench.text(4, &["plugin", "upgrade", "--yes"]);
    assert!(text.contains("NEW: this runs, and did not before"), "{text}");
    assert!(bench.text(0, &["plugin", "outdated"]).contains("hook"));
    // An install over it is an upgrade, too.
    bench.json(4, &["plugin", "install", &reference, "--allow-unsigned"]);
    assert_eq!((bench.lock(), bench.tree()), (lock, placed));
    let taken = bench.json(0, &["plugin", "upgrade", "--yes", "--accept-new-executables"]);
    assert_eq!(status(&taken), "upgraded");
    assert!(bench.is_there(".toolhive/marketplace/plugins/tool/hooks/hooks.json"));
}

#[test]
fn a_new_version_whose_old_one_cannot_be_had_blocks() {
    let bench = Bench::new();
    let reference = bench.plugin("tool", "1", &[]);
    bench.json(0, &["plugin", "install", &reference, "--allow-unsigned"]);
    bench.plugin("tool", "1", &[("README.md", "y")]);
    // Neither the store nor the registry has what the lock file says.
    let lock = bench.lock();
    let at = lock.find(" digest: sha256:").expect("is there") + " digest: sha256:".len();
    bench.sandbox.write(
        "p/toolhive.lock.yaml",
        format!("{}{}{}", &lock[..at], "0".repeat(64), &lock[at + 64..]),
    );
    let blocked = bench.json(4, &["plugin", "upgrade", "--yes"]);
    assert_eq!(status(&blocked), "executables-change-blocked");
    let said = blocked["outcomes"][0]["error"].as_str().expect("a text");
    assert!(said.contains("cannot be fetched"), "{said}");
}

#[test]
fn a_repository_that_moved_waits_for_a_word() {
    let bench = Bench::new();
    let reference = bench.skill("demo", "1", "", &[]);
    bench.install(&[&reference]);
    let moved = reference.replace("/me/", "/them/");
    bench.sandbox.run(0, &["skill", "copy", &reference, &moved]);
    let lock = bench.lock().replace(&format!("source: {reference}"), &format!("source: {moved}"));
    bench.sandbox.write("p/toolhive.lock.yaml", &lock);
    let blocked = bench.json(4, &["skill", "upgrade", "--yes"]);
    assert_eq!(status(&blocked), "ref-change-blocked");
    assert_eq!(bench.lock(), lock);
    bench.json(0, &["skill", "upgrade", "--yes", "--allow-ref-change"]);
    assert!(bench.lock().contains(&format!("resolvedReference: {moved}")));
}

#[test]
fn what_is_asked_for_by_digest_is_not_upgradable_and_git_is_not_supported() {
    let bench = Bench::new();
    let reference = bench.skill("demo", "1", "", &[]);
    bench.install(&[&reference]);
    let lock = bench.lock();
    let digest = lock.split(" digest: ").nth(1).and_then(|rest| rest.lines().next()).expect("one");
    let by_digest = format!("{}@{digest}", reference.trim_end_matches(":1"));
    bench.sandbox.write(
        "p/toolhive.lock.yaml",
        lock.replace(&format!("source: {reference}"), &format!("source: {by_digest}")),
    );
    assert_eq!(status(&bench.json(0, &["skill", "upgrade", "--yes"])), "not-upgradable");
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let git = format!(
        "version: 1\nskills:\n    - name: demo\n      source: git://h/o/r@v1\n      \
         resolvedReference: git://h/o/r@v1\n      digest: {commit}\n      contentDigest: {digest}\n"
    );
    bench.sandbox.write("p/toolhive.lock.yaml", git);
    let report = bench.json(3, &["skill", "upgrade", "--yes"]);
    assert_eq!(report["outcomes"][0]["reason"], "validation-rejected");
    let sync = bench.json(3, &["skill", "sync", "--yes"]);
    assert!(sync["failed"][0]["error"].as_str().expect("a text").contains("unsupported-source"));
}

#[test]
fn an_edited_tree_is_not_upgraded_over() {
    let bench = Bench::new();
    let reference = bench.skill("demo", "1", "", &[("a", "old")]);
    bench.install(&[&reference]);
    bench.skill("demo", "1", "", &[("a", "new")]);
    bench.sandbox.write("p/.claude/skills/demo/a", "mine");
    let (lock, placed) = (bench.lock(), bench.tree());
    let report = bench.json(3, &["skill", "upgrade", "--yes"]);
    assert_eq!(status(&report), "failed");
    assert_eq!((bench.lock(), bench.tree()), (lock, placed), "of two places neither changed");
    bench.json(0, &["skill", "upgrade", "--yes", "--force"]);
    let check = bench.json(0, &["skill", "sync", "--check"]);
    assert_eq!(names(&check, "already_current"), ["demo"]);
}
