// SPDX-License-Identifier: Apache-2.0
//! Chains of positions with equal hashes.

use crate::boxed;

/// The chains of positions with the same hash: for each position the distance back to the nearest
/// one.
///
/// Distances above 32768 mean "none in reach", whatever they are: a head that is too old to be
/// known exactly gives one of them.
pub(super) struct Links<const HASHES: usize, const LINKS: usize> {
    /// The last position of each hash, relative to the 32 KiB that are being indexed.
    heads: Box<[i16; HASHES]>,
    /// The distances; only those of positions that are in a chain are meaningful.
    links: Box<[u16; LINKS]>,
}

impl<const HASHES: usize, const LINKS: usize> Links<HASHES, LINKS> {
    pub(super) fn new() -> Self {
        Self { heads: boxed(i16::MIN), links: boxed(0) }
    }

    /// Forgets all heads, and with them all links: from new ones none leads to an old one.
    pub(super) fn restart(&mut self) {
        self.heads.fill(i16::MIN);
    }

    /// Goes on to the next 32 KiB.
    pub(super) fn turn(&mut self) {
        self.heads.iter_mut().for_each(|head| *head = head.saturating_add(i16::MIN));
    }

    /// Puts the position at `at`, the next one, into its chain; its link.
    #[inline(always)]
    pub(super) fn insert(&mut self, at: u16, hash: usize) -> u16 {
        let here = (at & 0x7fff) as i16;
        let head = std::mem::replace(&mut self.heads[hash % HASHES], here);
        let link = here.wrapping_sub(head) as u16;
        self.links[usize::from(at) % LINKS] = link;
        link
    }

    /// Returns the distance from `at` back to the next candidate.
    #[inline(always)]
    pub(super) fn link(&self, at: u16) -> u16 {
        self.links[usize::from(at) % LINKS]
    }

    /// Returns the position from `p` to `p + last` that has the longest link; `None` if one has a
    /// link beyond `reach`.
    #[inline(always)]
    pub(super) fn rarest(&self, p: u16, last: usize, reach: u32) -> Option<u16> {
        let (mut rarest, mut longest) = (0, 0);
        // The last ones first: they are rarest where a match ends.
        for at in (0..=last as u16).rev() {
            let link = self.link(p.wrapping_add(at));
            if u32::from(link) > reach {
                return None;
            }
            if link > longest {
                (rarest, longest) = (at, link);
            }
        }
        Some(rarest)
    }
}
