// SPDX-License-Identifier: Apache-2.0
//! Skills that need others.

use super::{Bench, names};

fn needs(bench: &Bench, names: &[&str]) -> String {
    let lines = names.iter().map(|name| format!("\n  {}/me/{name}:1", bench.addr));
    format!("toolhive.requires: |{}", lines.collect::<String>())
}

#[test]
fn what_is_needed_comes_along_once_and_goes_with_the_last_that_needs_it() {
    let bench = Bench::new();
    bench.skill("base", "1", "", &[]);
    bench.skill("left", "1", &needs(&bench, &["base"]), &[]);
    bench.skill("right", "1", &needs(&bench, &["base"]), &[]);
    let top = bench.skill("top", "1", &needs(&bench, &["left", "right"]), &[]);
    let report = bench.install(&[&top]);
    let mut installed = names(&report, "installed");
    installed.sort();
    assert_eq!(installed, ["base", "left", "right", "top"]);
    let lock = bench.lock();
    assert!(lock.contains("requiredBy:\n        - left\n        - right"), "{lock}");
    assert_eq!(lock.matches("explicit: true").count(), 1);
    bench.json(0, &["lock", "check"]);
    bench.json(1, &["skill", "uninstall", "base"]);
    let report = bench.json(0, &["skill", "uninstall", "top"]);
    assert_eq!(report["uninstalled"].as_array().expect("a list").len(), 4);
    assert!(!bench.is_there("toolhive.lock.yaml"));
}

#[test]
fn a_circle_is_named_and_two_versions_of_one_name_are_refused() {
    let bench = Bench::new();
    bench.skill("two", "1", &needs(&bench, &["one"]), &[]);
    let one = bench.skill("one", "1", &needs(&bench, &["two"]), &[]);
    let error = bench.json(1, &["skill", "install", &one, "--allow-unsigned"]);
    let said = error["error"]["message"].as_str().expect("a text");
    assert!(said.contains("one -> two -> one"), "{said}");
    assert!(!bench.is_there("toolhive.lock.yaml"));
}

#[test]
fn an_upgrade_brings_what_the_new_version_needs_and_removes_what_it_does_not() {
    let bench = Bench::new();
    for name in ["old", "new", "below"] {
        let text = if name == "old" { needs(&bench, &["below"]) } else { String::new() };
        bench.skill(name, "1", &text, &[]);
    }
    let top = bench.skill("top", "1", &needs(&bench, &["old"]), &[]);
    bench.install(&[&top]);
    bench.skill("top", "1", &needs(&bench, &["new"]), &[]);
    // What is needed newly is signed by nobody, either.
    let report = bench.json(3, &["skill", "upgrade", "top", "--yes"]);
    assert_eq!(report["outcomes"][1]["reason"], "unsigned-rejected", "{report}");
    bench.json(0, &["lock", "check"]);
    let bench = Bench::new();
    bench.skill("below", "1", "", &[]);
    bench.skill("old", "1", &needs(&bench, &["below"]), &[]);
    bench.skill("new", "1", "", &[]);
    let top = bench.skill("top", "1", &needs(&bench, &["old"]), &[]);
    bench.install(&[&top]);
    bench.skill("top", "1", &needs(&bench, &["new"]), &[]);
    bench.json(0, &["skill", "upgrade", "top", "--yes", "--allow-unsigned"]);
    let check = bench.json(0, &["skill", "sync", "--check"]);
    assert_eq!(names(&check, "already_current"), ["new", "top"]);
    for gone in ["old", "below"] {
        assert!(!bench.is_there(&format!(".claude/skills/{gone}")), "{gone}");
    }
    bench.json(0, &["lock", "check"]);
}
