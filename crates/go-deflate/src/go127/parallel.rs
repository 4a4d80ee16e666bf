// SPDX-License-Identifier: Apache-2.0
//! Encodes the same stream in several threads.
//!
//! The input is cut at rounds into `segment`s. What a round does follows from its bytes and from where
//! the parse stands when it begins, so each segment is parsed from one round before its first, where a
//! guess begins. The `stitch`ing of the segments, in their order, knows where the parse truly stands;
//! nearly always the guess has led there by then, and elsewhere rounds are parsed again until it has.
//! So what it yields is the one parse that there is. Its blocks are `code`d in three steps: any thread
//! counts them, one after the other is decided about, as a block may go on with the table of the one
//! before (E-22), and any thread writes them. They are joined at bit level.
//!
//! The pool's threads take what work there is; what comes of it is asked for in the input's order. So
//! neither their number nor what runs when can be seen in the stream. At most a window of segments is
//! under way, however long the input is.

mod segment;
mod stitch;
mod code;

use std::collections::VecDeque;
use std::io;

use self::code::Counted;
use self::segment::{Run, Segment};
use self::stitch::Stitch;
use super::Arithmetic;
use super::block::{Planner, write_end};
use super::matcher::Matcher;
use super::round::Round;
use crate::W;
use crate::coded::Joining;
use crate::pool::{Pending, Pool, Turn};
use crate::segment::{Behind, Memory};
use crate::threads::Threads;

/// The whole encoder with several threads, without a place to write to.
pub(in super::super) struct Parallel {
    arithmetic: Arithmetic,
    threads: Threads,
    /// Made when there is enough to do for more than one.
    pool: Option<Pool<Matcher>>,
    /// The input from `origin` on, where the bytes that the next segment sees begin.
    input: Vec<u8>,
    origin: u64,
    /// The rounds of the next segment: from this number on, and that many.
    first: u64,
    count: u64,
    parsing: VecDeque<Pending<Run>>,
    spare: Vec<Memory>,
    stitch: Stitch,
    counting: VecDeque<Pending<Vec<Counted>>>,
    planner: Planner,
    coding: Joining,
}

impl Parallel {
    pub(in super::super) fn new(arithmetic: Arithmetic, threads: Threads) -> Self {
        Self {
            arithmetic,
            threads,
            pool: None,
            input: Vec::new(),
            origin: 0,
            first: 0,
            count: rounds(threads.segment_size(0)),
            parsing: VecDeque::new(),
            spare: Vec::new(),
            stitch: Stitch::default(),
            counting: VecDeque::new(),
            planner: Planner::new(arithmetic),
            coding: Joining::default(),
        }
    }

    /// Takes in `input`, at most 8 KiB, and appends what can be said by now to `out`.
    ///
    /// # Errors
    /// If a thread has died.
    pub(in super::super) fn push(&mut self, input: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        self.input.extend_from_slice(input);
        while self.known() > self.end() {
            if self.first == 0 {
                self.count = rounds(self.threads.first_size());
            }
            while self.parsing.len() >= self.threads.window() {
                self.stitch_next(out)?;
            }
            self.parse_next(Behind::More);
        }
        Ok(())
    }

    /// Ends the stream (E-17, E-30).
    ///
    /// # Errors
    /// If a thread has died.
    pub(in super::super) fn finish(mut self, out: &mut Vec<u8>) -> io::Result<()> {
        let last = Round::last_number(self.known());
        if self.first == 0 && self.known() <= self.end() {
            super::deflate(&self.input, self.arithmetic, out);
            return Ok(());
        }
        let size = rounds(self.threads.last_size((last + 1).saturating_sub(self.first) * W));
        while self.first <= last {
            self.count = size.min(last + 1 - self.first);
            let is_last = self.first + self.count > last;
            self.parse_next(if is_last { Behind::Nothing } else { Behind::More });
        }
        while !self.parsing.is_empty() {
            self.stitch_next(out)?;
        }
        while !self.counting.is_empty() {
            self.plan_next(out)?;
        }
        let mut bits = self.coding.finish(out)?;
        write_end(&mut bits, out);
        Ok(())
    }

    /// Returns the number of bytes of the input that are known.
    fn known(&self) -> u64 {
        self.origin + self.input.len() as u64
    }

    /// Returns the E of the next segment's last round.
    fn end(&self) -> u64 {
        Round::full(self.first + self.count - 1).end
    }

    /// Cuts the next segment off and has it parsed.
    fn parse_next(&mut self, behind: Behind) {
        let next = self.first + self.count;
        // The round before the next segment's first one sees these bytes, too.
        let origin = Round::full(next.saturating_sub(1)).base;
        let rest = self.input.get((origin - self.origin) as usize..).unwrap_or_default();
        let Memory { mut bytes, tokens } = self.spare.pop().unwrap_or_default();
        let size = rounds(self.threads.segment_size(next * W));
        bytes.reserve_exact(rest.len().max((size as usize + 3) * W as usize));
        bytes.extend_from_slice(rest);
        let mut all = std::mem::replace(&mut self.input, bytes);
        if behind == Behind::More {
            all.truncate((self.end() - self.origin) as usize);
        }
        let segment = Segment {
            origin: self.origin,
            first: self.first,
            count: self.count,
            bytes: all,
            room: tokens,
            behind,
            step: self.stitch.position(),
        };
        self.origin = origin;
        self.first = next;
        self.count = size;

        let work = move |matcher: &mut _| segment.parse(matcher);
        let pending = self.pool().submit(Turn::InOrder, work);
        self.parsing.push_back(pending);
    }

    fn pool(&mut self) -> &Pool<Matcher> {
        let threads = self.threads;
        self.pool.get_or_insert_with(|| Pool::start(threads.count()))
    }

    /// Waits for the next segment's parse and puts it behind the others.
    fn stitch_next(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        let Some(pending) = self.parsing.pop_front() else { return Ok(()) };
        let mut run = pending.wait()?;
        if let Some(state) = self.stitch.missed(&run) {
            let work = move |matcher: &mut _| run.parse_from(state, matcher);
            run = self.pool().submit(Turn::Next, work).wait()?;
        }
        let blocks = self.stitch.add(&run);
        self.spare.push(run.into_memory());
        if blocks.is_empty() {
            return Ok(());
        }
        while self.counting.len() > self.threads.count() {
            self.plan_next(out)?;
        }
        let pending = self.pool().submit(Turn::Next, move |_| code::count(blocks));
        self.counting.push_back(pending);
        Ok(())
    }

    /// Waits for the next blocks' counts, decides about them, and has them written.
    fn plan_next(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        let Some(pending) = self.counting.pop_front() else { return Ok(()) };
        let counted = pending.wait()?;
        let planned = counted.into_iter().map(|block| block.plan(&mut self.planner)).collect();
        self.coding.make_room(self.threads.count(), out)?;
        let pending = self.pool().submit(Turn::Next, move |_| code::code(planned));
        self.coding.add(pending);
        Ok(())
    }
}

/// Returns the number of rounds that `bytes` take; at least one.
fn rounds(bytes: u64) -> u64 {
    (bytes / W).max(1)
}
