// SPDX-License-Identifier: Apache-2.0
//! Segments of both encoders have these in common: an end, and memory that is used again.

use crate::token::Token;

/// What is behind the bytes that are seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behind {
    /// More of the input, or nobody knows.
    More,
    /// Nothing: there the input ends.
    Nothing,
}

/// Memory of segments that are done with, for those that come: new memory of the system costs a
/// fault for each page.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) bytes: Vec<u8>,
    pub(super) tokens: Vec<Token>,
}

impl Memory {
    /// The memory of a segment's bytes and tokens, empty.
    pub(super) fn of(mut bytes: Vec<u8>, mut tokens: Vec<Token>) -> Self {
        bytes.clear();
        tokens.clear();
        Self { bytes, tokens }
    }
}
