// SPDX-License-Identifier: Apache-2.0
//! The frozen DEFLATE encoder (deflate.md): for every input exactly one stream, the one that the
//! Go standard library wrote at level 9 up to Go 1.26. A layer's digest covers it, so it never
//! changes (BUG-70).
//!
//! bytes → `window` → `matcher` (the best match of a position) → `parse` (which of them to
//! take) → `token`s → `block` (`huffman` codes) → `bits`. The modules stand in that order; behind
//! them the `deflater`, which is the whole with one thread, and `parallel`, with several.
//! What a position's best match is, and what tokens follow a token boundary, depends on the input
//! alone (D-4), never on how it was handed over (D-8) or on earlier choices.

mod window;
mod matcher;
mod parse;
mod token;
mod huffman;
mod block;
mod bits;
mod deflater;
mod parallel;
mod stream;

pub use parallel::Threads;
pub use stream::{Encoder, Reader};

/// W: the farthest distance of a match.
const W: u64 = 32_768;
/// MIN: the shortest match ever emitted.
const MIN: usize = 4;
/// MAX: the longest match.
const MAX: usize = 258;
/// CHAIN: how many candidates are tried for a position.
const CHAIN: u32 = 4_096;
/// NEAR: the farthest distance of a match of exactly `MIN` bytes.
const NEAR: u32 = 4_096;
/// BLOCK: the tokens of a block, its end not counted.
const BLOCK: usize = 16_384;
/// BUFFER: the bytes that the encoder which is followed here held at once.
const BUFFER: u64 = 65_536;

/// The raw DEFLATE stream of `input`.
///
/// Needs about a mebibyte besides the input and the result.
pub fn compress(input: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(input.len() / 4 + 16);
    deflater::deflate(input, &mut out);
    out
}

/// A boxed array, made where it will stay: these are too large for a thread's stack.
fn boxed<T: Copy, const N: usize>(value: T) -> Box<[T; N]> {
    match vec![value; N].into_boxed_slice().try_into() {
        Ok(array) => array,
        Err(_) => unreachable!("the slice has N elements"),
    }
}
