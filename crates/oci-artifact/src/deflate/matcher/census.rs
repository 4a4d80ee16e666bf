// SPDX-License-Identifier: Apache-2.0
//! The number of each position among those with its hash (D-1), for CHAIN (D-3).

use super::super::window::RING;
use super::super::{CHAIN, boxed};

/// Numbers the positions of each hash.
pub(super) struct Census {
    counts: Box<[u16; 1 << 17]>,
    numbers: Box<[u16; RING]>,
}

impl Census {
    pub(super) fn new() -> Self {
        Self { counts: boxed(0), numbers: boxed(0) }
    }

    /// Numbers the position at `at`, the next one.
    #[inline(always)]
    pub(super) fn count(&mut self, at: u16, hash: usize) {
        let count = &mut self.counts[hash % (1 << 17)];
        *count = count.wrapping_add(1);
        self.numbers[usize::from(at)] = *count;
    }

    /// Whether `q` is among the first `CHAIN` candidates of `p`.
    #[inline(always)]
    pub(super) fn allows(&self, p: u16, q: u16) -> bool {
        self.numbers[usize::from(p)].wrapping_sub(self.numbers[usize::from(q)]) <= CHAIN
    }
}
