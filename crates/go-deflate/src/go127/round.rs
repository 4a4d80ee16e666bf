// SPDX-License-Identifier: Apache-2.0
//! Rounds: the work is cut where the buffer moves (deflate-go127.md, 2).

use std::ops::Range;

use crate::segment::Behind;
use crate::{BUFFER, MAX, MIN, W};

/// A round (E-1): it sees the bytes from `base`, its S, to `end`, its E.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Round {
    pub(super) base: u64,
    pub(super) end: u64,
    pub(super) behind: Behind,
}

impl Round {
    /// Returns the round of that number, which is not the last.
    pub(super) fn full(number: u64) -> Self {
        let base = number * W;
        Self { base, end: base + BUFFER, behind: Behind::More }
    }

    /// Returns the round of that number, which is the last one of an input of `end` bytes.
    pub(super) fn last(number: u64, end: u64) -> Self {
        Self { base: number * W, end, behind: Behind::Nothing }
    }

    /// Returns the number of the last round of an input of that many bytes (E-1).
    pub(super) fn last_number(bytes: u64) -> u64 {
        bytes.saturating_sub(BUFFER).div_ceil(W)
    }

    /// Whether a block that covers `[start, end)` and is closed in this round may be stored (E-24).
    pub(super) fn may_store(self, start: u64, end: u64) -> bool {
        end - start <= 65_535 && start >= self.base
    }

    /// Returns the first position at which no turn is done any more (E-2).
    pub(super) fn until(self) -> u64 {
        match self.behind {
            Behind::More => self.end - (MIN + MAX - 1) as u64,
            Behind::Nothing => self.end,
        }
    }

    /// Returns the positions that were passed without being inserted, where this round starts at
    /// `start`: the exception of E-6, at the end of the round before.
    pub(super) fn passed(self, start: u64) -> Range<u64> {
        let before = self.base + W;
        match self.base {
            0 => 0..0,
            _ => before - 3..start.clamp(before - 3, before - 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Round;

    #[test]
    fn the_last_round_is_the_first_that_sees_the_end_e_1() {
        let numbers = [0, 65_536, 65_537, 98_304, 98_305].map(Round::last_number);
        assert_eq!(numbers, [0, 0, 1, 1, 2]);
    }

    #[test]
    fn a_block_may_be_stored_if_it_is_held_and_short_e_24() {
        let round = Round::full(2);
        assert!(round.may_store(65_536, 65_536 + 65_535));
        assert!(!round.may_store(65_536, 65_536 + 65_536));
        assert!(!round.may_store(65_535, 65_536));
    }

    #[test]
    fn a_round_ends_where_262_bytes_are_not_left_e_2() {
        assert_eq!(Round::full(0).until(), 65_275);
        assert_eq!(Round::full(2).until(), 65_275 + 65_536);
        assert_eq!(Round::last(2, 70_000).until(), 70_000);
    }

    #[test]
    fn at_most_two_positions_are_never_inserted_e_6() {
        // Round 0 ends at 65536, so round 1 starts at 65275 or later.
        let passed = |start| Round::full(1).passed(start).collect::<Vec<_>>();
        assert_eq!(passed(65_275), [0; 0]);
        assert_eq!(passed(65_533), [0; 0]);
        assert_eq!(passed(65_534), [65_533]);
        assert_eq!(passed(65_535), [65_533, 65_534]);
        assert_eq!(Round::full(0).passed(0).count(), 0);
    }
}
