// SPDX-License-Identifier: Apache-2.0
//! A census of positions: which are among the first CHAIN candidates (D-3).
//!
//! A candidate's rank is known where each position is numbered among those with its hash (D-1).
//! That matters only where more than CHAIN positions within reach have one hash. So positions are
//! just counted, step by step and by a coarser hash, and numbered only for a hash that may have
//! that many of them, when somebody asks.

use super::super::CHAIN;
use crate::window::{RING, Window};
use crate::{W, boxed};

/// The number of positions in a step.
pub(in super::super) const STEP: usize = 8_192;
/// The number of steps that the ring holds.
const STEPS: usize = RING / STEP;
/// The number of hashes (D-1).
const HASHES: usize = 1 << HASH_BITS;
const HASH_BITS: u32 = 17;
/// The number of coarse hashes: the first bits of D-1's, so that equal hashes are equal here.
pub(in super::super) const COARSE: usize = 1 << 14;

/// D-1: the hash of the four bytes at the low end of `bytes`.
#[inline(always)]
pub(super) fn hash(bytes: u64) -> usize {
    ((bytes as u32).swap_bytes().wrapping_mul(0x1e35_a7bd) >> (32 - HASH_BITS)) as usize % HASHES
}

/// Returns the first bits of a hash.
#[inline(always)]
pub(super) fn coarse<const C: usize>(hash: usize) -> usize {
    (hash >> (HASH_BITS - C.ilog2())) % C
}

/// Counts positions, and numbers some.
pub(super) struct Census<const C: usize> {
    /// The number of positions of a step with each coarse hash, for the steps of the ring.
    counts: [Box<[u16; C]>; STEPS],
    /// Made when somebody asks, which for most inputs nobody does.
    numbers: Option<Numbers>,
}

/// The numbers that positions have among those with their hash.
struct Numbers {
    /// The number of a position, if it was numbered.
    of: Box<[u16; RING]>,
    /// The place up to which the positions of each hash were numbered, if any were, and their last
    /// number.
    ends: Box<[u64; HASHES]>,
    lasts: Box<[u16; HASHES]>,
    /// The number that makes a place out of a position. Places grow from one start to the next, so
    /// that nothing need be cleared: what is not behind `base` was before.
    shift: u64,
    base: u64,
    /// The last place.
    top: u64,
}

impl<const C: usize> Census<C> {
    pub(super) fn new() -> Self {
        Self { counts: std::array::from_fn(|_| boxed(0)), numbers: None }
    }

    /// Forgets all numbers, and goes on at `origin`; counts of before are not asked for.
    pub(super) fn restart(&mut self, origin: u64) {
        if let Some(Numbers { shift, base, top, .. }) = &mut self.numbers {
            *base = *top;
            *shift = top.wrapping_sub(origin);
        }
    }

    /// The counts for the step that begins at `position`, all zero.
    pub(super) fn begin_step(&mut self, position: u64) -> &mut [u16; C] {
        let counts = &mut self.counts[usize::from(position as u16) / STEP];
        counts.fill(0);
        counts
    }

    /// Whether the candidate at that distance is among the first CHAIN candidates of `p`, of which
    /// it is one within reach. The steps of both must still be in the ring.
    #[inline(always)]
    pub(super) fn allows(&mut self, window: &Window, p: u64, distance: u32) -> bool {
        let hash = hash(window.eight(p as u16, 0));
        self.most(p as u16, distance, coarse::<C>(hash)) <= CHAIN
            || self.rank(window, p, distance, hash) <= CHAIN
    }

    /// Returns a bound for the rank: all of the steps that the two lie in.
    #[inline(always)]
    fn most(&self, p: u16, distance: u32, coarse: usize) -> u32 {
        let last = usize::from(p) / STEP;
        let mut step = usize::from(p.wrapping_sub(distance as u16)) / STEP;
        let mut most = 0;
        loop {
            most += u32::from(self.counts[step % STEPS][coarse]);
            if step == last {
                return most;
            }
            step = (step + 1) % STEPS;
        }
    }

    /// Returns the number of candidates up to the one at that distance.
    #[inline(never)]
    fn rank(&mut self, window: &Window, p: u64, distance: u32, hash: usize) -> u32 {
        let numbers = self.numbers.get_or_insert_with(Numbers::new);
        let Numbers { of, ends, lasts, shift, base, top } = numbers;
        let mut last = lasts[hash];
        let end = if ends[hash] > *base { ends[hash].wrapping_sub(*shift) } else { 0 };
        // What is out of reach needs no number, so there may be gaps: only differences count.
        for position in end.max(p.saturating_sub(W))..p + 1 {
            let at = position as u16;
            if self::hash(window.eight(at, 0)) == hash {
                last = last.wrapping_add(1);
                of[usize::from(at)] = last;
            }
        }
        ends[hash] = end.max(p + 1).wrapping_add(*shift);
        lasts[hash] = last;
        *top = ends[hash].max(*top);
        let number = |at: u64| of[usize::from(at as u16)];
        u32::from(number(p).wrapping_sub(number(p - u64::from(distance))))
    }
}

impl Numbers {
    fn new() -> Self {
        Self { of: boxed(0), ends: boxed(0), lasts: boxed(0), shift: 0, base: 0, top: 0 }
    }
}
