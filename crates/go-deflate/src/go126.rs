// SPDX-License-Identifier: Apache-2.0
//! The encoder of Go up to 1.26 (deflate.md).
//!
//! bytes → window → `matcher` (the best match of a position) → `parse` (which of them to take) → tokens
//! → `block` → bits. Behind them the `deflater`, which is the whole with one thread, and `parallel`,
//! with several.
//! What a position's best match is, and what tokens follow a token boundary, depends on the input
//! alone (D-4), never on how it was handed over (D-8) or on earlier choices.

mod matcher;
mod parse;
mod tokens;
mod block;
mod deflater;
mod parallel;

pub(super) use deflater::{Deflater, deflate};
pub(super) use parallel::Parallel;

/// CHAIN: how many candidates are tried for a position.
const CHAIN: u32 = 4_096;
/// NEAR: the farthest distance of a match of exactly `MIN` bytes.
const NEAR: u32 = 4_096;
/// BLOCK: the tokens of a block, its end not counted.
const BLOCK: usize = 16_384;
