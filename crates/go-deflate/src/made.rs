// SPDX-License-Identifier: Apache-2.0
//! Input that tests make for single blocks of either encoder.

use crate::token::Token;

/// Bytes that are more or less alike: `k` values, the low ones more often.
pub(super) fn bytes(n: usize, k: u32, seed: u32) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9) | 1;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state % k
    };
    (0..n).map(|_| next().min(next()) as u8).collect()
}

pub(super) fn literals(bytes: &[u8]) -> Vec<Token> {
    bytes.iter().map(|&byte| Token::literal(byte)).collect()
}
