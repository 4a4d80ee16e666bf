// SPDX-License-Identifier: Apache-2.0
//! The reader against the rules.

mod complaint;
mod any_input;

use std::borrow::Cow;

use super::*;
use crate::Diagnostic;

fn refusal(document: impl AsRef<[u8]>) -> Diagnostic {
    let document = document.as_ref();
    match parse(document) {
        Ok(value) => panic!("{} was accepted: {value:?}", String::from_utf8_lossy(document)),
        Err(diagnostic) => diagnostic,
    }
}

fn string(document: impl AsRef<[u8]>) -> String {
    parse(document.as_ref()).expect("is JSON").as_string().expect("is a string")
}

#[test]
fn unicode_white_space_is_trimmed_around_the_value_only_pj_1() {
    for around in [" ", "\u{a0}", "\u{2003}", "\u{b}", "\u{c}", "\u{85}", "\u{3000}\n\u{2028}"] {
        let document = format!("{around}{{\"a\":1}}{around}");
        let value = parse_trimmed(document.as_bytes()).expect("is tolerated");
        assert_eq!(value.raw(), b"{\"a\":1}");
        assert_eq!(value.span().start, around.len());
    }
    assert!(parse_trimmed("{\u{a0}}".as_bytes()).is_err());
    assert!(parse_trimmed("\u{feff}{}".as_bytes()).is_err());
    assert!(parse_trimmed(b"\x85{}").is_err(), "a raw byte is no character");
    assert!(parse_trimmed(b"{}\xa0").is_err());
    assert!(parse("\u{a0}{}".as_bytes()).is_err());
    assert!(parse_trimmed(" \u{a0} ".as_bytes()).is_err());
}

#[test]
fn what_is_json_pj_2() {
    for document in [
        "null",
        "true",
        "false",
        "0",
        "-0",
        "1",
        "-12.50e+3",
        "1E9",
        "0.0e-0",
        "\"\"",
        "[]",
        "{}",
        " [ 1 , [ ] , { } ] ",
        "\t{\r\n\"a\" : 1 , \"a\" : [ { } ] }\n",
        "\"\u{7f}\u{85}\u{2028}\"",
        r#""\"\\\/\b\f\n\r\t\u00Af\ud800""#,
    ] {
        assert!(parse(document.as_bytes()).is_ok(), "{document}");
    }
    assert!(parse(b"\"\xff\xe2\x82\"").is_ok());
}

#[test]
fn what_is_not_json_pj_2() {
    for document in [
        "",
        " ",
        "nul",
        "nullx",
        "True",
        "+1",
        ".5",
        "1.",
        "01",
        "-",
        "1e",
        "1e+",
        "NaN",
        "0x10",
        "1_0",
        "\"",
        "\"\\",
        "\"\\\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\u12\"",
        "\"\\u12",
        "\"\n\"",
        "\"\u{1f}\"",
        "'a'",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1}",
        "]",
        "{",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{,}",
        "{a:1}",
        "{'a':1}",
        "{\"a\" 1}",
        "{\"a\":}",
        "{1:1}",
        "{\"a\":1]",
        "}",
        "{} {}",
        "[]]",
        "1 2",
        "// c\n1",
        "/* c */1",
        "1 # c",
        "[1,\u{a0}2]",
        "\u{b}1",
    ] {
        refusal(document);
    }
}

#[test]
fn ten_thousand_levels_and_no_more_pj_3() {
    let nested = |depth: usize| {
        let open = "[{\"a\":".repeat(depth / 2);
        let close = "}]".repeat(depth / 2);
        format!("{open}[]{close}").replace("[]", if depth % 2 == 1 { "[]" } else { "1" })
    };
    let deep = nested(MAX_DEPTH);
    let value = parse(deep.as_bytes()).expect("10 000 levels are fine");
    assert_eq!(value.span(), 0..deep.len());
    assert_eq!(duplicate_key(value), None);
    let deeper = refusal(nested(MAX_DEPTH + 1));
    assert_eq!(deeper.message, "arrays and objects are nested more than 10000 deep");
    refusal("[".repeat(3_000_000));
}

#[test]
fn one_replacement_character_a_byte_pj_4() {
    assert_eq!(string(b"\"\xe2\x82b\""), "\u{fffd}\u{fffd}b");
    assert_eq!(string(b"\"\xed\xa0\x80\""), "\u{fffd}\u{fffd}\u{fffd}");
    assert_eq!(string(b"\"\xf0\x9f\x98\\n\xff\""), "\u{fffd}\u{fffd}\u{fffd}\n\u{fffd}");
    assert_eq!(string(b"\"\xe2\x82\\u0041\xac\""), "\u{fffd}\u{fffd}A\u{fffd}");
}

#[test]
fn surrogate_escapes_pj_4() {
    assert_eq!(string(r#""\ud83d\uDE00""#), "😀");
    assert_eq!(string(r#""\ud800""#), "\u{fffd}");
    assert_eq!(string(r#""\udc00\ud800x""#), "\u{fffd}\u{fffd}x");
    assert_eq!(string(r#""\ud800\u0041""#), "\u{fffd}A");
    assert_eq!(string(r#""\ud83d\ud83d\ude00""#), "\u{fffd}😀");
    assert_eq!(string(r#""\ud83d\\ude00""#), "\u{fffd}\\ude00");
    assert_eq!(string(r#""\u0000\"\\\/\b\f\n\r\t\u00E9""#), "\0\"\\/\u{8}\u{c}\n\r\té");
}

#[test]
fn keys_are_decoded_too_pj_4() {
    let document = parse(b"{\"\\u006eame\":1,\"\xff\":2,\"\\ud800\":3}").expect("is JSON");
    let keys: Vec<_> = document.members().map(|member| member.key).collect();
    assert_eq!(keys, ["name", "\u{fffd}", "\u{fffd}"]);
    assert!(matches!(string_view(&document), Cow::Owned(_)));
}

fn string_view<'a>(document: &Value<'a>) -> Cow<'a, str> {
    document.members().next().expect("has members").key
}

#[test]
fn keys_fold_simply_pj_7() {
    for key in ["license", "LICENSE", "LiCenſe", "licenSe"] {
        assert!(equal_fold(key, "license"), "{key}");
    }
    assert!(equal_fold("ſ\u{212a}ILLS", "skills"));
    assert!(equal_fold("mcpservers", "mcpServers"));
    for key in ["lıcense", "LİCENSE", " license", "license ", "licens", "licensee", "ß", ""] {
        assert!(!equal_fold(key, "license"), "{key}");
    }
}

#[test]
fn members_keep_their_order_and_their_duplicates_pj_8() {
    let document = parse(br#"{"a":1,"A":[2],"b":{"a":3},"a":null}"#).expect("is JSON");
    let members: Vec<_> =
        document.members().map(|m| (m.key.into_owned(), m.key_span, m.value.raw())).collect();
    assert_eq!(
        members,
        [
            ("a".into(), 1..4, &b"1"[..]),
            ("A".into(), 7..10, b"[2]"),
            ("b".into(), 15..18, b"{\"a\":3}"),
            ("a".into(), 27..30, b"null"),
        ]
    );
    assert_eq!(document.get("A").map(Value::raw), Some(&b"[2]"[..]));
    assert_eq!(document.get("a").map(Value::kind), Some(Kind::Null));
    assert_eq!(document.get_folded("B").map(Value::kind), Some(Kind::Object));
    assert!(document.get("c").is_none());
}

#[test]
fn integers_are_written_as_integers_cx_3() {
    let integer = |text: &str| parse(text.as_bytes()).expect("is JSON").as_integer();
    assert_eq!(integer("0"), Some(0));
    assert_eq!(integer("-0"), Some(0));
    assert_eq!(integer("9223372036854775807"), Some(i64::MAX));
    assert_eq!(integer("-9223372036854775808"), Some(i64::MIN));
    for other in ["9223372036854775808", "1.0", "1e2", "\"1\"", "null", "true", "[1]"] {
        assert_eq!(integer(other), None, "{other}");
    }
}

#[test]
fn values_of_other_kinds_hold_nothing() {
    for text in ["null", "true", "1", "\"[1]\"", "{\"a\":1}"] {
        assert_eq!(parse(text.as_bytes()).expect("is JSON").elements().count(), 0, "{text}");
    }
    for text in ["null", "false", "1", "\"{}\"", "[1]"] {
        assert_eq!(parse(text.as_bytes()).expect("is JSON").members().count(), 0, "{text}");
    }
    let value = parse(b" false ").expect("is JSON");
    assert_eq!((value.as_bool(), value.as_str(), value.span()), (Some(false), None, 1..6));
}

#[test]
fn duplicate_keys_are_found_at_any_depth_bug_56() {
    let duplicate = |text: &str| {
        let found = duplicate_key(parse(text.as_bytes()).expect("is JSON"))?;
        Some((found.key.clone(), text[found.first].to_owned(), text[found.second].to_owned()))
    };
    assert_eq!(duplicate(r#"{"a":{"a":[{"a":1},{"a":"a"}]},"b":"a","c":["a","a"]}"#), None);
    assert_eq!(duplicate(r#"{"a":1,"A":2}"#), None);
    let text = r#"[0,{"b":{"x":1},"a":[{"y":1,"x":{},"\u0078":2}]}]"#;
    assert_eq!(duplicate(text), Some(("x".into(), "\"x\"".into(), "\"\\u0078\"".into())));
    let text = r#"{"c":1, "b":1, "a":2, "b" :3, "a":4, "b":5}"#;
    let found = duplicate_key(parse(text.as_bytes()).expect("is JSON")).expect("has some");
    assert_eq!((found.key.as_str(), found.first, found.second), ("b", 8..11, 22..25));
}

#[test]
fn keys_that_differ_in_case_are_duplicates_for_a_plugin_s_4() {
    let value = parse(r#"{"é":1,"É":2}"#.as_bytes()).expect("is JSON");
    assert_eq!(duplicate_key(value), None);
    assert_eq!(duplicate_key_ignoring_case(value).map(|found| found.key), Some("É".into()));
}
