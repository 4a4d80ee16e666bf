// SPDX-License-Identifier: Apache-2.0
//! Every command on stores in which something stands that no store makes: nothing outside is touched,
//! and a store that is refused is refused by all of them, with words (LS-31).

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use oci_artifact::digest;
use tempfile::TempDir;
use test_support::hostile_store::{Case, Names, cases, make, snapshot};

use crate::support::Sandbox;

/// Commands with `--store` before them, in a directory with the plugin `p`.
const COMMANDS: [&[&str]; 13] = [
    &["store", "check"],
    &["store", "gc", "--dry-run"],
    &["plugin", "builds"],
    &["plugin", "inspect", "p"],
    &["plugin", "verify", "p", "./p"],
    &["plugin", "diff", "p", "./p"],
    &["plugin", "extract", "p", "out"],
    &["marketplace", "generate", "--name", "x", "--owner", "y", "p"],
    &["plugin", "build", "p"],
    &["plugin", "build", "p", "--tag", "another"],
    &["plugin", "builds", "remove", "p"],
    &["store", "gc"],
    &["store", "check", "--repair"],
];

#[test]
fn no_command_leaves_the_store_ls_31() {
    let sandbox = Sandbox::new();
    sandbox.plugin("p", r#"{"name":"p"}"#);
    let first = sandbox.json(0, &["plugin", "build", "p"]);
    sandbox.plugin("p", r#"{"name":"p","version":"2"}"#);
    let second = sandbox.json(0, &["plugin", "build", "p"]);
    let blob = |built: &serde_json::Value| {
        let layer = built["layer_digest"].as_str().expect("a digest").replace(':', "/");
        format!("blobs/{layer}")
    };
    let note = format!("ingest/removed-{}", digest::sha256(b"p").hex());
    let names = Names { listed: blob(&second), garbage: blob(&first), note };
    // One of each place; the library is tested with all.
    let mut places = BTreeSet::new();
    let cases = cases(&names).into_iter().filter(|case| places.insert(case.place.clone()));
    let cases: Vec<Case> = cases.collect();
    assert!(cases.len() >= 25, "{}", cases.len());
    std::thread::scope(|scope| {
        for some in cases.chunks(cases.len().div_ceil(4)) {
            let sandbox = &sandbox;
            scope.spawn(move || some.iter().for_each(|case| run_all(sandbox, case)));
        }
    });
}

fn run_all(sandbox: &Sandbox, case: &Case) {
    for command in COMMANDS {
        let dir = TempDir::new().expect("a directory");
        let root = make(case, &sandbox.path("store"), dir.path())
            .unwrap_or_else(|error| panic!("{case:?}: {error}"));
        copy_plugin(&sandbox.path("p"), &dir.path().join("p"));
        let outside = dir.path().join("outside");
        let before = snapshot(&outside);
        let mut process = Command::new(env!("CARGO_BIN_EXE_toolhive-oci"));
        process.env_clear().current_dir(dir.path()).arg("--store").arg(&root).args(command);
        let output = process.output().expect("it runs");
        let stderr = String::from_utf8_lossy(&output.stderr);
        let why = format!("{case:?}: {command:?}: {}: {stderr}", output.status);
        assert_eq!(snapshot(&outside), before, "{why}");
        assert!(matches!(output.status.code(), Some(0..=3)), "{why}");
        if case.is_refused {
            assert!(!output.status.success(), "{why}");
            assert!(stderr.contains(case.place.rsplit('/').next().expect("a name")), "{why}");
        }
    }
}

fn copy_plugin(from: &Path, to: &Path) {
    let file = ".claude-plugin/plugin.json";
    std::fs::create_dir_all(to.join(".claude-plugin")).expect("makes");
    std::fs::copy(from.join(file), to.join(file)).expect("copies");
}
