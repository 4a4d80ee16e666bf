// SPDX-License-Identifier: Apache-2.0
//! Tests of the messages that people read when something is wrong.

use crate::support::{Sandbox, example};

#[test]
fn all_problems_are_shown_in_the_text_itself_dev_4() {
    let sandbox = Sandbox::new();
    sandbox.plugin("p", "{\n  \"name\": 7,\n  \"version\": true\n}\n");
    let output = sandbox.run(1, &["plugin", "build", "p"]);
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(stderr.contains("p/.claude-plugin/plugin.json:2:11"), "{stderr}");
    assert!(stderr.contains("\"version\": true"), "{stderr}");
    assert!(output.stdout.is_empty());

    let error = sandbox.json(1, &["plugin", "build", "p"])["error"].clone();
    assert_eq!(error["kind"], "invalid-manifest");
    assert_eq!(error["path"], ".claude-plugin/plugin.json");
    assert_eq!((&error["line"], &error["column"]), (&2.into(), &11.into()));
}

#[test]
fn frontmatter_points_too_dev_4() {
    let sandbox = Sandbox::new();
    sandbox.write("s/SKILL.md", "---\nname: x\ndescription: Use this: always\n---\n");
    let error = sandbox.json(1, &["skill", "build", "s"])["error"].clone();
    assert_eq!(error["kind"], "invalid-manifest");
    assert_eq!(error["line"], 3);
    assert!(error["help"].as_str().is_some_and(|help| help.contains("quote")), "{error}");
}

#[test]
fn wrong_usage_is_64_in_text_and_json() {
    let sandbox = Sandbox::new();
    for args in
        [&["plugin", "extract"][..], &["nonsense"], &["plugin", "build", "p", "--epoch", "x"]]
    {
        let output = sandbox.run(64, args);
        assert!(output.stdout.is_empty() && !output.stderr.is_empty());
        assert_eq!(sandbox.json(64, args)["error"]["kind"], "usage");
    }
    let error = |args: &[&str]| sandbox.json(64, args)["error"].clone();
    let missing = error(&["plugin", "extract", "x"]);
    assert!(
        missing["message"].as_str().is_some_and(|text| text.ends_with(": <DEST>")),
        "{missing}"
    );
    for (word, tip) in [("version", "`plugin inspect` shows"), ("inspet", "'inspect'")] {
        let found = error(&["plugin", word]);
        let help = found["help"].as_str().expect("help");
        assert!(help.contains(tip) && help.ends_with("; see --help"), "{found}");
    }
    sandbox.run(0, &["--help"]);
    sandbox.run(0, &["plugin", "build", "--help"]);
    sandbox.run(0, &["--version"]);
}

#[test]
fn missing_directories_are_errors_of_their_class() {
    let sandbox = Sandbox::new();
    for kind in ["plugin", "skill"] {
        let found = sandbox.json(1, &[kind, "build", "nowhere"]);
        assert_eq!(found["error"]["kind"], "invalid-dir");
        std::fs::create_dir_all(sandbox.path("empty")).expect("a directory");
        let found = sandbox.json(1, &[kind, "build", "empty"]);
        assert_eq!(found["error"]["kind"], "manifest-missing");
    }
}

#[test]
fn what_is_missing_is_said_with_what_to_do() {
    let sandbox = Sandbox::new();
    let example = example("plugins/release-notes");
    let error = |args: &[&str]| sandbox.json(1, args)["error"].clone();
    let help = |error: &serde_json::Value| error["help"].as_str().expect("help").to_owned();

    // Reading makes no store.
    let missing = error(&["plugin", "inspect", "x"]);
    assert_eq!(missing["kind"], "not-found");
    assert!(help(&missing).contains("`build`"), "{missing}");
    sandbox.text(&["plugin", "builds"]);
    sandbox.text(&["plugin", "diff", &example, &example]);
    assert!(!sandbox.path("store").exists());

    sandbox.text(&["plugin", "build", &example]);
    let wrong = error(&["plugin", "inspect", "sha256:abc"]);
    assert!(help(&wrong).contains("64 hexadecimal digits"), "{wrong}");
    std::fs::create_dir_all(sandbox.path("empty")).expect("a directory");
    assert!(help(&error(&["plugin", "build", "empty"])).contains("--all"));
    let nowhere = error(&["plugin", "build", "nowhere"]);
    assert_eq!(nowhere["message"], "there is no such directory", "once is enough");
    // A slip of the pen removes nothing.
    let slip = error(&["plugin", "builds", "remove", "release-notes", "relase-notes"]);
    let meant = "did you mean \"release-notes\"? `list --stored` lists what it has";
    assert_eq!(help(&slip), meant);
    let tag = "relaese-notes";
    for args in [
        &["plugin", "inspect", tag][..],
        &["plugin", "verify", tag, &example],
        &["plugin", "diff", tag, &example],
        &["plugin", "extract", tag, "out"],
    ] {
        assert_eq!(help(&error(args)), meant, "{args:?}");
    }
    assert_eq!(
        help(&error(&["plugin", "inspect", "another"])),
        "`list --stored` lists what it has"
    );
    sandbox.text(&["plugin", "build", &example, "--tag", "ghcr.io/me/release-notes:1"]);
    let version = help(&error(&["plugin", "inspect", "ghcr.io/me/release-notes:2"]));
    assert!(version.starts_with("did you mean \"ghcr.io/me/release-notes:1\"? `pull "));
    sandbox.text(&["plugin", "inspect", "release-notes"]);
}

#[test]
fn a_store_that_is_a_file_is_called_so() {
    let sandbox = Sandbox::new();
    sandbox.write("store", "no directory");
    for args in [&["plugin", "builds"][..], &["plugin", "inspect", "x"], &["store", "check"]] {
        let error = sandbox.json(1, args)["error"].clone();
        assert_eq!(error["message"], "this is a file, and a store is a directory", "{error}");
    }
}
