// SPDX-License-Identifier: Apache-2.0
//! Tests of refusals and their messages: foreign content, unknown hosts, a lock that another process holds.

use std::fs;

use super::{Bench, names};

#[test]
fn foreign_content_is_refused_with_its_place_and_forced_only_on_demand() {
    let bench = Bench::new();
    let reference = bench.skill("demo", "1", "", &[]);
    bench
        .sandbox
        .write("p/.agents/skills/demo/SKILL.md", "---\nname: demo\ndescription: mine\n---\n");
    let before = bench.tree();
    let args =
        ["skill", "install", &reference, "--allow-unsigned", "--clients", "claude-code,agents"];
    let plan = bench.json(0, &[&args[..], &["--dry-run"]].concat());
    let decisions: Vec<&str> = plan
        .as_array()
        .expect("a list")
        .iter()
        .map(|step| step["decision"].as_str().expect("one"))
        .collect();
    assert_eq!(decisions, ["put", "refuse"]);
    assert_eq!(plan[1]["found"], "edited");
    let report = bench.json(1, &args);
    let said = report["failed"][0]["error"].as_str().expect("a text");
    assert!(said.contains(".agents/skills/demo") && said.contains("--force"), "{said}");
    assert_eq!(bench.tree(), before, "of two places neither changed");
    bench.json(0, &[&args[..], &["--force"]].concat());
    let check = bench.json(0, &["skill", "sync", "--check"]);
    assert_eq!(names(&check, "already_current"), ["demo"]);
}

#[test]
fn a_sync_leaves_a_directory_alone_that_is_another_s_pl_2() {
    let bench = Bench::new();
    let reference = bench.skill("demo", "1", "", &[]);
    bench.install(&[&reference, "--clients", "agents"]);
    fs::remove_dir_all(bench.sandbox.path("p/.agents")).expect("removed");
    bench
        .sandbox
        .write("p/.agents/skills/demo/SKILL.md", "---\nname: else\ndescription: mine\n---\n");
    let before = bench.tree();
    let report = bench.json(3, &["skill", "sync", "--yes"]);
    assert_eq!(names(&report, "failed"), ["demo"]);
    assert_eq!(bench.tree(), before);
    bench.json(0, &["skill", "sync", "--yes", "--force"]);
    bench.json(0, &["skill", "sync", "--check"]);
}

#[test]
fn hosts_that_are_named_are_kept_and_added_to_pl_5() {
    let bench = Bench::new();
    let (one, two) = (bench.skill("one", "1", "", &[]), bench.skill("two", "1", "", &[]));
    bench.install(&[&one, "--clients", "claude-code"]);
    assert!(!bench.is_there(".agents"));
    bench.install(&[&two, "--clients", "dir:tools/skills"]);
    assert!(bench.is_there(".claude/skills/two") && bench.is_there("tools/skills/two"));
    assert!(bench.lock().contains("- claude-code\n        - dir:tools/skills"), "{}", bench.lock());
    let check = bench.json(2, &["skill", "sync", "--check"]);
    assert_eq!(names(&check, "missing"), ["one"]);
    bench.json(0, &["skill", "sync", "--yes"]);
    assert!(bench.is_there("tools/skills/one"));
}

#[test]
fn a_user_s_own_places_are_used_where_hosts_are_named_and_nothing_is_recorded_pl_10() {
    let bench = Bench::new();
    let reference = bench.skill("demo", "1", "", &[]);
    std::fs::create_dir(bench.sandbox.path("home")).expect("made");
    let run = |code: i32, args: &[&str]| {
        let mut command = bench.sandbox.command();
        command.env("HOME", bench.sandbox.path("home")).args(args).args(["--scope", "user"]);
        let output = command.output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let install = ["skill", "install", &reference, "--allow-unsigned"];
    run(1, &install);
    run(0, &[&install[..], &["--clients", "claude-code,agents"]].concat());
    for place in [".claude/skills", ".agents/skills"] {
        assert!(bench.sandbox.path(&format!("home/{place}/demo/SKILL.md")).is_file(), "{place}");
    }
    assert!(!bench.sandbox.path("home/toolhive.lock.yaml").exists());
    let list = ["skill", "list", "--client", "claude-code,agents"];
    assert_eq!(run(0, &list).matches("installed").count(), 2);
    let edited = bench.sandbox.write("home/.agents/skills/demo/more", "");
    let listed = run(0, &list);
    assert!(listed.contains("installed") && listed.contains("unknown"), "{listed}");
    let uninstall = ["skill", "uninstall", "demo", "--clients", "claude-code,agents"];
    run(1, &uninstall);
    std::fs::remove_file(edited).expect("removed");
    run(0, &uninstall);
    assert!(!bench.sandbox.path("home/.claude/skills").exists());
    assert!(!bench.sandbox.path("home/.agents").exists());
}
