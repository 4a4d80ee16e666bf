// SPDX-License-Identifier: Apache-2.0
//! The encoder with one thread: input comes in, tokens become blocks, output goes out.

use std::cell::Cell;

use super::block::{self, Block};
use super::matcher::{COARSE, FIVES, Matcher, SMALL_INPUT, STEP, SmallMatcher};
use super::parse::Parse;
use super::tokens::Tokens;
use crate::MAX;
use crate::bits::Bits;

/// The distance that the matcher must be ahead of the parse: a position's S depends on the next 262
/// bytes, and its search reads links up to the end of the longest match.
pub(super) const AHEAD: u64 = 2 * MAX as u64;

thread_local! {
    /// The matcher of an encoder that this thread is done with. To have new ones from the system
    /// takes longer than to compress a few small files.
    static SPARE: Cell<Option<Box<Matcher>>> = const { Cell::new(None) };
}

/// The whole encoder, without a place to write to.
pub(in super::super) struct Deflater(Stream<FIVES, COARSE>);

impl Deflater {
    pub(in super::super) fn new() -> Self {
        let spare = SPARE.take().map(|mut matcher| {
            matcher.restart(0);
            matcher
        });
        Self(Stream::new(spare.unwrap_or_else(|| Box::new(Matcher::new()))))
    }

    /// Takes in `input` and appends what can be said by now to `out`.
    pub(in super::super) fn push(&mut self, input: &[u8], out: &mut Vec<u8>) {
        self.0.push(input, out);
    }

    /// Ends the stream (D-12, D-21).
    pub(in super::super) fn finish(self, out: &mut Vec<u8>) {
        let matcher = self.0.finish(out);
        // The thread may be ending, too.
        let _ = SPARE.try_with(|spare| spare.set(Some(matcher)));
    }
}

/// Appends the whole stream of `input`.
pub(in super::super) fn deflate(input: &[u8], out: &mut Vec<u8>) {
    if input.len() <= SMALL_INPUT {
        let mut stream = Stream::new(Box::new(SmallMatcher::new()));
        stream.push(input, out);
        stream.finish(out);
    } else {
        let mut deflater = Deflater::new();
        deflater.push(input, out);
        deflater.finish(out);
    }
}

/// The encoder's stream, with tables of any size.
struct Stream<const F: usize, const C: usize> {
    matcher: Box<Matcher<F, C>>,
    parse: Parse,
    tokens: Tokens,
    /// The start of the block that is being made.
    block_start: u64,
    bits: Bits,
}

impl<const F: usize, const C: usize> Stream<F, C> {
    fn new(matcher: Box<Matcher<F, C>>) -> Self {
        Self {
            matcher,
            parse: Parse::default(),
            tokens: Tokens::new(),
            block_start: 0,
            bits: Bits::default(),
        }
    }

    fn push(&mut self, input: &[u8], out: &mut Vec<u8>) {
        for step in input.chunks(STEP) {
            self.matcher.append(step);
            let until = self.matcher.indexed().saturating_sub(AHEAD);
            self.parse_until(until, out);
        }
    }

    /// Ends the stream, and gives the matcher back.
    fn finish(mut self, out: &mut Vec<u8>) -> Box<Matcher<F, C>> {
        self.matcher.finish();
        self.parse_until(self.matcher.indexed(), out);
        if !self.tokens.is_empty() {
            self.close_block(out);
        }
        block::write_end(&mut self.bits, out);
        self.matcher
    }

    fn parse_until(&mut self, until: u64, out: &mut Vec<u8>) {
        loop {
            self.parse.run(&mut *self.matcher, until, &mut self.tokens);
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
