// SPDX-License-Identifier: Apache-2.0
//! The bytes that Go's `compress/flate` and `compress/gzip` write at level 9, for ever.
//!
//! An input has exactly one stream with each [`Encoder`]: the one of the Go standard library up to Go
//! 1.26 (deflate.md), or the one since Go 1.27 (deflate-go127.md). Digests cover these streams, so they never
//! change (BUG-70), whatever the machine, the number of threads, or how the input comes.
//!
//! ```
//! use std::io::{Read as _, Write as _};
//!
//! use go_deflate::gzip;
//!
//! # fn main() -> std::io::Result<()> {
//! let mut writer = gzip::Writer::new(Vec::new(), 0)?;
//! writer.write_all(b"hello\n")?;
//! let member = writer.finish()?;
//!
//! // Readers are limited: what is read may be anybody's.
//! let mut text = String::new();
//! gzip::Reader::new(&member[..], 1_000).read_to_string(&mut text)?;
//! assert_eq!(text, "hello\n");
//! # Ok(())
//! # }
//! ```
//!
//! Two policies over common parts, which stand in the order of the flow: bytes → `window` → chains of
//! `links` → `token`s → `huffman` codes → `block`s → `bits`; then what several threads need. `go126` and
//! `go127` are each an encoder, with one thread and with several, and `stream` is what others see of
//! them. `inflate` is the way back, strict and in constant memory.

mod encoder;
mod error;
mod window;
mod links;
mod token;
mod huffman;
mod block;
mod bits;
mod threads;
mod pool;
mod coded;
mod segment;
mod go126;
mod go127;
mod stream;
mod inflate;
pub mod gzip;
#[cfg(test)]
mod made;

pub use encoder::Encoder;
pub use error::{Error, UnknownEncoder};
pub use stream::{Reader, Writer};
pub use threads::Threads;

/// W: the farthest distance of a match.
const W: u64 = 32_768;
/// MIN: the shortest match ever emitted.
const MIN: usize = 4;
/// MAX: the longest match.
const MAX: usize = 258;
/// BUFFER: the bytes that the encoders which are followed here hold at once.
const BUFFER: u64 = 65_536;

/// Returns the raw DEFLATE stream of `input`, by the [default](Encoder::Go126) encoder.
///
/// Needs about a mebibyte besides the input and the result.
pub fn compress(input: &[u8]) -> Vec<u8> {
    compress_with(Encoder::default(), input)
}

/// Returns the raw DEFLATE stream of `input`, by that encoder.
///
/// Needs about a mebibyte besides the input and the result.
pub fn compress_with(encoder: Encoder, input: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(input.len() / 4 + 16);
    match go127::Arithmetic::of(encoder) {
        None => go126::deflate(input, &mut out),
        Some(arithmetic) => go127::deflate(input, arithmetic, &mut out),
    }
    out
}

/// Returns a boxed array, made where it will stay: these are too large for a thread's stack.
fn boxed<T: Copy, const N: usize>(value: T) -> Box<[T; N]> {
    match vec![value; N].into_boxed_slice().try_into() {
        Ok(array) => array,
        Err(_) => unreachable!("the slice has N elements"),
    }
}
