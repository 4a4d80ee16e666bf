// SPDX-License-Identifier: Apache-2.0
//! Tests that the texts of a plugin cannot forge the output of the command.

use crate::support::{Sandbox, example};

#[test]
fn control_characters_are_shown_not_obeyed() {
    let sandbox = Sandbox::new();
    let name = r#"{"name":"x","description":"\u001b[31mred\u202e\nTags: forged"}"#;
    sandbox.plugin("p", name);
    sandbox.text(&["plugin", "build", "p"]);
    let text = sandbox.text(&["plugin", "inspect", "x"]);
    assert!(text.contains(r"\u{1b}[31mred\u{202e}\u{a}Tags: forged"), "{text}");
    assert!(!text.contains('\x1b'));
}

#[test]
fn json_keeps_every_character() {
    let sandbox = Sandbox::new();
    sandbox.plugin("p", "{\"name\":\"x\",\"license\":\"\x7f\\u0001\\u009b\"}");
    let found = sandbox.json(0, &["plugin", "build", "p"]);
    assert_eq!(found["config"]["license"], "\u{7f}\u{1}\u{9b}");
}

#[test]
fn a_reader_that_has_had_enough_is_no_error() {
    let sandbox = Sandbox::new();
    let mut names = String::new();
    for n in 0..2_000 {
        names.push_str(&format!("description {n} "));
    }
    sandbox.plugin("p", &format!(r#"{{"name":"x","description":"{names}"}}"#));
    sandbox.text(&["plugin", "build", "p"]);
    let store = sandbox.path("store");
    let script = format!(
        "{} --store {} --format json plugin inspect x | head -c 10; exit ${{PIPESTATUS[0]}}",
        env!("CARGO_BIN_EXE_toolhive-oci"),
        store.display()
    );
    let output = std::process::Command::new("bash").args(["-c", &script]).output().expect("runs");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn progress_is_silent_in_a_pipe_unless_it_is_asked_for() {
    let sandbox = Sandbox::new();
    sandbox.plugin("p", r#"{"name":"x"}"#);
    sandbox.write("p/file", vec![b'x'; 1 << 20]);
    let stderr = |args: &[&str]| {
        let output = sandbox.run(0, &[args, &["--quiet", "plugin", "build", "p"]].concat());
        String::from_utf8(output.stderr).expect("UTF-8")
    };
    assert_eq!(stderr(&[]), "");
    assert_eq!(stderr(&["--progress", "never"]), "");
    let shown = stderr(&["--progress", "always"]);
    assert_eq!(shown.lines().last(), Some("packaging: 100 %"), "{shown}");
    assert!(!shown.contains('\x1b'));
}

#[test]
fn colours_are_for_terminals_and_for_those_who_ask() {
    let sandbox = Sandbox::new();
    let example = example("plugins/release-notes");
    let plain = sandbox.text(&["plugin", "inspect", &example]);
    assert!(!plain.contains('\x1b'));
    let painted = sandbox.text(&["--color", "always", "plugin", "inspect", &example]);
    assert!(painted.contains("\x1b[1;31mRUNS BY ITSELF once enabled\x1b[0m\n"), "{painted}");
    sandbox.text(&["plugin", "build", &example]);
    sandbox.write("p/.claude-plugin/plugin.json", r#"{"name":"release-notes","version":"2"}"#);
    let diff = ["--color", "always", "plugin", "diff", "release-notes", "./p"];
    let diff = sandbox.text(&diff);
    assert!(diff.contains("\n  \x1b[31mremoved\x1b[0m  README.md"), "{diff}");
}

#[test]
fn sizes_that_differ_look_different() {
    let sandbox = Sandbox::new();
    sandbox.plugin("p", r#"{"name":"x"}"#);
    sandbox.write("p/file", vec![b'x'; 2048]);
    sandbox.text(&["plugin", "build", "p"]);
    sandbox.write("p/file", vec![b'x'; 2049]);
    let diff = sandbox.text(&["plugin", "diff", "x", "./p"]);
    assert!(diff.contains("content (2048 -> 2049 B)"), "{diff}");
}

#[test]
fn a_result_that_cannot_be_printed_is_told() {
    let sandbox = Sandbox::new();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("opens");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_toolhive-oci"));
    let output = command.current_dir(sandbox.path(".")).args(["store", "path"]).stdout(full);
    let output = output.output().expect("runs");
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.starts_with("error: the result cannot be printed: "), "{stderr}");
}
