// SPDX-License-Identifier: Apache-2.0
//! The manifest against the reference's vectors, and against a second reading of the rules.

use std::collections::{BTreeMap, BTreeSet};

use base64::prelude::*;
use oci_artifact::ErrorKind;
use proptest::prelude::*;
use serde_json::Value;

use super::super::{PLUGIN_MANIFEST_PATH, parse};

/// The plugin.json of a vector, as far as it is a file.
fn manifest(vector: &Value) -> Option<Vec<u8>> {
    let entries = vector["entries"].as_array()?;
    let entry = entries.iter().find(|entry| entry["path"] == PLUGIN_MANIFEST_PATH)?;
    if let Some(text) = entry["text"].as_str() {
        return Some(text.as_bytes().to_vec());
    }
    if let Some(text) = entry["base64"].as_str() {
        return Some(BASE64_STANDARD.decode(text).expect("is base64"));
    }
    entry.get("segments").map(test_support::segments::build)
}

#[test]
fn pj_the_references_vectors() {
    let vectors =
        std::fs::read(test_support::testdata("vectors/artifacts.json")).expect("is there");
    let vectors: Value = serde_json::from_slice(&vectors).expect("is JSON");
    let vectors = vectors["vectors"].as_array().expect("is a list");
    let (mut accepted, mut refused) = (0, 0);
    for vector in vectors.iter().filter(|vector| vector["kind"] == "plugin") {
        let (name, expect) = (&vector["name"], &vector["expect"]);
        let Some(manifest) = manifest(vector) else { continue };
        if expect["error"] == "invalid-manifest" {
            let error = parse(&manifest).expect_err(&name.to_string());
            assert_eq!(error.kind(), ErrorKind::InvalidManifest, "{name}");
            refused += 1;
        } else if let Some(config) = expect.get("config") {
            let ours = parse(&manifest).unwrap_or_else(|error| panic!("{name}: {error}"));
            let text = |key: &str| config[key].as_str().unwrap_or_default();
            assert_eq!(ours.name, text("name"), "{name}");
            assert_eq!(ours.description, text("description"), "{name}");
            assert_eq!(ours.version, text("version"), "{name}");
            assert_eq!(ours.license, text("license"), "{name}");
            // The labels tell `null` from `[]`, which the config's own JSON form does not.
            let image = expect["config_json"].as_str().map(parse_json);
            if let Some(image) = image {
                let labels = &image["config"]["Labels"];
                let label = |key: &str| {
                    let text = labels[format!("dev.toolhive.plugins.{key}")].as_str();
                    parse_json(text.expect("has the label"))
                };
                assert_eq!(serde_json::json!(ours.components), label("components"), "{name}");
                assert_eq!(serde_json::json!(ours.requires), label("requires"), "{name}");
            }
            let shown = |value: Value| match &value {
                Value::Array(list) if list.is_empty() => Value::Null,
                _ => value,
            };
            assert_eq!(serde_json::json!(ours.components), config["components"], "{name}");
            assert_eq!(shown(serde_json::json!(ours.requires)), config["requires"], "{name}");
            accepted += 1;
        }
    }
    assert_eq!((accepted, refused), (122, 19));
}

fn parse_json(text: &str) -> Value {
    serde_json::from_str(text).expect("is JSON")
}

/// PR-1, from a value that serde_json has read.
fn list(value: Option<&Value>) -> Option<Vec<String>> {
    let text = |value: &Value| match value {
        Value::Null => Some(String::new()),
        other => other.as_str().map(String::from),
    };
    match value? {
        Value::Array(elements) => elements.iter().map(text).collect(),
        Value::Object(members) => {
            let values: Option<Vec<String>> = members.values().map(text).collect();
            Some(values?.into_iter().filter(|text| !text.is_empty()).collect())
        }
        _ => None,
    }
}

fn check(members: &[(String, Value)]) {
    let written: Vec<_> =
        members.iter().map(|(key, value)| format!("{}:{value}", serde_json::json!(key))).collect();
    let manifest = format!("{{{}}}", written.join(","));

    let mut texts = BTreeMap::<&str, String>::new();
    let mut raw = BTreeMap::<&str, &Value>::new();
    let mut is_ill_typed = false;
    for (key, value) in members {
        let folded = key.to_lowercase().replace('ſ', "s");
        for known in super::super::TEXT_KEYS {
            match value {
                _ if known != folded => (),
                Value::String(text) => drop(texts.insert(known, text.clone())),
                Value::Null => (),
                _ => is_ill_typed = true,
            }
        }
        let keys = super::super::components::KEYS.iter().chain(&super::super::requires::KEYS);
        if let Some(known) = keys.into_iter().find(|known| known.to_lowercase() == folded) {
            raw.insert(known, value);
        }
    }
    let name = texts.get("name").cloned().unwrap_or_default();
    let result = parse(manifest.as_bytes());
    if is_ill_typed || name.is_empty() {
        let error = result.expect_err(&manifest);
        assert_eq!(error.kind(), ErrorKind::InvalidManifest);
        return;
    }
    let ours = result.expect(&manifest);
    assert_eq!(ours.name, name);
    assert_eq!(ours.version, texts.get("version").cloned().unwrap_or_default());

    let count = |value: &Value| match value {
        Value::Null => 0,
        Value::Array(elements) => elements.len() as i64,
        Value::Object(members) => members.len() as i64,
        _ => 1,
    };
    let (requires, dependencies) =
        (list(raw.remove("requires").filter(|v| !v.is_null())), list(raw.remove("dependencies")));
    let components: BTreeMap<_, _> = raw
        .iter()
        .map(|(key, value)| (key.to_string(), count(value)))
        .filter(|(_, count)| *count > 0)
        .collect();
    assert_eq!(ours.components, Some(components).filter(|all| !all.is_empty()), "{manifest}");
    let is_none = requires.is_none() && dependencies.as_ref().is_none_or(Vec::is_empty);
    let all: BTreeSet<String> =
        requires.into_iter().flatten().chain(dependencies.into_iter().flatten()).collect();
    assert_eq!(ours.requires, (!is_none).then(|| all.into_iter().collect()), "{manifest}");
}

fn value() -> impl Strategy<Value = Value> {
    let text = || prop::sample::select(vec!["", "a", "b", "é", "a\"\\\n"]).prop_map(Value::from);
    let scalar = prop_oneof![
        4 => text(),
        2 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i32>().prop_map(Value::from),
    ];
    let item =
        prop_oneof![6 => text(), 2 => Just(Value::Null), 1 => Just(serde_json::json!([{}, 1]))];
    let key = prop::sample::select(vec!["", "a", "b", "c"]);
    prop_oneof![
        3 => scalar,
        2 => prop::collection::vec(item.clone(), 0..5).prop_map(Value::from),
        2 => prop::collection::btree_map(key.prop_map(String::from), item, 0..4)
            .prop_map(|members| Value::from(serde_json::Map::from_iter(members))),
    ]
}

fn members() -> impl Strategy<Value = Vec<(String, Value)>> {
    let key = prop::sample::select(vec![
        "version",
        "Version",
        "verſion",
        "license",
        "description",
        "requires",
        "Requires",
        "dependencies",
        "skills",
        "SKILLS",
        "hooks",
        "mcpservers",
        "mcpServers",
        "lspServers",
        "agents",
        "commands",
        "other",
    ]);
    let name = prop::sample::select(vec!["name", "name", "NAME"]);
    let text = prop::sample::select(vec!["", "x", "y", "y"]).prop_map(Value::from);
    let member = prop_oneof![
        5 => (key, value()),
        // Texts are texts most of the time, or nearly all manifests would be refused.
        3 => (prop::sample::select(vec!["version", "Version", "license"]), text.clone()),
        3 => (name, text),
    ];
    prop::collection::vec(member.prop_map(|(key, value)| (key.to_owned(), value)), 0..10)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn pj_pc_pr_agree_with_a_second_reading(members in members()) {
        check(&members);
    }

    #[test]
    fn invariant_6_no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes);
        let mut manifest = br#"{"name":"x","hooks":"#.to_vec();
        manifest.extend(bytes);
        manifest.push(b'}');
        let _ = parse(&manifest);
    }
}
