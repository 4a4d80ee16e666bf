// SPDX-License-Identifier: Apache-2.0
//! The code lengths of a dynamic block, run-length coded (D-16, D-17).

use super::super::bits::Room;
use super::super::huffman::{code_lengths, codes};
use super::{DISTANCES, LITERALS};

/// The order in which the lengths of the code-length code are sent (RFC 1951, 3.2.7).
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
/// The number of extra bits of the code-length symbols 16, 17 and 18.
const EXTRA: [u32; 19] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 3, 7];

/// The header of a dynamic block, which describes its codes.
pub(in super::super) struct Header {
    nlit: usize,
    ndist: usize,
    ncl: usize,
    runs: Runs,
    lengths: [u8; 19],
}

impl Header {
    /// Makes the header for the lengths of both alphabets.
    pub(in super::super) fn new(literals: &[u8; LITERALS], distances: &[u8; DISTANCES]) -> Self {
        let used = |lengths: &[u8]| lengths.iter().rposition(|&n| n > 0).map_or(0, |at| at + 1);
        let (nlit, ndist) = (used(literals), used(distances));
        let mut sequence = [0; LITERALS + DISTANCES];
        sequence[..nlit].copy_from_slice(&literals[..nlit]);
        sequence[nlit..nlit + ndist].copy_from_slice(&distances[..ndist]);
        let runs = Runs::new(&sequence[..nlit + ndist]);
        let lengths = code_lengths(&runs.counts, 7);
        let last = ORDER.iter().rposition(|&symbol| lengths[symbol] > 0).unwrap_or(0);
        Self { nlit, ndist, ncl: (last + 1).max(4), runs, lengths }
    }

    /// Returns its size, with the three bits before it (D-18).
    pub(in super::super) fn bits(&self) -> u64 {
        let mut bits = 17 + 3 * self.ncl as u32;
        for (symbol, count) in self.runs.counts.iter().enumerate() {
            bits += count * (u32::from(self.lengths[symbol]) + EXTRA[symbol]);
        }
        u64::from(bits)
    }

    /// Writes the header.
    pub(in super::super) fn write(&self, room: &mut Room<'_>) {
        room.put(self.nlit as u64 - 257, 5);
        room.put(self.ndist as u64 - 1, 5);
        room.put(self.ncl as u64 - 4, 4);
        for &symbol in &ORDER[..self.ncl] {
            room.put(u64::from(self.lengths[symbol]), 3);
        }
        let codes = codes(&self.lengths);
        for &(symbol, value) in &self.runs.list[..self.runs.len] {
            let symbol = usize::from(symbol);
            let length = u32::from(self.lengths[symbol]);
            let code = u64::from(codes[symbol]) | u64::from(value) << length;
            room.put(code, length + EXTRA[symbol]);
        }
    }
}

/// Code-length symbols with the values of their extra bits.
struct Runs {
    list: [(u8, u8); LITERALS + DISTANCES],
    len: usize,
    counts: [u32; 19],
}

impl Runs {
    /// D-16: a run may cross the seam between the two alphabets.
    fn new(sequence: &[u8]) -> Self {
        let mut runs = Self { list: [(0, 0); LITERALS + DISTANCES], len: 0, counts: [0; 19] };
        for run in sequence.chunk_by(|a, b| a == b) {
            let value = run[0];
            let mut left = run.len();
            if value == 0 {
                while left >= 11 {
                    let n = left.min(138);
                    runs.push(18, n - 11);
                    left -= n;
                }
                if left >= 3 {
                    runs.push(17, left - 3);
                    left = 0;
                }
            } else {
                runs.push(value, 0);
                left -= 1;
                while left >= 3 {
                    let n = left.min(6);
                    runs.push(16, n - 3);
                    left -= n;
                }
            }
            for _ in 0..left {
                runs.push(value, 0);
            }
        }
        runs
    }

    fn push(&mut self, symbol: u8, value: usize) {
        self.list[self.len] = (symbol, value as u8);
        self.len += 1;
        self.counts[usize::from(symbol)] += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::huffman::code_lengths;
    use super::{DISTANCES, Header, LITERALS, Runs};

    fn runs(sequence: &[(u8, usize)]) -> Vec<(u8, u8)> {
        let mut lengths = Vec::new();
        for &(value, count) in sequence {
            lengths.extend(std::iter::repeat_n(value, count));
        }
        let runs = Runs::new(&lengths);
        runs.list[..runs.len].to_vec()
    }

    #[test]
    fn a_length_is_written_once_and_then_repeated_d_16() {
        assert_eq!(runs(&[(7, 3)]), [(7, 0), (7, 0), (7, 0)]);
        assert_eq!(runs(&[(7, 4)]), [(7, 0), (16, 0)]);
        assert_eq!(runs(&[(7, 7)]), [(7, 0), (16, 3)]);
        assert_eq!(runs(&[(7, 9)]), [(7, 0), (16, 3), (7, 0), (7, 0)]);
        assert_eq!(runs(&[(7, 10)]), [(7, 0), (16, 3), (16, 0)]);
    }

    #[test]
    fn zeros_have_symbols_of_their_own_d_16() {
        assert_eq!(runs(&[(0, 2)]), [(0, 0), (0, 0)]);
        assert_eq!(runs(&[(0, 3)]), [(17, 0)]);
        assert_eq!(runs(&[(0, 10)]), [(17, 7)]);
        assert_eq!(runs(&[(0, 11)]), [(18, 0)]);
        assert_eq!(runs(&[(0, 138)]), [(18, 127)]);
        assert_eq!(runs(&[(0, 140)]), [(18, 127), (0, 0), (0, 0)]);
        assert_eq!(runs(&[(0, 149)]), [(18, 127), (18, 0)]);
    }

    /// Returns a header of literal lengths in which each of these values is so often, never twice
    /// in a row.
    fn header_of(values: &[(u8, usize)]) -> Header {
        let mut left = values.to_vec();
        let mut literals = [0; LITERALS];
        let mut last = 0;
        for length in &mut literals {
            let next = left.iter_mut().filter(|(value, n)| *n > 0 && *value != last);
            let Some((value, n)) = next.max_by_key(|(_, n)| *n) else { break };
            *n -= 1;
            *length = *value;
            last = *value;
        }
        assert!(left.iter().all(|(_, n)| *n == 0), "{left:?}");
        let mut distances = [0; DISTANCES];
        distances[0] = 1;
        Header::new(&literals, &distances)
    }

    #[test]
    fn code_lengths_codes_have_7_bits_at_most_d_15() {
        // Unlimited codes for these would be one bit longer from symbol to symbol.
        let values: Vec<(u8, usize)> = (1..=10).zip([1, 1, 2, 3, 5, 8, 13, 21, 34, 55]).collect();
        let header = header_of(&values);
        assert_eq!(header.lengths.iter().max(), Some(&7));
        let unlimited = code_lengths(&header.runs.counts, 15);
        assert!(unlimited.iter().max() > Some(&7));
    }

    #[test]
    fn a_run_may_cross_the_seam_d_16() {
        let mut literals = [0; LITERALS];
        literals[252..257].fill(8);
        let mut distances = [0; DISTANCES];
        distances[..3].fill(8);
        let header = Header::new(&literals, &distances);
        let runs = &header.runs.list[..header.runs.len];
        // 252 zeros, then eight times 8.
        assert_eq!(runs, [(18, 127), (18, 103), (8, 0), (16, 3), (8, 0)]);
    }

    #[test]
    fn unused_lengths_at_the_end_are_not_sent_d_17() {
        // In the RFC's order 8 is the fifth, 7 the sixth, 1 the last but one.
        assert_eq!(header_of(&[(8, 3), (9, 3)]).ncl, 18);
        let mut literals = [0; LITERALS];
        literals[..257].fill(8);
        let mut distances = [0; DISTANCES];
        distances[0] = 8;
        assert_eq!(Header::new(&literals, &distances).ncl, 5);
        distances[0] = 7;
        assert_eq!(Header::new(&literals, &distances).ncl, 6);
    }
}
