// SPDX-License-Identifier: Apache-2.0
//! The reader against serde_json, where that one takes the same language.

use proptest::prelude::*;

use super::string;
use crate::json::*;

/// Reads everything there is to read; the number of values.
pub(super) fn walk(value: Value<'_>) -> usize {
    let mut open = vec![value];
    let mut values = 0;
    while let Some(value) = open.pop() {
        values += 1;
        let span = value.span();
        assert_eq!(value.document().get(span), Some(value.raw()));
        assert_eq!(value.raw().trim_ascii(), value.raw());
        assert_eq!(value.as_string().is_some(), value.kind() == Kind::String);
        assert_eq!(value.as_bool().is_some(), value.kind() == Kind::Bool);
        open.extend(value.elements());
        open.extend(value.members().map(|member| member.value));
    }
    let _ = (duplicate_key(value), duplicate_key_ignoring_case(value));
    values
}

/// Whether the two values are the same, duplicate keys resolved as serde_json does.
fn agree(ours: Value<'_>, theirs: &serde_json::Value) -> bool {
    use serde_json::Value as Theirs;
    match (ours.kind(), theirs) {
        (Kind::Null, Theirs::Null) => true,
        (Kind::Bool, Theirs::Bool(theirs)) => ours.as_bool() == Some(*theirs),
        (Kind::Number, Theirs::Number(theirs)) => {
            ours.as_integer() == theirs.as_i64()
            // serde_json reads -0 as a floating-point number.
            || ours.raw() == b"-0"
        }
        (Kind::String, Theirs::String(theirs)) => ours.as_str().as_deref() == Some(theirs),
        (Kind::Array, Theirs::Array(theirs)) => {
            ours.elements().count() == theirs.len()
                && ours.elements().zip(theirs).all(|(ours, theirs)| agree(ours, theirs))
        }
        (Kind::Object, Theirs::Object(theirs)) => {
            ours.members().all(|member| theirs.contains_key(&*member.key))
                && theirs
                    .iter()
                    .all(|(key, theirs)| ours.get(key).is_some_and(|v| agree(v, theirs)))
        }
        _ => false,
    }
}

/// Compares the two parsers, except where serde_json takes less by design: numbers too big for it,
/// and escaped surrogates without a partner.
fn compare(document: &str) {
    match (parse(document.as_bytes()), serde_json::from_str::<serde_json::Value>(document)) {
        (Ok(ours), Ok(theirs)) => assert!(agree(ours, &theirs), "{document}"),
        (Err(_), Err(_)) => (),
        (Ok(ours), Err(error)) => {
            let by_design = ["out of range", "surrogate", "hex escape", "recursion"];
            let reason = error.to_string();
            assert!(
                by_design.iter().any(|known| reason.contains(known)),
                "{document}: {reason} {ours:?}"
            );
        }
        (Err(ours), Ok(_)) => panic!("{document}: {ours:?}"),
    }
}

/// Text of tokens in any order, most of it nearly JSON.
fn tokens() -> impl Strategy<Value = String> {
    let token = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\"a\"",
        "\"b\\n\"",
        "\"\\u00e9\"",
        "\"\\ud83d\\ude00\"",
        "\\",
        "1",
        "-0",
        "0",
        "-12",
        "1.5",
        "2e3",
        "9223372036854775807",
        "9223372036854775808",
        "true",
        "false",
        "null",
        " ",
        "\n",
        "\t",
        "\r",
        "é",
        "\u{1}",
        "'",
        "/",
        "\\u",
        "\\\"",
        "e",
        ".",
        "-",
        "+",
    ]);
    prop::collection::vec(token, 0..24).prop_map(|tokens| tokens.concat())
}

/// A document, written with odd white space and duplicate keys.
fn document() -> impl Strategy<Value = String> {
    let space = || prop::sample::select(vec!["", "", "", " ", "\n", "\t\r "]);
    let text = || {
        let part = prop::sample::select(vec![
            "a",
            "b",
            "\\n",
            "\\u0061",
            "\\ud83d\\ude00",
            "é",
            "\u{1F600}",
            "\\\\",
            "\\\"",
            "\\/",
            "[",
            "}",
            ",",
            ":",
        ]);
        prop::collection::vec(part, 0..12).prop_map(|parts| format!("\"{}\"", parts.concat()))
    };
    let scalar = prop_oneof![
        prop::sample::select(vec![
            "null", "true", "false", "0", "-0", "1.25", "1e3", "[ ]", "{\n}"
        ])
        .prop_map(String::from),
        any::<i64>().prop_map(|number| number.to_string()),
        text(),
    ];
    let value = scalar.prop_recursive(8, 64, 6, move |inner| {
        let item =
            (space(), inner.clone(), space()).prop_map(|(a, value, b)| format!("{a}{value}{b}"));
        let member = (space(), text(), space(), item.clone())
            .prop_map(|(a, key, b, value)| format!("{a}{key}{b}:{value}"));
        prop_oneof![
            prop::collection::vec(item, 0..6).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec(member, 0..6)
                .prop_map(|items| format!("{{{}}}", items.join(","))),
        ]
    });
    (space(), value, space()).prop_map(|(a, value, b)| format!("{a}{value}{b}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn invariant_6_no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes).map(walk);
        let _ = parse_trimmed(&bytes).map(walk);
    }

    #[test]
    fn pj_2_agrees_with_serde_json_on_token_soup(document in tokens()) {
        compare(&document);
        let _ = parse_trimmed(document.as_bytes()).map(walk);
    }

    #[test]
    fn pj_2_agrees_with_serde_json_on_documents(document in document()) {
        let ours = parse(document.as_bytes()).expect("is JSON");
        let theirs = serde_json::from_str(&document).expect("is JSON");
        prop_assert!(agree(ours, &theirs));
        walk(ours);
    }

    #[test]
    fn pj_2_agrees_with_serde_json_on_damaged_documents(
        document in document(), at in any::<prop::sample::Index>(), with in any::<char>()
    ) {
        let mut characters: Vec<char> = document.chars().collect();
        let at = at.index(characters.len());
        characters[at] = with;
        compare(&characters.into_iter().collect::<String>());
    }

    #[test]
    fn pj_4_strings_come_back_as_the_writer_wrote_them(text in prop::collection::vec(any::<u8>(), 0..64)) {
        let mut writer = Writer::new();
        writer.string(&text);
        let mut decoded = String::new();
        for chunk in text.utf8_chunks() {
            decoded.push_str(chunk.valid());
            decoded.extend(chunk.invalid().iter().map(|_| '\u{fffd}'));
        }
        prop_assert_eq!(string(writer.into_bytes()), decoded);
    }

    #[test]
    fn bug_56_agrees_with_a_search_through_every_object(document in document()) {
        let value = parse(document.as_bytes()).expect("is JSON");
        let mut open = vec![value];
        let mut expected = false;
        while let Some(value) = open.pop() {
            let mut keys: Vec<_> = value.members().map(|member| member.key).collect();
            let all = keys.len();
            keys.sort();
            keys.dedup();
            expected |= keys.len() < all;
            open.extend(value.elements());
            open.extend(value.members().map(|member| member.value));
        }
        prop_assert_eq!(duplicate_key(value).is_some(), expected);
    }
}
