// SPDX-License-Identifier: Apache-2.0
//! The manifest against the reference's vectors, and against a second reading of the rules.

use std::collections::{BTreeMap, BTreeSet};

use oci_artifact::ErrorKind;
use proptest::prelude::*;
use serde_json::{Value, json};
use test_support::vectors::{self, Artifact, Expect};

use super::super::{MANIFEST_PATH, TEXT_KEYS, components, parse, requires};

#[test]
fn pj_the_references_vectors() {
    let (mut accepted, mut refused) = (0, 0);
    for vector in vectors::load("plugin") {
        let (name, Some(manifest)) = (&vector.name, vector.file(MANIFEST_PATH)) else { continue };
        match &vector.expect {
            Expect::Error { error } if error == "invalid-manifest" => {
                let error = parse(&manifest).expect_err(name);
                assert_eq!(error.kind(), ErrorKind::InvalidManifest, "{name}");
                refused += 1;
            }
            Expect::Error { .. } => (),
            Expect::Artifact(artifact) => {
                compare(name, &manifest, artifact);
                accepted += 1;
            }
        }
    }
    assert_eq!((accepted, refused), (122, 19));
}

fn compare(name: &str, manifest: &[u8], artifact: &Artifact) {
    let ours = parse(manifest).unwrap_or_else(|error| panic!("{name}: {error}"));
    let config = &artifact.config;
    let text = |key: &str| config[key].as_str().unwrap_or_default();
    assert_eq!(ours.name, text("name"), "{name}");
    assert_eq!(ours.description, text("description"), "{name}");
    assert_eq!(ours.version, text("version"), "{name}");
    assert_eq!(ours.license, text("license"), "{name}");
    let (components, requires) = (json!(ours.components), json!(ours.requires));
    // The labels tell `null` from `[]`, which the config's own JSON form does not (CX-8).
    if let Some(image) = &artifact.config_json {
        let image: Value = serde_json::from_str(image).expect("is JSON");
        let label = |key: &str| -> Value {
            let label = &image["config"]["Labels"][format!("dev.toolhive.plugins.{key}")];
            serde_json::from_str(label.as_str().expect("is there")).expect("is JSON")
        };
        assert_eq!((&components, &requires), (&label("components"), &label("requires")), "{name}");
    }
    assert_eq!(components, config["components"], "{name}");
    let shown = if requires == json!([]) { Value::Null } else { requires };
    assert_eq!(shown, config["requires"], "{name}");
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
        members.iter().map(|(key, value)| format!("{}:{value}", json!(key))).collect();
    let manifest = format!("{{{}}}", written.join(","));

    let mut texts = BTreeMap::<&str, String>::new();
    let mut raw = BTreeMap::<&str, &Value>::new();
    let mut is_ill_typed = false;
    for (key, value) in members {
        let folded = key.to_lowercase().replace('ſ', "s");
        for known in TEXT_KEYS {
            match value {
                _ if known != folded => (),
                Value::String(text) => drop(texts.insert(known, text.clone())),
                Value::Null => (),
                _ => is_ill_typed = true,
            }
        }
        let keys = components::KEYS.iter().chain(&requires::KEYS);
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
    let (requires, dependencies) = (list(raw.remove("requires")), list(raw.remove("dependencies")));
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
    let item = prop_oneof![6 => text(), 2 => Just(Value::Null), 1 => Just(json!([{}, 1]))];
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
    fn no_bytes_make_it_panic_invariant_6(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes);
        let mut manifest = br#"{"name":"x","hooks":"#.to_vec();
        manifest.extend(bytes);
        manifest.push(b'}');
        let _ = parse(&manifest);
    }
}
