// SPDX-License-Identifier: Apache-2.0
//! Tests of the config that is read back from an artifact.

use std::collections::BTreeMap;

use oci_artifact::ErrorKind;
use oci_artifact::json::Writer;
use oci_spec::image::Config;

use super::*;
use crate::metadata::MANIFEST_PATH;

fn strings<const N: usize>(items: [&str; N]) -> Option<Vec<String>> {
    Some(items.map(String::from).to_vec())
}

fn image(labels: &[(&str, &str)]) -> ImageConfiguration {
    let labels = labels.iter().map(|(key, text)| (key.to_string(), text.to_string()));
    let mut config = Config::default();
    config.set_labels(Some(labels.collect()));
    let mut image = ImageConfiguration::default();
    image.set_config(Some(config));
    image
}

#[test]
fn labels_and_a_name_must_be_there_cx_1() {
    for image in [ImageConfiguration::default(), image(&[]), image(&[(LABEL_PLUGIN_NAME, "")])] {
        let error = PluginConfig::from_image_config(&image).expect_err("says nothing");
        assert_eq!(error.kind(), ErrorKind::InvalidDocument);
    }
}

#[test]
fn all_else_may_be_missing_cx_2() {
    let config = PluginConfig::from_image_config(&image(&[(LABEL_PLUGIN_NAME, "x")]));
    assert_eq!(
        config.expect("has a name"),
        PluginConfig { name: "x".into(), ..Default::default() }
    );
}

#[test]
fn every_label_has_its_field_cx_3() {
    let labels = [
        (LABEL_PLUGIN_NAME, "n"),
        (LABEL_PLUGIN_DESCRIPTION, "d"),
        (LABEL_PLUGIN_VERSION, "v"),
        (LABEL_PLUGIN_LICENSE, "l"),
        (LABEL_PLUGIN_FILES, "[\"f\"]"),
        (LABEL_PLUGIN_COMPONENTS, "{\"hooks\":-1}"),
        (LABEL_PLUGIN_REQUIRES, "[null]"),
    ];
    let expected = PluginConfig {
        name: "n".into(),
        description: "d".into(),
        version: "v".into(),
        license: "l".into(),
        files: strings(["f"]),
        components: Some([("hooks".into(), -1)].into()),
        requires: strings([""]),
    };
    assert_eq!(PluginConfig::from_image_config(&image(&labels)).expect("is whole"), expected);
    for key in [LABEL_PLUGIN_FILES, LABEL_PLUGIN_COMPONENTS, LABEL_PLUGIN_REQUIRES] {
        let image = image(&[(LABEL_PLUGIN_NAME, "n"), (key, " ")]);
        let error = PluginConfig::from_image_config(&image).expect_err(key);
        assert!(error.to_string().contains(key), "{error}");
    }
}

#[test]
fn annotations_cx_5() {
    let components = |text: &str| {
        let text = (ANNOTATION_PLUGIN_COMPONENTS.to_owned(), text.to_owned());
        parse_components_annotation(&BTreeMap::from([text]))
    };
    let requires = |text: &str| {
        let text = (ANNOTATION_PLUGIN_REQUIRES.to_owned(), text.to_owned());
        parse_requires_annotation(&BTreeMap::from([text]))
    };
    let counts = [("agents".into(), 1), ("commands".into(), 3)].into();
    assert_eq!(components(r#"{"commands":3,"agents":1}"#), Some(counts));
    for none in ["", "null", "[]", "{", "{\"a\":\"1\"}", "{\"a\":1,\"b\":1.5}"] {
        assert_eq!(components(none), None, "{none}");
    }
    assert_eq!(requires("[]"), strings([]));
    assert_eq!(requires("[null]"), strings([""]));
    assert_eq!(requires(r#"["a","b"]"#), strings(["a", "b"]));
    for none in ["", "null", "{}", "[", "[\"a\",1]"] {
        assert_eq!(requires(none), None, "{none}");
    }
    assert_eq!(parse_components_annotation(&BTreeMap::new()), None);
    assert_eq!(parse_requires_annotation(&BTreeMap::new()), None);
}

#[test]
fn what_was_packed_comes_back_cx_7() {
    for (components, requires) in [
        (None, None),
        (Some([("hooks".to_owned(), 2)].into()), strings([])),
        (Some([("skills".to_owned(), 1)].into()), strings(["", "a<b>&", "é\u{2028}"])),
    ] {
        let config = PluginConfig {
            name: " \"n\"\n".into(),
            description: "<b>\u{2028}\\".into(),
            version: String::new(),
            license: "MIT".into(),
            files: strings([MANIFEST_PATH, "a&b", "c\"d"]),
            components,
            requires,
        };
        assert_eq!(
            PluginConfig::from_image_config_bytes(&packed(&config)).expect("is whole"),
            config
        );
    }
}

/// Returns the image config of a plugin, as far as it matters here (CFG-3, JSON-4).
fn packed(config: &PluginConfig) -> Vec<u8> {
    let list = |list: &Option<Vec<String>>| {
        let mut json = Writer::new();
        match list {
            Some(list) => json.strings(list),
            None => json.null(),
        }
        json.into_bytes()
    };
    let mut components = Writer::new();
    match &config.components {
        Some(counts) => components
            .object(|json| counts.iter().for_each(|(key, count)| json.key(key).integer(*count))),
        None => components.null(),
    }
    let mut json = Writer::new();
    json.object(|json| {
        json.key("created").string("1970-01-01T00:00:00Z");
        json.key("config").object(|json| {
            json.key("Labels").object(|json| {
                json.key(LABEL_PLUGIN_COMPONENTS).string(components.into_bytes());
                json.key(LABEL_PLUGIN_DESCRIPTION).string(&config.description);
                json.key(LABEL_PLUGIN_FILES).string(list(&config.files));
                json.key(LABEL_PLUGIN_LICENSE).string(&config.license);
                json.key(LABEL_PLUGIN_NAME).string(&config.name);
                json.key(LABEL_PLUGIN_REQUIRES).string(list(&config.requires));
                json.key(LABEL_PLUGIN_VERSION).string(&config.version);
            });
        });
    });
    json.into_bytes()
}

#[test]
fn the_json_form_cx_8() {
    let mut config = PluginConfig { name: "n".into(), ..Default::default() };
    let json = |config: &PluginConfig| serde_json::to_string(config).expect("has a JSON form");
    assert_eq!(json(&config), r#"{"name":"n","description":"","files":null}"#);
    config.files = strings([]);
    config.components = Some(BTreeMap::new());
    config.requires = strings([]);
    assert_eq!(json(&config), r#"{"name":"n","description":"","files":[]}"#);
    config.version = "1".into();
    config.license = "MIT".into();
    config.components = Some([("hooks".into(), 2), ("agents".into(), 1)].into());
    config.requires = strings(["r"]);
    let text = r#"{"name":"n","description":"","version":"1","license":"MIT","files":[],"components":{"agents":1,"hooks":2},"requires":["r"]}"#;
    assert_eq!(json(&config), text);
    assert_eq!(serde_json::from_str::<PluginConfig>(text).expect("is one"), config);
    assert_eq!(
        serde_json::from_str::<PluginConfig>("{}").expect("is one"),
        PluginConfig::default()
    );
}
