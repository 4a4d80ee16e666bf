// SPDX-License-Identifier: Apache-2.0
//! Plugins in the marketplace of our own (PL-7), and the commands that enable them.

use std::fs;

use super::{Bench, names};

const CATALOGUE: &str = "p/.toolhive/marketplace/.claude-plugin/marketplace.json";

#[test]
fn a_plugin_goes_into_a_marketplace_of_its_own_and_nothing_is_enabled_pl_7() {
    let bench = Bench::new();
    let before = bench.tree();
    let (one, two) = (bench.plugin("one", "1", &[]), bench.plugin("two", "1", &[]));
    let text = bench.text(0, &["plugin", "install", &one, &two, "--allow-unsigned"]);
    for line in [
        "claude plugin marketplace add ./.toolhive/marketplace --scope local",
        "claude plugin install one@toolhive-oci --scope local",
    ] {
        assert!(text.contains(line), "{text}");
    }
    assert!(!bench.is_there(".claude"), "no settings are touched");
    let catalogue = fs::read(bench.sandbox.path(CATALOGUE)).expect("is there");
    let catalogue: serde_json::Value = serde_json::from_slice(&catalogue).expect("JSON");
    assert_eq!(names(&catalogue, "plugins"), ["one", "two"]);
    assert_eq!(catalogue["plugins"][0]["source"], "./plugins/one");

    fs::write(bench.sandbox.path(CATALOGUE), "{}").expect("written");
    let check = bench.json(2, &["plugin", "sync", "--check"]);
    assert_eq!(names(&check, "drifted"), ["marketplace.json"]);
    bench.json(0, &["plugin", "sync", "--yes"]);
    bench.json(0, &["plugin", "sync", "--check"]);
    bench.json(0, &["plugin", "uninstall", "one"]);
    let catalogue = fs::read_to_string(bench.sandbox.path(CATALOGUE)).expect("is there");
    assert!(!catalogue.contains("\"one\"") && catalogue.contains("\"two\""));
    bench.json(0, &["plugin", "uninstall", "two"]);
    assert_eq!(bench.tree(), before);
}

#[test]
fn a_skill_and_a_plugin_of_one_name_are_two_entries_and_two_places() {
    let bench = Bench::new();
    let plugin = bench.plugin("demo", "1", &[]);
    bench.json(0, &["plugin", "install", &plugin, "--allow-unsigned"]);
    // The registry has one artifact under a tag.
    let skill = bench.skill("demo", "2", "", &[]);
    bench.install(&[&skill]);
    bench.json(0, &["lock", "check"]);
    let refused = bench.json(1, &["plugin", "install", &skill, "--allow-unsigned"]);
    assert!(refused["error"]["message"].as_str().expect("a text").contains("is a skill"));
    // Where one directory is both hosts', the second is refused.
    let report = bench
        .json(1, &["plugin", "install", &plugin, "--allow-unsigned", "--clients", "claude-code"]);
    assert_eq!(names(&report, "failed"), ["demo"]);
    assert!(bench.is_there(".claude/skills/demo/SKILL.md"));
}
