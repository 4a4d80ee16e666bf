// SPDX-License-Identifier: Apache-2.0
//! The encoder of Go 1.27 (deflate-go127.md), against the golden vectors and against the oracle.

mod vectors;
mod differential;
mod parallel;
mod rules;

use go_deflate::{Encoder, compress_with};

/// The stream with the default arithmetic.
fn compress(input: &[u8]) -> Vec<u8> {
    compress_with(Encoder::Go127, input)
}
