// SPDX-License-Identifier: Apache-2.0
//! The end of a match: one more candidate that fits it is tried (deflate-go127.md, 6).

use super::Matcher;
use crate::token::Match;
use crate::{MAX, MIN, W};

/// The literals and the match that replace a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct End {
    /// The number of bytes that become literals before it: 0, 1 or 2.
    pub(in super::super) literals: u32,
    pub(in super::super) then: Match,
}

impl Matcher {
    /// Decides the end of the match that was found at `p - 1` (E-20, E-21).
    #[inline(always)]
    pub(in super::super) fn end(&self, p: u64, prev: Match) -> End {
        let (literals, then) = self.better(p, prev).unwrap_or((0, prev));
        End { literals, then }
    }

    /// Finds another match whose end is better, and the number of literals before it (E-21); `None`
    /// keeps the present one (E-20).
    #[inline(always)]
    fn better(&self, p: u64, prev: Match) -> Option<(u32, Match)> {
        let i = p - 1;
        let last = i + u64::from(prev.length);
        if prev.length >= 256 || last + MIN as u64 > self.round.end {
            return None;
        }
        // From `last` to a position that had its hash is as far as from `i` to where the other match
        // would begin.
        let distance = self.last_inserted(last, p)?;
        let c = i.checked_sub(u64::from(distance))?;
        if distance == prev.distance || c <= self.round.base.max(p.saturating_sub(W)) + 2 {
            return None;
        }
        let most = (self.round.end - p).min(260) as usize - 2;
        let m = self.window.common((i + 2) as u16, (c + 2) as u16).min(most);
        if m <= prev.length as usize {
            return None;
        }
        let differs = |ahead: u64| self.byte(i + ahead) != self.byte(c + ahead);
        let (literals, length) = if m == MAX || differs(1) {
            (2, m)
        } else if m == MAX - 1 || differs(0) {
            (1, m + 1)
        } else {
            (0, m + 2)
        };
        Some((literals, Match { length: length as u32, distance }))
    }

    /// Returns the distance from `from` back to the last position that has its hash and has been inserted by the turn
    /// at `p`; `None` also if that is farther than W.
    #[inline(always)]
    fn last_inserted(&self, from: u64, p: u64) -> Option<u32> {
        let (mut at, mut left) = (from as u16, W as u32);
        loop {
            let link = self.fours.link(at);
            left = left.checked_sub(u32::from(link))?;
            at = at.wrapping_sub(link);
            let distance = W as u32 - left;
            if u64::from(distance) >= from - p && self.was_inserted(from, distance) {
                return Some(distance);
            }
        }
    }
}
