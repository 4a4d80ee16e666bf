// SPDX-License-Identifier: Apache-2.0
//! Encodes the same stream in several threads.
//!
//! The input is cut into `segment`s. Each is parsed as if a token began where it does, with the
//! bytes before it as history; behind its end the parse goes on until it comes to where a token of
//! the next segment's parse begins, from where on both are the same (D-4). The `stitch`ing of the
//! segments, in their order, knows where that is, so what it yields is the one parse that there
//! is. Its blocks are `code`d, again by any thread, and joined at bit level.
//!
//! The pool's threads take what work there is; what comes of it is asked for in the input's
//! order. So neither their number nor what runs when can be seen in the stream. At most a window
//! of segments is under way, however long the input is.

mod segment;
mod stitch;
mod code;

use std::collections::VecDeque;
use std::io;

use self::segment::{OVERLAP, Run, Segment};
use self::stitch::Stitch;
use super::block;
use super::deflater::deflate;
use super::matcher::{Matcher, STEP};
use crate::coded::Joining;
use crate::pool::{Pending, Pool, Turn};
use crate::segment::{Behind, Memory};
use crate::threads::Threads;
use crate::{MAX, W};

/// The whole encoder with several threads, without a place to write to.
pub(in super::super) struct Parallel {
    threads: Threads,
    /// Made when there is enough to do for more than one.
    pool: Option<Pool<Matcher>>,
    /// The input from `origin` on, where the history of the next segment begins.
    input: Vec<u8>,
    origin: u64,
    /// The next segment.
    start: u64,
    end: u64,
    parsing: VecDeque<Pending<Run>>,
    spare: Vec<Memory>,
    stitch: Stitch,
    coding: Joining,
}

impl Parallel {
    pub(in super::super) fn new(threads: Threads) -> Self {
        Self {
            threads,
            pool: None,
            input: Vec::new(),
            origin: 0,
            start: 0,
            end: threads.segment_size(0),
            parsing: VecDeque::new(),
            spare: Vec::new(),
            stitch: Stitch::default(),
            coding: Joining::default(),
        }
    }

    /// Takes in `input`, at most 8 KiB, and appends what can be said by now to `out`.
    ///
    /// # Errors
    /// If a thread has died.
    pub(in super::super) fn push(&mut self, input: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        self.input.extend_from_slice(input);
        while self.known() >= self.end + OVERLAP {
            if self.start == 0 {
                self.end = self.threads.first_size();
            }
            // The first one's parse decides where to cut.
            let window = if self.stitch.end() == 0 { 1 } else { self.threads.window() };
            while self.parsing.len() >= window {
                self.stitch_next(out)?;
            }
            self.parse_next(Behind::More);
        }
        Ok(())
    }

    /// Ends the stream (D-12, D-21).
    ///
    /// # Errors
    /// If a thread has died.
    pub(in super::super) fn finish(mut self, out: &mut Vec<u8>) -> io::Result<()> {
        if self.start == 0 && self.known() <= self.end {
            deflate(&self.input, out);
            return Ok(());
        }
        let size = self.threads.last_size(self.known() - self.start);
        while self.start < self.known() {
            self.end = self.known().min(self.end).min(self.cut(size));
            self.parse_next(Behind::Nothing);
        }
        while !self.parsing.is_empty() {
            self.stitch_next(out)?;
        }
        let mut bits = self.coding.finish(out)?;
        block::write_end(&mut bits, out);
        Ok(())
    }

    /// Returns the number of bytes of the input that are known.
    fn known(&self) -> u64 {
        self.origin + self.input.len() as u64
    }

    /// Cuts the next segment off and has it parsed.
    fn parse_next(&mut self, behind: Behind) {
        let origin = self.end.saturating_sub(W) / STEP as u64 * STEP as u64;
        let rest = self.input.get((origin - self.origin) as usize..).unwrap_or_default();
        let Memory { mut bytes, tokens } = self.spare.pop().unwrap_or_default();
        let size = self.threads.segment_size(self.end) + OVERLAP + 2 * STEP as u64;
        bytes.reserve_exact(rest.len() + size as usize);
        bytes.extend_from_slice(rest);
        let segment = Segment {
            origin: self.origin,
            start: self.start,
            end: self.end,
            bytes: std::mem::replace(&mut self.input, bytes),
            room: tokens,
            behind,
        };
        self.origin = origin;
        self.start = self.end;
        self.end = self.cut(self.threads.segment_size(self.start));

        let work = move |matcher: &mut _| segment.parse(matcher);
        let pending = self.pool().submit(Turn::InOrder, work);
        self.parsing.push_back(pending);
    }

    /// Returns the end of a segment that begins at `start` and has about `size` bytes.
    ///
    /// In a run, matches of the longest length follow each other, and two parses of it meet only if
    /// they are in step; elsewhere one cut is as good as another.
    fn cut(&self, size: u64) -> u64 {
        let phase = (self.stitch.end() % PERIOD + PERIOD - self.start % PERIOD) % PERIOD;
        self.start + size / PERIOD * PERIOD + phase
    }

    fn pool(&mut self) -> &Pool<Matcher> {
        let threads = self.threads;
        self.pool.get_or_insert_with(|| Pool::start(threads.count()))
    }

    /// Waits for the next segment's parse and puts it behind the others.
    fn stitch_next(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        let Some(pending) = self.parsing.pop_front() else { return Ok(()) };
        let mut run = pending.wait()?;
        if let Some(boundary) = self.stitch.missed() {
            let work = move |matcher: &mut _| run.parse_from(boundary, matcher);
            run = self.pool().submit(Turn::Next, work).wait()?;
        }
        let blocks = self.stitch.add(&run);
        self.spare.push(run.into_memory());
        self.code(blocks, out)
    }

    /// Submits blocks to be coded.
    fn code(&mut self, blocks: Vec<code::Block>, out: &mut Vec<u8>) -> io::Result<()> {
        if blocks.is_empty() {
            return Ok(());
        }
        self.coding.make_room(self.threads.count(), out)?;
        let pending = self.pool().submit(Turn::Next, move |_| code::code(blocks));
        self.coding.add(pending);
        Ok(())
    }
}

/// The distance at which the starts of tokens are recorded in a run.
const PERIOD: u64 = MAX as u64;
