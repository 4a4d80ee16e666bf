// SPDX-License-Identifier: Apache-2.0
//! Tests of `extract`.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::{Sandbox, example};

#[test]
fn an_example_comes_back_as_it_was() {
    let sandbox = Sandbox::new();
    let plugin = example("plugins/release-notes");
    let built = sandbox.json(0, &["plugin", "build", &plugin]);
    assert_eq!(sandbox.text(&["plugin", "extract", "release-notes", "out"]), "out\n");
    let same = Command::new("diff").args(["-r", &plugin]).arg(sandbox.path("out")).status();
    assert!(same.expect("diff runs").success());

    let again = sandbox.json(1, &["plugin", "extract", "release-notes", "out"]);
    assert_eq!(again["error"]["kind"], "already-exists");
    let forced = sandbox.json(0, &["plugin", "extract", "release-notes", "out", "--force"]);
    let expected = serde_json::json!(
        {"digest": built["index_digest"], "dest": "out", "files": built["files"]});
    assert_eq!(forced, expected);
}

/// The destination of a process that is killed is the old tree or the new one, never a mixture.
#[test]
fn a_killed_extraction_leaves_the_old_tree_or_the_new_one() {
    let sandbox = Sandbox::new();
    for version in ["one", "two"] {
        sandbox.write(&format!("{version}/SKILL.md"), "---\nname: x\n---\n");
        for n in 0..150 {
            sandbox.write(&format!("{version}/d{}/{n}.txt", n % 7), version.repeat(n));
        }
        sandbox.text(&["skill", "build", version, "--tag", version]);
    }
    sandbox.text(&["skill", "extract", "one", "out"]);
    let mut seen = [0; 2];
    for round in 0..60_u64 {
        let version = if round % 2 == 0 { "two" } else { "one" };
        let mut child = Command::new(env!("CARGO_BIN_EXE_toolhive-oci"))
            .current_dir(sandbox.path("."))
            .args(["--store", "store", "skill", "extract", version, "out", "--force"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        std::thread::sleep(Duration::from_micros(round * 977 % 23_000));
        child.kill().expect("killed");
        child.wait().expect("ended");
        let whole = |version: &str| {
            let (version, out) = (sandbox.path(version), sandbox.path("out"));
            let diff = Command::new("diff").arg("-rq").args([version, out]).output();
            diff.expect("diff runs").status.success()
        };
        match (whole("one"), whole("two")) {
            (true, false) => seen[0] += 1,
            (false, true) => seen[1] += 1,
            other => panic!("round {round}: {other:?}"),
        }
    }
    assert!(seen[0] > 0, "no extraction was ever killed or undone: {seen:?}");
    // What the killed ones left behind is hidden, and easy to tell.
    for entry in fs::read_dir(sandbox.path(".")).expect("reads").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let known = ["one", "two", "out", "store"].contains(&name.as_str());
        assert!(known || name.starts_with(".out.partial-"), "{name}");
    }
    assert!(Path::new(&sandbox.path("out")).is_dir());
}

#[test]
fn a_slip_of_the_pen_replaces_nothing_of_somebodys_ex_19_ex_21() {
    let sandbox = Sandbox::new();
    sandbox.write("s/SKILL.md", "---\nname: mine\n---\n");
    sandbox.run(0, &["skill", "build", "s"]);
    sandbox.write("home/thesis.odt", "years");
    for other in ["other", "third"] {
        let manifest = format!("---\nname: {other}\n---\n");
        sandbox.write(&format!("home/.claude/skills/{other}/SKILL.md"), manifest);
    }
    let extract = |to: &str, code: i32| {
        let mut command = sandbox.command();
        command.env("HOME", sandbox.path("home")).args(["skill", "extract", "mine", to, "--force"]);
        let output = command.output().expect("it runs");
        let said = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(code), "{to}: {said}");
        said
    };
    let said = extract("home/.claude/skills", 1);
    assert!(said.contains("would be lost: other, third"), "{said}");
    assert!(said.contains("home/.claude/skills/NAME"), "it says what was meant: {said}");
    let said = extract("home/.claude/skills/other", 1);
    assert!(said.contains(r#"the skill "other", not "mine""#), "{said}");
    for (never, why) in [("home", "never replaced"), ("/", "cannot be made or replaced")] {
        let said = extract(never, 1);
        assert!(said.contains(why), "{never}: {said}");
    }
    for kept in ["thesis.odt", ".claude/skills/other/SKILL.md", ".claude/skills/third/SKILL.md"] {
        assert!(sandbox.path("home").join(kept).exists(), "{kept}");
    }
    // What was meant, with the directories above it, and again over itself.
    for _ in 0..2 {
        extract("home/.claude/skills/mine", 0);
        extract("home/.codex/skills/mine", 0);
    }
}
