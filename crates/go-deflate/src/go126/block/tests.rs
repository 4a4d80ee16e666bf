// SPDX-License-Identifier: Apache-2.0
//! Sizes and choices of single blocks, on both sides of each border.

use super::{Block, Counts, FIXED, Form};
use crate::bits::Bits;
use crate::made::{bytes, literals};
use crate::token::{Match, NO_DISTANCE, Token};

/// Blocks of all sizes and mixtures.
fn blocks() -> impl Iterator<Item = (Vec<u8>, Vec<Token>)> {
    (0..3_000_u32).map(|seed| {
        let bytes = bytes(1 + seed as usize % 331, 1 + seed % 256, seed);
        let mut tokens = literals(&bytes);
        for at in 0..seed % 4 {
            let length = 4 + seed.wrapping_mul(7 + at) % 255;
            let distance = 1 + seed.wrapping_mul(31 + at) % 32_768;
            tokens.push(Token::new_match(Match { length, distance }));
        }
        (bytes, tokens)
    })
}

#[test]
fn a_size_is_the_number_of_bits_that_are_written_d_18() {
    let (mut fixed, mut dynamic) = (0, 0);
    for (_, tokens) in blocks() {
        let block = Block::new(&tokens, None);
        let (mut out, mut bits) = (Vec::new(), Bits::default());
        block.write(&mut bits, &mut out);
        let written = 8 * out.len() as u64 + u64::from(bits.partial());
        // The distance code that D-14 counts if there is none.
        let has_distance = tokens.iter().any(|token| token.distance_symbol() != NO_DISTANCE);
        let uncounted = match block.form {
            _ if has_distance => 0,
            Form::Fixed => 5,
            Form::Dynamic | Form::Stored(_) => 1,
        };
        assert_eq!(written + uncounted, block.size);
        match block.form {
            Form::Fixed => fixed += 1,
            _ => dynamic += 1,
        }
    }
    assert!(fixed > 100 && dynamic > 100, "{fixed} fixed, {dynamic} dynamic");
}

#[test]
fn dynamic_only_if_it_is_smaller_than_fixed_d_19() {
    let mut ties = 0;
    for (_, tokens) in blocks() {
        let block = Block::new(&tokens, None);
        let counts = Counts::new(&tokens);
        let dynamic = block.header.bits() + counts.bits(&block.lengths);
        let fixed = 3 + counts.bits(&FIXED);
        assert_eq!(matches!(block.form, Form::Dynamic), dynamic < fixed);
        assert_eq!(block.size, dynamic.min(fixed));
        ties += usize::from(dynamic == fixed);
    }
    assert!(ties > 0, "no tie");
}

#[test]
fn stored_only_if_it_is_smaller_than_coded_d_19() {
    let (mut ties, mut one_byte_more, mut one_byte_less) = (0, 0, 0);
    for seed in 0..4_000_u32 {
        let bytes = bytes(1 + seed as usize % 331, 200 + seed % 57, seed);
        let tokens = literals(&bytes);
        let coded = Block::new(&tokens, None).size;
        let stored = 8 * (bytes.len() as u64 + 5);
        let block = Block::new(&tokens, Some([&bytes, &[]]));
        assert_eq!(block.is_stored(), stored < coded);
        ties += usize::from(stored == coded);
        one_byte_more += usize::from(stored < coded && coded <= stored + 8);
        one_byte_less += usize::from(stored >= coded && coded + 8 > stored);
    }
    assert!(ties > 0 && one_byte_more > 0 && one_byte_less > 0);
}

#[test]
fn a_block_ends_once_d_14() {
    let counts = Counts::new(&literals(b"aab"));
    assert_eq!(counts.literals[256], 1);
    assert_eq!(counts.literals.iter().sum::<u32>(), 4);
    assert_eq!(counts.distances.iter().sum::<u32>(), 1);
}

/// Counts for which unlimited codes would be one bit longer from symbol to symbol.
fn fibonacci(symbols: usize) -> Vec<usize> {
    let mut counts = vec![1, 1];
    while counts.len() < symbols {
        counts.push(counts[counts.len() - 1] + counts[counts.len() - 2]);
    }
    counts
}

#[test]
fn codes_have_15_bits_at_most_d_15() {
    let mut tokens = Vec::new();
    for (symbol, count) in fibonacci(17).into_iter().enumerate() {
        tokens.extend(std::iter::repeat_n(Token::literal(symbol as u8), count));
        let distance = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257][symbol];
        let token = Token::new_match(Match { length: 4, distance });
        tokens.extend(std::iter::repeat_n(token, count));
    }
    let lengths = Block::new(&tokens, None).lengths;
    assert_eq!(lengths.literals.iter().max(), Some(&15));
    assert_eq!(lengths.distances.iter().max(), Some(&15));
}
