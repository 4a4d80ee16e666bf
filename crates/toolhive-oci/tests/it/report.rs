// SPDX-License-Identifier: Apache-2.0
//! Reports as HTML and Markdown, from the command line (report.md).

use std::fs;

use crate::support::{Sandbox, example};

const PLUGIN: &str = "plugins/release-notes";

/// Each command that has reports, with the exit code it ends with in every form.
fn commands(sandbox: &Sandbox) -> Vec<(i32, Vec<String>)> {
    let plugin = example(PLUGIN);
    sandbox.run(0, &["plugin", "build", &plugin, "--tag", "one"]);
    sandbox
        .write("bad/.claude-plugin/plugin.json", r#"{"name": "Bad <b>Plugin</b>", "agents": 1}"#);
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    vec![
        (0, words(&["plugin", "inspect", &plugin])),
        (0, words(&["plugin", "inspect", "one"])),
        (2, words(&["plugin", "inspect", "one", "--fail-on", "automatic"])),
        (2, words(&["plugin", "diff", "one", "./bad", "--exit-code"])),
        (2, words(&["plugin", "validate", "bad"])),
        (0, words(&["plugin", "validate", &plugin])),
    ]
}

#[test]
fn a_page_goes_to_a_file_or_to_stdout_rp_7() {
    let sandbox = Sandbox::new();
    for (code, command) in commands(&sandbox) {
        let mut words: Vec<&str> = command.iter().map(String::as_str).collect();
        words.extend(["--format", "html"]);
        let page = String::from_utf8(sandbox.run(code, &words).stdout).expect("UTF-8");
        assert!(page.starts_with("<!DOCTYPE html><html lang=\"en\">"), "{command:?}: {page:.80}");
        assert!(page.ends_with("</html>\n"), "{command:?}");
        assert!(!page.contains("<b>"), "{command:?}");

        let file = sandbox.write("out/page.html", "what stood there before");
        words.extend(["-o", "out/page.html"]);
        let output = sandbox.run(code, &words);
        assert!(output.stdout.is_empty(), "{command:?}");
        assert_eq!(fs::read_to_string(&file).expect("a page"), page.trim_end(), "{command:?}");
        let entries = fs::read_dir(sandbox.path("out")).expect("it is there").count();
        assert_eq!(entries, 1, "nothing else is left there");
    }
}

#[test]
fn markdown_has_what_the_text_has_rp_2() {
    let sandbox = Sandbox::new();
    for (code, command) in commands(&sandbox) {
        let mut words: Vec<&str> = command.iter().map(String::as_str).collect();
        words.extend(["--format", "markdown"]);
        let text = String::from_utf8(sandbox.run(code, &words).stdout).expect("UTF-8");
        assert!(text.starts_with("## `"), "{command:?}: {text:.80}");
    }
    let text = sandbox.text(&["plugin", "inspect", "one", "--format", "markdown"]);
    for wanted in
        ["RUNS BY ITSELF", "check_changelog.py", "- Index: `sha256:", "### FILES", "Not examined"]
    {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
}

#[test]
fn other_commands_refuse_reports_as_wrong_usage_rp_7() {
    let sandbox = Sandbox::new();
    for format in ["html", "markdown"] {
        for command in [&["plugin", "builds"][..], &["store", "check"], &["plugin", "build", "."]] {
            let output = sandbox.run(64, &[command, &["--format", format]].concat());
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(said.contains("only `inspect`, `diff` and `validate`"), "{said}");
        }
    }
}

#[test]
fn an_error_stays_an_error_and_writes_no_page_rp_7() {
    let sandbox = Sandbox::new();
    let words = ["plugin", "inspect", "gone", "--format", "html", "-o", "page.html"];
    let output = sandbox.run(1, &words);
    assert!(output.stdout.is_empty() && !sandbox.path("page.html").exists());
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("error"));
}
