// SPDX-License-Identifier: Apache-2.0
//! `validate`: all findings at once, as text, JSON and SARIF. `snapshots` has what is printed of a
//! plugin with one fault of each sort; `UPDATE_SNAPSHOTS=1` writes it again.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{Sandbox, example};

/// A plugin with many faults.
fn faulty(sandbox: &Sandbox) {
    sandbox.write(
        "bad/.claude-plugin/plugin.json",
        r#"{
  "name": "Bad Plugin",
  "author": "me",
  "category": "tools",
  "agents": ["./agents"],
  "skills": "./skils",
  "homepage": "example.com"
}
"#,
    );
    sandbox.write("bad/commands/go.md", "Go.\n");
    sandbox.write("bad/skills/x/SKILL.md", "---\nname: y y\ndescription: a: b\n---\n");
    sandbox.write("bad/skills/z/SKILL.md", "---\nname: z\nuser-invokable: no\n---\nhi\u{202e}\n");
    sandbox.write("bad/.mcp.json", "{\n  \"mcpServers\": {},\n}\n");
    std::os::unix::fs::symlink("nowhere", sandbox.path("bad/link")).expect("a link");
}

/// Counts, by path, what a command opens as a file and what it lists as a directory.
fn opened(sandbox: &Sandbox, args: &[&str]) -> (BTreeMap<String, usize>, BTreeMap<String, usize>) {
    let trace = sandbox.path("trace");
    let mut command = Command::new("strace");
    command.args(["-f", "-y", "-qq", "-e", "trace=openat,getdents64", "-o"]).arg(&trace);
    command.arg(env!("CARGO_BIN_EXE_toolhive-oci")).args(args).current_dir(sandbox.path("."));
    let output = command.output().expect("it runs");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stdout));
    let (mut files, mut lists) = (BTreeMap::new(), BTreeMap::new());
    let root = sandbox.path("many").canonicalize().expect("is there");
    let root = root.to_str().expect("UTF-8");
    for line in fs::read_to_string(trace).expect("text").lines() {
        // `-y` shows what was opened, and what is read, between angle brackets.
        let path = |text: &str| {
            let inside = text.split_once('<')?.1.split_once('>')?.0;
            Some(inside.strip_prefix(root)?.to_owned())
        };
        if let Some((_, rest)) = line.split_once("getdents64(") {
            // The call that finds nothing more ends a list.
            if let (Some(path), true) = (path(rest), rest.ends_with("= 0")) {
                *lists.entry(path).or_default() += 1;
            }
        } else if let Some(path) = line.rsplit_once(" = ").and_then(|(_, result)| path(result))
            && !line.contains("O_DIRECTORY")
        {
            *files.entry(path).or_default() += 1;
        }
    }
    (files, lists)
}

#[test]
fn validate_opens_each_file_and_lists_each_directory_once_s_116() {
    if !test_support::tools::are_installed(&["strace"]) {
        return;
    }
    let sandbox = Sandbox::new();
    let mut names = vec![".claude-plugin/plugin.json".to_owned(), "hooks/hooks.json".to_owned()];
    for at in 0..9 {
        let own = ["skills/s#/SKILL.md", "skills/s#/more.md", "commands/c#.md", "agents/a#.md"];
        names.extend(own.map(|name| name.replace('#', &at.to_string())));
    }
    for name in &names {
        let content = match name.as_str() {
            ".claude-plugin/plugin.json" => r#"{"name":"many","description":"Has many files."}"#,
            "hooks/hooks.json" => {
                r#"{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"date"}]}]}}"#
            }
            _ => "---\ndescription: Does it.\n---\nText.\n",
        };
        sandbox.write(&format!("many/{name}"), content);
    }
    for verb in ["validate", "inspect"] {
        let (files, lists) = opened(&sandbox, &["plugin", verb, "many"]);
        assert!(files.len() > 30 && files.len() <= names.len(), "{verb}: {files:?}");
        assert!(files.values().all(|count| *count == 1), "{verb}: {files:?}");
        assert!((14..=25).contains(&lists.len()), "{verb}: {lists:?}");
        assert!(lists.values().all(|count| *count == 1), "{verb}: {lists:?}");
    }
}

fn snapshot(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/snapshots").join(name);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::create_dir_all(path.parent().expect("has one")).expect("a directory");
        fs::write(&path, found).expect("a file");
    }
    let wanted = fs::read_to_string(&path).expect("a snapshot");
    assert_eq!(found, wanted, "{name}");
}

fn printed(sandbox: &Sandbox, args: &[&str]) -> String {
    let output = sandbox.run(2, args);
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn validate_prints_every_finding() {
    let sandbox = Sandbox::new();
    faulty(&sandbox);
    snapshot("validate.txt", &printed(&sandbox, &["plugin", "validate", "bad", "--verbose"]));
    let json = ["--format", "json", "plugin", "validate", "bad"];
    snapshot("validate.json", &printed(&sandbox, &json));
    let sarif = printed(&sandbox, &["--format=sarif", "plugin", "validate", "bad"]);
    // A release changes its version and nothing else.
    let version = format!("\"semanticVersion\": \"{}\"", env!("CARGO_PKG_VERSION"));
    assert!(sarif.contains(&version), "{sarif}");
    snapshot("validate.sarif", &sarif.replace(&version, "\"semanticVersion\": \"VERSION\""));
}

#[test]
fn validate_the_examples_are_valid() {
    let sandbox = Sandbox::new();
    for (kind, name) in
        [("plugin", "plugins/release-notes"), ("skill", "skills/why-digests-differ")]
    {
        let found = sandbox.json(0, &[kind, "validate", &example(name)]);
        assert_eq!(found["valid"], true);
        assert_eq!(found["errors"], serde_json::json!([]));
        assert_eq!(found["warnings"], serde_json::json!([]), "{name}");
    }
}

#[test]
fn validate_profiles_decide_and_sources_tell() {
    let sandbox = Sandbox::new();
    sandbox.write("demo/SKILL.md", "---\nname: other\ndescription: x\n---\n");
    let args = ["skill", "validate", "demo"];
    let found = sandbox.json(0, &args);
    assert_eq!(found["profile"], "claude");
    assert_eq!(found["warnings"][0]["rule"], "skill-name-dir");
    assert_eq!(found["warnings"][0]["source"], serde_json::json!(["toolhive", "agentskills"]));
    let found = sandbox.json(2, &[&args[..], &["--profile", "toolhive"]].concat());
    assert_eq!((&found["valid"], &found["errors"][0]["line"]), (&false.into(), &2.into()));
}

#[test]
fn validate_errors_are_errors() {
    let sandbox = Sandbox::new();
    let found = sandbox.json(1, &["plugin", "validate", "nowhere"]);
    assert_eq!(found["error"]["kind"], "invalid-dir");
    let output = sandbox.run(1, &["--format", "sarif", "plugin", "validate", "nowhere"]);
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(found["error"]["kind"], "invalid-dir");
    let output = sandbox.run(64, &["--format", "sarif", "plugin", "builds"]);
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(found["error"]["kind"], "usage");
}

/// The log has what the schema of SARIF 2.1.0 requires, and what a repository's checks need to show
/// findings.
#[test]
fn validate_sarif_has_the_structure_of_2_1_0() {
    let sandbox = Sandbox::new();
    faulty(&sandbox);
    let output = sandbox.run(2, &["--format", "sarif", "plugin", "validate", "./bad/"]);
    let log: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(log["version"], "2.1.0");
    assert!(log["$schema"].as_str().is_some_and(|schema| schema.contains("sarif-2.1.0")));
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "toolhive-oci");
    let rules = driver["rules"].as_array().expect("a list");
    let ids: Vec<&str> = rules.iter().map(|rule| rule["id"].as_str().expect("text")).collect();
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), ids.len());
    for rule in rules {
        assert!(rule["shortDescription"]["text"].as_str().is_some_and(|text| !text.is_empty()));
        assert!(rule["properties"]["tags"].as_array().is_some_and(|tags| !tags.is_empty()));
    }
    let results = run["results"].as_array().expect("a list");
    assert!(results.len() > 10);
    for result in results {
        let index = result["ruleIndex"].as_u64().expect("a number");
        assert_eq!(result["ruleId"], ids[usize::try_from(index).expect("small")]);
        let level = result["level"].as_str().expect("text");
        assert!(["error", "warning", "note"].contains(&level));
        assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()));
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().expect("text");
        assert!(uri.starts_with("bad/") && !uri.contains([' ', '\\', '#', '?']), "{uri}");
        if let Some(region) = place.get("region") {
            let number = |key: &str| region[key].as_u64();
            assert!(number("startLine").is_some_and(|line| line >= 1));
            let start = number("startColumn").expect("a column");
            assert!(start >= 1 && number("endColumn").is_none_or(|end| end > start));
        }
    }
}
