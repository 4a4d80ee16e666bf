// SPDX-License-Identifier: Apache-2.0
//! Completions, asked for in real shells at every depth.

use std::process::Command;

use test_support::tools;

use crate::support::Sandbox;

/// Words that are typed, the last of them begun, and some that have to be offered.
const CASES: &[(&[&str], &[&str])] = &[
    (&["pl"], &["plugin", "places"]),
    (&["plugin", ""], &["build", "inspect", "pull", "validate"]),
    (&["plugin", "bui"], &["build", "builds"]),
    (&["plugin", "build", "--pl"], &["--platform"]),
    (
        &["plugin", "inspect", "--fail-on", ""],
        &["error", "warning", "moving", "automatic", "unread"],
    ),
    (&["plugin", "builds", ""], &["remove"]),
    (&["skill", "diff", "--exit"], &["--exit-code"]),
    (&["store", ""], &["check", "gc", "path"]),
    (&["registry", "serve", "--no"], &["--no-web"]),
    (&["keys", "generate", "--out"], &["--output"]),
    (&["completions", ""], &["bash", "fish", "zsh"]),
];

#[test]
fn bash_completes_commands_options_and_values_at_every_depth() {
    let sandbox = Sandbox::new();
    sandbox.write("script", sandbox.text(&["completions", "bash"]));
    for (typed, offered) in CASES {
        let run = r#"
            source ./script
            function=$(complete -p toolhive-oci | sed 's/.*-F \([^ ]*\).*/\1/')
            COMP_WORDS=(toolhive-oci "$@")
            COMP_CWORD=$#
            "$function" toolhive-oci "${COMP_WORDS[$#]}" "${COMP_WORDS[$# - 1]}"
            printf '%s\n' "${COMPREPLY[@]}"
        "#;
        let mut bash = Command::new("bash");
        bash.args(["--noprofile", "--norc", "-c", run, "bash"]).args(*typed);
        let output = bash.current_dir(sandbox.path(".")).output().expect("bash runs");
        check(typed, offered, &output);
    }
}

#[test]
fn fish_completes_commands_options_and_values_at_every_depth() {
    if !tools::are_installed(&["fish"]) {
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.write("script", sandbox.text(&["completions", "fish"]));
    // Its generator knows no values of what has no option's name.
    for (typed, offered) in CASES.iter().filter(|(typed, _)| typed[0] != "completions") {
        let line = format!("toolhive-oci {}", typed.join(" "));
        let run = format!("source script; complete --do-complete '{line}' | cut -f 1");
        let mut fish = Command::new("fish");
        fish.args(["--no-config", "-c", &run]).env("HOME", sandbox.path("."));
        let output = fish.current_dir(sandbox.path(".")).output().expect("fish runs");
        check(typed, offered, &output);
    }
}

#[test]
fn zsh_reads_the_script_and_has_each_command() {
    if !tools::are_installed(&["zsh"]) {
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.write("script", sandbox.text(&["completions", "zsh"]));
    // Its completion runs in an editor alone: the functions that it calls are asked for.
    let run =
        "autoload -U compinit; compinit -D -u; source ./script; functions -m '_toolhive-oci*'";
    let mut zsh = Command::new("zsh");
    zsh.args(["-f", "-c", run]).env("HOME", sandbox.path("."));
    let output = zsh.current_dir(sandbox.path(".")).output().expect("zsh runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for word in ["_toolhive-oci__subcmd__plugin_commands", "--exit-code", "--no-web", "'build:"] {
        assert!(text.contains(word), "{word}");
    }
}

fn check(typed: &[&str], offered: &[&str], output: &std::process::Output) {
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.is_empty(), "{typed:?}: {errors}");
    let words: Vec<&str> = text.lines().map(str::trim).collect();
    for word in offered {
        assert!(words.contains(word), "{typed:?} offers {words:?}, and not {word}");
    }
}

#[test]
fn man_pages_have_nothing_that_mandoc_is_against() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("man")).expect("a directory");
    let mut command = sandbox.command();
    let output = command.env("SOURCE_DATE_EPOCH", "0").args(["man", "man"]).output();
    assert!(output.expect("it runs").status.success());
    let page = std::fs::read_to_string(sandbox.path("man/toolhive-oci-plugin-build.1"));
    let page = page.expect("a page");
    assert!(page.contains("1970-01-01"), "the date is that of SOURCE_DATE_EPOCH");
    for words in ["\\-\\-platform\\fR \\fIPLATFORM\\fR", ".SH EXAMPLES\n"] {
        assert!(page.contains(words), "{words}");
    }
    let page = std::fs::read_to_string(sandbox.path("man/toolhive-oci.1")).expect("a page");
    for section in ["EXIT STATUS", "ENVIRONMENT", "FILES"] {
        assert!(page.contains(&format!(".SH {section}\n")), "{section}");
    }
    if !tools::are_installed(&["mandoc"]) {
        return;
    }
    let pages = std::fs::read_dir(sandbox.path("man")).expect("pages");
    let pages = pages.map(|page| page.expect("a page").path());
    let lint = Command::new("mandoc").arg("-Tlint").args(pages).output().expect("mandoc runs");
    let found = String::from_utf8_lossy(&lint.stdout);
    assert!(found.is_empty(), "{found}");
}
