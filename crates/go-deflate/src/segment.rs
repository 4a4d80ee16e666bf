// SPDX-License-Identifier: Apache-2.0
//! Segments of both encoders have these in common: an end, and memory that is used again.

use crate::token::Token;

/// The bytes behind those that are visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behind {
    /// More of the input follows, or may follow.
    More,
    /// Nothing follows: the input ends there.
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
    /// Returns the memory of a segment's bytes and tokens, empty.
    pub(super) fn of(mut bytes: Vec<u8>, mut tokens: Vec<Token>) -> Self {
        bytes.clear();
        tokens.clear();
        Self { bytes, tokens }
    }
}
