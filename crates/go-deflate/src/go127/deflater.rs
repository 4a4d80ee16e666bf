// SPDX-License-Identifier: Apache-2.0
//! The encoder with one thread: input comes in, round by round tokens become blocks, output goes out.

use std::cell::Cell;

use super::block::{Planner, Seal, Tally, write_end};
use super::matcher::Matcher;
use super::parse::Parse;
use super::round::Round;
use super::{Arithmetic, BLOCK};
use crate::bits::Bits;
use crate::segment::Behind;
use crate::token::Token;

/// Tokens that a turn may leave beyond those of a block: those of the longest skip (E-18).
const SPARE_TOKENS: usize = 1 << 11;

thread_local! {
    /// The matcher of an encoder that this thread is done with. To have new ones from the system
    /// takes longer than to compress a few small files.
    static SPARE: Cell<Option<Box<Matcher>>> = const { Cell::new(None) };
}

/// The whole encoder, without a place to write to.
pub(in super::super) struct Deflater {
    matcher: Box<Matcher>,
    parse: Parse,
    /// The number of the next round.
    number: u64,
    tokens: Vec<Token>,
    /// The start of the block that is being made.
    block_start: u64,
    planner: Planner,
    bits: Bits,
}

impl Deflater {
    pub(in super::super) fn new(arithmetic: Arithmetic) -> Self {
        let spare = SPARE.take().map(|mut matcher| {
            matcher.restart(0);
            matcher
        });
        Self {
            matcher: spare.unwrap_or_default(),
            parse: Parse::default(),
            number: 0,
            tokens: Vec::with_capacity(BLOCK + SPARE_TOKENS),
            block_start: 0,
            planner: Planner::new(arithmetic),
            bits: Bits::default(),
        }
    }

    /// Takes in `input` and appends what can be said by now to `out`.
    pub(in super::super) fn push(&mut self, mut input: &[u8], out: &mut Vec<u8>) {
        while !input.is_empty() {
            let round = Round::full(self.number);
            let room = (round.end - self.matcher.known()) as usize;
            if room == 0 {
                // There is more than the round sees, so it is not the last.
                self.run(round, out);
                self.number += 1;
                continue;
            }
            let (part, rest) = input.split_at(room.min(input.len()));
            self.matcher.append(part);
            input = rest;
        }
    }

    /// Ends the stream (E-17, E-30).
    pub(in super::super) fn finish(mut self, out: &mut Vec<u8>) {
        self.run(Round::last(self.number, self.matcher.known()), out);
        write_end(&mut self.bits, out);
        // The thread may be ending, too.
        let _ = SPARE.try_with(|spare| spare.set(Some(self.matcher)));
    }

    /// Runs a round, and closes the blocks that are full by it (E-19).
    fn run(&mut self, round: Round, out: &mut Vec<u8>) {
        self.matcher.begin(round, self.parse.position());
        let mut is_over = false;
        while !is_over {
            is_over = self.parse.run(&self.matcher, round, BLOCK, &mut self.tokens);
            while self.tokens.len() >= BLOCK {
                self.close_block(round, BLOCK, out);
            }
        }
        if round.behind == Behind::Nothing && !self.tokens.is_empty() {
            self.close_block(round, self.tokens.len(), out);
        }
    }

    /// The first `count` tokens are a block.
    fn close_block(&mut self, round: Round, count: usize, out: &mut Vec<u8>) {
        let tokens = self.tokens.get(..count).unwrap_or_default();
        let start = self.block_start;
        let length: u64 = tokens.iter().map(|token| u64::from(token.length())).sum();
        self.block_start += length;
        let may_store = round.may_store(start, self.block_start);
        let input = self.matcher.recent(start, self.block_start).filter(|_| may_store);
        let bytes = input.map(|[a, b]| a.len() + b.len());
        let plan = self.planner.plan(Tally::new(tokens, Seal::of(round), bytes));
        plan.write_before(&mut self.bits, out);
        plan.write(tokens, input.unwrap_or_default(), &mut self.bits, out);
        self.tokens.drain(..count.min(self.tokens.len()));
    }
}
