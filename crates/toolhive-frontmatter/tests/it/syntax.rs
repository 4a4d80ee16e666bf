// SPDX-License-Identifier: Apache-2.0
//! FM-6 to FM-14: what is read, and what is refused.

use super::tree::{check, read, tree};

#[test]
fn line_ends_of_all_systems_fm_5() {
    check(&[("a: b\r\nc:\r\n  - d\r\n", "{a b c [d]}"), ("a: b\rc: d\r", "{a b c d}")]);
}

#[test]
fn only_the_first_document_counts_fm_6() {
    check(&[
        ("a: b\n...\nc: d\n", "{a b}"),
        ("a: b\n...\n@ unscannable", "{a b}"),
        (" a: b\nc: d\n", "{a b}"),
        ("", ""),
        ("# comment\n", ""),
        ("...\na: b", "error"),
    ]);
    assert!(read("a: b\n...\nc: d\n").rest.is_some());
    assert!(read(" a: b\nc: d\n").rest.is_some());
    assert_eq!(read("a: b\n...\n# comment\n").rest, None);
    assert_eq!(read("a: b\n").rest, None);
}

#[test]
fn a_question_mark_ends_a_plain_scalar_in_flow_context_fm_7() {
    check(&[
        ("[http://a/b?c=d]", "error"),
        ("[a?]", "error"),
        ("[?a]", "[{a _}]"),
        ("[? a : b]", "[{a b}]"),
        ("{? a}", "{a _}"),
        ("a?b", "a?b"),
        ("?a", "?a"),
        ("a: http://a/b?c=d", "{a http://a/b?c=d}"),
    ]);
}

#[test]
fn a_colon_ends_a_plain_scalar_in_flow_context_only_before_space_fm_8() {
    check(&[
        ("[a:,b]", "[a: b]"),
        ("[a:]", "[a:]"),
        ("[a: b]", "[{a b}]"),
        ("[a:\tb]", "[{a b}]"),
        ("{a:b}", "{a:b _}"),
        ("{\"a\":b}", "{\"a\" b}"),
        ("{a:", "error"),
        ("[:a]", "error"),
    ]);
}

#[test]
fn escapes_fm_9() {
    check(&[
        (
            r#""\0\a\b\t\n\v\f\r\e\ \"\'\\\N\_\L\P""#,
            "\"\0\u{7}\u{8}\t\n\u{b}\u{c}\r\u{1b} \"'\\\u{85}\u{a0}\u{2028}\u{2029}\"",
        ),
        ("\"\\\t\"", "\"\t\""),
        (r#""\x41\u00e9\U0001F600""#, "\"Aé\u{1F600}\""),
        ("\"a\\\n  b\"", "\"ab\""),
        ("\"a\\\n\n  b\"", "\"a\nb\""),
        (r#""\/""#, "error"),
        (r#""\z""#, "error"),
        (r#""\x4""#, "error"),
        (r#""\ud83d\ude00""#, "error"),
        (r#""\ud800""#, "error"),
        (r#""\U00110000""#, "error"),
        (r#""\UFFFFFFFF""#, "error"),
        (r"'\n'", r"'\n'"),
        ("'it''s'", "'it's'"),
    ]);
}

#[test]
fn characters_fm_10() {
    for c in ['\u{a0}', '\u{d7ff}', '\u{e000}', '\u{fffd}', '\u{10000}', '\u{10ffff}', '\u{feff}'] {
        assert_eq!(tree(&format!("a{c}b")), format!("a{c}b"));
    }
    for c in ['\0', '\u{1}', '\u{b}', '\u{7f}', '\u{80}', '\u{9f}', '\u{fffe}', '\u{ffff}'] {
        assert_eq!(tree(&format!("a{c}b")), "error", "{c:?}");
        assert_eq!(tree(&format!("# {c}")), "error", "{c:?} in a comment");
    }
    for bytes in [&b"a: \xff"[..], b"a: \xed\xa0\x80", b"a: \xe2\x82", b"a: \xc0\x80"] {
        assert!(
            !toolhive_frontmatter::parse(bytes, 0..bytes.len()).problems.is_empty(),
            "{bytes:?}"
        );
    }
}

#[test]
fn a_byte_order_mark_selects_the_encoding_fm_10() {
    assert_eq!(tree("\u{feff}a: b"), "{a b}");
    assert_eq!(tree("a: b\n\u{feff}c: d"), "{a b \u{feff}c d}");
    let units: Vec<u16> = "\u{feff}%YAML 1.1\n---\na: \u{1F600}b\n".encode_utf16().collect();
    let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    for bytes in [little, big] {
        let parsed = toolhive_frontmatter::parse(&bytes, 0..bytes.len());
        assert!(parsed.problems.is_empty(), "{:?}", parsed.problems);
        let root = parsed.document.root().expect("has a root");
        let toolhive_frontmatter::Content::Mapping(pairs) = root.content() else {
            panic!("no mapping")
        };
        let (_, value) = pairs.iter().next().expect("has a pair");
        let toolhive_frontmatter::Content::Scalar(text, _) = value.content() else {
            panic!("no scalar")
        };
        assert_eq!(text, "\u{1F600}b");
        assert_eq!(value.span(), bytes.len() - 8..bytes.len() - 2, "the place in the file");
        assert!(
            !toolhive_frontmatter::parse(&bytes, 0..bytes.len() - 1).problems.is_empty(),
            "cut"
        );
    }
    assert!(
        !toolhive_frontmatter::parse(b"\xff\xfea\0\0\xd8", 0..6).problems.is_empty(),
        "a half pair"
    );
}

#[test]
fn line_breaks_fm_11() {
    check(&[
        ("a\u{85}b", "a b"),
        ("a\u{2028}b", "a\u{2028}b"),
        ("\"a\u{2029}\nb\"", "\"a\u{2029}\nb\""),
        ("|\n a\u{85} b\u{2028} c\r\n d\r", "|a\nb\u{2028}c\nd\n|"),
        ("a: b\u{85}c: d", "{a b c d}"),
        ("a\nb", "a b"),
        ("a\n\n\nb", "a\n\nb"),
    ]);
}

#[test]
fn a_tab_does_not_indent_fm_12() {
    check(&[
        ("a:\tb\t#c", "{a b}"),
        ("\ta: b", "error"),
        ("a:\n\tb", "error"),
        ("a: b\n\t\nc: d", "error"),
        ("a:\n  - b\n\t- c", "error"),
        ("a: |\n\tb", "error"),
        ("a: [b,\n\tc]", "{a [b c]}"),
        ("a: \"b\n\tc\"", "{a \"b c\"}"),
        ("?\ta", "error"),
    ]);
}

#[test]
fn simple_keys_have_at_most_1024_characters_on_one_line_fm_12() {
    let key = |length: usize| tree(&format!("{}: v", "é".repeat(length)));
    assert_ne!(key(1_024), "error");
    assert_eq!(key(1_025), "error");
    let key = |length: usize| tree(&format!("{{{}: v}}", "k".repeat(length)));
    assert_ne!(key(1_024), "error");
    assert_eq!(key(1_025), "error");
    check(&[("\"a\nb\": c", "error"), ("a\nb: c", "error"), ("[a,\nb]: c", "error")]);
}

#[test]
fn a_tag_may_hold_flow_indicators_fm_12() {
    check(&[
        ("a: !,b c", "{a c<!,b>}"),
        ("a: !x[ c", "{a c<!x[>}"),
        ("[!, b]", "[b<!,>]"),
        ("[!,b]", "error"),
        ("a: !{b: c}", "error"),
    ]);
}

#[test]
fn directives_fm_13() {
    check(&[
        ("%YAML 1.1\n---\na: b", "{a b}"),
        ("%YAML 1.1 # comment\n---\na: b", "{a b}"),
        ("%YAML 1.2\n---\na: b", "error"),
        ("%YAML 1.1\n%YAML 1.1\n---\na", "error"),
        ("%YAML 1.1\na: b", "error"),
        ("%TAG !e! tag:e,2000:\n---\n!e!x a", "a<tag:e,2000:x>"),
        ("%TAG ! !y\n---\n!x a", "a<!yx>"),
        ("%TAG !! !z\n---\n!!str a", "a<!zstr>"),
        ("!e!x a", "error"),
        ("%foo\n---\na: b", "error"),
        ("a: b\n%foo: c", "error"),
        ("a: b\n %foo: c", "error"),
        ("a: b%c\n", "{a b%c}"),
    ]);
    assert!(read("a: b\n%YAML 1.1\nc: d").rest.is_some());
}

#[test]
fn aliases_fm_14() {
    check(&[
        ("[&a 1, *a, &a 2, *a]", "[1&a *a 2&a *a]"),
        ("x: {y: *a}", "error"),
        ("&a [*a]", "[*a]&a"),
        ("a: &b c\n*b : d", "{a c&b *b d}"),
        ("a: &b *b", "error"),
        ("a: *", "error"),
        ("a: *.md", "error"),
    ]);
    let parsed = read("[&a 1, *a, &a 2, *a]");
    let root = parsed.document.root().expect("has a root");
    let toolhive_frontmatter::Content::Sequence(items) = root.content() else {
        panic!("no sequence")
    };
    let targets: Vec<_> = items.iter().map(|item| item.target().span()).collect();
    assert_eq!(targets, [1..5, 1..5, 11..15, 11..15]);
}

#[test]
fn spans_are_those_of_the_text() {
    let text = "k: &a !t [b, \"c\"]\nm:\n  - x # y\n  - >\n    z\n\nn: o p\n";
    let parsed = read(text);
    let root = parsed.document.root().expect("has a root");
    assert_eq!(root.span(), 0..text.trim_end().len());
    let toolhive_frontmatter::Content::Mapping(pairs) = root.content() else {
        panic!("no mapping")
    };
    let values: Vec<_> = pairs.iter().map(|(_, value)| &text[value.span()]).collect();
    assert_eq!(values, ["&a !t [b, \"c\"]", "- x # y\n  - >\n    z", "o p"]);
}
