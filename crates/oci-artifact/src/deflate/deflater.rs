// SPDX-License-Identifier: Apache-2.0
//! The encoder with one thread: input comes in, tokens become blocks, output goes out.

use super::MAX;
use super::bits::Bits;
use super::block::{self, Block};
use super::matcher::{Matcher, STEP};
use super::parse::Parse;
use super::token::Tokens;

/// How far the matcher must be ahead of the parse: a position's S depends on the next 262 bytes,
/// and its search reads links up to the end of the longest match.
pub(super) const AHEAD: u64 = 2 * MAX as u64;

/// The whole encoder, without a place to write to.
pub(super) struct Deflater {
    matcher: Matcher,
    parse: Parse,
    tokens: Tokens,
    /// Where the block that is being made begins.
    block_start: u64,
    bits: Bits,
}

impl Deflater {
    pub(super) fn new() -> Self {
        Self {
            matcher: Matcher::new(),
            parse: Parse::default(),
            tokens: Tokens::new(),
            block_start: 0,
            bits: Bits::default(),
        }
    }

    /// Takes in `input` and appends what can be said by now to `out`.
    pub(super) fn push(&mut self, input: &[u8], out: &mut Vec<u8>) {
        for step in input.chunks(STEP) {
            self.matcher.append(step);
            let until = self.matcher.indexed().saturating_sub(AHEAD);
            self.parse_until(until, out);
        }
    }

    /// Ends the stream (D-12, D-21). Nothing may be pushed afterwards.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        self.matcher.finish();
        self.parse_until(self.matcher.indexed(), out);
        if !self.tokens.is_empty() {
            self.close_block(out);
        }
        block::write_end(&mut self.bits, out);
    }

    fn parse_until(&mut self, until: u64, out: &mut Vec<u8>) {
        loop {
            self.parse.run(&mut self.matcher, until, &mut self.tokens);
            if !self.tokens.is_full() {
                return;
            }
            self.close_block(out);
        }
    }

    fn close_block(&mut self, out: &mut Vec<u8>) {
        let end = self.parse.position();
        let input = self.matcher.recent(self.block_start, end);
        Block::new(self.tokens.as_slice(), input).write(&mut self.bits, out);
        self.tokens.clear();
        self.block_start = end;
    }
}
