// SPDX-License-Identifier: Apache-2.0
//! The encoder of Go 1.27 (deflate-go127.md).
//!
//! bytes → window → `round`s, each with its `prices` → `matcher` (the best match of a position) →
//! `parse` (which of them to take, and where they end) → tokens → `block` (whose table may be carried
//! on, as an `estimate` decides) → bits. Behind them the `deflater`, which is the whole with one
//! thread, and `parallel`, with several.

mod round;
mod prices;
mod matcher;
mod parse;
mod estimate;
mod block;
mod deflater;
mod parallel;

pub(super) use deflater::Deflater;
pub(super) use estimate::Arithmetic;
pub(super) use parallel::Parallel;

/// CHAIN: how many candidates are tried for a position.
const CHAIN: u32 = 1_024;
/// PATIENCE: literals in a row before skipping begins.
const PATIENCE: u16 = 1_024;
/// BLOCK: the tokens of a block, its end not counted.
const BLOCK: usize = 32_768;
/// PRICE: the bytes counted for the prices of a round.
const PRICE: u64 = 32_768;
/// SMALL: only blocks with fewer tokens may become fixed blocks.
const SMALL: u32 = 250;

/// The raw DEFLATE stream of `input`.
pub(super) fn deflate(input: &[u8], arithmetic: Arithmetic, out: &mut Vec<u8>) {
    let mut deflater = Deflater::new(arithmetic);
    deflater.push(input, out);
    deflater.finish(out);
}
