// SPDX-License-Identifier: Apache-2.0
//! The encoder with one thread: input comes in, tokens become blocks, output goes out.

use std::cell::Cell;

use super::MAX;
use super::bits::Bits;
use super::block::{self, Block};
use super::matcher::{Matcher, STEP};
use super::parse::Parse;
use super::token::Tokens;

/// How far the matcher must be ahead of the parse: a position's S depends on the next 262 bytes,
/// and its search reads links up to the end of the longest match.
pub(super) const AHEAD: u64 = 2 * MAX as u64;

thread_local! {
    /// The matcher of an encoder that this thread is done with. To have new ones from the system
    /// takes longer than to compress a few small files.
    static SPARE: Cell<Option<Box<Matcher>>> = const { Cell::new(None) };
}

/// The whole encoder, without a place to write to.
pub(super) struct Deflater {
    /// `None` only while this is dropped.
    matcher: Option<Box<Matcher>>,
    parse: Parse,
    tokens: Tokens,
    /// Where the block that is being made begins.
    block_start: u64,
    bits: Bits,
}

impl Deflater {
    pub(super) fn new() -> Self {
        let spare = SPARE.take().map(|mut matcher| {
            matcher.restart(0);
            matcher
        });
        Self {
            matcher: Some(spare.unwrap_or_else(|| Box::new(Matcher::new()))),
            parse: Parse::default(),
            tokens: Tokens::new(),
            block_start: 0,
            bits: Bits::default(),
        }
    }

    /// Takes in `input` and appends what can be said by now to `out`.
    pub(super) fn push(&mut self, input: &[u8], out: &mut Vec<u8>) {
        for step in input.chunks(STEP) {
            let Some(matcher) = &mut self.matcher else { return };
            matcher.append(step);
            let until = matcher.indexed().saturating_sub(AHEAD);
            self.parse_until(until, out);
        }
    }

    /// Ends the stream (D-12, D-21). Nothing may be pushed afterwards.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        if let Some(matcher) = &mut self.matcher {
            matcher.finish();
            let until = matcher.indexed();
            self.parse_until(until, out);
        }
        if !self.tokens.is_empty() {
            self.close_block(out);
        }
        block::write_end(&mut self.bits, out);
    }

    fn parse_until(&mut self, until: u64, out: &mut Vec<u8>) {
        while let Some(matcher) = &mut self.matcher {
            self.parse.run(matcher, until, &mut self.tokens);
            if !self.tokens.is_full() {
                return;
            }
            self.close_block(out);
        }
    }

    fn close_block(&mut self, out: &mut Vec<u8>) {
        let end = self.parse.position();
        let input = self.matcher.as_ref().and_then(|matcher| matcher.recent(self.block_start, end));
        Block::new(self.tokens.as_slice(), input).write(&mut self.bits, out);
        self.tokens.clear();
        self.block_start = end;
    }
}

impl Drop for Deflater {
    fn drop(&mut self) {
        // The thread may be ending, too.
        let _ = SPARE.try_with(|spare| spare.set(self.matcher.take()));
    }
}
