// SPDX-License-Identifier: Apache-2.0
//! Tokens that the scanner makes of characters.

use std::ops::Range;

use crate::node::Style;

/// A token and its characters.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    /// Indexes of characters.
    pub(crate) span: Range<usize>,
}

/// The tokens of YAML 1.1. Block collections have a start and an end, which come from
/// indentation and have no characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    StreamEnd,
    VersionDirective {
        major: u32,
        minor: u32,
    },
    TagDirective(Box<Tag>),
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(String),
    Anchor(String),
    /// A verbatim tag, and `!` alone, have an empty handle.
    Tag(Box<Tag>),
    Scalar {
        text: String,
        style: Style,
    },
}

/// A tag's handle, and what stands behind it: a tag's end, or what the handle stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) handle: String,
    pub(crate) text: String,
}
