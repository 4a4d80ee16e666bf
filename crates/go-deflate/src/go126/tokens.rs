// SPDX-License-Identifier: Apache-2.0
//! The tokens of one block.

use super::BLOCK;
use crate::boxed;
use crate::token::Token;

/// The tokens of a block that is being made (D-13).
pub(super) struct Tokens {
    tokens: Box<[Token; BLOCK]>,
    len: usize,
}

impl Tokens {
    pub(super) fn new() -> Self {
        Self { tokens: boxed(Token::literal(0)), len: 0 }
    }

    /// Adds a token, if there is room.
    #[inline(always)]
    pub(super) fn push(&mut self, token: Token) {
        if let Some(slot) = self.tokens.get_mut(self.len) {
            *slot = token;
            self.len += 1;
        }
    }

    #[inline(always)]
    pub(super) fn is_full(&self) -> bool {
        self.len >= BLOCK
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn as_slice(&self) -> &[Token] {
        self.tokens.get(..self.len).unwrap_or(&*self.tokens)
    }

    pub(super) fn clear(&mut self) {
        self.len = 0;
    }
}
