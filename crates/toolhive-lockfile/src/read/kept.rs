// SPDX-License-Identifier: Apache-2.0
//! Mappings, and what stands under unknown keys.

use std::collections::BTreeSet;

use toolhive_frontmatter::{Content, Node, Style, is_plain_text, quoted};

use super::Reader;
use crate::value::{MAX_DEPTH, MAX_KEY, Scalar, Type, Value, is_key};

/// A key of a mapping with its value.
pub(super) struct Pair<'d> {
    pub(super) key: Node<'d>,
    /// The key's text.
    pub(super) text: &'d str,
    pub(super) value: Node<'d>,
}

impl Reader {
    /// Returns the pairs of a mapping, without those whose key is refused.
    pub(super) fn mapping<'d>(&mut self, node: Node<'d>, what: &str) -> Option<Vec<Pair<'d>>> {
        let pairs = match self.content(node)? {
            Content::Mapping(pairs) => pairs,
            // An empty file, or one of comments.
            Content::Scalar("", Style::Plain) if what == "a lock file" => return Some(Vec::new()),
            _ => {
                let message = format!("{what} must be a mapping, but is {}", node.kind().as_str());
                self.wrong(node.span(), message);
                return None;
            }
        };
        let (mut seen, mut kept) = (BTreeSet::new(), Vec::new());
        for (key, value) in pairs.iter() {
            let Some((text, _)) = self.written(key, "a key") else { continue };
            if !is_key(text) {
                let message = format!("a key has at most {MAX_KEY} bytes and no line break");
                self.wrong(key.span(), message);
            } else if seen.insert(text) {
                kept.push(Pair { key, text, value });
            } else {
                let message = format!("the key {} is there twice", quoted(text));
                self.wrong(key.span(), message);
            }
        }
        Some(kept)
    }

    /// Returns the text of a scalar, and how it is written.
    fn written<'d>(&mut self, node: Node<'d>, what: &str) -> Option<(&'d str, Style)> {
        let Content::Scalar(text, style) = self.content(node)? else {
            let message = format!("{what} must be text, but is {}", node.kind().as_str());
            self.wrong(node.span(), message);
            return None;
        };
        // Null without characters is written, and so sorted, as the word.
        Some((if text.is_empty() && style == Style::Plain { "null" } else { text }, style))
    }

    /// Returns a scalar with its text.
    pub(super) fn scalar(&mut self, node: Node<'_>, what: &str) -> Option<Scalar> {
        let (text, style) = self.written(node, what)?;
        let is_other = style == Style::Plain && !is_plain_text(text);
        Some(Scalar { text: text.to_owned(), is: if is_other { Type::Other } else { Type::Text } })
    }

    /// Keeps a value as it is written.
    pub(super) fn kept(&mut self, node: Node<'_>, depth: usize) -> Option<Value> {
        let below = depth.saturating_add(1);
        match self.content(node)? {
            Content::Scalar(..) => self.scalar(node, "a value").map(Value::Scalar),
            _ if below > MAX_DEPTH => {
                let message = format!("unknown keys are nested more than {MAX_DEPTH} deep");
                self.wrong(node.span(), message);
                None
            }
            Content::Sequence(items) => {
                let kept: Vec<Value> =
                    items.iter().filter_map(|item| self.kept(item, below)).collect();
                Some(Value::List(kept))
            }
            _ => {
                let pairs = self.mapping(node, "this")?;
                let kept = pairs.into_iter().filter_map(|pair| self.kept_pair(&pair, below));
                Some(Value::Map(kept.collect()))
            }
        }
    }

    /// Keeps a key and its value as they are written.
    pub(super) fn kept_pair(&mut self, pair: &Pair<'_>, depth: usize) -> Option<(Scalar, Value)> {
        let key = self.scalar(pair.key, "a key")?;
        Some((key, self.kept(pair.value, depth)?))
    }
}
