// SPDX-License-Identifier: Apache-2.0
//! `extract`.

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
