// SPDX-License-Identifier: Apache-2.0
//! SKILL.md: FM-1 to FM-27 as far as they concern skills, DEV-2 to DEV-4.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use oci_artifact::{Diagnostic, Error, ErrorKind, Position};
use toolhive_skills::metadata::{SkillManifest, Text, parse, read};

fn skill(yaml: &str) -> SkillManifest {
    parse(format!("---\n{yaml}---\nbody\n").as_bytes()).expect("is a skill")
}

fn refused(yaml: &str) -> Error {
    let error = parse(format!("---\n{yaml}---\nbody\n").as_bytes()).expect_err("is no skill");
    assert_eq!(error.kind(), ErrorKind::InvalidManifest);
    for diagnostic in error.diagnostics() {
        check(diagnostic);
    }
    error
}

/// Every finding says where and what to do.
fn check(diagnostic: &Diagnostic) {
    assert_eq!(diagnostic.path.as_deref(), Some("SKILL.md".as_ref()), "{diagnostic}");
    assert!(diagnostic.position.is_some() && diagnostic.rule.is_some(), "{diagnostic}");
    assert!(diagnostic.excerpt.is_some(), "{diagnostic}");
}

/// The rules and lines of the warnings.
fn warnings(yaml: &str) -> Vec<(&'static str, usize)> {
    let warnings = skill(yaml).warnings;
    warnings.iter().for_each(check);
    let places = warnings.iter().filter_map(|w| Some((w.rule?, w.position?.line)));
    places.collect()
}

fn tools(value: &str) -> Option<Vec<String>> {
    let tools = skill(&format!("name: n\nallowed-tools: {value}\n")).allowed_tools;
    tools.map(|tools| tools.iter().map(Text::to_string_lossy).collect())
}

fn list(items: &[&str]) -> Option<Vec<String>> {
    Some(items.iter().map(ToString::to_string).collect())
}

#[test]
fn leading_white_space_and_fm_5_line_ends_fm_1() {
    for text in [
        "---\nname: a\n---\n",
        "\u{3000}\n ---\r\nname: a\r\n---\r\n",
        "---\rname: a\r---\r",
        "---name: a---",
        "--- name: a ---\n",
        "---   \nname: a   \n---   \nbody",
        "---\nname: a---b\n---",
    ] {
        assert_eq!(parse(text.as_bytes()).expect(text).name, "a", "{text:?}");
    }
}

#[test]
fn no_more_is_read_than_needed_fm_4() {
    let big = format!("---\nname: a\n---\n{}", "x".repeat(1 << 20));
    assert_eq!(read(big.as_bytes()).expect("is a skill").name, "a");
    assert_eq!(
        parse(b"---\n---\n").expect_err("no name").diagnostics()[0].rule,
        Some("name-missing")
    );
}

#[test]
fn the_root_is_a_mapping_fm_15() {
    assert_eq!(skill("{name: a, x: y}\n").name, "a");
    assert_eq!(skill("!x\nname: a\n").name, "a");
    for wrong in ["hello\n", "- a\n", "!!int 5\n", "\"\"\n"] {
        assert_eq!(refused(wrong).diagnostics()[0].rule, Some("frontmatter-yaml"), "{wrong}");
    }
    for empty in ["", "# c\n", "~\n", "!!null\n", "{}\n"] {
        assert_eq!(refused(empty).diagnostics()[0].rule, Some("name-missing"), "{empty}");
    }
}

#[test]
fn known_keys_are_case_sensitive_and_others_are_ignored_fm_16() {
    refused("Name: a\n");
    let manifest = skill(
        "name: a\nfoo: {x: [1, 2], x: 3}\nhooks:\n  PreToolUse: []\nlicense: MIT\n\
         compatibility: any\nversion: 1.0\ndescription: d\n",
    );
    let SkillManifest { license, compatibility, version, description, .. } = manifest;
    assert_eq!(
        [license, compatibility, version, description].map(|t| t.to_string_lossy()),
        ["MIT", "any", "1.0", "d"]
    );
    refused("name: a\nfoo: *x\n");
}

#[test]
fn binary_texts_keep_their_bytes_fm_20() {
    assert_eq!(skill("name: !!binary /w==\n").name.as_bytes(), b"\xff");
    assert_eq!(skill("name: !!binary aGVsbG8=\n").name, "hello");
}

#[test]
fn a_name_is_required_fm_21() {
    assert_eq!(skill("name: ' '\n").name, " ");
    for nameless in ["name: null\n", "name: ''\n", "name:\n", "name: !!binary ''\n"] {
        let error = refused(&format!("x: y\n{nameless}"));
        let position = error.diagnostics()[0].position;
        assert_eq!(position, Some(Position { line: 3, column: 1 }), "{nameless}");
    }
    let position = refused("x: y\n").diagnostics()[0].position;
    assert_eq!(position, Some(Position { line: 1, column: 1 }));
}

#[test]
fn no_tools_fm_22() {
    for none in ["", "~", "null", "''", "! ~", "!!null ''", "!!str"] {
        assert_eq!(tools(none), None, "{none}");
    }
    refused("name: n\nallowed-tools: !!null x\n");
    assert_eq!(tools("!x ~"), list(&["~"]));
}

#[test]
fn tools_in_one_text_bug_26_fm_23() {
    assert_eq!(tools("Read"), list(&["Read"]));
    assert_eq!(tools("Bash(git add:*), Read"), list(&["Bash(git add:*)", "Read"]));
    assert_eq!(tools("Bash(git add:*) Read"), list(&["Bash(git", "add:*)", "Read"]));
    assert_eq!(tools("a,b c"), list(&["a", "b c"]));
    assert_eq!(tools("'a, b ,, a'"), list(&["a", "b", "a"]));
    assert_eq!(tools("'  '"), list(&[]));
    assert_eq!(tools("','"), list(&[]));
    assert_eq!(tools("\"\u{3000}a\u{2003}b\\tc\u{85}\""), list(&["a", "b", "c"]));
    assert_eq!(tools("5"), list(&["5"]));
    assert_eq!(tools("true"), list(&["true"]));
    assert_eq!(tools("!!binary aGk="), list(&["aGk="]));
    assert_eq!(tools("!!int x"), list(&["x"]));
    assert_eq!(tools("|\n  a\n  b"), list(&["a", "b"]));
}

#[test]
fn tools_in_a_list_bug_25_fm_24() {
    assert_eq!(tools("[]"), list(&[]));
    assert_eq!(tools("[a, ~, '', ' b ', a, 1, true]"), list(&["a", "", " b ", "a", "1", "true"]));
    assert_eq!(tools("[!!binary aGk=]"), list(&["hi"]));
    refused("name: n\nallowed-tools: [[a]]\n");
    refused("name: n\nallowed-tools: [!!int x]\n");
}

#[test]
fn tools_are_no_mapping_and_aliases_are_followed_fm_25() {
    refused("name: n\nallowed-tools: {a: b}\n");
    refused("name: n\nallowed-tools: &t [*t]\n");
    assert_eq!(
        skill("name: n\nt: &t [a]\nallowed-tools: *t\n").allowed_tools.map(|t| t.len()),
        Some(1)
    );
}

#[test]
fn metadata_fm_26() {
    let metadata = |yaml: &str| {
        let metadata = skill(&format!("name: n\nmetadata: {yaml}\n")).metadata;
        metadata
            .map(|map| map.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(" "))
    };
    assert_eq!(metadata("~"), None);
    assert_eq!(metadata("{}"), Some(String::new()));
    assert_eq!(metadata("{b: 1.0, a: ~, c: true, 1: ''}").as_deref(), Some("1= a= b=1.0 c=true"));
    assert_eq!(metadata("{<<: {a: x, b: y}, b: z}").as_deref(), Some("a=x b=z"));
    assert_eq!(metadata("{k: &k a, *k : b}").as_deref(), Some("a=b k=a"));
    for wrong in ["{a: b, a: c}", "{[a]: b}", "{<<: x}", "{a: !!int x}"] {
        refused(&format!("name: n\nmetadata: {wrong}\n"));
    }
}

#[test]
fn requires_are_lines_bug_28_fm_27() {
    let requires = |value: &str| {
        let requires =
            skill(&format!("name: n\nmetadata:\n  toolhive.requires: {value}\n")).requires;
        requires.iter().map(Text::to_string_lossy).collect::<Vec<_>>()
    };
    assert_eq!(requires("|\n    b\n\n    a \n    b\n"), ["b", "a", "b"]);
    assert_eq!(requires("\"a, b c\\n\u{3000}d\u{85}\""), ["a, b c", "d"]);
    assert_eq!(requires(">\n    a\n    b\n"), ["a b"]);
    assert!(
        requires("''").is_empty() && requires("\" \\n \"").is_empty() && requires("~").is_empty()
    );
    let raw = skill("name: n\nmetadata: {toolhive.requires: !!binary IP8KIGEg/w==}\n").requires;
    assert_eq!(raw.iter().map(Text::as_bytes).collect::<Vec<_>>(), [b"\xff", &b"a \xff"[..]]);
}

#[test]
fn metadata_may_be_any_yaml_dev_2() {
    for other in ["text", "[a]", "''"] {
        let manifest = skill(&format!("name: n\nmetadata: {other}\n"));
        assert_eq!(manifest.metadata, None);
        assert_eq!(warnings(&format!("name: n\nmetadata: {other}\n")), [("metadata-map", 3)]);
    }
    let nested =
        "name: n\nmetadata:\n  a: b\n  c: {d: e, d: f}\n  g: [h]\n  toolhive.requires: [i]\n";
    let manifest = skill(nested);
    assert_eq!(manifest.metadata, Some(BTreeMap::from([(Text::from("a"), Text::from("b"))])));
    assert!(manifest.requires.is_empty());
    assert_eq!(
        warnings(nested),
        [("metadata-flat", 5), ("metadata-flat", 6), ("metadata-flat", 7)]
    );
}

#[test]
fn losses_are_warnings_dev_3() {
    assert_eq!(warnings("name: n\nlicense: MIT\nallowed-tools: Read Write\n"), []);
    assert_eq!(warnings("name: n\ndescription: a --- b\n"), [("frontmatter-cut", 3)]);
    assert_eq!(warnings("name: n\n...\nlicense: MIT\n"), [("frontmatter-cut", 3)]);
    assert_eq!(warnings("name: n\nallowed-tools: Bash(a b)\n"), [("allowed-tools-split", 3)]);
    assert_eq!(warnings("name: n\nallowed-tools: Bash(a,b), c\n"), [("allowed-tools-split", 3)]);
    assert_eq!(warnings("name: n\nallowed-tools: Bash(a b), c\n"), []);
    assert_eq!(warnings("name: n\ntoolhive.requires: a\n"), [("requires-misplaced", 3)]);
    assert_eq!(
        warnings("name: n\nmetadata:\n  toolhive.requires: >\n    a\n    b\n"),
        [("requires-joined", 4)]
    );
}

#[test]
fn errors_point_and_come_all_at_once_dev_4() {
    let error =
        refused("name: [x]\ndescription: Use when: you want\nversion: !!int v\nlicense: *.md\n");
    let found: Vec<_> = error
        .diagnostics()
        .iter()
        .map(|d| (d.to_string(), d.help.as_ref().map(ToString::to_string).unwrap_or_default()))
        .collect();
    assert_eq!(
        found,
        [
            (
                "SKILL.md:2:7: `name` must be text, but is a list",
                "put the value in quotes if it is meant as text"
            ),
            (
                "SKILL.md:3:22: this colon is in the middle of a value",
                "put the whole value in quotes: `description: \"Use when: you want\"`"
            ),
            ("SKILL.md:4:10: `v` is not of the type `!!int`", ""),
            (
                "SKILL.md:5:10: `*` begins a YAML reference, and this is not one",
                "put the whole value in quotes: `license: \"*.md\"`"
            ),
        ]
        .map(|(message, help)| (message.to_owned(), help.to_owned()))
    );
    let excerpt = error.diagnostics()[1].excerpt.clone().expect("has one");
    assert_eq!(&excerpt.text[excerpt.span], ":");
}

#[test]
fn a_thousand_problems_are_not_all_shown_dev_4() {
    let many: String = (0..1_000).map(|n| format!("k{}: v\n", n % 2)).collect();
    assert_eq!(refused(&many).diagnostics().len(), 50);
}

/// Texts are decoded as by the reference's YAML library: 1,700 of them.
#[test]
fn texts_are_those_of_the_reference_fm_15_to_26() {
    let text = std::fs::read(test_support::testdata("vectors/frontmatter.json")).expect("is there");
    let file: serde_json::Value = serde_json::from_slice(&text).expect("is JSON");
    let mut compared = 0;
    for vector in file["vectors"].as_array().expect("lists vectors") {
        let expected = &vector["manifest"];
        let yaml = match vector["yaml"].as_str() {
            Some(text) => text.as_bytes().to_vec(),
            None => {
                BASE64_STANDARD.decode(vector["yaml_base64"].as_str().expect("has")).expect("is")
            }
        };
        if expected.is_null() {
            continue;
        }
        let found = parse(&[b"---\n", &yaml[..], b"---\n"].concat());
        let of = yaml.escape_ascii();
        compared += 1;
        match (expected.as_str(), found) {
            (Some("refused"), Err(error)) => assert_eq!(error.kind(), ErrorKind::InvalidManifest),
            // DEV-2: the reference refuses it.
            (Some("not text in metadata"), Ok(manifest)) => {
                assert!(
                    manifest
                        .warnings
                        .iter()
                        .any(|w| w.rule.is_some_and(|r| r.starts_with("metadata-")))
                );
            }
            (Some("not text in metadata"), Err(error)) => {
                assert_eq!(error.diagnostics()[0].rule, Some("name-missing"), "{of}");
            }
            (None, Ok(manifest)) => assert_eq!(as_json(&manifest), *expected, "of {of}"),
            (_, found) => panic!("{of}: {found:?} instead of {expected}"),
        }
    }
    assert!(compared > 1_000, "{compared}");
}

fn as_json(manifest: &SkillManifest) -> serde_json::Value {
    let text = |text: &Text| serde_json::Value::from(BASE64_STANDARD.encode(text));
    let SkillManifest { name, description, version, license, compatibility, .. } = manifest;
    let fields = [name, description, version, license, compatibility].map(text);
    let mut json = serde_json::json!({ "fields": fields });
    if let Some(tools) = &manifest.allowed_tools {
        json["allowed_tools"] = tools.iter().map(text).collect();
    }
    if let Some(metadata) = &manifest.metadata {
        let entries =
            metadata.iter().map(|(key, value)| (BASE64_STANDARD.encode(key), text(value)));
        json["metadata"] = serde_json::Value::Object(entries.collect());
    }
    json
}
