// SPDX-License-Identifier: Apache-2.0
//! Notes on places that git ignores.

use std::fs;
use std::process::{Command, Stdio};

use super::Bench;

#[test]
fn an_install_says_once_whether_git_ignores_what_it_placed_pl_14() {
    let bench = Bench::new();
    let references = [bench.skill("demo", "1", "", &[]), bench.skill("more", "1", "", &[])];
    let install = |references: &[&str]| {
        let args = ["skill", "install", "--allow-unsigned", "--clients", "claude-code,agents"];
        bench.text(0, &[&args[..], references].concat())
    };
    let [demo, more] = &references;
    // That is no repository, so nothing is known.
    assert!(!install(&[demo]).contains("git "));
    let root = bench.sandbox.path("p");
    fs::remove_file(root.join(".git")).expect("removed");
    let git = |args: &[&str]| {
        let mut git = Command::new("git");
        git.args(args).current_dir(&root).stdout(Stdio::null()).stderr(Stdio::null());
        assert!(git.status().expect("git is there").success(), "{args:?}");
    };
    git(&["init"]);
    // What a repository's configuration would run is not run.
    let hook = bench.sandbox.path("hook");
    test_support::tools::write_program(&hook, b"#!/bin/sh\ntouch ../ran\n");
    git(&["config", "core.fsmonitor", hook.to_str().expect("text")]);
    bench.sandbox.write("p/.gitignore", ".claude/\n");
    let said = install(&[demo, more]);
    let ignored = "git ignores .claude/skills/demo, .claude/skills/more";
    let open = "git does not ignore .agents/skills/demo, .agents/skills/more";
    for text in [ignored, open] {
        assert_eq!(said.matches(text).count(), 1, "{text}: {said}");
    }
    assert!(!bench.sandbox.path("ran").exists());
    let output = bench.run(0, &["--format", "json", "skill", "install", "--allow-unsigned", demo]);
    assert!(!String::from_utf8_lossy(&output.stderr).contains("git "));
}
