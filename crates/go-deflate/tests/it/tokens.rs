// SPDX-License-Identifier: Apache-2.0
//! Reads a DEFLATE stream back into its blocks and tokens, to see what the encoder chose.

/// One block of a stream.
#[derive(Debug, PartialEq)]
pub(super) enum Block {
    Stored(usize),
    Fixed(Vec<Token>),
    Dynamic(Vec<Token>),
}

/// A literal, or a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Literal(u8),
    Match { length: usize, distance: usize },
}

/// The blocks of a stream, without the empty one that ends it (D-21).
pub(super) fn blocks(stream: &[u8]) -> Vec<Block> {
    let mut bits = Bits { stream, at: 0 };
    let mut blocks = Vec::new();
    loop {
        let last = bits.take(1) == 1;
        let block = match bits.take(2) {
            0 => Block::Stored(bits.stored()),
            1 => {
                let lengths: Vec<usize> = (0..288).map(fixed_length).collect();
                Block::Fixed(bits.tokens(&lengths, &[5; 30]))
            }
            2 => {
                let (literals, distances) = bits.lengths();
                Block::Dynamic(bits.tokens(&literals, &distances))
            }
            form => panic!("block form {form}"),
        };
        if last {
            assert_eq!(block, Block::Stored(0), "D-21");
            assert_eq!(bits.at, 8 * stream.len());
            return blocks;
        }
        blocks.push(block);
    }
}

/// All tokens of a stream of coded blocks.
pub(super) fn tokens(stream: &[u8]) -> Vec<Token> {
    let tokens = |block| match block {
        Block::Fixed(tokens) | Block::Dynamic(tokens) => tokens,
        Block::Stored(n) => panic!("a stored block of {n} bytes"),
    };
    blocks(stream).into_iter().flat_map(tokens).collect()
}

fn fixed_length(symbol: usize) -> usize {
    match symbol {
        0..144 | 280.. => 8,
        144..256 => 9,
        256..280 => 7,
    }
}

struct Bits<'a> {
    stream: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: usize) -> usize {
        let bit = |at: usize| usize::from(self.stream[at / 8] >> (at % 8) & 1);
        let value = (0..count).map(|i| bit(self.at + i) << i).sum();
        self.at += count;
        value
    }

    fn stored(&mut self) -> usize {
        self.at = self.at.next_multiple_of(8);
        let length = self.take(16);
        assert_eq!(self.take(16), 0xffff - length);
        self.at += 8 * length;
        length
    }

    /// The next symbol of the canonical code of those lengths.
    fn symbol(&mut self, lengths: &[usize]) -> usize {
        let (mut code, mut first) = (0, 0);
        for length in 1..=15 {
            code = 2 * code + self.take(1);
            first *= 2;
            let mut symbols = (0..lengths.len()).filter(|&symbol| lengths[symbol] == length);
            let count = symbols.clone().count();
            if code < first + count {
                return symbols.nth(code - first).expect("is one of them");
            }
            first += count;
        }
        panic!("no such code");
    }

    fn lengths(&mut self) -> (Vec<usize>, Vec<usize>) {
        const ORDER: [usize; 19] =
            [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
        let (nlit, ndist, ncl) = (self.take(5) + 257, self.take(5) + 1, self.take(4) + 4);
        let mut code = [0; 19];
        ORDER[..ncl].iter().for_each(|&symbol| code[symbol] = self.take(3));
        let mut lengths = Vec::new();
        while lengths.len() < nlit + ndist {
            let (value, count) = match self.symbol(&code) {
                16 => (lengths[lengths.len() - 1], 3 + self.take(2)),
                17 => (0, 3 + self.take(3)),
                18 => (0, 11 + self.take(7)),
                length => (length, 1),
            };
            lengths.extend(std::iter::repeat_n(value, count));
        }
        let distances = lengths.split_off(nlit);
        (lengths, distances)
    }

    fn tokens(&mut self, literals: &[usize], distances: &[usize]) -> Vec<Token> {
        let mut tokens = Vec::new();
        loop {
            let length = match self.symbol(literals) {
                256 => return tokens,
                285 => 258,
                symbol @ 257.. => {
                    // The lengths before a symbol's are those of all symbols before it.
                    let extra = |symbol: usize| (symbol.max(261) - 261) / 4;
                    let base: usize = (257..symbol).map(|before| 1 << extra(before)).sum();
                    3 + base + self.take(extra(symbol))
                }
                symbol => {
                    tokens.push(Token::Literal(symbol as u8));
                    continue;
                }
            };
            let symbol = self.symbol(distances);
            let extra = |symbol: usize| (symbol.max(2) - 2) / 2;
            let base: usize = (0..symbol).map(|before| 1 << extra(before)).sum();
            let distance = 1 + base + self.take(extra(symbol));
            tokens.push(Token::Match { length, distance });
        }
    }
}
