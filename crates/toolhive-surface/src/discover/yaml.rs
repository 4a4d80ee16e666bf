// SPDX-License-Identifier: Apache-2.0
//! Frontmatter as JSON, so that one reader serves both.

use oci_artifact::json::Writer;
use toolhive_frontmatter::{Content, Node, Style};

/// The deepest nesting, and the most nodes and bytes of text with all aliases written out.
const MAX_DEPTH: usize = 32;
const MAX_NODES: usize = 20_000;
const MAX_TEXT: usize = 1 << 20;

/// The mapping as a JSON object; `None` if it is none, or larger or deeper than is reasonable.
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

/// How much a tree may still have.
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
        Content::Mapping(pairs) => json.object(|json| {
            for (key, value) in pairs.iter() {
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
        _ => match text.parse::<i64>() {
            Ok(number) if number.to_string() == text => json.integer(number),
            _ => json.string(text),
        },
    }
}
