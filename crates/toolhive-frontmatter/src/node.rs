// SPDX-License-Identifier: Apache-2.0
//! The tree of a YAML document, as it was written: nothing is resolved, converted or merged.
//!
//! Nodes lie in one list and name each other by number, so a tree of any depth is built, copied
//! and dropped without recursion, and an alias is a second name of a node, never a copy.

use std::ops::Range;

/// The style in which a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A plain scalar, without quotes.
    Plain,
    /// A scalar in single quotes: `'…'`.
    SingleQuoted,
    /// A scalar in double quotes: `"…"`.
    DoubleQuoted,
    /// A literal block: `|`.
    Literal,
    /// A folded block: `>`.
    Folded,
}

/// A YAML document.
#[derive(Clone, Debug, Default)]
pub struct Document {
    pub(crate) nodes: Vec<NodeData>,
}

/// The data that the document keeps of a node. Numbers are places in the list.
#[derive(Clone, Debug)]
pub(crate) struct NodeData {
    pub(crate) content: ContentData,
    pub(crate) properties: Properties,
    pub(crate) span: Range<usize>,
}

#[derive(Clone, Debug)]
pub(crate) enum ContentData {
    Scalar {
        text: String,
        style: Style,
    },
    Sequence(Vec<usize>),
    /// Keys and values in turn.
    Mapping(Vec<usize>),
    Alias {
        name: String,
        target: usize,
    },
}

/// The anchor and the tag before a node. Nearly all nodes have none, and take no room for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Properties(Option<Box<Written>>);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Written {
    anchor: Option<String>,
    tag: Option<String>,
}

impl Properties {
    pub(crate) fn anchor(&self) -> Option<&str> {
        self.0.as_ref()?.anchor.as_deref()
    }

    /// Returns the tag, its handle replaced by what it stands for.
    pub(crate) fn tag(&self) -> Option<&str> {
        self.0.as_ref()?.tag.as_deref()
    }

    pub(crate) fn set_anchor(&mut self, anchor: String) {
        self.0.get_or_insert_default().anchor = Some(anchor);
    }

    pub(crate) fn set_tag(&mut self, tag: String) {
        self.0.get_or_insert_default().tag = Some(tag);
    }
}

impl Document {
    /// Returns the root node; an empty document has none.
    pub fn root(&self) -> Option<Node<'_>> {
        self.node(0)
    }

    fn node(&self, index: usize) -> Option<Node<'_>> {
        self.nodes.get(index).map(|data| Node { document: self, data, index })
    }
}

/// A node of a [`Document`].
#[derive(Clone, Copy, Debug)]
pub struct Node<'d> {
    document: &'d Document,
    data: &'d NodeData,
    index: usize,
}

/// The content of a node.
#[derive(Clone, Copy, Debug)]
pub enum Content<'d> {
    /// A text, with quotes, escapes and folding undone.
    Scalar(&'d str, Style),
    /// A list of nodes.
    Sequence(Sequence<'d>),
    /// A mapping of keys to values.
    Mapping(Mapping<'d>),
    /// `*name`: the latest node above with that anchor (FM-14), which may hold this one.
    Alias(&'d str, Node<'d>),
}

/// The kind of a node, without its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A node that is a text.
    Scalar,
    /// A node that is a list.
    Sequence,
    /// A node that is a mapping.
    Mapping,
    /// A node that is an alias: `*name`.
    Alias,
}

impl Kind {
    /// Returns its name in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scalar => "text",
            Self::Sequence => "a list",
            Self::Mapping => "a mapping",
            Self::Alias => "an alias",
        }
    }
}

impl<'d> Node<'d> {
    /// Returns the content of the node.
    pub fn content(self) -> Content<'d> {
        match &self.data.content {
            ContentData::Scalar { text, style } => Content::Scalar(text, *style),
            ContentData::Sequence(items) => {
                Content::Sequence(Sequence { document: self.document, items })
            }
            ContentData::Mapping(items) => {
                Content::Mapping(Mapping { document: self.document, items })
            }
            ContentData::Alias { name, target } => {
                // A target is a node that was there before.
                Content::Alias(name, self.document.node(*target).unwrap_or(self))
            }
        }
    }

    /// Returns the kind of the node.
    pub fn kind(self) -> Kind {
        match self.data.content {
            ContentData::Scalar { .. } => Kind::Scalar,
            ContentData::Sequence(_) => Kind::Sequence,
            ContentData::Mapping(_) => Kind::Mapping,
            ContentData::Alias { .. } => Kind::Alias,
        }
    }

    /// The node an alias means; any other node itself.
    pub fn target(self) -> Self {
        match self.content() {
            // What has an anchor is no alias.
            Content::Alias(_, target) => target,
            _ => self,
        }
    }

    /// Returns its tag, if one is written, with `!!` for `tag:yaml.org,2002:`.
    pub fn tag(self) -> Option<&'d str> {
        self.data.properties.tag()
    }

    /// Returns its anchor, if one is written.
    pub fn anchor(self) -> Option<&'d str> {
        self.data.properties.anchor()
    }

    /// Returns its bytes in the text that was given, with its anchor and tag.
    pub fn span(self) -> Range<usize> {
        self.data.span.clone()
    }

    /// Returns its place in the document's list, which distinguishes nodes.
    pub(crate) fn index(self) -> usize {
        self.index
    }
}

/// The items of a list.
#[derive(Clone, Copy, Debug)]
pub struct Sequence<'d> {
    document: &'d Document,
    items: &'d [usize],
}

impl<'d> Sequence<'d> {
    /// Returns the items in order.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = Node<'d>> {
        self.items.iter().filter_map(move |index| self.document.node(*index))
    }
}

/// The pairs of a mapping.
#[derive(Clone, Copy, Debug)]
pub struct Mapping<'d> {
    document: &'d Document,
    items: &'d [usize],
}

impl<'d> Mapping<'d> {
    /// Keys and values in order.
    pub fn iter(self) -> impl Iterator<Item = (Node<'d>, Node<'d>)> {
        let (pairs, _) = self.items.as_chunks::<2>();
        pairs.iter().filter_map(move |[key, value]| {
            Some((self.document.node(*key)?, self.document.node(*value)?))
        })
    }
}
