// SPDX-License-Identifier: Apache-2.0
//! The bytes around the place of work: a ring of 64 KiB, so that a position's low 16 bits are its
//! index, in range by type.

use crate::boxed;

/// The number of bytes that the ring holds.
pub(super) const RING: usize = 1 << 16;
/// The number of bytes from the ring's start that are repeated behind its end, so that reading
/// ahead of an index need not wrap.
const GUARD: usize = 272;

/// The last [`RING`] bytes of the input, and how many there have been.
pub(super) struct Window {
    bytes: Box<[u8; RING + GUARD]>,
    end: u64,
}

impl Window {
    pub(super) fn new() -> Self {
        Self { bytes: boxed(0), end: 0 }
    }

    /// Forgets everything; what is brought in next comes from `origin` on.
    pub(super) fn restart(&mut self, origin: u64) {
        self.end = origin;
    }

    /// Returns the position behind the last byte that was brought in.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Brings in `input`; what is 64 KiB older goes.
    pub(super) fn append(&mut self, input: &[u8]) {
        let mut rest = input;
        while !rest.is_empty() {
            let at = usize::from(self.end as u16);
            let (part, after) = rest.split_at(rest.len().min(RING - at));
            self.bytes[at..at + part.len()].copy_from_slice(part);
            if at < GUARD {
                self.bytes.copy_within(..GUARD, RING);
            }
            self.end += part.len() as u64;
            rest = after;
        }
    }

    /// Returns the byte at `at`.
    #[inline(always)]
    pub(super) fn byte(&self, at: u16) -> u8 {
        self.bytes[usize::from(at)]
    }

    /// Returns the eight bytes from `ahead` behind `at`, the first one lowest; `ahead` is at most
    /// [`GUARD`] - 8.
    #[inline(always)]
    pub(super) fn eight(&self, at: u16, ahead: usize) -> u64 {
        let rest = self.bytes.get(usize::from(at) + ahead..).and_then(|rest| rest.first_chunk());
        rest.map_or(0, |eight| u64::from_le_bytes(*eight))
    }

    /// Returns the four bytes at `at`, the first one lowest.
    #[inline(always)]
    pub(super) fn four(&self, at: u16) -> u32 {
        let rest = self.bytes.get(usize::from(at)..).and_then(|rest| rest.first_chunk());
        rest.map_or(0, |four| u32::from_le_bytes(*four))
    }

    /// Returns the number of bytes that are equal from `a` and from `b`, counted up to 264.
    #[inline(always)]
    pub(super) fn common(&self, a: u16, b: u16) -> usize {
        let mut n = 0;
        while n < GUARD - 8 {
            let difference = self.eight(a, n) ^ self.eight(b, n);
            if difference != 0 {
                return n + difference.trailing_zeros() as usize / 8;
            }
            n += 8;
        }
        n
    }

    /// Returns the bytes of `[from, to)` in two parts, if they are less than the ring and still
    /// held.
    pub(super) fn recent(&self, from: u64, to: u64) -> Option<[&[u8]; 2]> {
        let length = to.checked_sub(from).filter(|&length| length < RING as u64)? as usize;
        if to > self.end || self.end - from > RING as u64 {
            return None;
        }
        let at = usize::from(from as u16);
        let first = length.min(RING - at);
        Some([self.bytes.get(at..at + first)?, self.bytes.get(..length - first)?])
    }
}
