// SPDX-License-Identifier: Apache-2.0
//! The manifest's rules, one by one.

mod agreement;

use oci_artifact::Position;

use super::*;

fn read(manifest: impl AsRef<[u8]>) -> PluginManifest {
    let manifest = manifest.as_ref();
    parse(manifest).unwrap_or_else(|e| panic!("{}: {e}", String::from_utf8_lossy(manifest)))
}

fn refusal(manifest: impl AsRef<[u8]>) -> Error {
    let manifest = manifest.as_ref();
    let error = parse(manifest).expect_err(&String::from_utf8_lossy(manifest));
    assert_eq!(error.kind(), ErrorKind::InvalidManifest);
    let path = Some(MANIFEST_PATH.as_ref());
    assert!(error.diagnostics().iter().all(|problem| problem.path.as_deref() == path));
    error
}

/// The needs of a manifest with these members.
fn requires(members: &str) -> Option<Vec<String>> {
    read(format!("{{\"name\":\"x\",{members}}}")).requires
}

fn components(members: &str) -> Option<Vec<(String, i64)>> {
    let manifest = read(format!("{{\"name\":\"x\",{members}}}"));
    manifest.components.map(|components| components.into_iter().collect())
}

/// Returns the rule, place and message of each warning.
fn warnings(manifest: &str) -> Vec<(&'static str, usize, usize, String)> {
    let warnings = read(manifest).warnings.into_iter().map(|warning| {
        assert_eq!(warning.path.as_deref(), Some(MANIFEST_PATH.as_ref()));
        assert!(warning.help.is_some(), "{warning}");
        let Position { line, column } = warning.position.expect("has a place");
        (warning.rule.expect("has a rule"), line, column, warning.message)
    });
    warnings.collect()
}

#[test]
fn a_manifest_of_64_kib_and_no_more_pd_3() {
    let manifest = |size: usize| " ".repeat(size - 12) + "{\"name\":\"a\"}";
    assert_eq!(read(manifest(65_536)).name, "a");
    assert!(refusal(manifest(65_537)).to_string().contains("65537 bytes"));
}

#[test]
fn white_space_of_any_kind_around_it_pj_1() {
    assert_eq!(read("\u{a0}\u{2003}\u{b}\u{c}{\"name\":\"x\"}\u{3000}\n").name, "x");
    let error = refusal("\u{feff}{\"name\":\"x\"}");
    assert!(error.to_string().contains("byte order mark"), "{error}");
}

#[test]
fn deep_values_of_unknown_keys_pj_3() {
    let manifest =
        |depth| format!("{{\"name\":\"x\",\"y\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(read(manifest(9_999)).name, "x");
    refusal(manifest(10_000));
}

#[test]
fn texts_are_decoded_byte_by_byte_pj_4() {
    let manifest = read(b"{\"n\\u0061me\":\"\xe2\x82b\\ud800\",\"version\":\"\\ud83d\\ude00\"}");
    assert_eq!(manifest.name, "\u{fffd}\u{fffd}b\u{fffd}");
    assert_eq!(manifest.version, "😀");
}

#[test]
fn the_value_is_an_object_pj_5() {
    for (manifest, message) in [
        ("null", "the plugin has no name"),
        ("[]", "expected an object, found an array"),
        ("\"x\"", "expected an object, found a string"),
        ("7", "expected an object, found a number"),
        ("true", "expected an object, found a boolean"),
    ] {
        let error = refusal(manifest);
        assert_eq!(error.diagnostics()[0].message, message);
        assert_eq!(error.diagnostics()[0].position, Some(Position { line: 1, column: 1 }));
    }
}

#[test]
fn other_keys_are_ignored_pj_6() {
    let manifest = read(
        r#"{"name":"x","author":7,"Keywords":[{}],"names":1,"outputStyles":"y","":null,"$schema":[]}"#,
    );
    assert_eq!(manifest, PluginManifest { name: "x".into(), ..PluginManifest::default() });
}

#[test]
fn keys_fold_pj_7_bug_16() {
    let manifest =
        read("{\"NAME\":\"x\",\"verſion\":\"1\",\"ſ\u{212a}illS\":[1],\"mcpservers\":{\"a\":1}}");
    assert_eq!((manifest.name.as_str(), manifest.version.as_str()), ("x", "1"));
    let components = manifest.components.expect("has some");
    assert_eq!(components, [("mcpServers".into(), 1), ("skills".into(), 1)].into());
    assert_eq!(read("{\"name\":\"x\",\"skıllS\":1,\" version\":1}").components, None);
}

#[test]
fn the_last_of_several_wins_pj_8() {
    let manifest = read(
        r#"{"name":"a","Name":"b","version":"1","version":null,"hooks":[1,2],"HOOKS":null,
            "skills":1,"Skills":{"a":1,"b":2},"requires":["a"],"requires":null}"#,
    );
    assert_eq!((manifest.name.as_str(), manifest.version.as_str()), ("b", "1"));
    assert_eq!(manifest.components.expect("has some"), [("skills".into(), 2)].into());
    assert_eq!(manifest.requires, None);
}

#[test]
fn texts_are_strings_or_null_pj_9() {
    let manifest = read(r#"{"name":"x","description":null,"version":"","license":"MIT"}"#);
    assert_eq!((manifest.description.as_str(), manifest.version.as_str()), ("", ""));
    assert_eq!(manifest.license, "MIT");
    for key in ["name", "description", "version", "license"] {
        for value in ["1", "1.0", "true", "false", "[]", "{}", "[\"x\"]"] {
            let error = refusal(format!("{{\"name\":\"x\",\"{key}\":{value}}}"));
            assert!(
                error.to_string().contains(&format!("{key} must be a string, found ")),
                "{error}"
            );
            refusal(format!("{{\"{key}\":{value},\"{key}\":\"x\",\"name\":\"x\"}}"));
        }
    }
}

#[test]
fn any_name_is_taken_but_an_empty_one_pj_10_bug_17() {
    for name in [" ", "\\u0000", "a/../b", "\\ud800", "\\n"] {
        assert!(!read(format!("{{\"name\":\"{name}\"}}")).name.is_empty());
    }
    for (manifest, message, column) in [
        ("{}", "the plugin has no name", 1),
        ("{\"name\":null}", "the name is empty", 9),
        ("{\"Name\":\"\"}", "the name is empty", 9),
        ("{\"names\":\"x\"}", "the plugin has no name", 1),
        ("{\"name\":\"x\",\"name\":\"\"}", "the name is empty", 20),
    ] {
        let error = refusal(manifest);
        assert_eq!(error.diagnostics()[0].message, message);
        assert_eq!(error.diagnostics()[0].position, Some(Position { line: 1, column }));
        assert_eq!(error.diagnostics().len(), 1);
    }
}

#[test]
fn components_are_counted_by_shape_pc_1() {
    let count = |value: &str| components(&format!("\"hooks\":{value}")).map(|all| all[0].1);
    assert_eq!(count("[1,null,[2,3],{}]"), Some(4));
    assert_eq!(count(r#"{"a":1,"b":2,"\u0061":3,"":4}"#), Some(3));
    assert_eq!(count(r#"{"\ud800":1,"\ud801":2,"\ufffd":3}"#), Some(1));
    for one in ["\"\"", "\"x\"", "0", "1e9", "true", "false"] {
        assert_eq!(count(one), Some(1), "{one}");
    }
    for none in ["null", "[]", "{}"] {
        assert_eq!(count(none), None, "{none}");
    }
}

#[test]
fn an_inventory_of_nothing_is_none_pc_2() {
    assert_eq!(
        components(r#""hooks":[],"skills":{},"agents":null,"commands":[1]"#).map(|all| all.len()),
        Some(1)
    );
    assert_eq!(components(r#""hooks":[],"skills":{},"agents":null"#), None);
}

#[test]
fn inventory_keys_are_canonical_and_in_byte_order_pc_3() {
    let all =
        components(r#""Skills":1,"MCPSERVERS":1,"lspservers":1,"hooks":1,"COMMANDS":1,"agents":1"#);
    let keys: Vec<_> = all.expect("has some").into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["agents", "commands", "hooks", "lspServers", "mcpServers", "skills"]);
}

#[test]
fn what_is_a_list_pr_1() {
    let list = |items: &[&str]| Some(items.iter().map(|&item| item.to_owned()).collect());
    for none in [
        "null",
        "\"a\"",
        "1",
        "true",
        "[1]",
        "[\"a\",{}]",
        "[[]]",
        r#"{"a":1}"#,
        r#"{"a":"x","a":[],"a":"y"}"#,
    ] {
        assert_eq!(requires(&format!("\"requires\":{none}")), None, "{none}");
        assert_eq!(requires(&format!("\"dependencies\":{none}")), None, "{none}");
        let both = requires(&format!("\"requires\":{none},\"dependencies\":[\"a\"]"));
        assert_eq!(both, list(&["a"]), "{none}");
    }
    assert_eq!(requires(r#""requires":["b",null,"a"]"#), list(&["", "a", "b"]));
    assert_eq!(requires(r#""requires":{"k":"b","l":"","m":null,"k":"a"}"#), list(&["a"]));
    assert_eq!(requires(r#""requires":{"k":"b","k":null}"#), list(&[]));
}

#[test]
fn sorted_by_bytes_and_without_repetition_pr_2() {
    let all = requires(r#""requires":["é","b"," b","B"],"dependencies":{"x":"b","y":"a"}"#);
    assert_eq!(all.expect("is a list"), [" b", "B", "a", "b", "é"]);
}

#[test]
fn none_and_empty_differ_pr_3_bug_15() {
    let empty = Some(Vec::new());
    assert_eq!(requires(r#""requires":[]"#), empty);
    assert_eq!(requires(r#""requires":{}"#), empty);
    assert_eq!(requires(r#""requires":{"a":""}"#), empty);
    assert_eq!(requires(r#""dependencies":[]"#), None);
    assert_eq!(requires(r#""dependencies":{"a":""}"#), None);
    assert_eq!(requires(r#""requires":[],"dependencies":["a",1]"#), empty);
    assert_eq!(requires(r#""dependencies":[null]"#), Some(vec![String::new()]));
}

#[test]
fn the_examples_pr_3() {
    let list = |items: &[&str]| Some(items.iter().map(|&item| item.to_owned()).collect());
    assert_eq!(requires(r#""requires":["a",null,"a",""]"#), list(&["", "a"]));
    let both = requires(r#""requires":["z"],"dependencies":{"a":"z","b":"y"}"#);
    assert_eq!(both, list(&["y", "z"]));
    assert_eq!(requires(r#""requires":[1],"dependencies":["a"]"#), list(&["a"]));
    assert_eq!(requires(r#""requires":"a""#), None);
}

/// Fixture F1 of format.md, appendix A.
const F1: &str = r#"{
  "name": "demo",
  "description": "A <b> & \"q\" é\u2028\\ tab:\t",
  "version": "1.2.3",
  "license": "MIT",
  "commands": ["./commands/a&b.md", "x"],
  "hooks": "./h.json",
  "mcpServers": {"s": {}},
  "requires": ["ghcr.io/o/b:v1", "ghcr.io/o/a<1>:v1"],
  "dependencies": {"k": "ghcr.io/o/b:v1"}
}
"#;

#[test]
fn pj_the_plugin_of_fixture_f1() {
    let manifest = read(F1);
    assert_eq!(manifest.name, "demo");
    assert_eq!(manifest.description, "A <b> & \"q\" é\u{2028}\\ tab:\t");
    assert_eq!((manifest.version.as_str(), manifest.license.as_str()), ("1.2.3", "MIT"));
    let components = [("commands", 2), ("hooks", 1), ("mcpServers", 1)];
    let components = components.map(|(key, count)| (key.to_owned(), count));
    assert_eq!(manifest.components, Some(components.into()));
    assert_eq!(manifest.requires.expect("is a list"), ["ghcr.io/o/a<1>:v1", "ghcr.io/o/b:v1"]);
    let rules: Vec<_> = manifest.warnings.iter().filter_map(|warning| warning.rule).collect();
    assert_eq!(rules, ["dependency-keys-lost"]);
}

#[test]
fn dependencies_that_vanish_dev_3() {
    let manifest = "{\"name\": \"x\",\n \"requires\": \"a\",\n \"dependencies\": [\"a\",\n  {\"name\": \"b\"}]}";
    assert_eq!(
        warnings(manifest),
        [
            (
                "dependencies-ignored",
                2,
                14,
                "requires is ignored as a whole: it is a string".into()
            ),
            (
                "dependencies-ignored",
                4,
                3,
                "dependencies is ignored as a whole: an entry is an object".into()
            ),
        ]
    );
    let manifest = "{\"name\": \"x\", \"dependencies\": {\"zod\": \"latest\", \"a\": null}, \"requires\": [\"\"]}";
    assert_eq!(
        warnings(manifest),
        [
            (
                "dependency-keys-lost",
                1,
                31,
                "the keys of dependencies are lost: only its values are kept".into()
            ),
            (
                "dependency-empty",
                1,
                49,
                "this entry of dependencies is empty, and is dropped".into()
            ),
            (
                "dependency-empty",
                1,
                74,
                "an entry of requires is empty, and stays in the list".into()
            ),
        ]
    );
    assert_eq!(warnings(r#"{"name":"x","requires":["a"],"dependencies":{},"hooks":"x"}"#), []);
}

#[test]
fn components_that_are_none_dev_3() {
    assert_eq!(
        warnings(
            "{\"name\": \"x\", \"hooks\": [],\n\"skills\": false, \"agents\": \"\", \"commands\": null}"
        ),
        [
            ("component-empty", 1, 24, "hooks is declared but empty, so it does not count".into()),
            ("component-shape", 2, 11, "skills counts as one component, but names none".into()),
            ("component-shape", 2, 28, "agents counts as one component, but names none".into()),
            (
                "component-empty",
                2,
                44,
                "commands is declared but empty, so it does not count".into()
            ),
        ]
    );
}

#[test]
fn keys_that_others_read_otherwise_dev_3() {
    assert_eq!(
        warnings("{\"name\": \"x\", \"Skills\": [1],\n\"name\": \"y\"}"),
        [
            ("key-spelling", 1, 15, "this key counts as skills".into()),
            ("duplicate-key", 2, 1, "name is declared again; the last one counts".into()),
        ]
    );
}

#[test]
fn an_inventory_that_says_nothing_dev_3() {
    let files = [
        ".claude-plugin/plugin.json",
        "agents/deep/a.md",
        "agents/notes.txt",
        "commands.md",
        "hooks/other.json",
        "skills/SKILL.md",
        "skills/a/SKILL.md",
        "skills/a/b/SKILL.md",
        "skills/c/SKILL.md",
    ];
    let warning = missing_inventory(&read(r#"{"name":"x"}"#), files).expect("has components");
    assert_eq!(
        warning.message,
        "the label of components is empty, since it counts only what the manifest lists; the \
         plugin has some (agents: 1, skills: 2)"
    );
    assert_eq!(warning.rule, Some("inventory-empty"));
    // To list one agent would hide the others (S-12).
    assert!(warning.help.is_some_and(|help| !help.to_string().contains('[')));

    assert_eq!(missing_inventory(&read(r#"{"name":"x","hooks":"y"}"#), files), None);
    let none = [".claude-plugin/plugin.json", "README.md", "bin/agents/a.md"];
    assert_eq!(missing_inventory(&read(r#"{"name":"x"}"#), none), None);
    for (file, counts) in [
        (".mcp.json", "mcpServers: 1"),
        ("hooks/hooks.json", "hooks: 1"),
        ("SKILL.md", "skills: 1"),
        ("commands/a/b.md", "commands: 1"),
    ] {
        let warning = missing_inventory(&read(r#"{"name":"x","hooks":[]}"#), [file]);
        assert!(warning.expect(file).message.ends_with(&format!("({counts})")));
    }
}

#[test]
fn all_problems_at_once_dev_4() {
    let error = refusal("{\n  \"version\": 1.0,\n  \"license\": [\"MIT\"],\n  \"name\": \"\"\n}\n");
    let problems: Vec<_> = error.diagnostics().iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        [
            ".claude-plugin/plugin.json:2:14: version must be a string, found a number",
            ".claude-plugin/plugin.json:3:14: license must be a string, found an array",
            ".claude-plugin/plugin.json:4:11: the name is empty",
        ]
    );
    let helps: Vec<_> = error
        .diagnostics()
        .iter()
        .filter_map(|p| p.help.as_ref().map(ToString::to_string))
        .collect();
    assert_eq!(
        helps,
        [
            "put it between double quotes: \"1.0\"",
            "write one string: \"license\": \"...\"",
            "give it one: \"name\": \"my-plugin\""
        ]
    );
}

#[test]
fn findings_without_end_are_cut_dev_4() {
    let manifest = format!("{{\"name\":\"x\",\"requires\":[{}null]}}", "null,".repeat(12_000));
    assert_eq!(read(manifest).warnings.len(), problems::MAX_PROBLEMS);
    let manifest = format!("{{{}\"name\":1}}", "\"name\":1,".repeat(7_000));
    assert_eq!(refusal(manifest).diagnostics().len(), problems::MAX_PROBLEMS);
}
