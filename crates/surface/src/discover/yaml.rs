// SPDX-License-Identifier: Apache-2.0
//! Frontmatter as JSON, so that one reader serves both.

use frontmatter::{Content, Node, Style};
use oci_artifact::json::Writer;

/// The deepest nesting, and the most nodes with all aliases written out.
const MAX_DEPTH: usize = 32;
const MAX_NODES: usize = 20_000;

/// The mapping as a JSON object; `None` if it is none, or larger or deeper than is reasonable.
pub(super) fn to_json(root: Node<'_>) -> Option<Vec<u8>> {
    if !matches!(root.target().content(), Content::Mapping(_)) {
        return None;
    }
    let mut nodes = MAX_NODES;
    if !fits(root, MAX_DEPTH, &mut nodes) {
        return None;
    }
    let mut json = Writer::new();
    write(root, &mut json);
    Some(json.into_bytes())
}

/// Whether the tree is not too deep and not too large; ends where it is.
fn fits(node: Node<'_>, depth: usize, nodes: &mut usize) -> bool {
    let (Some(depth), Some(left)) = (depth.checked_sub(1), nodes.checked_sub(1)) else {
        return false;
    };
    *nodes = left;
    match node.target().content() {
        Content::Sequence(items) => items.iter().all(|item| fits(item, depth, nodes)),
        Content::Mapping(pairs) => pairs.iter().all(|(_, value)| fits(value, depth, nodes)),
        _ => true,
    }
}

/// Writes a tree that [`fits`], so this does not go deep.
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
