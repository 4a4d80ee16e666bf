// SPDX-License-Identifier: Apache-2.0
//! The frozen DEFLATE encoder as deflate.md puts it, rule by rule, without a thought for speed:
//! what the fast encoder is compared with. It shares no code with it. [`go127`] is the second one.

mod block;
mod code_lengths;
pub mod go127;

const W: usize = 32_768;
const MIN: usize = 4;
const MAX: usize = 258;
const CHAIN: usize = 4_096;
const NEAR: usize = 4_096;
const BLOCK: usize = 16_384;
const BUFFER: usize = 65_536;

/// A literal, or a match of `len` bytes at distance `dist`.
#[derive(Clone, Copy)]
enum Token {
    Literal(u8),
    Match { len: usize, dist: usize },
}

/// Returns the raw DEFLATE stream of `input`.
pub fn compress(input: &[u8]) -> Vec<u8> {
    let mut oracle = Oracle {
        input,
        previous: previous_with_same_hash(input),
        base: 0,
        end: input.len().min(BUFFER),
        tokens: Vec::new(),
        block_start: 0,
        bits: block::Bits::default(),
    };
    oracle.parse();
    oracle.bits.put(1, 1);
    oracle.bits.put(0, 2);
    oracle.bits.align();
    oracle.bits.bytes.extend([0, 0, 0xff, 0xff]);
    oracle.bits.bytes
}

/// D-1, D-2: for each position the nearest one before it with the same hash.
fn previous_with_same_hash(input: &[u8]) -> Vec<Option<usize>> {
    let mut last = vec![None; 1 << 17];
    let mut previous = vec![None; input.len()];
    for (q, four) in input.windows(4).enumerate() {
        let word = u32::from_be_bytes(four.try_into().expect("four bytes"));
        let hash = (word.wrapping_mul(0x1e35_a7bd) >> 15) as usize;
        previous[q] = last[hash].replace(q);
    }
    previous
}

struct Oracle<'a> {
    input: &'a [u8],
    previous: Vec<Option<usize>>,
    /// The start of the segment, S.
    base: usize,
    /// The end of the input, E.
    end: usize,
    tokens: Vec<Token>,
    block_start: usize,
    bits: block::Bits,
}

impl Oracle<'_> {
    /// D-5, D-6 and D-10 to D-13.
    fn parse(&mut self) {
        let n = self.input.len();
        let (mut p, mut len, mut dist, mut pending) = (0, 3, 0, false);
        loop {
            while self.end < n && self.end - p < MIN + MAX {
                self.base += W;
                self.end = n.min(self.base + BUFFER);
            }
            let ahead = self.end - p;
            if ahead == 0 {
                break;
            }
            let prev = (len, dist);
            len = 3;
            if ahead > prev.0
                && prev.0 < MAX
                && let Some(found) = self.search(p)
            {
                (len, dist) = found;
            }
            if prev.0 >= MIN && len <= prev.0 {
                self.tokens.push(Token::Match { len: prev.0, dist: prev.1 });
                p = p - 1 + prev.0;
                len = 3;
                pending = false;
                self.close_full_block();
            } else {
                if pending {
                    self.tokens.push(Token::Literal(self.input[p - 1]));
                    self.close_full_block();
                }
                p += 1;
                pending = true;
            }
        }
        if pending {
            self.tokens.push(Token::Literal(self.input[p - 1]));
        }
        if !self.tokens.is_empty() {
            self.close_block();
        }
    }

    /// D-3 and D-9.
    fn search(&self, p: usize) -> Option<(usize, usize)> {
        let limit = MAX.min(self.end - p);
        let (mut best, mut distance, mut tries) = (3, None, 0);
        let mut next = self.previous[p];
        while let Some(q) = next {
            if q + W < p || q < self.base || tries == CHAIN || best >= limit {
                break;
            }
            tries += 1;
            let pairs = self.input[q..].iter().zip(&self.input[p..p + limit]);
            let n = pairs.take_while(|(a, b)| a == b).count();
            if n > best && (n > 4 || p - q <= NEAR) {
                (best, distance) = (n, Some(p - q));
            }
            next = self.previous[q];
        }
        distance.map(|distance| (best, distance))
    }

    fn close_full_block(&mut self) {
        if self.tokens.len() == BLOCK {
            self.close_block();
        }
    }

    /// D-13: the block's input is what its tokens cover; a pending byte is not in it.
    fn close_block(&mut self) {
        let length = |token: &Token| match token {
            Token::Literal(_) => 1,
            Token::Match { len, .. } => *len,
        };
        let end = self.block_start + self.tokens.iter().map(length).sum::<usize>();
        let bytes = &self.input[self.block_start..end];
        let may_store = bytes.len() <= 65_535 && self.block_start >= self.base;
        block::write(&mut self.bits, &self.tokens, bytes, may_store);
        self.tokens.clear();
        self.block_start = end;
    }
}
