// SPDX-License-Identifier: Apache-2.0
//! The second frozen DEFLATE encoder as deflate-go127.md puts it, rule by rule, without a thought for
//! speed.

mod blocks;

use self::blocks::Blocks;
use super::Token;
use super::block::{distance_symbol, length_symbol};
use super::code_lengths::code_lengths;

const W: usize = 32_768;
const MIN: usize = 4;
const MAX: usize = 258;
const CHAIN: usize = 1_024;
const PATIENCE: usize = 1_024;
const BUFFER: usize = 65_536;
const PRICE: usize = 32_768;

/// The arithmetics of E-29.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// Nothing is fused.
    Plain,
    /// All that E-29 names.
    Fused,
    /// The first and the third.
    V3,
}

/// Returns the raw DEFLATE stream of `input`.
pub fn compress(input: &[u8], arithmetic: Arithmetic) -> Vec<u8> {
    let mut oracle = Oracle {
        input,
        last: vec![None; 1 << 17],
        previous: vec![None; input.len()],
        base: 0,
        end: 0,
        prices: [1; 256],
        p: 0,
        len: 3,
        dist: 0,
        pending: false,
        row: 0,
        blocks: Blocks::new(input, arithmetic),
    };
    oracle.parse();
    oracle.blocks.finish()
}

struct Oracle<'a> {
    input: &'a [u8],
    /// The last inserted position of each hash, and for each position the one inserted before it.
    last: Vec<Option<usize>>,
    previous: Vec<Option<usize>>,
    /// S and E.
    base: usize,
    end: usize,
    prices: [i64; 256],
    /// The position of the parse (E-12).
    p: usize,
    len: usize,
    dist: usize,
    pending: bool,
    row: usize,
    blocks: Blocks<'a>,
}

impl Oracle<'_> {
    /// Parses the whole input (E-1, E-2).
    fn parse(&mut self) {
        let n = self.input.len();
        for round in 0.. {
            self.base = round * W;
            self.end = n.min(self.base + BUFFER);
            let is_last = self.end == n;
            self.blocks.begin(self.base, is_last);
            self.set_prices();
            while self.end > self.p && (is_last || self.end - self.p >= MIN + MAX) {
                self.turn();
            }
            if is_last {
                break;
            }
        }
        // E-17.
        if self.pending {
            self.literal(self.p - 1);
        }
    }

    /// Sets the prices of literals (E-4).
    fn set_prices(&mut self) {
        let mut counts = [0_u64; 256];
        let until = self.end.min(self.p + PRICE);
        self.input[self.p..until].iter().for_each(|&byte| counts[usize::from(byte)] += 1);
        let lengths = code_lengths(&counts, 15);
        for (price, length) in self.prices.iter_mut().zip(lengths) {
            *price = i64::from(length.max(1));
        }
    }

    /// Returns the hash of a position (E-5).
    fn hash(&self, q: usize) -> usize {
        let four = self.input[q..q + 4].try_into().expect("four bytes");
        (u32::from_le_bytes(four).wrapping_mul(2_654_435_761) >> 15) as usize
    }

    /// Inserts a position (E-6).
    fn insert(&mut self, q: usize) {
        if q + 4 <= self.end {
            let hash = self.hash(q);
            self.previous[q] = self.last[hash].replace(q);
        }
    }

    fn literal(&mut self, at: usize) {
        self.blocks.push(Token::Literal(self.input[at]));
    }

    /// Takes one turn of the parse (E-13).
    fn turn(&mut self) {
        self.insert(self.p);
        let prev = (self.len, self.dist);
        self.len = 3;
        if self.end - self.p > prev.0
            && prev.0 < MAX
            && self.p + 4 <= self.end
            && let Some(found) = self.search()
        {
            (self.len, self.dist) = found;
        }
        if prev.0 >= 4 && self.len <= prev.0 {
            let mut inserted = self.p;
            let (k, l, d) = self.match_end(prev);
            let start = self.p - 1;
            for j in 0..k {
                self.literal(start + j);
                // E-14: position p + j after the j-th one, counted from 1.
                inserted = self.p + j + 1;
                self.insert(inserted);
            }
            self.blocks.push(Token::Match { len: l, dist: d });
            // E-16.
            let after = start + k + l;
            (inserted + 1..after).for_each(|q| self.insert(q));
            (self.p, self.len, self.pending, self.row) = (after, 3, false, 0);
            return;
        }
        if self.len >= 4 {
            self.row = 0;
        }
        if !self.pending {
            self.p += 1;
            self.pending = true;
            return;
        }
        self.row = (self.row + 1) % 65_536;
        self.literal(self.p - 1);
        self.p += 1;
        // E-18.
        if self.row > PATIENCE {
            for _ in 0..1 + (self.row - PATIENCE) / 64 {
                if self.p >= self.end - 1 {
                    break;
                }
                self.literal(self.p - 1);
                self.insert(self.p);
                self.p += 1;
            }
            self.literal(self.p - 1);
            self.pending = false;
        }
    }

    /// E-7 to E-9.
    fn search(&self) -> Option<(usize, usize)> {
        let p = self.p;
        let limit = MAX.min(self.end - p);
        let (mut best, mut gain, mut found, mut tries) = (3, 4, None, 0);
        let mut next = self.previous[p];
        while let Some(q) = next {
            if q + W < p || q < self.base || tries == CHAIN {
                break;
            }
            tries += 1;
            next = self.previous[q];
            // It cannot be longer than the best one.
            if best >= limit || self.input[q + best] != self.input[p + best] {
                continue;
            }
            let n = self.common(q, p, limit);
            if n > best {
                let d = p - q;
                let bytes = &self.input[p..p + n];
                let price: i64 = bytes.iter().map(|&byte| self.prices[usize::from(byte)]).sum();
                let xd = if d == W { 6 } else { distance_symbol(d + 1).extra };
                let g = price - 3 - length_symbol(n).extra as i64 - xd as i64;
                if g > gain {
                    (best, gain, found) = (n, g, Some((n, d)));
                    if n >= limit {
                        break;
                    }
                }
            }
        }
        found
    }

    fn common(&self, a: usize, b: usize, limit: usize) -> usize {
        let pairs = self.input[a..].iter().zip(&self.input[b..]);
        pairs.take(limit).take_while(|(a, b)| a == b).count()
    }

    /// E-20, E-21: literals, length, distance.
    fn match_end(&self, prev: (usize, usize)) -> (usize, usize, usize) {
        let (l, d) = prev;
        let keep = (0, l, d);
        let (p, i) = (self.p, self.p - 1);
        if l >= 256 || i + l + 4 > self.end {
            return keep;
        }
        let Some(q) = self.last[self.hash(i + l)] else { return keep };
        let Some(c) = q.checked_sub(l) else { return keep };
        if i - c == d || c <= self.base.max(p.saturating_sub(W)) + 2 {
            return keep;
        }
        let m = self.common(c + 2, i + 2, 260.min(self.end - p) - 2);
        if m <= l {
            return keep;
        }
        let equal = |ahead: usize| self.input[i + ahead] == self.input[c + ahead];
        if !equal(1) || m == 258 {
            (2, m, i - c)
        } else if !equal(0) || m == 257 {
            (1, m + 1, i - c)
        } else {
            (0, m + 2, i - c)
        }
    }
}
