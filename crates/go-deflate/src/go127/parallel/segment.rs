// SPDX-License-Identifier: Apache-2.0
//! Some rounds, and their parse.

use super::super::matcher::Matcher;
use super::super::parse::Parse;
use super::super::round::Round;
use crate::MAX;
use crate::segment::{Behind, Memory};
use crate::token::Token;

/// Rounds that can be parsed by themselves.
pub(super) struct Segment {
    /// The position of the first of `bytes`: what the round before the first one sees.
    pub(super) origin: u64,
    pub(super) first: u64,
    pub(super) count: u64,
    pub(super) bytes: Vec<u8>,
    /// Memory for its tokens.
    pub(super) room: Vec<Token>,
    /// The bytes behind the last round.
    pub(super) behind: Behind,
    /// A position at which a turn is known to begin.
    pub(super) step: u64,
}

/// A segment with its tokens.
pub(super) struct Run {
    pub(super) segment: Segment,
    pub(super) tokens: Vec<Token>,
    /// The state of the parse at the start of each round, and the number of tokens by its end.
    rounds: Vec<(Parse, usize)>,
    /// The state of the parse at the end.
    end: Parse,
}

impl Segment {
    /// Parses the segment as if the round before began where it may have.
    pub(super) fn parse(mut self, matcher: &mut Matcher) -> Run {
        let tokens = std::mem::take(&mut self.room);
        let mut work = Work { matcher, segment: &self, parse: Parse::default(), tokens };
        work.matcher.restart(self.origin);
        if let Some(before) = self.first.checked_sub(1) {
            work.parse = Parse::at(self.guess(before));
            work.run(before);
            work.tokens.clear();
        }
        let mut rounds = Vec::with_capacity(self.count as usize);
        for number in self.first..self.first + self.count {
            let start = work.parse;
            work.run(number);
            rounds.push((start, work.tokens.len()));
        }
        let Work { parse: end, tokens, .. } = work;
        Run { segment: self, tokens, rounds, end }
    }

    /// Returns a position at which that round may start: half of the bytes that are not looked at by the round before
    /// are, and it is in step with matches of the longest length, which follow each other in a run: elsewhere one
    /// position is as good as another.
    fn guess(&self, number: u64) -> u64 {
        let Some(before) = number.checked_sub(1) else { return 0 };
        let place = Round::full(before).end - 1;
        let phase = (place % PERIOD + PERIOD - self.step % PERIOD) % PERIOD;
        place - phase
    }

    /// Returns the round of that number.
    fn round(&self, number: u64) -> Round {
        if number + 1 == self.first + self.count && self.behind == Behind::Nothing {
            Round::last(number, self.origin + self.bytes.len() as u64)
        } else {
            Round::full(number)
        }
    }

    /// Returns the numbers of its rounds, with what they see.
    pub(super) fn rounds(&self) -> impl Iterator<Item = Round> {
        (self.first..self.first + self.count).map(|number| self.round(number))
    }

    /// Returns the bytes of `[from, to)`.
    pub(super) fn slice(&self, from: u64, to: u64) -> Option<&[u8]> {
        let from = from.checked_sub(self.origin)? as usize;
        let to = to.checked_sub(self.origin)? as usize;
        self.bytes.get(from..to)
    }
}

/// The distance at which the starts of tokens are recorded in a run.
const PERIOD: u64 = MAX as u64;

/// The parse of a segment's rounds, one after the other.
struct Work<'a> {
    matcher: &'a mut Matcher,
    segment: &'a Segment,
    parse: Parse,
    tokens: Vec<Token>,
}

impl Work<'_> {
    /// Brings in what a round sees.
    fn feed(&mut self, round: Round) {
        let known = self.matcher.known();
        self.matcher.append(self.segment.slice(known, round.end).unwrap_or_default());
    }

    fn run(&mut self, number: u64) {
        let round = self.segment.round(number);
        self.feed(round);
        self.matcher.begin(round, self.parse.position());
        self.parse.run_all(self.matcher, round, &mut self.tokens);
    }

    /// Passes over a round without parsing it.
    fn pass(&mut self, number: u64) {
        let round = Round::full(number);
        self.feed(round);
        self.matcher.pass(round);
    }
}

impl Run {
    /// Returns the memory that it took, empty.
    pub(super) fn into_memory(self) -> Memory {
        Memory::of(self.segment.bytes, self.tokens)
    }

    /// Returns the state of the parse at the start of the first round.
    pub(super) fn start(&self) -> Parse {
        self.rounds.first().map_or(self.end, |(start, _)| *start)
    }

    /// Returns the state of the parse at the end.
    pub(super) fn end(&self) -> Parse {
        self.end
    }

    /// Returns the rounds, each with its tokens.
    pub(super) fn rounds(&self) -> impl Iterator<Item = (Round, &[Token])> {
        let ends = self.rounds.iter().map(|(_, end)| *end);
        let starts = [0].into_iter().chain(ends.clone());
        let parts = starts.zip(ends).map(|(from, to)| self.tokens.get(from..to));
        self.segment.rounds().zip(parts.map(Option::unwrap_or_default))
    }

    /// Parses the segment again from another state of the parse at its start. Only those rounds are parsed that are
    /// not the same.
    pub(super) fn parse_from(self, start: Parse, matcher: &mut Matcher) -> Self {
        let Self { segment, tokens: old, rounds: old_rounds, end: old_end } = self;
        matcher.restart(segment.origin);
        let mut work = Work { matcher, segment: &segment, parse: start, tokens: Vec::new() };
        if let Some(before) = segment.first.checked_sub(1) {
            work.pass(before);
        }
        let mut rounds = Vec::with_capacity(old_rounds.len());
        let mut numbers = segment.first..;
        let mut rest = old_rounds.as_slice();
        let mut done = 0;
        while let Some(((was, end), after)) = rest.split_first() {
            if *was == work.parse {
                break;
            }
            let start = work.parse;
            work.run(numbers.next().unwrap_or_default());
            rounds.push((start, work.tokens.len()));
            (rest, done) = (after, *end);
        }
        let Work { parse, mut tokens, .. } = work;
        let end = if rest.is_empty() { parse } else { old_end };
        let offset = tokens.len();
        tokens.extend_from_slice(old.get(done..).unwrap_or_default());
        rounds.extend(rest.iter().map(|(start, end)| (*start, end - done + offset)));
        Self { segment, tokens, rounds, end }
    }
}
