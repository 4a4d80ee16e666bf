// SPDX-License-Identifier: Apache-2.0
//! Events that the parser makes of tokens.

use std::ops::Range;

use crate::node::{Properties, Style};

/// A step through the tree of one document.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) kind: EventKind,
    /// Bytes of the file.
    pub(crate) span: Range<usize>,
}

/// The events inside a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EventKind {
    Alias(String),
    Scalar { properties: Properties, text: String, style: Style },
    SequenceStart(Properties),
    SequenceEnd,
    MappingStart(Properties),
    MappingEnd,
}
