// SPDX-License-Identifier: Apache-2.0
//! Completions, asked for in real shells at every depth (VB-14); man pages.

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

/// The same of what the store has and where: the line, and what has to be offered, and must not be.
const KNOWN: &[(&[&str], &[&str], &[&str])] = &[
    (&["plugin", "inspect", ""], &["mine", "127.0.0.1:5000/me/p:1.2.0", "made/"], &["--remote"]),
    (&["plugin", "inspect", "mi"], &["mine"], &["made/"]),
    (
        &["plugin", "push", "127.0.0.1:5000/me/p:1."],
        &["127.0.0.1:5000/me/p:1.2.0", "127.0.0.1:5000/me/p:1.3.0"],
        &["mine"],
    ),
    (&["plugin", "diff", "--remote", "mi"], &["mine"], &["both"]),
    (&["plugin", "diff", "--remote=o"], &["--remote=old"], &["mine"]),
    (&["plugin", "diff", "mine", "ma"], &["made/"], &["mine"]),
    (&["plugin", "copy", "mi"], &["mine"], &[]),
    (&["plugin", "builds", "remove", "mi"], &["mine"], &[]),
    (&["plugin", "blob", "mine", ""], &["config", "layer"], &["mine"]),
    (&["plugin", "build", "ma"], &["made/"], &["mine", "made.json"]),
    (&["plugin", "build", "--modes-file", "made"], &["made.json"], &[]),
    (&["marketplace", "generate", "mi"], &["mine"], &[]),
];

/// A sandbox with a script and a store; the directory of the program.
fn sandbox(shell: &str) -> (Sandbox, String, String) {
    let sandbox = Sandbox::new();
    sandbox.write("script", sandbox.text(&["completions", shell]));
    sandbox.plugin("made", r#"{"name":"p"}"#);
    sandbox.write("made.json", "{}");
    let refs = ["mine", "127.0.0.1:5000/me/p:1.2.0", "127.0.0.1:5000/me/p:1.3.0"];
    let tags: Vec<&str> = refs.iter().flat_map(|tag| ["--tag", tag]).collect();
    let built = sandbox.json(0, &[&["plugin", "build", "made"][..], &tags].concat());
    let digest = built["index_digest"].as_str().expect("a digest").to_owned();
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_toolhive-oci"));
    let directory = program.parent().expect("a directory").display().to_string();
    (sandbox, digest, format!("{directory}:/usr/bin:/bin"))
}

/// Asks a shell for all of it: `offers` gives what it offers for these words, each whole.
fn asked(digest: &str, offers: impl Fn(&[&str]) -> Vec<String>) {
    let check = |typed: &[&str], wanted: &[&str], unwanted: &[&str]| {
        let offered = offers(typed);
        let has = |word: &&&str| offered.iter().any(|one| one == *word);
        assert!(
            wanted.iter().all(|word| has(&word)),
            "{typed:?} offers {offered:?}, not {wanted:?}"
        );
        assert!(!unwanted.iter().any(|word| has(&word)), "{typed:?} offers {offered:?}");
    };
    for (typed, offered) in CASES {
        check(typed, offered, &[]);
    }
    for (typed, offered, not_offered) in KNOWN {
        check(&[&["--store", "store"], *typed].concat(), offered, not_offered);
    }
    // A digest is offered once it is begun, with `sha256:` or without.
    let (start, bare) = (&digest[..19], &digest[7..19]);
    for begun in [&start[..8], &start[..12], &bare[..2]] {
        let whole = if begun.starts_with("sha256:") { start } else { bare };
        check(&["--store=store", "plugin", "verify", begun], &[whole], &[]);
    }
    // What cannot be found out is offered by nobody, and nothing is said of it.
    check(&["--store", "nowhere", "plugin", "inspect", "mi"], &[], &["mine"]);
    check(&["quux", "quux", ""], &[], &["mine"]);
}

/// The lines that a shell printed, which printed nothing on stderr.
fn lines(mut shell: Command, sandbox: &Sandbox, path: &str) -> Vec<String> {
    shell.env_clear().env("PATH", path).env("HOME", sandbox.path("."));
    let output = shell.current_dir(sandbox.path(".")).output().expect("it runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.is_empty(), "{shell:?}: {errors}");
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().map(|line| line.trim().to_owned()).collect()
}

#[test]
fn bash_completes_commands_values_and_what_the_store_has_vb_14() {
    let (sandbox, digest, path) = sandbox("bash");
    asked(&digest, |typed| {
        // As bash itself cuts a line.
        let run = r#"
            source ./script
            COMP_LINE="toolhive-oci $1" COMP_POINT=$((13 + ${#1}))
            shift
            COMP_WORDS=(toolhive-oci "$@") COMP_CWORD=$#
            _toolhive_oci toolhive-oci "${COMP_WORDS[$#]}" "${COMP_WORDS[$# - 1]}"
            printf '%s\n' "${COMPREPLY[@]}"
        "#;
        let mut cut = Vec::new();
        for word in typed {
            let mut rest = *word;
            while let Some(at) = rest.find([':', '=']) {
                cut.extend(
                    [&rest[..at], &rest[at..=at]].into_iter().filter(|part| !part.is_empty()),
                );
                rest = &rest[at + 1..];
            }
            if !rest.is_empty() || word.is_empty() {
                cut.push(rest);
            }
        }
        let mut bash = Command::new("bash");
        bash.args(["--noprofile", "--norc", "-c", run, "bash", &typed.join(" ")]).args(&cut);
        // It replaces what follows the last cut.
        let last = typed.last().expect("a word");
        let kept = last.rfind([':', '=']).map_or("", |at| &last[..=at]);
        let offered = lines(bash, &sandbox, &path);
        offered.iter().map(|one| format!("{kept}{one}")).collect()
    });
}

#[test]
fn fish_completes_commands_values_and_what_the_store_has_vb_14() {
    if !tools::are_installed(&["fish"]) {
        return;
    }
    let (sandbox, digest, path) = sandbox("fish");
    asked(&digest, |typed| {
        let line = format!("toolhive-oci {}", typed.join(" "));
        let run = format!("source script; complete --do-complete '{line}' | cut -f 1");
        let mut fish = Command::new("fish");
        fish.args(["--no-config", "-c", &run]);
        lines(fish, &sandbox, &path)
    });
}

#[test]
fn zsh_completes_commands_values_and_what_the_store_has_vb_14() {
    if !tools::are_installed(&["zsh"]) {
        return;
    }
    let (sandbox, digest, path) = sandbox("zsh");
    asked(&digest, |typed| {
        // Its completion runs in an editor alone: here its function is asked, and what it hands on is printed.
        let run = r#"
            autoload -U compinit; compinit -D -u; source ./script
            _describe() { local one; for one in "${(@P)3}"; do one=${one//\\:/$'\1'}; print -r -- "${${one%%:*}//$'\1'/:}"; done }
            _default() { }
            words=(toolhive-oci "$@") CURRENT=$(( $# + 1 ))
            [[ $_comps[toolhive-oci] == _toolhive-oci ]] && _toolhive-oci
            true
        "#;
        let mut zsh = Command::new("zsh");
        zsh.args(["-f", "-c", run, "zsh"]).args(typed);
        lines(zsh, &sandbox, &path)
    });
}

/// The stores of one's own are looked into where no other one is named.
#[test]
fn the_store_of_ones_own_is_offered_where_none_is_named_vb_14() {
    let (sandbox, _, _) = sandbox("bash");
    std::fs::create_dir(sandbox.path("toolhive")).expect("a directory");
    std::fs::rename(sandbox.path("store"), sandbox.path("toolhive/plugins")).expect("moves");
    for (kind, offered) in [("plugin", "mine\n"), ("skill", "")] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_toolhive-oci"));
        command.env_clear().env("XDG_DATA_HOME", sandbox.path("."));
        let output = command.args(["__complete", kind, "inspect", "mi"]).output().expect("it runs");
        assert_eq!(String::from_utf8_lossy(&output.stdout), offered, "{kind}");
        assert!(output.status.success());
    }
}

/// The shells whose scripts ask nobody have the commands.
#[test]
fn other_shells_have_commands_and_options() {
    let sandbox = Sandbox::new();
    for shell in ["elvish", "powershell"] {
        let script = sandbox.text(&["completions", shell]);
        assert!(
            ["build", "--platform", "verify-signature"].iter().all(|word| script.contains(word))
        );
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
