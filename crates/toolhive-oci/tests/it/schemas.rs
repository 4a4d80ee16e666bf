// SPDX-License-Identifier: Apache-2.0
//! The schemas of what `--format json` prints. What the commands of all tests print is held against them by
//! `support`; here is what is left.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::schemas::{schema_of, schemas};
use crate::support::{Sandbox, example};

/// Each command that prints a document.
const COMMANDS: &[&str] = &[
    "plugin build",
    "plugin builds",
    "plugin builds remove",
    "plugin copy",
    "plugin delete",
    "plugin diff",
    "plugin extract",
    "plugin fetch",
    "plugin init",
    "plugin inspect",
    "plugin install",
    "plugin list",
    "plugin list --stored",
    "plugin lock",
    "plugin outdated",
    "plugin pull",
    "plugin push",
    "plugin resolve",
    "plugin sign",
    "plugin sync",
    "plugin tags",
    "plugin uninstall",
    "plugin upgrade",
    "plugin validate",
    "plugin verify",
    "plugin verify-signature",
    "store check",
    "store gc",
    "store list",
    "store path",
    "marketplace generate",
    "marketplace validate",
    "lock check",
    "places",
    "keys generate",
    "login",
    "logout",
];

#[test]
fn each_command_has_a_schema_and_each_schema_a_command_vb_13() {
    assert_eq!(schemas().not_understood(), [""; 0]);
    let mut wanted: Vec<String> = COMMANDS
        .iter()
        .map(|command| schema_of(&command.split(' ').collect::<Vec<_>>()))
        .chain(["build-line.json", "common.json", "error.json"].map(str::to_owned))
        .collect();
    wanted.sort();
    wanted.dedup();
    assert_eq!(schemas().names().collect::<Vec<_>>(), wanted);
    // The help names each of these commands, and no other one that prints a document.
    let sandbox = Sandbox::new();
    let text = [&["plugin", "--help"][..], &["store", "--help"], &["--help"]]
        .map(|args| sandbox.text(args))
        .concat();
    let listed = text.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let silent = [
        "help",
        "man",
        "completions",
        "registry",
        "manifest",
        "blob",
        "plugin",
        "skill",
        "store",
        "marketplace",
        "lock",
        "keys",
    ];
    for line in listed {
        let word = line.split_whitespace().next().unwrap_or_default();
        let is_word =
            word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-') && !word.starts_with('-');
        if is_word && line.trim_start().contains("  ") && !silent.contains(&word) {
            let is_known = COMMANDS.iter().any(|command| command.split(' ').any(|one| one == word));
            assert!(is_known, "{word} has no schema: {line}");
        }
    }
}

#[test]
fn what_every_kind_of_plugin_would_run_has_the_form_that_its_schema_says_vb_13() {
    let directory = test_support::testdata("surface");
    let mut seen = 0;
    for entry in fs::read_dir(directory).expect("fixtures") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|ending| ending != "fixture") {
            continue;
        }
        let text = fs::read_to_string(path.with_extension("json")).expect("its document");
        let document: Value = serde_json::from_str(&text).expect("JSON");
        let problems = schemas().check("inspect.json", &document);
        assert!(problems.is_empty(), "{}: {problems:?}", path.display());
        seen += 1;
    }
    assert!(seen > 10, "{seen}");
}

/// A schema that takes everything would say nothing.
#[test]
fn a_document_that_lacks_or_has_too_much_is_refused_by_its_schema_vb_13() {
    let sandbox = Sandbox::new();
    let plugin = example("plugins/release-notes");
    sandbox.json(0, &["plugin", "build", &plugin]);
    for args in [
        &["plugin", "build", &plugin][..],
        &["plugin", "inspect", "release-notes"],
        &["plugin", "verify", "release-notes", &plugin],
        &["plugin", "diff", "release-notes", &plugin],
        &["plugin", "validate", &plugin],
        &["plugin", "builds"],
        &["store", "list"],
        &["store", "check"],
        &["store", "gc"],
    ] {
        let document = sandbox.json(0, args);
        let refuses = |change: &dyn Fn(&mut serde_json::Map<String, Value>)| {
            let mut document = document.clone();
            let one = if document.is_array() { &mut document[0] } else { &mut document };
            change(one.as_object_mut().expect("an object"));
            !schemas().check(&schema_of(args), &document).is_empty()
        };
        assert!(refuses(&|one| drop(one.insert("more".to_owned(), Value::Null))), "{args:?}");
        assert!(
            refuses(&|one| one.retain(|name, _| name != "digest"
                && name != "path"
                && name != "valid"
                && name != "same"
                && name != "schema"
                && name != "index_digest")),
            "{args:?}"
        );
    }
}

#[test]
fn the_documentation_names_every_schema_vb_13() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = fs::read_to_string(root.join("docs/schema/README.md")).expect("a page");
    for name in schemas().names() {
        assert!(text.contains(&format!("]({name})")), "{name}");
    }
}
