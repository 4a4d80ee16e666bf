// SPDX-License-Identifier: Apache-2.0
//! Section 6: one block, in the smallest of its three forms.

use super::Token;
use super::code_lengths::{code_lengths, codes};

const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// Bits, packed from the least significant end of each byte.
#[derive(Default)]
pub(super) struct Bits {
    pub(super) bytes: Vec<u8>,
    /// Bits used of the last byte; 0 means that it is full.
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
    fn put_code(&mut self, code: u64, length: u8) {
        (0..length).rev().for_each(|bit| self.put(code >> bit & 1, 1));
    }

    pub(super) fn align(&mut self) {
        self.used = 0;
    }
}

/// A symbol with its extra bits.
struct Symbol {
    symbol: usize,
    extra: usize,
    value: u64,
}

/// The length symbol of RFC 1951, 3.2.5.
fn length_symbol(len: usize) -> Symbol {
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

/// The distance symbol of RFC 1951, 3.2.5.
fn distance_symbol(dist: usize) -> Symbol {
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

fn sum(counts: &[u64], lengths: &[u8]) -> u64 {
    counts.iter().zip(lengths).map(|(&count, &length)| count * u64::from(length)).sum()
}

/// D-14 to D-20.
pub(super) fn write(bits: &mut Bits, tokens: &[Token], bytes: &[u8], may_store: bool) {
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
    let nlit = 1 + lit.iter().rposition(|&count| count > 0).expect("256 is used");
    let ndist = 1 + dst.iter().rposition(|&count| count > 0).expect("one is used");
    let lit_lengths = code_lengths(&lit, 15);
    let dst_lengths = code_lengths(&dst, 15);

    let runs = run_lengths(&[&lit_lengths[..nlit], &dst_lengths[..ndist]].concat());
    let mut run_counts = [0_u64; 19];
    runs.iter().for_each(|run| run_counts[run.symbol] += 1);
    let run_code_lengths = code_lengths(&run_counts, 7);
    let last = ORDER.iter().rposition(|&symbol| run_code_lengths[symbol] > 0).expect("one is used");
    let ncl = 4.max(last + 1);

    let dynamic = 17
        + 3 * ncl as u64
        + sum(&run_counts, &run_code_lengths)
        + 2 * run_counts[16]
        + 3 * run_counts[17]
        + 7 * run_counts[18]
        + sum(&lit, &lit_lengths)
        + sum(&dst, &dst_lengths)
        + extra;
    let fixed_lengths: Vec<u8> = (0..288)
        .map(|s| [8, 9, 7, 8][(s > 143) as usize + (s > 255) as usize + (s > 279) as usize])
        .collect();
    let fixed = 3 + sum(&lit, &fixed_lengths) + sum(&dst, &[5; 30]) + extra;
    let stored = 8 * (bytes.len() as u64 + 5);

    if may_store && stored < dynamic.min(fixed) {
        bits.put(0, 3);
        bits.align();
        let len = bytes.len() as u16;
        bits.bytes.extend(len.to_le_bytes());
        bits.bytes.extend((!len).to_le_bytes());
        bits.bytes.extend(bytes);
    } else if dynamic < fixed {
        bits.put(0b100, 3);
        bits.put(nlit as u64 - 257, 5);
        bits.put(ndist as u64 - 1, 5);
        bits.put(ncl as u64 - 4, 4);
        ORDER[..ncl].iter().for_each(|&s| bits.put(u64::from(run_code_lengths[s]), 3));
        let run_codes = codes(&run_code_lengths);
        for run in &runs {
            bits.put_code(run_codes[run.symbol], run_code_lengths[run.symbol]);
            bits.put(run.value, run.extra);
        }
        write_tokens(bits, tokens, &lit_lengths, &dst_lengths);
    } else {
        bits.put(0b010, 3);
        write_tokens(bits, tokens, &fixed_lengths, &[5; 30]);
    }
}

/// D-16.
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

fn write_tokens(bits: &mut Bits, tokens: &[Token], lit_lengths: &[u8], dst_lengths: &[u8]) {
    let (lit_codes, dst_codes) = (codes(lit_lengths), codes(dst_lengths));
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
    bits.put_code(lit_codes[256], lit_lengths[256]);
}
