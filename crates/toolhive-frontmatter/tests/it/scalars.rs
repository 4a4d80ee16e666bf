// SPDX-License-Identifier: Apache-2.0
//! FM-20: the text of scalars.

use toolhive_frontmatter::{Content, Decoder, Text, parse};

/// The text of the item of a list with one item: `Ok(None)` for null, `Err` for a problem.
fn text(item: &str) -> Result<Option<Text>, ()> {
    let yaml = format!("- {item}\n");
    let parsed = parse(yaml.as_bytes(), 0..yaml.len());
    assert_eq!(parsed.problems, [], "{item}");
    let root = parsed.document.root().expect("has a root");
    let Content::Sequence(items) = root.content() else { panic!("no sequence") };
    let mut decoder = Decoder::new();
    let text = decoder.text(items.iter().next().expect("has an item"));
    if decoder.into_problems().is_empty() { Ok(text) } else { Err(()) }
}

fn check(cases: &[(&str, &str)]) {
    for (item, expected) in cases {
        assert_eq!(text(item), Ok(Some(Text::from(*expected))), "{item}");
    }
}

#[test]
fn null_is_absent_fm_20() {
    for null in ["", "~", "null", "Null", "NULL", "! ~", "!", "!!null", "!!null ~", "!!null ''"] {
        assert_eq!(text(null), Ok(None), "{null}");
    }
    check(&[
        ("nULL", "nULL"),
        ("'null'", "null"),
        ("''", ""),
        ("!!str", ""),
        ("!!str null", "null"),
    ]);
    check(&[("!x ~", "~"), ("! '~'", "~"), ("|\n  ~", "~\n")]);
    assert_eq!(text("!!null x"), Err(()));
}

#[test]
fn the_text_stays_as_written_fm_20() {
    for same in [
        "1.0",
        "1e3",
        "0x1F",
        "1_000",
        "01",
        ".inf",
        "true",
        "yes",
        "2020-01-01",
        "12:30:45",
        "=",
        "<<",
        "a:b",
    ] {
        check(&[(same, same)]);
    }
    check(&[("\"1.0\"", "1.0"), ("!foo 1.0", "1.0"), ("!!map x", "x"), ("!!seq x", "x")]);
}

#[test]
fn core_tags_check_and_keep_fm_20() {
    check(&[
        ("!!bool TRUE", "TRUE"),
        ("!!bool 'true'", "true"),
        ("!!int 0x1_F", "0x1_F"),
        ("!!int +0b11", "+0b11"),
        ("!!int -9223372036854775808", "-9223372036854775808"),
        ("!!int 18446744073709551615", "18446744073709551615"),
        ("!!float 1", "1"),
        ("!!float .5", ".5"),
        ("!!float 08", "08"),
        ("!!float -.INF", "-.INF"),
        ("!!float 1_0.5", "1_0.5"),
        ("!!timestamp 2020-1-1", "2020-1-1"),
        ("!!timestamp 2020-02-29 1:2:3.5", "2020-02-29 1:2:3.5"),
        ("!!timestamp 2020-01-01T01:02:03-05:00", "2020-01-01T01:02:03-05:00"),
        ("!<tag:yaml.org,2002:int> 5", "5"),
    ]);
    for wrong in [
        "!!bool yes",
        "!!int x",
        "!!int 08",
        "!!int 1.0",
        "!!int 18446744073709551616",
        "!!int",
        "!!float x",
        "!!float 1e400",
        "!!float 18446744073709551615",
        "!!timestamp x",
        "!!timestamp 20-01-01",
        "!!timestamp 2021-02-29",
        "!!timestamp 2020-01-01T01:02:03",
    ] {
        assert_eq!(text(wrong), Err(()), "{wrong}");
    }
}

#[test]
fn binary_fm_20() {
    check(&[
        ("!!binary aGVsbG8=", "hello"),
        ("!!binary aGVsbG9=", "hello"),
        ("!!binary |\n  aGVs\n  bG8=\n", "hello"),
        ("!!binary", ""),
    ]);
    assert_eq!(text("!!binary /w=="), Ok(Some(Text::from(vec![0xff]))));
    for wrong in ["!!binary x", "!!binary aGVsbG8", "!!binary aGVs bG8="] {
        assert_eq!(text(wrong), Err(()), "{wrong}");
    }
}

#[test]
fn block_scalars_and_folding_fm_20() {
    check(&[
        ("|\n  a\n  b\n\n", "a\nb\n"),
        ("|-\n  a\n  b\n", "a\nb"),
        ("|+\n  a\n", "a\n\n"),
        (">\n  a\n  b\n\n  c\n", "a b\nc\n"),
        (">\n  a\n    b\n  c\n", "a\n  b\nc\n"),
        (">-\n  a\n\n\n  b\n", "a\n\nb"),
        ("|2\n    a\n", "  a\n"),
        ("|\n  a", "a\n"),
        ("a\n  b\n\n  c", "a b\nc"),
        ("'a\n  b\n\n  c'", "a b\nc"),
        ("\"a \n \t b\"", "a b"),
    ]);
}

#[test]
fn collections_are_no_text_fm_20() {
    assert_eq!(text("[a]"), Err(()));
    assert_eq!(text("{a: b}"), Err(()));
}

#[test]
fn a_text_shows_one_replacement_for_each_byte_json_7() {
    let text = Text::from(b"\xe2\x82b\xff".to_vec());
    assert_eq!(text.to_string_lossy(), "\u{fffd}\u{fffd}b\u{fffd}");
    assert_eq!(text.as_bytes(), b"\xe2\x82b\xff");
}
