// SPDX-License-Identifier: Apache-2.0
//! The lazy parse (deflate-go127.md, 5): a match is taken unless the next position has a longer one,
//! and where nothing matches for long, positions are skipped.

use super::PATIENCE;
use super::matcher::{End, Matcher};
use super::round::Round;
use crate::segment::Behind;
use crate::token::{Match, Token};

/// The state of the parse at a position (E-12).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Parse {
    /// p: the position of the next turn.
    position: u64,
    /// The previous match, which begins at `position - 1`.
    found: Option<Match>,
    /// Whether the byte at `position - 1` still awaits its literal.
    pending: bool,
    row: u16,
}

impl Parse {
    /// Returns the position of the next turn: between two rounds, the start of the second.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Before a turn at `position`, with nothing pending.
    pub(super) fn at(position: u64) -> Self {
        Self { position, ..Self::default() }
    }

    /// Runs all turns of a round.
    pub(super) fn run_all(&mut self, matcher: &Matcher, round: Round, tokens: &mut Vec<Token>) {
        self.run(matcher, round, usize::MAX, tokens);
    }

    /// Runs turns (E-13) until the round is over, or there are that many tokens. Returns whether the round is over.
    pub(super) fn run(
        &mut self,
        matcher: &Matcher,
        round: Round,
        enough: usize,
        tokens: &mut Vec<Token>,
    ) -> bool {
        let until = round.until();
        while self.position < until {
            if tokens.len() >= enough {
                return false;
            }
            let p = self.position;
            let found = match self.found {
                None => matcher.best(p),
                // E-15: only a longer one is of interest.
                Some(prev) => matcher.longer(p, prev.length),
            };
            match (self.found.take(), found) {
                (Some(prev), None) => self.emit(matcher, prev, tokens),
                (_, found) => {
                    self.found = found;
                    self.go_on(matcher, round, tokens);
                }
            }
        }
        // E-17.
        if round.behind == Behind::Nothing && std::mem::take(&mut self.pending) {
            tokens.push(Token::literal(matcher.byte(self.position - 1)));
        }
        true
    }

    /// E-13.4: the previous match is taken, with a better end if there is one.
    #[inline(always)]
    fn emit(&mut self, matcher: &Matcher, prev: Match, tokens: &mut Vec<Token>) {
        let End { literals, then } = matcher.end(self.position, prev);
        let mut position = self.position - 1;
        for _ in 0..literals {
            tokens.push(Token::literal(matcher.byte(position)));
            position += 1;
        }
        tokens.push(Token::new_match(then));
        *self = Self { position: position + u64::from(then.length), ..Self::default() };
    }

    /// E-13.5: nothing is taken at `position - 1`.
    #[inline(always)]
    fn go_on(&mut self, matcher: &Matcher, round: Round, tokens: &mut Vec<Token>) {
        if self.found.is_some() {
            self.row = 0;
        }
        if self.pending {
            self.row = self.row.wrapping_add(1);
            tokens.push(Token::literal(matcher.byte(self.position - 1)));
        }
        self.position += 1;
        if !std::mem::replace(&mut self.pending, true) {
            return;
        }
        if self.row > PATIENCE {
            self.skip(matcher, round, tokens);
        }
    }

    /// E-18: literals without a search.
    #[inline(never)]
    fn skip(&mut self, matcher: &Matcher, round: Round, tokens: &mut Vec<Token>) {
        let count = 1 + u64::from(self.row - PATIENCE) / 64;
        // As many as there can be before the round's last position, and the pending one.
        let count = count.min((round.end - 1).saturating_sub(self.position));
        for position in self.position - 1..self.position + count {
            tokens.push(Token::literal(matcher.byte(position)));
        }
        self.position += count;
        self.pending = false;
    }
}
