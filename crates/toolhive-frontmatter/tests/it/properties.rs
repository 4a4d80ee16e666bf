// SPDX-License-Identifier: Apache-2.0
//! Properties of any input: no panic, positions that exist, and quoted texts that come back.

use proptest::prelude::*;
use toolhive_frontmatter::{Content, Decoder, Keys, Node, Source, parse, split};

/// Makes texts of the characters of YAML, so that random ones reach deep.
fn yamlish() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "a",
        "name",
        ": ",
        ":",
        "- ",
        "-",
        "? ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "|",
        ">",
        "|-\n  x",
        "\"",
        "'",
        "#",
        " #c",
        "\n",
        "\n",
        "\n  ",
        "\n    ",
        " ",
        "\t",
        "\r\n",
        "\r",
        "\u{85}",
        "\u{2028}",
        "é",
        "\u{feff}",
        "%YAML 1.1\n",
        "...\n",
        "---",
        "@",
        "`",
        "\\n",
        "\\",
        "&a ",
        "*a",
        "!x ",
        "!!int ",
        "!!binary ",
        "<<: ",
        "{a: b}",
        "~",
        "\u{1}",
        "\u{1F600}",
    ]);
    let bytes = prop_oneof![
        20 => piece.prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..4),
    ];
    prop::collection::vec(bytes, 0..40).prop_map(|pieces| pieces.concat())
}

fn check_spans(node: Node<'_>, length: usize, depth: usize) {
    assert!(node.span().start <= node.span().end && node.span().end <= length, "{node:?}");
    match node.content() {
        Content::Sequence(items) if depth > 0 => {
            items.iter().for_each(|item| check_spans(item, length, depth - 1));
        }
        Content::Mapping(pairs) if depth > 0 => {
            for (key, value) in pairs.iter() {
                check_spans(key, length, depth - 1);
                check_spans(value, length, depth - 1);
            }
        }
        _ => {}
    }
}

fn check_any(text: &[u8]) {
    let source = Source::new(text);
    let read = Source::read(text).expect("memory can be read");
    let found = split(source.text());
    assert_eq!(
        split(read.text()).map(|split| split.yaml.len()).map_err(|problem| problem.rule),
        found.clone().map(|split| split.yaml.len()).map_err(|problem| problem.rule),
    );
    let parsed = parse(text, found.map_or(0..text.len(), |split| split.yaml));
    for problem in parsed.problems {
        assert!(problem.span.start <= problem.span.end && problem.span.end <= text.len());
        assert!(source.diagnostic(problem).position.is_some());
    }
    if let Some(root) = parsed.document.root() {
        check_spans(root, text.len(), 50);
        let mut decoder = Decoder::new();
        for field in decoder.fields(root, Keys::All) {
            decoder.field_text(&field);
        }
        for problem in decoder.into_problems() {
            assert!(problem.span.end <= text.len());
        }
    }
}

/// A node with its bytes and all below it, as words; the bytes are those of a text with `width` bytes a
/// character after the first `start`.
fn told(node: Node<'_>, start: usize, width: usize, depth: usize) -> String {
    let place = |byte: usize| byte.saturating_sub(start) / width;
    let span = place(node.span().start)..place(node.span().end);
    let own = format!("{span:?} {:?} {:?}", node.anchor(), node.tag());
    let below = |node| told(node, start, width, depth.saturating_sub(1));
    match node.content() {
        _ if depth == 0 => own,
        Content::Scalar(text, style) => format!("{own} {text:?} {style:?}"),
        Content::Alias(name, _) => format!("{own} *{name}"),
        Content::Sequence(items) => {
            let items: Vec<String> = items.iter().map(below).collect();
            format!("{own} [{}]", items.join(", "))
        }
        Content::Mapping(pairs) => {
            let pairs =
                pairs.iter().map(|(key, value)| format!("{}: {}", below(key), below(value)));
            format!("{own} {{{}}}", pairs.collect::<Vec<_>>().join(", "))
        }
    }
}

/// Everything that is read from a text.
fn all_told(text: &[u8], start: usize, width: usize) -> (Option<String>, Vec<(String, usize)>) {
    let parsed = parse(text, 0..text.len());
    let place = |byte: usize| byte.saturating_sub(start) / width;
    let problem = |problem: &toolhive_frontmatter::Problem| {
        let (message, help) = (&problem.message, &problem.help);
        (format!("{message} {help:?} {}", place(problem.span.end)), place(problem.span.start))
    };
    let problems = parsed.problems.iter().map(problem).collect();
    (parsed.document.root().map(|root| told(root, start, width, 50)), problems)
}

fn scalar(yaml: &str) -> Option<String> {
    let parsed = parse(yaml.as_bytes(), 0..yaml.len());
    match parsed.document.root()?.content() {
        Content::Scalar(text, _) if parsed.problems.is_empty() => Some(text.to_owned()),
        _ => None,
    }
}

/// A text in double quotes, with every character that needs it escaped.
fn double_quoted(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        ' '..='!' | '#'..='[' | ']'..='~' => c.to_string(),
        c => format!("\\U{:08x}", u32::from(c)),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_bytes_are_read_without_panic(text in prop::collection::vec(any::<u8>(), 0..200)) {
        check_any(&text);
    }

    #[test]
    fn anything_like_yaml_is_read_without_panic(text in yamlish()) {
        check_any(&text);
        check_any(&[b"---\n", &text[..], b"\n---\n"].concat());
    }

    /// A text of ASCII alone is read by a shorter way than any other.
    #[test]
    fn ascii_is_read_alike_whatever_its_encoding_fm_10(text in yamlish()) {
        let text: Vec<u8> = text.into_iter().filter(u8::is_ascii).collect();
        let utf_16 = text.iter().flat_map(|byte| [*byte, 0]);
        let utf_16: Vec<u8> = [0xff, 0xfe].into_iter().chain(utf_16).collect();
        prop_assert_eq!(all_told(&text, 0, 1), all_told(&utf_16, 2, 2));
        let marked = [b"\xef\xbb\xbf", &text[..]].concat();
        prop_assert_eq!(all_told(&text, 0, 1), all_told(&marked, 3, 1));
    }

    #[test]
    fn double_quoted_texts_come_back_fm_9(text in any::<String>()) {
        prop_assert_eq!(scalar(&double_quoted(&text)), Some(text));
    }

    #[test]
    fn single_quoted_lines_come_back_fm_9(text in "[ -~é\u{3000}\u{1F600}]*") {
        let quoted = format!("'{}'", text.replace('\'', "''"));
        prop_assert_eq!(scalar(&quoted), Some(text));
    }

    #[test]
    fn literal_blocks_come_back_fm_20(lines in prop::collection::vec("[!-~][ -~]*", 1..8)) {
        let block: String = lines.iter().map(|line| format!("  {line}\n")).collect();
        prop_assert_eq!(scalar(&format!("|\n{block}")), Some(lines.join("\n") + "\n"));
    }
}
