// SPDX-License-Identifier: Apache-2.0
//! The prices of a round (E-4), and the gain that they give a match (E-8, E-9).

use super::PRICE;
use super::round::Round;
use crate::huffman::code_lengths;
use crate::token::literal_or_length;
use crate::window::{RING, Window};
use crate::{MAX, W, boxed};

/// The longest code, in bits.
const LONGEST: usize = 15;
/// Prices below this average, in bits, are [low](Prices::are_low).
const LOW: u32 = 2;

/// The number of extra bits of each length (E-9).
const LENGTH_EXTRA: [u8; MAX + 1] = {
    let mut extra = [0; MAX + 1];
    let mut length = 3;
    while length <= MAX {
        extra[length] = literal_or_length(253 + length).1 as u8;
        length += 1;
    }
    extra
};

/// The sums of the prices of all literals before each position of a round.
pub(super) struct Prices {
    /// Modulo 2^16: the bytes of a match cost less.
    sums: Box<[u16; RING]>,
    are_low: bool,
}

impl Prices {
    pub(super) fn new() -> Self {
        Self { sums: boxed(0), are_low: false }
    }

    /// Makes the prices of a round that starts at `start` (E-4).
    pub(super) fn set(&mut self, window: &Window, round: Round, start: u64) {
        let mut counts = [0_u32; 256];
        let end = round.end.min(start + PRICE);
        for part in window.recent(start, end).unwrap_or_default() {
            part.iter().for_each(|&byte| counts[usize::from(byte)] += 1);
        }
        let prices = code_lengths(&counts, LONGEST).map(|length| u16::from(length.max(1)));
        let bits = counts.iter().zip(prices).map(|(count, price)| count * u32::from(price));
        let is_many = counts.iter().filter(|&&count| count > 0).nth(1).is_some();
        self.are_low = is_many && bits.sum::<u32>() < LOW * counts.iter().sum::<u32>();
        let mut sum = 0_u16;
        for position in start..round.end {
            self.sums[usize::from(position as u16)] = sum;
            sum = sum.wrapping_add(prices[usize::from(window.byte(position as u16))]);
        }
        // In a first round of 64 KiB this is the place of position 0, where no match begins.
        self.sums[usize::from(round.end as u16)] = sum;
    }

    /// Whether there are several literals, and on average they are so cheap that matches are long.
    pub(super) fn are_low(&self) -> bool {
        self.are_low
    }

    /// Returns the prices of the `n` bytes at `p`.
    #[inline(always)]
    pub(super) fn of(&self, p: u16, n: usize) -> i32 {
        let end = self.sums[usize::from(p.wrapping_add(n as u16))];
        i32::from(end.wrapping_sub(self.sums[usize::from(p)]))
    }

    /// Returns the gain of a match of `length` bytes at `p` (E-8).
    #[inline(always)]
    pub(super) fn gain(&self, p: u16, length: usize, distance: u32) -> i32 {
        let extra = i32::from(LENGTH_EXTRA[length.min(MAX)]) + distance_extra(distance);
        self.of(p, length) - 3 - extra
    }
}

impl Prices {
    /// Returns the most bytes, from `best` to `limit`, with which a match at `p` and that distance, but W, or a
    /// farther one has no more gain than `bar`.
    #[inline(always)]
    pub(super) fn too_short(
        &self,
        p: u16,
        best: usize,
        limit: usize,
        distance: u32,
        bar: i32,
    ) -> usize {
        // What a byte more costs is at least what its extra bit does, so gains only grow with it.
        let mut length = best;
        while length < limit && self.gain(p, length + 1, distance.min(W as u32 - 1)) <= bar {
            length += 1;
        }
        length
    }
}

/// Returns the number of extra bits that a distance is taken to have (E-9): those of the distance
/// after it, but 6 for the last one.
#[inline(always)]
fn distance_extra(distance: u32) -> i32 {
    match distance {
        0..4 => 0,
        _ if u64::from(distance) == W => LAST_EXTRA,
        _ => distance.ilog2() as i32 - 1,
    }
}

/// The number of extra bits that E-9 gives the distance W.
const LAST_EXTRA: i32 = 6;

#[cfg(test)]
mod tests {
    use super::{LENGTH_EXTRA, Prices, Round, Window, distance_extra};

    #[test]
    fn the_extra_bits_of_a_distance_are_those_of_the_next_one_e_9() {
        let extra = [1, 2, 3, 4, 7, 8, 15, 16, 16_383, 16_384, 32_767, 32_768].map(distance_extra);
        assert_eq!(extra, [0, 0, 0, 1, 1, 2, 2, 3, 12, 13, 13, 6]);
    }

    #[test]
    fn the_extra_bits_of_a_length_are_those_of_the_rfc_e_9() {
        let extra = [4, 10, 11, 18, 19, 34, 35, 130, 131, 257, 258].map(|n| LENGTH_EXTRA[n]);
        assert_eq!(extra, [0, 0, 1, 1, 2, 2, 3, 4, 5, 5, 0]);
    }

    #[test]
    fn prices_are_code_lengths_of_the_next_32768_bytes_e_4() {
        let mut window = Window::new();
        let mut input = b"aab".repeat(10_923)[..32_768].to_vec();
        input.extend([b'c'; 100]);
        window.append(&input);
        let mut prices = Prices::new();
        prices.set(&window, Round::last(0, input.len() as u64), 0);
        // Only a and b are counted; c costs 1, like what a table of two symbols gives.
        assert_eq!([prices.of(0, 1), prices.of(2, 1), prices.of(32_800, 1)], [1, 1, 1]);
        assert_eq!(prices.of(1, 200), 200);
        // One byte later c is among four values.
        let mut window = Window::new();
        input[5] = b'd';
        window.append(&input);
        prices.set(&window, Round::last(0, input.len() as u64), 1);
        assert_eq!([prices.of(1, 1), prices.of(2, 1), prices.of(32_800, 1)], [1, 2, 3]);
        assert_eq!(prices.gain(1, 4, 1), 1 + 2 + 1 + 1 - 3);
    }

    #[test]
    fn the_first_byte_of_a_round_is_counted_e_4() {
        let mut window = Window::new();
        let input = [b"c", &b"aab".repeat(20)[..]].concat();
        window.append(&input);
        let mut prices = Prices::new();
        prices.set(&window, Round::last(0, input.len() as u64), 0);
        // With c there are three values, so b has two bits.
        assert_eq!([prices.of(0, 1), prices.of(1, 1), prices.of(3, 1)], [2, 1, 2]);
        prices.set(&window, Round::last(0, input.len() as u64), 1);
        assert_eq!([prices.of(1, 1), prices.of(3, 1)], [1, 1]);
    }

    #[test]
    fn a_gain_is_what_the_literals_cost_less_what_the_match_does_e_8() {
        let mut window = Window::new();
        window.append(&[7; 2_000]);
        let mut prices = Prices::new();
        prices.set(&window, Round::last(0, 2_000), 0);
        let gains = [(4, 1), (4, 1_000), (257, 1), (258, 1)].map(|(n, d)| prices.gain(5, n, d));
        assert_eq!(gains, [1, 1 - 8, 257 - 3 - 5, 258 - 3]);
    }
}
