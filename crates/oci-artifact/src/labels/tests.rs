// SPDX-License-Identifier: Apache-2.0
//! The rules CX-1 to CX-6.

use super::*;
use crate::json::Writer;

fn bytes(image: impl AsRef<[u8]>) -> Result<Labels> {
    Labels::from_image_config_bytes(image.as_ref())
}

fn label(key: &str, text: &str) -> Labels {
    Labels(BTreeMap::from([(key.to_owned(), text.to_owned())]))
}

fn list(text: &str) -> Option<Option<Vec<String>>> {
    label("k", text).list("k").ok()
}

fn counts(text: &str) -> Option<Option<Vec<(String, i64)>>> {
    Some(label("k", text).counts("k").ok()?.map(|counts| counts.into_iter().collect()))
}

#[test]
fn an_image_config_without_labels_cx_1() {
    for image in ["{}", r#"{"config":null}"#, r#"{"config":{}}"#, r#"{"config":{"Labels":null}}"#] {
        let error = bytes(image).expect_err("has no labels");
        assert_eq!(error.kind(), ErrorKind::InvalidDocument);
        assert_eq!(error.to_string(), "the image config has no labels");
    }
    let image = ImageConfiguration::default();
    assert_eq!(
        Labels::from_image_config(&image).expect_err("has none").to_string(),
        "the image config has no labels"
    );
}

#[test]
fn a_required_label_is_not_empty_cx_1() {
    for labels in [Labels::default(), label("name", "")] {
        let error = labels.required("name").expect_err("is missing");
        assert_eq!(error.kind(), ErrorKind::InvalidDocument);
    }
    assert_eq!(label("name", " ").required("name").expect("is there"), " ");
}

#[test]
fn missing_texts_are_empty_cx_2() {
    assert_eq!(label("a", "b").text("a"), "b");
    assert_eq!(label("a", "b").text("b"), "");
}

#[test]
fn lists_cx_3() {
    let some = |items: &[&str]| Some(Some(items.iter().map(|&item| item.to_owned()).collect()));
    assert_eq!(Labels::default().list("k").ok(), Some(None));
    assert_eq!(list(""), Some(None));
    assert_eq!(list("null"), Some(None));
    assert_eq!(list("[]"), some(&[]));
    assert_eq!(list(" [ \"b\" ,\"a\",\"../x\"] \n"), some(&["b", "a", "../x"]));
    assert_eq!(list(r#"[null,"\ud800"]"#), some(&["", "\u{fffd}"]));
    for other in
        [" ", "[1]", "[\"a\",1]", "[[]]", "{}", "\"a\"", "1", "true", "[\"a\"", "[] x", "\u{a0}[]"]
    {
        assert_eq!(list(other), None, "{other:?}");
    }
}

#[test]
fn counts_cx_3() {
    let some = |items: &[(&str, i64)]| {
        Some(Some(items.iter().map(|&(key, count)| (key.to_owned(), count)).collect()))
    };
    assert_eq!(counts(""), Some(None));
    assert_eq!(counts("null"), Some(None));
    assert_eq!(counts("{}"), some(&[]));
    assert_eq!(
        counts(r#" {"skills": 2, "x": -9223372036854775808, "a": null, "skills": 3} "#),
        some(&[("a", 0), ("skills", 3), ("x", i64::MIN)])
    );
    for other in [
        " ",
        "[]",
        "1",
        r#"{"a":1.0}"#,
        r#"{"a":1e2}"#,
        r#"{"a":"1"}"#,
        r#"{"a":true}"#,
        r#"{"a":9223372036854775808}"#,
        r#"{"a":{}}"#,
        r#"{"a":1"#,
    ] {
        assert_eq!(counts(other), None, "{other:?}");
    }
}

#[test]
fn annotations_are_found_by_their_key_cx_5() {
    let annotations = BTreeMap::from([("a".to_owned(), "1".to_owned())]);
    assert_eq!(annotation(&annotations, "a"), "1");
    assert_eq!(annotation(&annotations, "b"), "");
    let none: Option<&BTreeMap<String, String>> = None;
    assert_eq!(annotation(none.into_iter().flatten(), "a"), "");
}

#[test]
fn labels_differ_in_case_and_may_be_null_cx_6() {
    let labels = bytes(r#"{"created":null,"config":{"Labels":{"a":"1","A":"\u00e9","c":null}}}"#);
    let expected = [("A", "é"), ("a", "1"), ("c", "")];
    let expected = expected.map(|(key, text)| (key.to_owned(), text.to_owned()));
    assert_eq!(labels.expect("has labels"), Labels(BTreeMap::from(expected)));
}

#[test]
fn what_is_refused_cx_6() {
    for image in [
        "",
        "[]",
        "7",
        "null",
        "{",
        r#"{"config":[]}"#,
        r#"{"config":{"Labels":[]}}"#,
        r#"{"config":{"Labels":{"a":1}}}"#,
        r#"{"config":{"Labels":{"a":"b"}},"created":7}"#,
        r#"{"config":{"Labels":{"a":"b"}},"created":"now"}"#,
        r#"{"config":{"Labels":{"a":"b"}},"created":"2023-11-14t22:13:20Z"}"#,
        r#"{"config":{"Labels":{"a":"b"}},"created":"2023-11-14\u005422:13:20Z"}"#,
    ] {
        let error = bytes(image).expect_err(image);
        assert_eq!(error.kind(), ErrorKind::InvalidDocument);
        assert!(error.diagnostics()[0].position.is_some(), "{image}: {error}");
    }
}

#[test]
fn what_the_writer_wrote_comes_back_cx_7() {
    let files = ["a&b", "<\u{2028}>", "\"q\"\\", "é\n", ""];
    let mut inner = Writer::new();
    inner.strings(files);
    let mut image = Writer::new();
    image.object(|json| {
        json.key("created").string("2023-11-14T22:13:20Z");
        json.key("config").object(|json| {
            json.key("Labels").object(|json| json.key("files").string(inner.into_bytes()));
        });
    });
    let image = image.into_bytes();
    let labels = bytes(&image).expect("has labels");
    assert_eq!(labels.list("files").expect("is a list"), Some(files.map(String::from).to_vec()));
}

#[test]
fn a_malformed_label_says_which_and_where_dev_4() {
    let error = label("x.files", "[\"a\", 1]").list("x.files").expect_err("is malformed");
    assert_eq!(error.to_string(), "the label x.files is malformed: expected a string, found 1");
    assert_eq!(error.diagnostics()[0].position.map(|at| at.column), Some(7));
}
