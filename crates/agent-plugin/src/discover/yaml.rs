// SPDX-License-Identifier: Apache-2.0
//! Frontmatter as JSON, so that one reader serves both.

use oci_artifact::json::Writer;
use toolhive_frontmatter::{Content, Node, Style};

use crate::markdown;

/// The deepest nesting, and the most nodes and bytes of text with all aliases written out.
const MAX_DEPTH: usize = 32;
const MAX_NODES: usize = 20_000;
const MAX_TEXT: usize = 1 << 20;

/// Returns the mapping as a JSON object; `None` if it is not one, or larger or deeper than is
/// reasonable.
pub(super) fn to_json(root: Node<'_>) -> Option<Vec<u8>> {
    if !matches!(root.target().content(), Content::Mapping(_)) {
        return None;
    }
    let mut room = Room { nodes: MAX_NODES, text: MAX_TEXT };
    if !room.has_room_for(root, MAX_DEPTH) {
        return None;
    }
    let mut json = Writer::new();
    write(root, &mut json);
    Some(json.into_bytes())
}

/// The room that a tree may still take.
struct Room {
    nodes: usize,
    text: usize,
}

impl Room {
    /// Whether the tree is not too deep and not too large; ends where it is.
    fn has_room_for(&mut self, node: Node<'_>, depth: usize) -> bool {
        let (Some(depth), Some(nodes)) = (depth.checked_sub(1), self.nodes.checked_sub(1)) else {
            return false;
        };
        self.nodes = nodes;
        match node.target().content() {
            Content::Scalar(text, _) => self.take(text),
            Content::Sequence(items) => items.iter().all(|item| self.has_room_for(item, depth)),
            Content::Mapping(pairs) => pairs.iter().all(|(key, value)| {
                let key = key.target().content();
                let fits = !matches!(key, Content::Scalar(text, _) if !self.take(text));
                fits && self.has_room_for(value, depth)
            }),
            Content::Alias(..) => true,
        }
    }

    fn take(&mut self, text: &str) -> bool {
        let left = self.text.checked_sub(text.len());
        self.text = left.unwrap_or(0);
        left.is_some()
    }
}

/// Writes a tree that there is [`Room`] for, so this does not go deep.
fn write(node: Node<'_>, json: &mut Writer) {
    match node.target().content() {
        Content::Scalar(text, style) => scalar(text, style, json),
        Content::Sequence(items) => {
            json.array(|json| items.iter().for_each(|item| write(item, json)))
        }
        Content::Mapping(_) => json.object(|json| {
            for (key, value) in markdown::fields(node) {
                if let Content::Scalar(text, _) = key.target().content() {
                    write(value, json.key(text));
                }
            }
        }),
        // An alias of an alias cannot be.
        Content::Alias(..) => json.null(),
    }
}

fn scalar(text: &str, style: Style, json: &mut Writer) {
    match text {
        _ if style != Style::Plain => json.string(text),
        "" | "~" | "null" | "Null" | "NULL" => json.null(),
        "true" | "True" | "TRUE" => json.raw(b"true"),
        "false" | "False" | "FALSE" => json.raw(b"false"),
        _ => match number(text) {
            // JSON has a number that is too large for infinity, and none for what is no number.
            Some(number) if number.is_finite() => json.raw(number.to_string().as_bytes()),
            Some(_) => json.raw(b"1e999"),
            None => json.string(text),
        },
    }
}

/// Returns the number that a plain scalar is by YAML's core schema.
fn number(text: &str) -> Option<f64> {
    let radix = |digits: &str, radix| u64::from_str_radix(digits, radix).ok().map(|n| n as f64);
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Some(f64::INFINITY);
    }
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-');
    let begins = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    (begins && unsigned.contains(|c: char| c.is_ascii_digit()) && unsigned.chars().all(plain))
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_of_the_core_schema_s_110() {
        for text in ["1", "-1", "+1", "007", "1.5", ".5", "1e3", "0x10", "0o7", ".nan", "-.inf"] {
            assert!(number(text).is_some(), "{text}");
        }
        for text in ["1_000", "0b1", "12:30", "2024-01-01", "yes", "", ".", "-", "e", "1e", "0x"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
