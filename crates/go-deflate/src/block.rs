// SPDX-License-Identifier: Apache-2.0
//! Parts of a block that every encoder makes alike: its tokens counted (deflate.md, D-14), their sizes,
//! its header, its tokens and stored bytes written.

mod header;

use crate::bits::{Bits, Room};
use crate::huffman::codes;
use crate::token::{NO_DISTANCE, Token, distance_extra, literal_or_length};

pub(super) use self::header::Header;

/// Literal/length symbols, with the two that only the fixed code has.
pub(super) const LITERALS: usize = 288;
/// The number of distance symbols.
pub(super) const DISTANCES: usize = 30;
/// The symbol that ends a block.
pub(super) const END: usize = 256;

/// The symbol of each token value, the number of its extra bits, and the bits.
const VALUES: [(u16, u8, u8); 512] = {
    let mut values = [(0, 0, 0); 512];
    let mut value = 0;
    while value < 512 {
        let (symbol, count, bits) = literal_or_length(value);
        values[value] = (symbol as u16, count as u8, bits as u8);
        value += 1;
    }
    values
};

/// The code lengths of the fixed form.
pub(super) const FIXED: Lengths = {
    let mut literals = [8; LITERALS];
    let mut symbol = 144;
    while symbol < 280 {
        literals[symbol] = if symbol < 256 { 9 } else { 7 };
        symbol += 1;
    }
    Lengths { literals, distances: [5; DISTANCES] }
};

/// The code lengths of both alphabets.
pub(super) struct Lengths {
    pub(super) literals: [u8; LITERALS],
    pub(super) distances: [u8; DISTANCES],
}

/// The number of uses of each symbol (D-14), and the sum of all extra bits.
pub(super) struct Counts {
    pub(super) literals: [u32; LITERALS],
    pub(super) distances: [u32; DISTANCES],
    pub(super) extra: u64,
}

impl Counts {
    pub(super) fn new(tokens: &[Token]) -> Self {
        let mut values = [0_u32; 512];
        let mut symbols = [0_u32; 32];
        for token in tokens {
            values[token.value()] += 1;
            symbols[token.distance_symbol()] += 1;
        }
        let mut literals = [0; LITERALS];
        literals[END] = 1;
        let mut extra = 0;
        for (&count, &(symbol, bits, _)) in values.iter().zip(&VALUES) {
            literals[usize::from(symbol)] += count;
            extra += u64::from(count) * u64::from(bits);
        }
        let mut distances = [0; DISTANCES];
        distances.copy_from_slice(&symbols[..DISTANCES]);
        for (symbol, &count) in distances.iter().enumerate() {
            extra += u64::from(count) * u64::from(distance_extra(symbol));
        }
        if distances == [0; DISTANCES] {
            distances[0] = 1;
        }
        Self { literals, distances, extra }
    }

    /// The bits of all tokens and the end of the block (D-18).
    pub(super) fn bits(&self, lengths: &Lengths) -> u64 {
        let sum = |counts: &[u32], lengths: &[u8]| -> u64 {
            let pairs = counts.iter().zip(lengths);
            pairs.map(|(&count, &length)| u64::from(count) * u64::from(length)).sum()
        };
        sum(&self.literals, &lengths.literals)
            + sum(&self.distances, &lengths.distances)
            + self.extra
    }
}

/// Writes a stored block of at most 65535 bytes, in two parts.
pub(super) fn write_stored(parts: [&[u8]; 2], bits: &mut Bits, out: &mut Vec<u8>) {
    bits.room(3, out).put(0b000, 3);
    bits.align(out);
    let length = (parts[0].len() + parts[1].len()) as u16;
    out.extend(length.to_le_bytes());
    out.extend((!length).to_le_bytes());
    parts.iter().for_each(|part| out.extend_from_slice(part));
}

/// Writes the tokens in codes of those lengths, and gives the code that ends the block: its bits and
/// their number.
pub(super) fn write_tokens(tokens: &[Token], lengths: &Lengths, room: &mut Room<'_>) -> (u64, u32) {
    let literal_codes = codes(&lengths.literals);
    let distance_codes = codes(&lengths.distances);
    // A value's code and extra bits; from bit 24 how many these are.
    let mut values = [0_u32; 512];
    for (entry, &(symbol, extra, bits)) in values.iter_mut().zip(&VALUES) {
        let symbol = usize::from(symbol);
        let length = lengths.literals[symbol];
        let code = u32::from(literal_codes[symbol]);
        *entry = code | u32::from(bits) << length | u32::from(length + extra) << 24;
    }
    // A distance symbol's code; from bit 16 its length, from bit 24 how many extra bits follow.
    let mut distances = [0_u32; 32];
    for (symbol, entry) in distances.iter_mut().enumerate().take(DISTANCES) {
        let code = u32::from(distance_codes[symbol]);
        *entry = code | u32::from(lengths.distances[symbol]) << 16 | distance_extra(symbol) << 24;
    }
    debug_assert_eq!(distances[NO_DISTANCE], 0);
    for token in tokens {
        let value = values[token.value()];
        let distance = distances[token.distance_symbol()];
        let (length, extra) = (distance >> 16 & 15, distance >> 24);
        let extra_bits = token.distance_bits() & ((1 << extra) - 1);
        let tail = u64::from(distance & 0xffff) | u64::from(extra_bits) << length;
        let head = u64::from(value & 0xff_ffff);
        room.put(head | tail << (value >> 24), (value >> 24) + length + extra);
    }
    (u64::from(literal_codes[END]), u32::from(lengths.literals[END]))
}
