// SPDX-License-Identifier: Apache-2.0
//! The frozen DEFLATE encoder (deflate.md), against the golden vectors and against the oracle.

mod tokens;
mod rules;
mod vectors;
mod streams;
mod differential;
mod parallel;
mod go127;

use std::io::Write as _;

use oci_artifact::deflate::{self, Encoder};

/// The stream, with the tables for small inputs where the input is one, and with those for all.
fn compress(input: &[u8]) -> Vec<u8> {
    let stream = deflate::compress(input);
    let mut encoder = Encoder::new(Vec::new());
    encoder.write_all(input).expect("a Vec takes all");
    assert!(encoder.finish().expect("a Vec takes all") == stream, "the tables can be seen");
    stream
}
