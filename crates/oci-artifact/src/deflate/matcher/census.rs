// SPDX-License-Identifier: Apache-2.0
//! Which positions are among the first CHAIN candidates (D-3).
//!
//! A candidate's rank is known where each position is numbered among those with its hash (D-1).
//! That matters only where more than CHAIN positions within reach have one hash. So all positions
//! are just counted, by a coarser hash, and numbered only for a hash that may have so many, when
//! someone asks.

use super::super::window::{RING, Window};
use super::super::{CHAIN, W, boxed};

/// Bits of the coarse hash: the first ones of D-1's, so that equal hashes are equal here.
pub(super) const COARSE_BITS: u32 = 14;

/// Positions in a step.
pub(super) const STEP: usize = 8_192;
/// How many steps the ring holds.
const STEPS: usize = RING / STEP;

/// A count for each coarse hash.
type Coarse = Box<[u16; 1 << COARSE_BITS]>;

/// D-1: the hash of the four bytes at the low end of `bytes`.
#[inline(always)]
pub(super) fn hash(bytes: u64) -> usize {
    ((bytes as u32).swap_bytes().wrapping_mul(0x1e35_a7bd) >> 15) as usize
}

/// Counts positions, and numbers some.
pub(super) struct Census {
    /// How many positions of a step have each coarse hash, for the steps of the ring.
    counts: [Coarse; STEPS],
    /// The number of a position, if it was numbered.
    numbers: Box<[u16; RING]>,
    /// For each hash before which position its positions were numbered, and their last number.
    ends: Box<[u64; 1 << 17]>,
    lasts: Box<[u16; 1 << 17]>,
}

impl Census {
    pub(super) fn new() -> Self {
        Self {
            counts: std::array::from_fn(|_| boxed(0)),
            numbers: boxed(0),
            ends: boxed(0),
            lasts: boxed(0),
        }
    }

    /// The counts for the step that begins at `position`, all zero.
    pub(super) fn step(&mut self, position: u64) -> &mut Coarse {
        let counts = &mut self.counts[usize::from(position as u16) / STEP];
        counts.fill(0);
        counts
    }

    /// Whether the candidate at that distance is among the first `CHAIN` candidates of `p`. Both
    /// have the same hash, the candidate is within reach, and `p` lies at most 32 KiB before the
    /// positions that were counted last.
    #[inline(always)]
    pub(super) fn allows(&mut self, window: &Window, p: u64, distance: u32) -> bool {
        let hash = hash(window.eight(p as u16, 0)) % (1 << 17);
        self.most(p, distance, hash >> (17 - COARSE_BITS)) <= CHAIN
            || self.rank(window, p, distance, hash) <= CHAIN
    }

    #[inline(always)]
    fn most(&self, p: u64, distance: u32, coarse: usize) -> u32 {
        let mut step = usize::from(p as u16) / STEP;
        let first = usize::from((p as u16).wrapping_sub(distance as u16)) / STEP;
        let mut most = 0;
        loop {
            most += u32::from(self.counts[step % STEPS][coarse]);
            if step == first {
                return most;
            }
            step = step.wrapping_sub(1) % STEPS;
        }
    }

    /// How many candidates there are up to that one.
    #[inline(never)]
    fn rank(&mut self, window: &Window, p: u64, distance: u32, hash: usize) -> u32 {
        let mut last = self.lasts[hash];
        // What is out of reach need not be numbered, nor need numbers be those from a gap before.
        for position in self.ends[hash].max(p.saturating_sub(W))..p + 1 {
            let at = position as u16;
            let has_hash = self::hash(window.eight(at, 0)) == hash;
            last = last.wrapping_add(u16::from(has_hash));
            // Without a branch, for it could not be foreseen.
            let number = &mut self.numbers[usize::from(at)];
            *number = if has_hash { last } else { *number };
        }
        self.ends[hash] = self.ends[hash].max(p + 1);
        self.lasts[hash] = last;
        let number = |at: u64| self.numbers[usize::from(at as u16)];
        u32::from(number(p).wrapping_sub(number(p - u64::from(distance))))
    }
}
