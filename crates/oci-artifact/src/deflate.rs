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
mod links;
mod token;
mod huffman;
mod block;
mod bits;
mod threads;
mod pool;
mod coded;
mod go126;
mod go127;
mod stream;

pub use stream::{Encoder, Reader};
pub use threads::Threads;

/// W: the farthest distance of a match.
const W: u64 = 32_768;
/// MIN: the shortest match ever emitted.
const MIN: usize = 4;
/// MAX: the longest match.
const MAX: usize = 258;
/// BUFFER: the bytes that the encoder which is followed here held at once.
const BUFFER: u64 = 65_536;

/// The raw DEFLATE stream of `input`.
///
/// Needs about a mebibyte besides the input and the result.
pub fn compress(input: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(input.len() / 4 + 16);
    go126::deflate(input, &mut out);
    out
}

/// TEMP
pub fn compress_go127(input: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(input.len() / 4 + 16);
    go127::deflate(input, go127::Arithmetic::Plain, &mut out);
    out
}

/// A boxed array, made where it will stay: these are too large for a thread's stack.
fn boxed<T: Copy, const N: usize>(value: T) -> Box<[T; N]> {
    match vec![value; N].into_boxed_slice().try_into() {
        Ok(array) => array,
        Err(_) => unreachable!("the slice has N elements"),
    }
}
