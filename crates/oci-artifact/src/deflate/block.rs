// SPDX-License-Identifier: Apache-2.0
//! One block (deflate.md, 6): its tokens counted, the smallest of three forms chosen, written.

mod header;
#[cfg(test)]
mod tests;

use self::header::Header;
use super::bits::{Bits, Room};
use super::huffman::{code_lengths, codes};
use super::token::{NO_DISTANCE, Token, distance_extra, literal_or_length};

/// Literal/length symbols, with the two that only the fixed code has.
const LITERALS: usize = 288;
/// Distance symbols.
const DISTANCES: usize = 30;
/// The symbol that ends a block.
const END: usize = 256;

/// For each token value its symbol, how many extra bits, and which.
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
const FIXED: Lengths = {
    let mut literals = [8; LITERALS];
    let mut symbol = 144;
    while symbol < 280 {
        literals[symbol] = if symbol < 256 { 9 } else { 7 };
        symbol += 1;
    }
    Lengths { literals, distances: [5; DISTANCES] }
};

/// The code lengths of both alphabets.
struct Lengths {
    literals: [u8; LITERALS],
    distances: [u8; DISTANCES],
}

/// How often each symbol is used (D-14), and the sum of all extra bits.
struct Counts {
    literals: [u32; LITERALS],
    distances: [u32; DISTANCES],
    extra: u64,
}

impl Counts {
    fn new(tokens: &[Token]) -> Self {
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
    fn bits(&self, lengths: &Lengths) -> u64 {
        let sum = |counts: &[u32], lengths: &[u8]| -> u64 {
            let pairs = counts.iter().zip(lengths);
            pairs.map(|(&count, &length)| u64::from(count) * u64::from(length)).sum()
        };
        sum(&self.literals, &lengths.literals)
            + sum(&self.distances, &lengths.distances)
            + self.extra
    }
}

/// A block that covers so many bytes is never stored (D-19).
pub(super) const NEVER_STORED: u64 = 24_200;

/// A block of which is known how it is to be written.
pub(super) struct Block<'a> {
    tokens: &'a [Token],
    lengths: Lengths,
    header: Header,
    form: Form<'a>,
    /// Of a coded form.
    size: u64,
}

/// The three forms (D-19).
enum Form<'a> {
    Stored([&'a [u8]; 2]),
    Fixed,
    Dynamic,
}

impl<'a> Block<'a> {
    /// The block that consists of `tokens`. `input` is the bytes that they cover, in two parts; it
    /// may be missing where these are at least [`NEVER_STORED`].
    pub(super) fn new(tokens: &'a [Token], input: Option<[&'a [u8]; 2]>) -> Self {
        let counts = Counts::new(tokens);
        let lengths = Lengths {
            literals: code_lengths(&counts.literals, 15),
            distances: code_lengths(&counts.distances, 15),
        };
        let header = Header::new(&lengths.literals, &lengths.distances);
        let dynamic = header.bits() + counts.bits(&lengths);
        let fixed = 3 + counts.bits(&FIXED);
        let (coded, size) =
            if dynamic < fixed { (Form::Dynamic, dynamic) } else { (Form::Fixed, fixed) };
        let is_smaller = |[a, b]: &[&[u8]; 2]| 8 * (a.len() as u64 + b.len() as u64 + 5) < size;
        let form = input.filter(is_smaller).map_or(coded, Form::Stored);
        Self { tokens, lengths, header, form, size }
    }

    /// Whether the block is stored: then it is the only form whose size depends on its place.
    pub(super) fn is_stored(&self) -> bool {
        matches!(self.form, Form::Stored(_))
    }

    /// Writes it (D-20).
    pub(super) fn write(&self, bits: &mut Bits, out: &mut Vec<u8>) {
        match self.form {
            Form::Stored(parts) => write_stored(parts, bits, out),
            Form::Fixed => {
                let mut room = bits.room(self.size, out);
                room.put(0b010, 3);
                write_tokens(self.tokens, &FIXED, &mut room);
            }
            Form::Dynamic => {
                let mut room = bits.room(self.size, out);
                room.put(0b100, 3);
                self.header.write(&mut room);
                write_tokens(self.tokens, &self.lengths, &mut room);
            }
        }
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

/// Ends the stream with an empty block (D-21).
pub(super) fn write_end(bits: &mut Bits, out: &mut Vec<u8>) {
    bits.room(3, out).put(0b001, 3);
    bits.align(out);
    out.extend([0, 0, 0xff, 0xff]);
}

/// The tokens and the end of the block, in codes of those lengths.
fn write_tokens(tokens: &[Token], lengths: &Lengths, room: &mut Room<'_>) {
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
    room.put(u64::from(literal_codes[END]), u32::from(lengths.literals[END]));
}
