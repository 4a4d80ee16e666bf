// SPDX-License-Identifier: Apache-2.0
//! A part of the input, and its parse.

use super::super::deflater::AHEAD;
use super::super::matcher::{Matcher, STEP};
use super::super::parse::Parse;
use super::super::token::{Token, Tokens};

/// How many bytes behind its end a segment has at least, unless the input ends before: most parses
/// meet after some fifty.
pub(super) const OVERLAP: u64 = 2 * STEP as u64;

/// A part of the input that can be parsed by itself.
pub(super) struct Segment {
    /// Where `bytes` begin: W or more before `start`, at a multiple of the matcher's step.
    pub(super) origin: u64,
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) bytes: Vec<u8>,
    pub(super) behind: Behind,
}

/// What is behind a segment's bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Behind {
    /// More of the input, or nobody knows.
    More,
    /// Nothing: there the input ends.
    Nothing,
}

/// A segment with its tokens.
pub(super) struct Run {
    pub(super) segment: Segment,
    pub(super) tokens: Vec<Token>,
    /// Which token of the next segment's parse follows on the last one here; `None` if none of
    /// those that were looked at.
    pub(super) next: Option<usize>,
}

impl Segment {
    /// Parses the segment from `from` on, where a token is known or assumed to begin.
    pub(super) fn parse(self, from: u64, matcher: &mut Matcher) -> Run {
        matcher.restart(self.origin);
        let mut own = Trail::new(from, self.bytes.len() / 3);
        let mut next = Trail::new(self.end, 0);
        let mut go = |matcher: &mut Matcher, until: u64| {
            own.run(matcher, until.min(self.end));
            meet(&mut own, &mut next, matcher, until)
        };
        let mut have_met = false;
        for step in self.bytes.chunks(STEP) {
            matcher.append(step);
            have_met = go(matcher, matcher.indexed().saturating_sub(AHEAD));
            if have_met {
                break;
            }
        }
        if !have_met && self.behind == Behind::Nothing {
            matcher.finish();
            have_met = go(matcher, matcher.indexed());
        }
        Run { segment: self, tokens: own.tokens, next: have_met.then_some(next.tokens.len()) }
    }

    /// Whether the input ends with it.
    pub(super) fn is_last(&self) -> bool {
        self.behind == Behind::Nothing && self.end == self.origin + self.bytes.len() as u64
    }

    /// The bytes of `[from, to)`.
    pub(super) fn slice(&self, from: u64, to: u64) -> Option<&[u8]> {
        let from = from.checked_sub(self.origin)? as usize;
        let to = to.checked_sub(self.origin)? as usize;
        self.bytes.get(from..to)
    }
}

/// A parse and its tokens.
struct Trail {
    parse: Parse,
    tokens: Vec<Token>,
    /// Where the parse puts tokens.
    room: Tokens,
}

impl Trail {
    fn new(from: u64, tokens: usize) -> Self {
        let tokens = Vec::with_capacity(tokens);
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

    /// Goes on until a token ends at `place` or behind it.
    fn run_to(&mut self, matcher: &mut Matcher, place: u64, until: u64) {
        self.run(matcher, until.min(place));
        // A match just before has to be compared with what there is at the place.
        if self.parse.position() < place {
            self.run(matcher, until.min(place + 1));
        }
    }
}

/// Goes on with two parses, but not beyond `until`, to where both have a token's end: all that
/// follows is a function of it alone (D-4). Whether they came that far.
fn meet(a: &mut Trail, b: &mut Trail, matcher: &mut Matcher, until: u64) -> bool {
    loop {
        let (at_a, at_b) = (a.parse.position(), b.parse.position());
        if at_a == at_b {
            return true;
        }
        if at_a.min(at_b) + 1 >= until {
            return false;
        }
        if at_a < at_b {
            a.run_to(matcher, at_b, until);
        } else {
            b.run_to(matcher, at_a, until);
        }
    }
}
