// SPDX-License-Identifier: Apache-2.0
//! A part of the input, and its parse.

use super::super::deflater::AHEAD;
use super::super::matcher::{Matcher, STEP};
use super::super::parse::Parse;
use super::super::tokens::Tokens;
use crate::segment::{Behind, Memory};
use crate::token::Token;

/// The least number of bytes that a segment has behind its end, unless the input ends before: most
/// parses meet after some fifty.
pub(super) const OVERLAP: u64 = 2 * STEP as u64;

/// A part of the input that can be parsed by itself.
pub(super) struct Segment {
    /// The position of the first of `bytes`: W or more before `start`, at a multiple of the
    /// matcher's step.
    pub(super) origin: u64,
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) bytes: Vec<u8>,
    /// Memory for its tokens.
    pub(super) room: Vec<Token>,
    pub(super) behind: Behind,
}

/// A segment with its tokens.
pub(super) struct Run {
    pub(super) segment: Segment,
    pub(super) tokens: Vec<Token>,
    /// The index of the token of the next segment's parse that follows the last one here; `None` if
    /// no token that was examined does.
    pub(super) next: Option<usize>,
}

impl Segment {
    /// Parses the segment as if a token began where it does.
    pub(super) fn parse(mut self, matcher: &mut Matcher) -> Run {
        let mut tokens = std::mem::take(&mut self.room);
        tokens.reserve(self.bytes.len() / 3);
        let mut own = Trail::new(self.start, tokens);
        let mut next = Trail::new(self.end, Vec::new());
        let have_met = self.feed(matcher, |matcher, until| {
            own.run(matcher, until.min(self.end));
            meet(&mut own, &mut next, matcher, until)
        });
        Run { segment: self, tokens: own.tokens, next: have_met.then_some(next.tokens.len()) }
    }

    /// Gives the bytes to the matcher, step by step, and says until where can be looked then. Ends
    /// when it is said that nothing more is wanted; whether that was said.
    fn feed(
        &self,
        matcher: &mut Matcher,
        mut is_enough: impl FnMut(&mut Matcher, u64) -> bool,
    ) -> bool {
        matcher.restart(self.origin);
        for step in self.bytes.chunks(STEP) {
            matcher.append(step);
            let until = matcher.indexed().saturating_sub(AHEAD);
            if is_enough(matcher, until) {
                return true;
            }
        }
        if self.behind == Behind::More {
            return false;
        }
        matcher.finish();
        let until = matcher.indexed();
        is_enough(matcher, until)
    }

    /// Whether the input ends with it.
    pub(super) fn is_last(&self) -> bool {
        self.behind == Behind::Nothing && self.end == self.origin + self.bytes.len() as u64
    }

    /// Returns the bytes of `[from, to)`.
    pub(super) fn slice(&self, from: u64, to: u64) -> Option<&[u8]> {
        let from = from.checked_sub(self.origin)? as usize;
        let to = to.checked_sub(self.origin)? as usize;
        self.bytes.get(from..to)
    }
}

impl Run {
    /// Returns the memory that it took, empty.
    pub(super) fn into_memory(self) -> Memory {
        Memory::of(self.segment.bytes, self.tokens)
    }

    /// Parses the segment again with a token that begins at `from`, inside the segment. Only that
    /// part is parsed that is not the same.
    pub(super) fn parse_from(self, from: u64, matcher: &mut Matcher) -> Self {
        let Self { segment, tokens, next } = self;
        let mut old = Replay { tokens: &tokens, position: segment.start };
        let mut own = Trail::new(from, Vec::new());
        let mut later = Trail::new(segment.end, Vec::new());
        let mut is_old_again = false;
        let have_met = segment.feed(matcher, |matcher, until| {
            let inside = until.min(segment.end);
            is_old_again = meet(&mut own, &mut old, matcher, inside);
            if is_old_again {
                return true;
            }
            own.run(matcher, inside);
            meet(&mut own, &mut later, matcher, until)
        });
        let next = if is_old_again {
            own.tokens.extend_from_slice(old.tokens);
            next
        } else {
            have_met.then_some(later.tokens.len())
        };
        Self { tokens: own.tokens, next, segment }
    }
}

/// A walk from token to token.
trait Walk {
    /// Returns the position at which the next token begins.
    fn position(&self) -> u64;

    /// Goes on until a token ends at `place` or behind it, but looks at no position from `until` on.
    fn run_to(&mut self, matcher: &mut Matcher, place: u64, until: u64);
}

/// Tokens that are known.
struct Replay<'a> {
    /// The tokens that are left.
    tokens: &'a [Token],
    position: u64,
}

impl Walk for Replay<'_> {
    fn position(&self) -> u64 {
        self.position
    }

    fn run_to(&mut self, _: &mut Matcher, place: u64, _: u64) {
        while self.position < place {
            let Some((first, rest)) = self.tokens.split_first() else {
                // Nobody meets it any more.
                self.position = u64::MAX;
                return;
            };
            self.position += u64::from(first.length());
            self.tokens = rest;
        }
    }
}

/// A parse and its tokens.
struct Trail {
    parse: Parse,
    tokens: Vec<Token>,
    /// Room for the tokens of the parse.
    room: Tokens,
}

impl Trail {
    fn new(from: u64, tokens: Vec<Token>) -> Self {
        Self { parse: Parse::at(from), tokens, room: Tokens::new() }
    }

    /// Looks at every position before `until`.
    fn run(&mut self, matcher: &mut Matcher, until: u64) {
        loop {
            self.parse.run(matcher, until, &mut self.room);
            self.tokens.extend_from_slice(self.room.as_slice());
            let is_full = self.room.is_full();
            self.room.clear();
            if !is_full {
                return;
            }
        }
    }
}

impl Walk for Trail {
    fn position(&self) -> u64 {
        self.parse.position()
    }

    fn run_to(&mut self, matcher: &mut Matcher, place: u64, until: u64) {
        self.run(matcher, until.min(place));
        // A match just before has to be compared with what there is at the place.
        if self.position() < place {
            self.run(matcher, until.min(place.saturating_add(1)));
        }
    }
}

/// Goes on with two walks, but not beyond `until`, to where both have a token's end: all that
/// follows is a function of it alone (D-4). Whether they came that far.
fn meet(a: &mut Trail, b: &mut impl Walk, matcher: &mut Matcher, until: u64) -> bool {
    loop {
        let (at_a, at_b) = (a.position(), b.position());
        if at_a == at_b {
            return true;
        }
        if at_a.min(at_b).saturating_add(1) >= until {
            return false;
        }
        if at_a < at_b {
            a.run_to(matcher, at_b, until);
        } else {
            b.run_to(matcher, at_a, until);
        }
    }
}
