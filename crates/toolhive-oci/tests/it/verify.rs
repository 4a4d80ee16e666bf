// SPDX-License-Identifier: Apache-2.0
//! `verify`: is the artifact what the directory makes?

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::support::{Sandbox, example};

/// A copy of the example, so that it can be changed.
fn copied(sandbox: &Sandbox) {
    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).expect("a directory");
        for entry in fs::read_dir(from).expect("lists").flatten() {
            let to = to.join(entry.file_name());
            match entry.path().is_dir() {
                true => copy(&entry.path(), &to),
                false => drop(fs::copy(entry.path(), to).expect("copies")),
            }
        }
    }
    copy(Path::new(&example("plugins/release-notes")), &sandbox.path("p"));
    for script in ["p/hooks/check_changelog.py", "p/servers/git_history.py"] {
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(sandbox.path(script), mode).expect("set");
    }
}

#[test]
fn verify_the_example_is_exact() {
    let sandbox = Sandbox::new();
    let example = example("plugins/release-notes");
    sandbox.run(0, &["plugin", "build", &example, "--epoch", "1700000000", "--tag", "r"]);
    let found = sandbox.json(0, &["plugin", "verify", "r", &example]);
    assert_eq!(found["verdict"], "exact");
    assert_eq!(found["differences"], serde_json::json!([]));
    let printed = sandbox.text(&["plugin", "verify", "r", &example]);
    assert!(printed.starts_with("exact: ") && printed.contains("sha256:"), "{printed}");
}

#[test]
fn verify_tells_a_changed_byte_mode_and_file() {
    let sandbox = Sandbox::new();
    copied(&sandbox);
    sandbox.run(0, &["plugin", "build", "p"]);
    sandbox.write("p/agents/release-editor.md", "other");
    sandbox.write("p/new.txt", "x");
    let mode = fs::Permissions::from_mode(0o644);
    fs::set_permissions(sandbox.path("p/hooks/check_changelog.py"), mode).expect("set");
    fs::remove_file(sandbox.path("p/README.md")).expect("removed");

    let found = sandbox.json(2, &["plugin", "verify", "release-notes", "p"]);
    assert_eq!(found["verdict"], "different");
    let differences = found["differences"].as_array().expect("a list");
    let told: Vec<String> = differences
        .iter()
        .map(|d| format!("{} {} {} {}", d["what"], d["change"], d["path"], d["aspects"]))
        .map(|line| line.replace('"', ""))
        .collect();
    assert_eq!(
        told,
        [
            "file removed README.md null",
            "file changed agents/release-editor.md [content]",
            "file changed hooks/check_changelog.py [mode]",
            "file added new.txt null",
        ]
    );
    assert_eq!(differences[2]["artifact"]["mode"], "0755");
    assert_eq!(differences[2]["directory"]["mode"], "0644");

    let output = sandbox.run(2, &["plugin", "verify", "release-notes", "p"]);
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("different: p does not make release-notes, sha256:"), "{text}");
    assert!(lines[3].contains("mode 0755 -> 0644"), "{text}");
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn verify_says_why_a_directory_makes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.plugin("p", r#"{"name":"p"}"#);
    sandbox.run(0, &["plugin", "build", "p"]);
    std::os::unix::fs::symlink("x", sandbox.path("p/link")).expect("a link");
    let found = sandbox.json(2, &["plugin", "verify", "p", "p"]);
    assert_eq!(found["differences"][0]["what"], "unbuildable");
    assert_eq!(found["differences"][0]["reasons"][0]["path"], "link");
    assert_eq!(found["differences"][1]["change"], "added");
    assert_eq!(found["differences"][1]["directory"]["kind"], "link");
    assert_eq!(sandbox.json(1, &["plugin", "verify", "q", "p"])["error"]["kind"], "not-found");
    assert_eq!(sandbox.json(1, &["plugin", "verify", "p", "q"])["error"]["kind"], "invalid-dir");
}

/// The names of files that the packager leaves out, and a host or git would read.
const MORE: [&str; 6] = [
    ".lsp.json",
    ".git/hooks/pre-commit",
    ".claude-plugin/marketplace.json",
    "skills/.hidden/SKILL.md",
    ".codex-plugin/plugin.json",
    "vendored/.git/hooks/post-checkout",
];

#[test]
fn a_directory_that_has_more_is_not_exact_vb_5() {
    for more in MORE {
        let sandbox = Sandbox::new();
        copied(&sandbox);
        sandbox.run(0, &["plugin", "build", "p"]);
        sandbox.run(0, &["plugin", "verify", "release-notes", "p"]);
        sandbox.write(&format!("p/{more}"), "{}");
        let found = sandbox.json(2, &["plugin", "verify", "release-notes", "p"]);
        assert_eq!(found["verdict"], "exact-and-more", "{more}");
        assert_eq!(found["differences"], serde_json::json!([]), "{more}");
        let named = found["more"].as_array().expect("a list");
        assert!(named.iter().any(|path| path == more), "{more}: {found}");
        let output = sandbox.run(2, &["plugin", "verify", "release-notes", "p"]);
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(text.starts_with("exact, and the directory has more: "), "{text}");
        assert!(text.contains(more), "{text}");

        let args = ["plugin", "verify", "release-notes", "p", "--ignore-hidden"];
        let found = sandbox.json(0, &args);
        assert_eq!(found["verdict"], "exact", "{more}");
        assert!(!found["more"].as_array().expect("a list").is_empty(), "it is named all the same");
        sandbox.write("p/README.md", "other");
        assert_eq!(sandbox.json(2, &args)["verdict"], "different", "{more}");
        // What is extracted has no more.
        sandbox.run(0, &["plugin", "extract", "release-notes", "out"]);
        let found = sandbox.json(0, &["plugin", "verify", "release-notes", "out"]);
        assert_eq!(found["more"], serde_json::json!([]));
    }
}

#[test]
fn the_hooks_that_git_brings_do_not_run_and_are_not_named_vb_5() {
    let sandbox = Sandbox::new();
    copied(&sandbox);
    sandbox.run(0, &["plugin", "build", "p"]);
    sandbox.write("p/.git/hooks/pre-push.sample", "");
    sandbox.write("p/.git/HEAD", "ref: refs/heads/main");
    let found = sandbox.json(2, &["plugin", "verify", "release-notes", "p"]);
    assert_eq!(found["more"], serde_json::json!([".git/"]));
}

#[test]
fn what_the_directory_has_more_is_bounded_and_what_is_cut_is_counted_vb_5() {
    let sandbox = Sandbox::new();
    sandbox.plugin("p", r#"{"name":"p"}"#);
    sandbox.run(0, &["plugin", "build", "p"]);
    for number in 0..1_000 {
        sandbox.write(&format!("p/.hidden{number:04}"), "");
    }
    let found = sandbox.json(2, &["plugin", "verify", "p", "p"]);
    assert_eq!(found["more"].as_array().map(Vec::len), Some(1_000));
    assert_eq!(found.get("more_cut"), None);
    for number in 1_000..1_234 {
        sandbox.write(&format!("p/.hidden{number:04}"), "");
    }
    let found = sandbox.json(2, &["plugin", "verify", "p", "p"]);
    assert_eq!(found["more"].as_array().map(Vec::len), Some(1_000));
    assert_eq!((&found["more_cut"], found.get("cut")), (&serde_json::json!(234), None));
    let output = sandbox.run(2, &["plugin", "verify", "p", "p"]);
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(
        text.ends_with("\n  and 234 more that the directory has, not shown\n"),
        "{}",
        text.len()
    );
    assert_eq!(text.lines().count(), 1_002);
}
