// SPDX-License-Identifier: Apache-2.0
//! The lazy parse (deflate.md, 5): a match is taken unless the next position has a longer one.

use super::matcher::Matcher;
use super::tokens::Tokens;
use crate::token::{Match, Token};

/// The state of the parse at a position. All that follows is a function of the position alone
/// (D-4), for the match that was found there is one, too.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Parse {
    /// The first byte that no token covers.
    position: u64,
    /// The best match there, if it has been searched and is still to be compared with that of the
    /// next position: D-10's previous match, whose literal is pending.
    found: Option<Match>,
}

impl Parse {
    /// Before the token that begins at `position`.
    pub(super) fn at(position: u64) -> Self {
        Self { position, found: None }
    }

    /// Returns the first byte that no token covers.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// D-11: looks at every position before `until`, as long as there is room for tokens.
    pub(super) fn run<const F: usize, const C: usize>(
        &mut self,
        matcher: &mut Matcher<F, C>,
        until: u64,
        tokens: &mut Tokens,
    ) {
        let Self { mut position, mut found } = *self;
        while !tokens.is_full() {
            let Some(prev) = found else {
                if position >= until {
                    break;
                }
                found = matcher.best(position, 3);
                if found.is_none() {
                    tokens.push(Token::literal(matcher.byte(position)));
                    position += 1;
                }
                continue;
            };
            if position + 1 >= until {
                break;
            }
            // D-13a: only a longer match is of interest.
            found = matcher.best(position + 1, prev.length);
            if found.is_some() {
                tokens.push(Token::literal(matcher.byte(position)));
                position += 1;
            } else {
                tokens.push(Token::new_match(prev));
                position += u64::from(prev.length);
            }
        }
        *self = Self { position, found };
    }
}
