// SPDX-License-Identifier: Apache-2.0
//! The best match at a position (deflate.md, 2 to 4), a pure function of the input (D-4).
//!
//! It is found without walking through D-2's candidates. A match of five bytes or more is looked
//! for in chains of positions with equal *five* bytes: one that is longer than `best` has each
//! five-gram of `p..=p + best` at its distance, so the chain of any of them leads to it, that of
//! the rarest one fastest, and where one has no predecessor within reach there is none. A match of
//! four bytes is looked for in a chain of its own, and only near by. What number a candidate has
//! among D-2's matters only where it is far away; the census knows.

mod census;

pub(super) use self::census::{COARSE, STEP};
use self::census::{Census, coarse};
use super::{CHAIN, NEAR};
use crate::links::Links;
use crate::token::Match;
use crate::window::{RING, Window};
use crate::{BUFFER, MAX, MIN, W};

/// The number of hashes of five bytes that a matcher distinguishes.
pub(super) const FIVES: usize = 1 << 17;
/// The number of hashes of five bytes for an input of at most [`SMALL_INPUT`] bytes: getting larger
/// tables from the system would take longer than compressing such an input.
const SMALL_FIVES: usize = 1 << 13;
const SMALL_COARSE: usize = 1 << 11;
/// The number of links of four-byte chains that are kept: back to NEAR from all positions that are
/// parsed while as many are indexed as there can be.
const FOUR_LINKS: usize = RING / 4;

/// The largest size of a small input, in bytes.
pub(super) const SMALL_INPUT: usize = RING;

/// Finds matches in the input that it is given. Which ones does not depend on its tables' sizes.
pub(super) struct Matcher<const F: usize = FIVES, const C: usize = COARSE> {
    window: Window,
    fives: Links<F, RING>,
    /// The hash is the census' coarse one.
    fours: Links<C, FOUR_LINKS>,
    census: Census<C>,
    /// The positions before this one are in the chains.
    indexed: u64,
}

impl Default for Matcher {
    fn default() -> Self {
        Self::new()
    }
}

/// A matcher for small inputs.
pub(super) type SmallMatcher = Matcher<SMALL_FIVES, SMALL_COARSE>;

impl<const F: usize, const C: usize> Matcher<F, C> {
    pub(super) fn new() -> Self {
        Self {
            window: Window::new(),
            fives: Links::new(),
            fours: Links::new(),
            census: Census::new(),
            indexed: 0,
        }
    }

    /// Forgets everything and goes on at `origin`, a multiple of [`STEP`], as if the input began
    /// there. Only positions from `origin` + W on can be asked about, unless it is 0.
    pub(super) fn restart(&mut self, origin: u64) {
        self.window.restart(origin);
        self.fives.restart();
        self.fours.restart();
        self.census.restart(origin);
        self.indexed = origin;
    }

    /// Brings in more of the input, at most 8 KiB. [`best`](Self::best) must have been asked by
    /// then about every position that it can be asked about.
    pub(super) fn append(&mut self, input: &[u8]) {
        self.window.append(input);
        // A position is hashed when its eight bytes are there.
        while self.indexed + STEP as u64 + 7 <= self.window.end() {
            self.index(STEP as u64);
        }
    }

    /// Says that the input ends here.
    pub(super) fn finish(&mut self) {
        // The last positions' hashes cover bytes that do not exist. No search starts from these
        // hashes, and no position comes later that could find them.
        while self.indexed < self.window.end() {
            self.index((self.window.end() - self.indexed).min(STEP as u64));
        }
    }

    /// Indexes a step, or what is left of the input.
    fn index(&mut self, count: u64) {
        if self.indexed.is_multiple_of(W) && self.indexed > 0 {
            self.fives.turn();
            self.fours.turn();
        }
        let counts = self.census.begin_step(self.indexed);
        for position in self.indexed..self.indexed + count {
            let at = position as u16;
            let bytes = self.window.eight(at, 0);
            let five = (bytes << 24).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - F.ilog2());
            let four = coarse::<C>(census::hash(bytes));
            self.fives.insert(at, five as usize);
            self.fours.insert(at, four);
            counts[four] += 1;
        }
        self.indexed += count;
    }

    /// The positions before this one are in the chains.
    pub(super) fn indexed(&self) -> u64 {
        self.indexed
    }

    /// Returns the byte at `position`.
    #[inline(always)]
    pub(super) fn byte(&self, position: u64) -> u8 {
        self.window.byte(position as u16)
    }

    /// Returns the bytes of the window from `from` to `to`; see [`Window::recent`].
    pub(super) fn recent(&self, from: u64, to: u64) -> Option<[&[u8]; 2]> {
        self.window.recent(from, to)
    }

    /// Returns the best match at `p` if it is longer than `floor` bytes, which are at least 3
    /// (D-9).
    ///
    /// `p + 516` must be indexed, or all of the input.
    #[inline(always)]
    pub(super) fn best(&mut self, p: u64, floor: u32) -> Option<Match> {
        // D-7a's m; less than 262 bytes ahead only where these are the last ones.
        let end = self.window.end().min(p + (MIN + MAX) as u64);
        let limit = MAX.min((end - p) as usize);
        let reach = reach(p, end);
        match self.best_of_five(p, floor as usize, limit, reach) {
            None if floor < MIN as u32 => self.nearest_of_four(p as u16, limit, reach),
            found => found,
        }
    }

    /// Returns the best match that is longer than `floor` and than four bytes.
    #[inline(always)]
    fn best_of_five(
        &mut self,
        position: u64,
        floor: usize,
        limit: usize,
        reach: u32,
    ) -> Option<Match> {
        let p = position as u16;
        let mut best = floor.max(MIN);
        if best >= limit {
            return None;
        }
        // The walk is in the chain of the five-gram at `p + at`.
        let mut at = self.fives.rarest(p, best - MIN, reach)?;
        let mut r = p.wrapping_add(at);
        let mut left = reach;
        let mut found = None;
        loop {
            let link = self.fives.link(r);
            if u32::from(link) > left {
                return found;
            }
            left -= u32::from(link);
            r = r.wrapping_sub(link);
            let q = r.wrapping_sub(at);
            // A longer match has these four bytes, too; nearly all others differ here.
            let tail = (best - 3) as u16;
            if self.window.four(q.wrapping_add(tail)) != self.window.four(p.wrapping_add(tail)) {
                continue;
            }
            let length = self.window.common(p, q).min(limit);
            if length <= best {
                continue;
            }
            let distance = reach - left;
            // From distance to distance the rank only grows.
            if distance > CHAIN && !self.census.allows(&self.window, position, distance) {
                return found;
            }
            found = Some(Match { length: length as u32, distance });
            if length >= limit {
                return found;
            }
            best = length;
            r = q.wrapping_add(at);
            // A longer match has a five-gram that is not at `q`: the one that ends with the first
            // byte that differs. Where its chain begins farther away than the next candidate here,
            // it saves steps.
            let edge = (best - MIN) as u16;
            let first = u32::from(self.fives.link(p.wrapping_add(edge)));
            if first > distance + u32::from(self.fives.link(r)) {
                (at, left) = (edge, reach);
                r = p.wrapping_add(edge);
            }
        }
    }

    /// Returns the nearest match of four bytes, for where there is no longer one.
    #[inline(always)]
    fn nearest_of_four(&self, p: u16, limit: usize, reach: u32) -> Option<Match> {
        if limit < MIN {
            return None;
        }
        let reach = reach.min(NEAR);
        let mut left = reach;
        let mut q = p;
        loop {
            let link = self.fours.link(q);
            if u32::from(link) > left {
                return None;
            }
            left -= u32::from(link);
            q = q.wrapping_sub(link);
            if self.window.four(q) == self.window.four(p) {
                return Some(Match { length: MIN as u32, distance: reach - left });
            }
        }
    }
}

/// Returns the largest distance that a match at `p` may have (D-3, D-7a): W, but not before S.
/// `end` is D-7a's m.
#[inline(always)]
fn reach(p: u64, end: u64) -> u32 {
    let base = end.saturating_sub(BUFFER).div_ceil(W) * W;
    (p - base).min(W) as u32
}
