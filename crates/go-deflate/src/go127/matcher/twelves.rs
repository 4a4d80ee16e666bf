// SPDX-License-Identifier: Apache-2.0
//! Chains of positions with equal twelve bytes, for where literals are so cheap that only long matches
//! have any gain (deflate-go127.md, 4): a few letters have so few five-grams that each is everywhere.

use super::Fives;
use crate::W;
use crate::window::Window;

/// The bytes that the positions of a chain have in common.
pub(super) const TWELVE: usize = 12;

/// Chains of the positions of a window.
pub(super) struct Twelves {
    chains: Fives,
    /// The positions before this one are in the chains.
    indexed: u64,
}

impl Twelves {
    /// Creates chains with nothing of an input.
    pub(super) fn new() -> Self {
        Self { chains: Fives::new(), indexed: 0 }
    }

    /// Returns the chains of the hashes.
    #[inline(always)]
    pub(super) fn chains(&self) -> &Fives {
        &self.chains
    }

    /// Puts the positions from `base`, a multiple of W, to `until` into the chains, as far as they are
    /// not there. At the end some hashes may cover bytes that do not exist: no search starts from these.
    pub(super) fn index(&mut self, window: &Window, base: u64, until: u64) {
        if self.indexed < base {
            self.chains.restart();
            self.indexed = base;
        }
        for position in self.indexed..until {
            if position.is_multiple_of(W) && position > 0 {
                self.chains.turn();
            }
            self.chains.insert(position as u16, hash(window, position as u16));
        }
        self.indexed = self.indexed.max(until);
    }
}

/// Returns a hash of the twelve bytes at `at`.
#[inline(always)]
fn hash(window: &Window, at: u16) -> usize {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let (first, last) = (window.eight(at, 0), window.eight(at, TWELVE - 8) >> 32);
    let mixed = (first.wrapping_mul(FACTOR) ^ last).wrapping_mul(FACTOR);
    (mixed >> (64 - super::FIVES.ilog2())) as usize
}
