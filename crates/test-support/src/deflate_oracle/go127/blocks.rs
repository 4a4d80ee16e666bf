// SPDX-License-Identifier: Apache-2.0
//! Section 7: blocks and tables.

use super::super::Token;
use super::super::block::{
    Bits, Codes, Counts, count, fixed_codes, header, own_codes, size, write_end, write_stored,
    write_tokens,
};
use super::Arithmetic;

const BLOCK: usize = 32_768;
const SMALL: usize = 250;

/// The table that the last block left (E-22), and H.
struct Carried {
    codes: Codes,
    header: u64,
}

/// Takes tokens and writes blocks.
pub(super) struct Blocks<'a> {
    input: &'a [u8],
    arithmetic: Arithmetic,
    base: usize,
    is_last_round: bool,
    tokens: Vec<Token>,
    start: usize,
    carried: Option<Carried>,
    bits: Bits,
}

impl<'a> Blocks<'a> {
    pub(super) fn new(input: &'a [u8], arithmetic: Arithmetic) -> Self {
        Self {
            input,
            arithmetic,
            base: 0,
            is_last_round: false,
            tokens: Vec::new(),
            start: 0,
            carried: None,
            bits: Bits::default(),
        }
    }

    pub(super) fn begin(&mut self, base: usize, is_last_round: bool) {
        (self.base, self.is_last_round) = (base, is_last_round);
    }

    /// Adds a token to the block (E-19).
    pub(super) fn push(&mut self, token: Token) {
        self.tokens.push(token);
        if self.tokens.len() == BLOCK {
            self.close();
        }
    }

    /// Ends the stream (E-17, E-30).
    pub(super) fn finish(mut self) -> Vec<u8> {
        if !self.tokens.is_empty() {
            self.close();
        }
        self.bits.put(1, 1);
        self.bits.put(1, 2);
        self.bits.put(0, 7);
        self.bits.bytes
    }

    fn drop_carried(&mut self) {
        if let Some(carried) = self.carried.take() {
            write_end(&mut self.bits, &carried.codes);
        }
    }

    /// E-23 to E-27.
    fn close(&mut self) {
        let tokens = std::mem::take(&mut self.tokens);
        let length = |token: &Token| match token {
            Token::Literal(_) => 1,
            Token::Match { len, .. } => *len,
        };
        let end = self.start + tokens.iter().map(length).sum::<usize>();
        let bytes = &self.input[self.start..end];
        let may_store = bytes.len() <= 65_535 && self.start >= self.base;
        self.start = end;

        let counts = count(&tokens);
        let t = tokens.len() + usize::from(self.is_last_round);
        let fixed_codes = fixed_codes();
        let fixed = 3 + size(&counts, &fixed_codes);
        let stored = 8 * (bytes.len() as u64 + 5);
        let matches = tokens.iter().filter(|token| matches!(token, Token::Match { .. })).count();

        // E-25: what to do with a carried table.
        let mut kept = None;
        if let Some(carried) = &self.carried
            && has_all(&counts, matches, &carried.codes)
        {
            let reuse = size(&counts, &carried.codes);
            let mut new = carried.header + estimate(&counts, t, matches, self.arithmetic);
            new = new + u64::from(carried.codes.lit[256]) + new / 256;
            let size = new.min(reuse);
            if t < SMALL && fixed + 7 < size {
                self.drop_carried();
                if may_store && stored <= size {
                    write_stored(&mut self.bits, bytes);
                } else {
                    self.write_fixed(&tokens, &fixed_codes);
                }
                return;
            }
            if may_store && stored <= size {
                self.drop_carried();
                return write_stored(&mut self.bits, bytes);
            }
            if new >= reuse {
                kept = Some(carried.codes.clone());
            }
        }
        let codes = match kept {
            Some(codes) => {
                write_tokens(&mut self.bits, &tokens, &codes);
                codes
            }
            // E-26.
            None => {
                self.drop_carried();
                let own = own_codes(&counts);
                let (header, header_size) = header(&own);
                let dynamic = 3 + header_size + size(&counts, &own);
                if t < SMALL && fixed <= dynamic {
                    return if may_store && stored <= fixed {
                        write_stored(&mut self.bits, bytes);
                    } else {
                        self.write_fixed(&tokens, &fixed_codes);
                    };
                }
                if may_store && stored <= dynamic {
                    return write_stored(&mut self.bits, bytes);
                }
                self.bits.put(0b100, 3);
                header.iter().for_each(|&(value, count)| self.bits.put(value, count));
                write_tokens(&mut self.bits, &tokens, &own);
                self.carried = Some(Carried { codes: own.clone(), header: 3 + header_size });
                own
            }
        };
        // E-27.
        if self.is_last_round {
            write_end(&mut self.bits, &codes);
            self.carried = None;
        }
    }

    fn write_fixed(&mut self, tokens: &[Token], codes: &Codes) {
        self.bits.put(0b010, 3);
        write_tokens(&mut self.bits, tokens, codes);
        write_end(&mut self.bits, codes);
    }
}

/// E-25.1: the distance symbol that D-14 counts without a match need not be there.
fn has_all(counts: &Counts, matches: usize, codes: &Codes) -> bool {
    let has = |counts: &[u64], lengths: &[u8]| {
        (0..counts.len()).all(|symbol| counts[symbol] == 0 || lengths[symbol] > 0)
    };
    has(&counts.lit, &codes.lit) && (matches == 0 || has(&counts.dst, &codes.dst))
}

/// Estimates the number of bits of a block (E-28).
fn estimate(counts: &Counts, t: usize, matches: usize, arithmetic: Arithmetic) -> u64 {
    let mut sum = 0_f32;
    let add = |counts: &[u64], inverse: f32, sum: &mut f32| {
        for &count in counts.iter().filter(|count| **count > 0) {
            let count = count as f32;
            let bits = 15_f32.min(1_f32.max(-log(count * inverse, arithmetic)));
            *sum = match arithmetic {
                Arithmetic::Plain => *sum + bits * count,
                Arithmetic::Fused | Arithmetic::V3 => bits.mul_add(count, *sum),
            };
        }
    };
    let inverse = 1.0 / t as f32;
    add(&counts.lit[..256], inverse, &mut sum);
    sum += 15.0;
    add(&counts.lit[257..], inverse, &mut sum);
    if matches > 0 {
        add(&counts.dst, 1.0 / matches as f32, &mut sum);
    }
    sum as u64 + counts.extra
}

/// Returns the logarithm in that arithmetic (E-28, E-29).
#[expect(clippy::excessive_precision, reason = "these are the digits of the rule")]
fn log(x: f32, arithmetic: Arithmetic) -> f32 {
    const A: f32 = -0.34484843;
    const B: f32 = 2.02466578;
    const C: f32 = 0.67487759;
    let exponent = x.to_bits() >> 23 & 255;
    let y = f32::from_bits(x.to_bits() & !(255 << 23) | 127 << 23);
    let bracket = match arithmetic {
        Arithmetic::Plain => (A * y + B) * y - C,
        Arithmetic::Fused => A.mul_add(y, B).mul_add(y, -C),
        Arithmetic::V3 => A.mul_add(y, B) * y - C,
    };
    (exponent as f32 - 128.0) + bracket
}
