// SPDX-License-Identifier: Apache-2.0
//! The scenarios of every day: a fresh clone, an edited file, a deleted entry, no registry.

use std::fs;

use super::{Bench, names};

#[test]
fn what_is_installed_is_placed_and_locked_and_uninstalling_leaves_the_tree_as_it_was() {
    let bench = Bench::new();
    bench.sandbox.write("p/README", "mine");
    let before = bench.tree();
    let reference = bench.skill("demo", "1", "", &[("refs/guide.md", "guide")]);
    let installed = bench.install(&[&reference, "--clients", "claude-code,codex"]);
    assert_eq!(names(&installed, "installed"), ["demo"]);
    for place in [".claude/skills", ".agents/skills"] {
        assert!(bench.is_there(&format!("{place}/demo/refs/guide.md")), "{place}");
    }
    let lock = bench.lock();
    for line in [
        &format!("source: {reference}"),
        &format!("resolvedReference: {reference}"),
        "unsigned: true",
        "explicit: true",
        "clients:\n        - claude-code\n        - codex",
    ] {
        assert!(lock.contains(line), "{line} in {lock}");
    }
    bench.json(0, &["lock", "check"]);
    // The same content digest in the lock file, of the tree, and as `inspect` prints it.
    let inspected = bench.sandbox.json(0, &["skill", "inspect", "--remote", &reference]);
    let content = inspected["artifact"]["content_digest"].as_str().expect("a digest");
    assert!(lock.contains(&format!("contentDigest: {content}")), "{lock}");
    assert_eq!(names(&bench.json(0, &["skill", "sync", "--check"]), "already_current"), ["demo"]);
    let plan = bench.json(0, &["skill", "uninstall", "demo", "--dry-run"]);
    assert_eq!(
        (&plan[0]["decision"], &plan[0]["path"]),
        (&"remove".into(), &".claude/skills/demo".into())
    );
    bench.json(0, &["skill", "uninstall", "demo"]);
    let mut after = bench.tree();
    // A host's own directory is never removed.
    assert_eq!(after.remove(".claude/"), Some(Vec::new()));
    assert_eq!(after, before);
}

#[test]
fn a_fresh_clone_is_restored_from_the_registry_and_from_a_cache_alone() {
    let mut bench = Bench::new();
    let references = [bench.skill("one", "1", "", &[]), bench.skill("two", "1", "", &[])];
    bench.install(&[&references[0], &references[1]]);
    bench.json(0, &["skill", "fetch", "--locked", "--to", "cache"]);
    let placed = bench.tree();
    let clear = |bench: &Bench| {
        for directory in ["p/.claude", "p/.agents", "store"] {
            fs::remove_dir_all(bench.sandbox.path(directory)).expect("removed");
        }
    };
    clear(&bench);
    let check = bench.json(2, &["skill", "sync", "--check"]);
    assert_eq!(names(&check, "missing"), ["one", "two"]);
    bench.run(4, &["skill", "sync"]);
    assert!(!bench.is_there(".claude"), "nothing is done without a word");
    let sync = bench.json(0, &["skill", "sync", "--yes"]);
    assert_eq!(names(&sync, "installed"), ["one", "two"]);
    assert_eq!(bench.tree(), placed);
    bench.json(0, &["skill", "sync", "--check"]);

    clear(&bench);
    bench.close_registry();
    let unreachable = bench.json(3, &["skill", "sync", "--yes"]);
    assert_eq!(unreachable["failed"][0]["reason"], "registry-unreachable");
    let offline = bench.json(3, &["skill", "sync", "--yes", "--offline"]);
    assert_eq!(offline["failed"][0]["reason"], "digest-missing");
    let said = offline["failed"][0]["error"].as_str().expect("a text");
    assert!(said.contains("--cache LAYOUT"), "{said}");
    let before = bench.tree();
    let mut cache = std::collections::BTreeMap::new();
    super::gather(&bench.sandbox.path("cache"), "", &mut cache);
    let sync = bench.json(0, &["skill", "sync", "--yes", "--offline", "--cache", "cache"]);
    assert_eq!(names(&sync, "installed"), ["one", "two"]);
    assert_ne!(bench.tree(), before);
    assert_eq!(bench.tree(), placed);
    let mut after = std::collections::BTreeMap::new();
    super::gather(&bench.sandbox.path("cache"), "", &mut after);
    assert_eq!(after, cache, "a cache is only read");
}

#[test]
fn an_edited_tree_is_drifted_and_restored_pl_2() {
    let mut bench = Bench::new();
    let reference = bench.skill("demo", "1", "", &[("a", "a")]);
    bench.install(&[&reference]);
    bench.close_registry();
    let placed = bench.tree();
    for (path, text) in
        [("a", "b"), ("more", ""), ("SKILL.md", "---\nname: demo\ndescription: x\n---\n")]
    {
        bench.sandbox.write(&format!("p/.claude/skills/demo/{path}"), text);
        let check = bench.json(2, &["skill", "sync", "--check"]);
        assert_eq!(names(&check, "drifted"), ["demo"], "{path}");
        bench.json(2, &["lock", "check"]);
        // From the store, without a registry.
        let sync = bench.json(0, &["skill", "sync", "--yes", "--offline"]);
        assert_eq!(names(&sync, "installed"), ["demo"]);
        assert_eq!(bench.tree(), placed, "{path}");
    }
    fs::remove_file(bench.sandbox.path("p/.claude/skills/demo/a")).expect("removed");
    bench.json(0, &["skill", "sync", "--yes"]);
    assert_eq!(bench.tree(), placed);
}

#[test]
fn a_deleted_entry_is_told_and_pruned_or_adopted() {
    let bench = Bench::new();
    let reference = bench.skill("demo", "1", "", &[]);
    bench.install(&[&reference]);
    let lock = bench.lock();
    bench.sandbox.write("p/.claude/skills/own/SKILL.md", "---\nname: own\ndescription: x\n---\n");
    let other = bench.skill("other", "1", "", &[]);
    bench.install(&[&other]);
    bench.sandbox.write("p/toolhive.lock.yaml", &lock);
    let check = bench.json(0, &["skill", "sync", "--check"]);
    assert_eq!(names(&check, "removed_from_lock"), ["other"]);
    assert_eq!(names(&check, "never_managed"), ["own"]);
    let refused = bench.json(3, &["skill", "sync", "--adopt", "--yes"]);
    assert_eq!(names(&refused, "failed"), ["other", "own"]);
    assert_eq!(refused["failed"][0]["reason"], "unsigned-rejected");
    bench.json(3, &["skill", "sync", "--adopt", "--yes", "--allow-unsigned"]);
    assert!(bench.lock().contains("name: other"));
    bench.json(0, &["lock", "check"]);
    bench.sandbox.write("p/toolhive.lock.yaml", &lock);
    let pruned = bench.json(0, &["skill", "sync", "--prune", "--yes"]);
    assert_eq!(names(&pruned, "pruned"), ["other"]);
    assert!(!bench.is_there(".claude/skills/other") && !bench.is_there(".agents/skills/other"));
    assert!(bench.is_there(".claude/skills/own"), "it is nobody's but theirs");
    assert_eq!(bench.lock(), lock);
}

#[test]
fn one_of_three_that_fails_is_told_and_the_others_are_placed() {
    let bench = Bench::new();
    let one = bench.skill("one", "1", "", &[]);
    let two = bench.skill("two", "1", "", &[]);
    let gone = format!("{}/me/gone:1", bench.addr);
    let report = bench.json(3, &["skill", "install", &one, &gone, &two, "--allow-unsigned"]);
    assert_eq!(names(&report, "installed"), ["one", "two"]);
    assert_eq!(report["failed"][0]["name"], *gone);
    assert!(bench.is_there(".claude/skills/one") && bench.is_there(".claude/skills/two"));

    // The same of a sync: one digest is nowhere.
    let lock = bench.lock();
    let at = lock.find("digest: sha256:").expect("is there") + "digest: sha256:".len();
    let wrong = format!("{}{}{}", &lock[..at], "0".repeat(64), &lock[at + 64..]);
    bench.sandbox.write("p/toolhive.lock.yaml", wrong);
    fs::remove_dir_all(bench.sandbox.path("p/.claude")).expect("removed");
    fs::remove_dir_all(bench.sandbox.path("p/.agents")).expect("removed");
    let sync = bench.json(3, &["skill", "sync", "--yes"]);
    assert_eq!(names(&sync, "installed"), ["two"]);
    assert_eq!(sync["failed"][0]["reason"], "digest-missing");
}

#[test]
fn two_installs_at_once_leave_both_entries() {
    let bench = Bench::new();
    let references = [bench.skill("one", "1", "", &[]), bench.skill("two", "1", "", &[])];
    let children: Vec<_> = references
        .iter()
        .map(|reference| {
            let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_toolhive-oci"));
            command.env_clear().current_dir(bench.sandbox.path("."));
            command.args(["--store", "store", "skill", "install", "--allow-unsigned", reference]);
            command.args(["--project-root", "p"]).spawn().expect("it starts")
        })
        .collect();
    for mut child in children {
        assert!(child.wait().expect("it ends").success());
    }
    let check = bench.json(0, &["skill", "sync", "--check"]);
    assert_eq!(names(&check, "already_current"), ["one", "two"]);
}

#[test]
fn lock_records_without_placing_and_check_compares_with_another_file() {
    let bench = Bench::new();
    let reference = bench.skill("demo", "1", "", &[]);
    bench.json(0, &["skill", "lock", &reference, "--allow-unsigned"]);
    assert!(!bench.is_there(".claude") && !bench.is_there(".agents"));
    bench.json(0, &["lock", "check"]);
    assert_eq!(names(&bench.json(2, &["skill", "sync", "--check"]), "missing"), ["demo"]);
    std::fs::copy(bench.sandbox.path("p/toolhive.lock.yaml"), bench.sandbox.path("main.yaml"))
        .expect("copied");
    bench.json(0, &["lock", "check", "--against", "main.yaml"]);
    let more = bench.skill("more", "1", "", &[]);
    bench.json(0, &["skill", "lock", &more, "--allow-unsigned"]);
    let found = bench.json(2, &["lock", "check", "--against", "main.yaml"]);
    assert_eq!(
        (&found["problems"][0]["name"], &found["problems"][0]["state"]),
        (&"more".into(), &"added".into())
    );
    // What is there already is fine, and nothing else is.
    bench.json(0, &["skill", "install", &reference, "--allow-unsigned", "--frozen"]);
    let third = bench.skill("third", "1", "", &[]);
    bench.json(4, &["skill", "install", &third, "--allow-unsigned", "--frozen"]);
    assert!(!bench.lock().contains("third") && !bench.is_there(".claude/skills/third"));
}
