// SPDX-License-Identifier: Apache-2.0
//! Trees as text, to compare them.

use toolhive_frontmatter::{Content, Node, Parsed, Style, parse};

/// Parses a text.
pub(crate) fn read(yaml: &str) -> Parsed {
    parse(yaml.as_bytes(), 0..yaml.len())
}

/// A document's tree on one line: scalars with a sign of their style, `[…]`, `{…}`, `*alias`,
/// with `&anchor` and `<tag>` after what they belong to; an error as `error`.
pub(crate) fn tree(yaml: &str) -> String {
    let parsed = read(yaml);
    if !parsed.problems.is_empty() {
        return "error".to_owned();
    }
    let mut text = String::new();
    if let Some(root) = parsed.document.root() {
        write(root, &mut text);
    }
    text
}

fn write(node: Node<'_>, out: &mut String) {
    if !out.is_empty() && !out.ends_with(['[', '{']) {
        out.push(' ');
    }
    match node.content() {
        Content::Alias(name, _) => *out += &format!("*{name}"),
        Content::Scalar("", Style::Plain) => out.push('_'),
        Content::Scalar(text, Style::Plain) => *out += text,
        Content::Scalar(text, Style::SingleQuoted) => *out += &format!("'{text}'"),
        Content::Scalar(text, Style::DoubleQuoted) => *out += &format!("\"{text}\""),
        Content::Scalar(text, Style::Literal) => *out += &format!("|{text}|"),
        Content::Scalar(text, Style::Folded) => *out += &format!(">{text}>"),
        Content::Sequence(items) => {
            out.push('[');
            items.iter().for_each(|item| write(item, out));
            out.push(']');
        }
        Content::Mapping(pairs) => {
            out.push('{');
            for (key, value) in pairs.iter() {
                write(key, out);
                write(value, out);
            }
            out.push('}');
        }
    }
    *out += &node.anchor().map(|anchor| format!("&{anchor}")).unwrap_or_default();
    *out += &node.tag().map(|tag| format!("<{tag}>")).unwrap_or_default();
}

/// Checks many texts; `expected` is a tree or `error`.
#[track_caller]
pub(crate) fn check(cases: &[(&str, &str)]) {
    for (yaml, expected) in cases {
        assert_eq!(tree(yaml), *expected, "of {yaml:?}");
    }
}
