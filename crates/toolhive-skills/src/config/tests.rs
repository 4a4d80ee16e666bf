// SPDX-License-Identifier: Apache-2.0
//! Tests of the config that is read back from an artifact.

use oci_artifact::ErrorKind;
use oci_artifact::json::Writer;
use oci_spec::image::Config;

use super::*;

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
    for image in [ImageConfiguration::default(), image(&[]), image(&[(LABEL_SKILL_NAME, "")])] {
        let error = SkillConfig::from_image_config(&image).expect_err("says nothing");
        assert_eq!(error.kind(), ErrorKind::InvalidDocument);
    }
}

#[test]
fn all_else_may_be_missing_cx_2() {
    let config = SkillConfig::from_image_config(&image(&[(LABEL_SKILL_NAME, "x")]));
    assert_eq!(config.expect("has a name"), SkillConfig { name: "x".into(), ..Default::default() });
}

#[test]
fn every_label_has_its_field_cx_3() {
    let labels = [
        (LABEL_SKILL_NAME, "n"),
        (LABEL_SKILL_DESCRIPTION, "d"),
        (LABEL_SKILL_VERSION, "v"),
        (LABEL_SKILL_LICENSE, "l"),
        (LABEL_SKILL_FILES, "[\"f\"]"),
        (LABEL_SKILL_ALLOWED_TOOLS, "[null]"),
    ];
    let expected = SkillConfig {
        name: "n".into(),
        description: "d".into(),
        version: "v".into(),
        license: "l".into(),
        files: strings(["f"]),
        allowed_tools: strings([""]),
        ..Default::default()
    };
    assert_eq!(SkillConfig::from_image_config(&image(&labels)).expect("is whole"), expected);
    for key in [LABEL_SKILL_FILES, LABEL_SKILL_ALLOWED_TOOLS] {
        let image = image(&[(LABEL_SKILL_NAME, "n"), (key, " ")]);
        let error = SkillConfig::from_image_config(&image).expect_err(key);
        assert!(error.to_string().contains(key), "{error}");
    }
}

#[test]
fn compatibility_and_metadata_never_come_back_cx_4() {
    let labels = [
        (LABEL_SKILL_NAME, "n"),
        ("dev.toolhive.skills.compatibility", "any"),
        ("dev.toolhive.skills.metadata", "{\"a\":\"b\"}"),
    ];
    let config = SkillConfig::from_image_config(&image(&labels)).expect("is whole");
    assert_eq!((config.compatibility.as_str(), config.metadata), ("", None));
}

#[test]
fn annotations_cx_5() {
    let requires = |text: &str| {
        let text = (ANNOTATION_SKILL_REQUIRES.to_owned(), text.to_owned());
        parse_requires_annotation(&BTreeMap::from([text]))
    };
    assert_eq!(requires("[]"), strings([]));
    assert_eq!(requires("[null]"), strings([""]));
    assert_eq!(requires(r#"["b","a","b"]"#), strings(["b", "a", "b"]));
    for none in ["", "null", "{}", "[", "[\"a\",1]"] {
        assert_eq!(requires(none), None, "{none}");
    }
    assert_eq!(parse_requires_annotation(&BTreeMap::new()), None);
}

#[test]
fn what_was_packed_comes_back_cx_7() {
    for allowed_tools in [None, strings([]), strings(["Bash(git add:*)", "", "<&>\u{2028}"])] {
        let config = SkillConfig {
            name: " \"n\"\n".into(),
            description: "<b>\u{2028}\\".into(),
            version: "1.0".into(),
            license: String::new(),
            allowed_tools,
            files: strings(["SKILL.md", "a&b"]),
            ..Default::default()
        };
        assert_eq!(
            SkillConfig::from_image_config_bytes(&packed(&config)).expect("is whole"),
            config
        );
    }
}

/// Returns the image config of a skill, as far as it matters here (CFG-3, JSON-4).
fn packed(config: &SkillConfig) -> Vec<u8> {
    let list = |list: &Option<Vec<String>>| {
        let mut json = Writer::new();
        match list {
            Some(list) => json.strings(list),
            None => json.null(),
        }
        json.into_bytes()
    };
    let mut json = Writer::new();
    json.object(|json| {
        json.key("created").string("1970-01-01T00:00:00Z");
        json.key("config").object(|json| {
            json.key("Labels").object(|json| {
                json.key(LABEL_SKILL_ALLOWED_TOOLS).string(list(&config.allowed_tools));
                json.key(LABEL_SKILL_DESCRIPTION).string(&config.description);
                json.key(LABEL_SKILL_FILES).string(list(&config.files));
                json.key(LABEL_SKILL_LICENSE).string(&config.license);
                json.key(LABEL_SKILL_NAME).string(&config.name);
                json.key(LABEL_SKILL_VERSION).string(&config.version);
            });
        });
    });
    json.into_bytes()
}

#[test]
fn the_json_form_cx_8() {
    let mut config = SkillConfig { name: "n".into(), ..Default::default() };
    let json = |config: &SkillConfig| serde_json::to_string(config).expect("has a JSON form");
    assert_eq!(json(&config), r#"{"name":"n","description":"","files":null}"#);
    config.files = strings([]);
    config.allowed_tools = strings([]);
    config.metadata = Some(BTreeMap::new());
    assert_eq!(json(&config), r#"{"name":"n","description":"","files":[]}"#);
    config.version = "1".into();
    config.license = "MIT".into();
    config.compatibility = "any".into();
    config.allowed_tools = strings(["Read"]);
    config.metadata = Some([("k".into(), "v".into())].into());
    let text = r#"{"name":"n","description":"","version":"1","allowedTools":["Read"],"license":"MIT","compatibility":"any","metadata":{"k":"v"},"files":[]}"#;
    assert_eq!(json(&config), text);
    assert_eq!(serde_json::from_str::<SkillConfig>(text).expect("is one"), config);
    assert_eq!(serde_json::from_str::<SkillConfig>("{}").expect("is one"), SkillConfig::default());
}
