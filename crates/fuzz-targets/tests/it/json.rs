// SPDX-License-Identifier: Apache-2.0
//! The JSON reader's target on documents, and on what is nearly one: more of them than a corpus has.

use fuzz_targets::json::run;
use oci_artifact::json::parse;
use proptest::prelude::*;

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
    fn agrees_with_serde_json_on_token_soup_pj_2(document in tokens()) {
        run(document.as_bytes());
    }

    #[test]
    fn agrees_with_serde_json_on_documents_pj_2(document in document()) {
        prop_assert!(parse(document.as_bytes()).is_ok());
        run(document.as_bytes());
    }

    #[test]
    fn agrees_with_serde_json_on_damaged_documents_pj_2(
        document in document(), at in any::<prop::sample::Index>(), with in any::<char>()
    ) {
        let mut characters: Vec<char> = document.chars().collect();
        let at = at.index(characters.len());
        characters[at] = with;
        run(characters.into_iter().collect::<String>().as_bytes());
    }
}
