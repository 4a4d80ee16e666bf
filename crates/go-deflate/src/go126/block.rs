// SPDX-License-Identifier: Apache-2.0
//! One block (deflate.md, 6): its tokens counted, the smallest of three forms chosen, written.

#[cfg(test)]
mod tests;

use crate::bits::Bits;
use crate::block::{Counts, FIXED, Header, Lengths, write_stored, write_tokens};
use crate::huffman::code_lengths;
use crate::token::Token;

/// A block that covers that many bytes is never stored (D-19).
pub(super) const NEVER_STORED: u64 = 24_200;

/// A block of which is known how it is to be written.
pub(super) struct Block<'a> {
    tokens: &'a [Token],
    lengths: Lengths,
    header: Header,
    form: Form<'a>,
    /// The size of the coded form, in bits.
    size: u64,
}

/// The three forms (D-19).
enum Form<'a> {
    Stored([&'a [u8]; 2]),
    Fixed,
    Dynamic,
}

impl<'a> Block<'a> {
    /// Returns the block that consists of `tokens`. `input` is the bytes that they cover, in two
    /// parts; it may be missing where these are at least [`NEVER_STORED`].
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
                let (end, length) = write_tokens(self.tokens, &FIXED, &mut room);
                room.put(end, length);
            }
            Form::Dynamic => {
                let mut room = bits.room(self.size, out);
                room.put(0b100, 3);
                self.header.write(&mut room);
                let (end, length) = write_tokens(self.tokens, &self.lengths, &mut room);
                room.put(end, length);
            }
        }
    }
}

/// Ends the stream with an empty block (D-21).
pub(super) fn write_end(bits: &mut Bits, out: &mut Vec<u8>) {
    bits.room(3, out).put(0b001, 3);
    bits.align(out);
    out.extend([0, 0, 0xff, 0xff]);
}
