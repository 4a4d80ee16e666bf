// SPDX-License-Identifier: Apache-2.0
//! Section 6: one block, in the smallest of its three forms.

use super::Token;
use super::code_lengths::{code_lengths, codes as codes_of};

const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// Bits, packed from the least significant end of each byte.
#[derive(Default)]
pub(super) struct Bits {
    pub(super) bytes: Vec<u8>,
    /// The number of bits used of the last byte; 0 means that it is full.
    used: usize,
}

impl Bits {
    pub(super) fn put(&mut self, value: u64, count: usize) {
        for bit in 0..count {
            if self.used == 0 {
                self.bytes.push(0);
            }
            let last = self.bytes.last_mut().expect("was pushed");
            *last |= ((value >> bit & 1) as u8) << self.used;
            self.used = (self.used + 1) % 8;
        }
    }

    /// A Huffman code: most significant bit first.
    pub(super) fn put_code(&mut self, code: u64, length: u8) {
        (0..length).rev().for_each(|bit| self.put(code >> bit & 1, 1));
    }

    pub(super) fn align(&mut self) {
        self.used = 0;
    }
}

/// A symbol with its extra bits.
pub(super) struct Symbol {
    pub(super) symbol: usize,
    pub(super) extra: usize,
    pub(super) value: u64,
}

/// Returns the length symbol of RFC 1951, 3.2.5.
pub(super) fn length_symbol(len: usize) -> Symbol {
    if len == 258 {
        return Symbol { symbol: 285, extra: 0, value: 0 };
    }
    let (mut symbol, mut base) = (257, 3);
    loop {
        let extra = if symbol < 265 { 0 } else { (symbol - 261) / 4 };
        if len < base + (1 << extra) {
            return Symbol { symbol, extra, value: (len - base) as u64 };
        }
        base += 1 << extra;
        symbol += 1;
    }
}

/// Returns the distance symbol of RFC 1951, 3.2.5.
pub(super) fn distance_symbol(dist: usize) -> Symbol {
    let (mut symbol, mut base) = (0, 1);
    loop {
        let extra = if symbol < 4 { 0 } else { symbol / 2 - 1 };
        if dist < base + (1 << extra) {
            return Symbol { symbol, extra, value: (dist - base) as u64 };
        }
        base += 1 << extra;
        symbol += 1;
    }
}

pub(super) fn sum(counts: &[u64], lengths: &[u8]) -> u64 {
    counts.iter().zip(lengths).map(|(&count, &length)| count * u64::from(length)).sum()
}

/// The number of uses of each symbol, and the sum of all extra bits (D-14).
pub(super) struct Counts {
    pub(super) lit: Vec<u64>,
    pub(super) dst: Vec<u64>,
    pub(super) extra: u64,
}

/// Counts the symbols of tokens (D-14).
pub(super) fn count(tokens: &[Token]) -> Counts {
    let (mut lit, mut dst, mut extra) = (vec![0_u64; 286], vec![0_u64; 30], 0);
    lit[256] = 1;
    for token in tokens {
        match *token {
            Token::Literal(byte) => lit[usize::from(byte)] += 1,
            Token::Match { len, dist } => {
                let (l, d) = (length_symbol(len), distance_symbol(dist));
                lit[l.symbol] += 1;
                dst[d.symbol] += 1;
                extra += (l.extra + d.extra) as u64;
            }
        }
    }
    if dst.iter().all(|&count| count == 0) {
        dst[0] = 1;
    }
    Counts { lit, dst, extra }
}

/// The codes of a dynamic block.
#[derive(Clone)]
pub(super) struct Codes {
    pub(super) lit: Vec<u8>,
    pub(super) dst: Vec<u8>,
}

/// Chooses the codes of a dynamic block (D-15).
pub(super) fn own_codes(counts: &Counts) -> Codes {
    Codes { lit: code_lengths(&counts.lit, 15), dst: code_lengths(&counts.dst, 15) }
}

/// Returns the codes of a fixed block.
pub(super) fn fixed_codes() -> Codes {
    let length = |s| [8, 9, 7, 8][(s > 143) as usize + (s > 255) as usize + (s > 279) as usize];
    Codes { lit: (0..288).map(length).collect(), dst: vec![5; 30] }
}

/// Returns the header of a dynamic block: bits with their number, and how many these are, without
/// the three bits of the block's type (D-16, D-17).
pub(super) fn header(codes: &Codes) -> (Vec<(u64, usize)>, u64) {
    let nlit = 1 + codes.lit.iter().rposition(|&length| length > 0).expect("256 is used");
    let ndist = 1 + codes.dst.iter().rposition(|&length| length > 0).expect("one is used");
    let runs = run_lengths(&[&codes.lit[..nlit], &codes.dst[..ndist]].concat());
    let mut run_counts = [0_u64; 19];
    runs.iter().for_each(|run| run_counts[run.symbol] += 1);
    let run_code_lengths = code_lengths(&run_counts, 7);
    let last = ORDER.iter().rposition(|&symbol| run_code_lengths[symbol] > 0).expect("one is used");
    let ncl = 4.max(last + 1);

    let mut bits = vec![(nlit as u64 - 257, 5), (ndist as u64 - 1, 5), (ncl as u64 - 4, 4)];
    bits.extend(ORDER[..ncl].iter().map(|&s| (u64::from(run_code_lengths[s]), 3)));
    let run_codes = codes_of(&run_code_lengths);
    for run in &runs {
        let length = run_code_lengths[run.symbol];
        bits.extend((0..length).rev().map(|bit| (run_codes[run.symbol] >> bit & 1, 1)));
        bits.push((run.value, run.extra));
    }
    let size = bits.iter().map(|(_, count)| *count as u64).sum();
    (bits, size)
}

/// Returns the size of tokens in bits, with the end of the block (D-18).
pub(super) fn size(counts: &Counts, codes: &Codes) -> u64 {
    sum(&counts.lit, &codes.lit) + sum(&counts.dst, &codes.dst) + counts.extra
}

/// Writes stored blocks (D-20).
pub(super) fn write_stored(bits: &mut Bits, bytes: &[u8]) {
    bits.put(0, 3);
    bits.align();
    let len = bytes.len() as u16;
    bits.bytes.extend(len.to_le_bytes());
    bits.bytes.extend((!len).to_le_bytes());
    bits.bytes.extend(bytes);
}

/// D-14 to D-20.
pub(super) fn write(bits: &mut Bits, tokens: &[Token], bytes: &[u8], may_store: bool) {
    let counts = count(tokens);
    let (own, fixed) = (own_codes(&counts), fixed_codes());
    let (header, header_size) = header(&own);
    let dynamic_size = 3 + header_size + size(&counts, &own);
    let fixed_size = 3 + size(&counts, &fixed);
    let stored = 8 * (bytes.len() as u64 + 5);

    if may_store && stored < dynamic_size.min(fixed_size) {
        write_stored(bits, bytes);
        return;
    }
    let codes = if dynamic_size < fixed_size {
        bits.put(0b100, 3);
        header.iter().for_each(|&(value, count)| bits.put(value, count));
        own
    } else {
        bits.put(0b010, 3);
        fixed
    };
    write_tokens(bits, tokens, &codes);
    write_end(bits, &codes);
}

/// The end of a block.
pub(super) fn write_end(bits: &mut Bits, codes: &Codes) {
    bits.put_code(codes_of(&codes.lit)[256], codes.lit[256]);
}

/// Compresses the code lengths (D-16).
fn run_lengths(lengths: &[u8]) -> Vec<Symbol> {
    let mut runs = Vec::new();
    for run in lengths.chunk_by(|a, b| a == b) {
        let plain = |value: u8| Symbol { symbol: usize::from(value), extra: 0, value: 0 };
        let (value, mut left) = (run[0], run.len());
        if value > 0 {
            runs.push(plain(value));
            left -= 1;
            while left >= 3 {
                let n = left.min(6);
                runs.push(Symbol { symbol: 16, extra: 2, value: n as u64 - 3 });
                left -= n;
            }
        } else {
            while left >= 11 {
                let n = left.min(138);
                runs.push(Symbol { symbol: 18, extra: 7, value: n as u64 - 11 });
                left -= n;
            }
            if left >= 3 {
                runs.push(Symbol { symbol: 17, extra: 3, value: left as u64 - 3 });
                left = 0;
            }
        }
        runs.extend((0..left).map(|_| plain(value)));
    }
    runs
}

pub(super) fn write_tokens(bits: &mut Bits, tokens: &[Token], codes: &Codes) {
    let Codes { lit: lit_lengths, dst: dst_lengths } = codes;
    let (lit_codes, dst_codes) = (codes_of(lit_lengths), codes_of(dst_lengths));
    for token in tokens {
        match *token {
            Token::Literal(byte) => {
                let at = usize::from(byte);
                bits.put_code(lit_codes[at], lit_lengths[at]);
            }
            Token::Match { len, dist } => {
                let (l, d) = (length_symbol(len), distance_symbol(dist));
                bits.put_code(lit_codes[l.symbol], lit_lengths[l.symbol]);
                bits.put(l.value, l.extra);
                bits.put_code(dst_codes[d.symbol], dst_lengths[d.symbol]);
                bits.put(d.value, d.extra);
            }
        }
    }
}
