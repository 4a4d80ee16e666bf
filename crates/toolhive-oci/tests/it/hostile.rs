// SPDX-License-Identifier: Apache-2.0
//! Tests of hostile files, given to every command that reads them. Small fixtures are those of
//! `testdata/hostile`; large ones are made here.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::Sandbox;
use crate::support::forged::Forged;

/// Every command that reads the layer of the artifact `bad`; `./p` is a plugin of the same name.
const READERS: [&[&str]; 7] = [
    &["plugin", "inspect", "bad"],
    &["plugin", "diff", "bad", "./p"],
    &["plugin", "diff", "./p", "bad"],
    &["plugin", "diff", "bad", "bad"],
    &["plugin", "verify", "bad", "./p"],
    &["plugin", "extract", "bad", "out"],
    &["marketplace", "generate", "bad", "--name", "n", "--owner", "o"],
];

/// The error that each reader has to have against the artifact `bad`.
fn refused_by_all(sandbox: &Sandbox, kind: &str, message: &str) {
    sandbox.plugin("p", r#"{"name":"p"}"#);
    for args in READERS {
        let error = &sandbox.json(1, args)["error"];
        assert_eq!(error["kind"], kind, "{args:?}: {error}");
        assert!(error["message"].to_string().contains(message), "{args:?}: {error}");
    }
    assert!(!sandbox.path("out").exists(), "nothing is left behind");
}

#[test]
fn a_small_layer_with_many_directories_is_refused_by_every_reader_dev_6() {
    let sandbox = Sandbox::new();
    let deep = |at: usize| format!("{at}/{}f", "d/".repeat(250));
    let files: Vec<(String, &str)> = (0..45).map(|at| (deep(at), "")).collect();
    Forged::plugin(&files).put(&sandbox, "bad");
    refused_by_all(&sandbox, "too-many-files", "more than 10000 directories");
}

#[test]
fn a_layer_with_a_deep_path_is_refused_by_every_reader_dev_6() {
    let sandbox = Sandbox::new();
    Forged::plugin(&[("d/".repeat(2_000) + "f", "")]).put(&sandbox, "bad");
    refused_by_all(&sandbox, "invalid-archive", "more than 256 names");
}

#[test]
fn a_wrong_diff_id_is_refused_by_every_reader_cfg_5() {
    let sandbox = Sandbox::new();
    let mut forged = Forged::plugin(&[("a.md".to_owned(), "x")]);
    let other = oci_artifact::digest::sha256(b"other").to_string();
    forged.config["rootfs"]["diff_ids"] = json!([other]);
    forged.put(&sandbox, "bad");
    refused_by_all(&sandbox, "digest-mismatch", "the uncompressed layer has the digest");
}

#[test]
fn a_config_past_the_limit_is_refused_by_every_reader_dev_7() {
    let sandbox = Sandbox::new();
    let mut forged = Forged::plugin(&[]);
    forged.config["config"]["Labels"]["x"] = Value::from("x".repeat(5 << 20));
    forged.put(&sandbox, "bad");
    refused_by_all(&sandbox, "too-large", "the config has");
}

#[test]
fn an_index_without_manifests_is_refused_by_every_reader() {
    let sandbox = Sandbox::new();
    let mut forged = Forged::plugin(&[]);
    forged.manifests = Some(json!([]));
    forged.put(&sandbox, "bad");
    refused_by_all(&sandbox, "invalid-document", "lists no manifest");
}

#[test]
fn what_diff_tells_is_bounded_and_what_is_cut_is_counted() {
    let sandbox = Sandbox::new();
    let name = |start: &str, at: usize| (format!("{start}{at:05}"), "x");
    let files = |start| (0..3_000).map(|at| name(start, at)).collect::<Vec<_>>();
    let mut one = Forged::plugin(&files("a"));
    for at in 0..500 {
        one.config["config"]["Labels"][format!("{at:03}{}", "n".repeat(5_000))] =
            Value::from("v".repeat(1_000));
    }
    one.put(&sandbox, "one");
    Forged::plugin(&[]).put(&sandbox, "two");
    let found = sandbox.json(0, &["plugin", "diff", "one", "two"]);
    assert_eq!(found["same"], false);
    assert_eq!(found["cut"], json!({"files": 2_000, "fields": 300, "surface": 0}));
    assert_eq!(found["files"].as_array().map(Vec::len), Some(1_000));
    assert_eq!(found["fields"].as_array().map(Vec::len), Some(200));
    let name = found["fields"][0]["name"].as_str().expect("text");
    assert!(name.len() < 4_200 && name.ends_with("… (907 more bytes)"), "{}", name.len());
    let text = sandbox.text(&["plugin", "diff", "one", "two"]);
    assert!(text.contains("\n  and 2000 more, not shown\n"), "{}", text.len());
    assert!(text.ends_with("\n  and 300 more, not shown\n"), "{}", text.len());
    assert!(text.lines().all(|line| line.len() < 300));
    // Nothing is said where nothing is cut.
    sandbox.plugin("p", r#"{"name":"p"}"#);
    sandbox.write("p/a", "x");
    let found = sandbox.json(0, &["plugin", "diff", "two", "./p"]);
    assert_eq!(found.get("cut"), None);
    // The same of the differences that `verify` finds.
    let found = sandbox.json(2, &["plugin", "verify", "one", "./p"]);
    assert_eq!(found["differences"].as_array().map(Vec::len), Some(1_000));
    assert!(found["cut"].as_u64() > Some(2_000), "{}", found["cut"]);
}

#[test]
fn what_diff_tells_of_a_surface_is_bounded_and_what_is_cut_is_counted() {
    let sandbox = Sandbox::new();
    // Each is shown whole by itself; all of them together are more than is reported.
    let command =
        |at: usize| format!("---\ndescription: {at}\n---\n!`echo {}`\n", "x".repeat(300_000));
    let commands: Vec<_> =
        (0..18).map(|at| (format!("commands/c{at:02}.md"), command(at))).collect();
    let files: Vec<_> = commands.iter().map(|(path, text)| (path.clone(), text.as_str())).collect();
    Forged::plugin(&files).put(&sandbox, "many");
    Forged::plugin(&files[..2]).put(&sandbox, "few");
    Forged::plugin(&[]).put(&sandbox, "none");
    let changes = |found: &Value| found["surface"]["changes"].as_array().map_or(0, Vec::len);
    let few = sandbox.json(2, &["plugin", "diff", "none", "few", "--exit-code=surface"]);
    assert_eq!(few.get("cut"), None, "nothing is said where nothing is cut");
    let each = changes(&few) / 2;
    let found = sandbox.json(2, &["plugin", "diff", "none", "many", "--exit-code=surface"]);
    let cut = found["cut"]["surface"].as_u64().expect("is said") as usize;
    assert!(cut > 0, "{}", found["cut"]);
    assert_eq!(changes(&found) + cut, 18 * each, "all are told or counted");
    assert_eq!(found["surface"]["needs_acceptance"], true, "what is cut counts, too");
    assert!(found.to_string().len() < 6 << 20, "{}", found.to_string().len());
    let long = |text: &str| text.len() > (256 << 10) + 100;
    let texts = found["surface"]["changes"].as_array().expect("a list").iter();
    let mut texts =
        texts.flat_map(|change| ["id", "what", "before", "after"].map(|key| &change[key]));
    assert!(!texts.any(|text| text.as_str().is_some_and(long)), "one text is bounded, too");
    let text = sandbox.text(&["plugin", "diff", "none", "many"]);
    assert!(text.contains(&format!("\n  and {cut} more, not shown\n")), "{}", text.len());
}

#[test]
fn json_has_no_raw_control_and_text_no_command_of_a_ci_system_s_103() {
    let sandbox = Sandbox::new();
    let hostile = fs::read_to_string(test_support::testdata("hostile/commands.txt"));
    let hostile = hostile.expect("is there");
    let unseen = |c: char| (c.is_control() && c != '\n') || agent_plugin::text::is_invisible(c);
    for line in hostile.lines() {
        let text: String = serde_json::from_str(line).expect("a string of JSON");
        let manifest =
            json!({"name": "p", "description": text, "version": text, "requires": [text]});
        sandbox.plugin("p", &manifest.to_string());
        let quoted = serde_json::to_string(&text).expect("JSON");
        sandbox.write("p/commands/a.md", format!("---\ndescription: {quoted}\n---\n!`{text}`\n"));
        let hooks = json!({"hooks": {"Stop": [{"hooks": [
            {"type": "command", "command": format!("{} {text}", "x ".repeat(70))}]}]}});
        sandbox.write("p/hooks/hooks.json", hooks.to_string());
        sandbox.run(0, &["plugin", "build", "p"]);
        let bad = sandbox.plugin("q", &format!("{{\"name\":\"p\",\n{text}"));
        let bad = bad.to_str().expect("UTF-8");
        for args in [
            &["plugin", "inspect", "p"][..],
            &["plugin", "inspect", "./p"],
            &["plugin", "builds"],
            &["plugin", "validate", "./p", "--verbose"],
            &["plugin", "validate", bad],
            &["plugin", "build", bad],
            &["plugin", "verify", "p", bad],
            &["plugin", "build", "p", "--tag", &text],
            &["plugin", "inspect", &text],
            &["plugin", "diff", "p", &text],
            &["plugin", &text],
        ] {
            for format in ["text", "json"] {
                let mut command = sandbox.command();
                let output = command.args(["--format", format]).args(args).output().expect("runs");
                for out in [output.stdout, output.stderr] {
                    let out = String::from_utf8(out).expect("UTF-8");
                    assert!(!out.contains(unseen), "{args:?} {format}: {out:?}");
                    for line in out.lines() {
                        assert!(!line.trim_start().starts_with("::"), "{args:?} {format}: {line}");
                        let is_command = ["##[", "##vso[", "##teamcity["].iter();
                        let mut is_command = is_command.filter(|start| line.contains(**start));
                        assert_eq!(is_command.next(), None, "{args:?} {format}: {line}");
                    }
                }
            }
        }
    }
}

/// All Rust sources below a directory, as one text.
fn sources(directory: &Path) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(directory).expect("there").map(|entry| entry.expect("fine")) {
        let path = entry.path();
        if path.is_dir() {
            all.push_str(&sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            all.push_str(&fs::read_to_string(&path).expect("text"));
        }
    }
    all
}

#[test]
fn the_table_of_hostile_fixtures_is_true() {
    let here = test_support::testdata("hostile");
    let table = fs::read_to_string(here.join("README.md")).expect("there");
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| ---"))
        .skip(1)
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    for entry in fs::read_dir(&here).expect("there").map(|entry| entry.expect("fine")) {
        let name = entry.file_name().to_str().expect("UTF-8").to_owned();
        let is_told = |row: &Vec<&str>| row[1].contains(&format!("`{name}`"));
        assert!(name == "README.md" || rows.iter().any(is_told), "{name} has no row");
    }
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let sources: String = fs::read_dir(crates)
        .expect("there")
        .map(|entry| entry.expect("fine").path())
        .flat_map(|package| ["src", "tests"].map(|part| package.join(part)))
        .filter(|part| part.is_dir())
        .map(|part| sources(&part))
        .collect();
    assert!(rows.len() > 20, "{}", rows.len());
    for row in rows {
        let [attack, _, tests] = row[..] else { panic!("{row:?}") };
        for test in tests.split(", ").map(|test| test.trim_matches('`')) {
            assert!(sources.contains(&format!("fn {test}(")), "{attack}: there is no {test}");
        }
    }
}
