// SPDX-License-Identifier: Apache-2.0
//! The frozen encoders and the gzip members around their streams, against the golden vectors, against
//! the oracle and against other libraries. What stands here is about the first encoder (deflate.md).

mod both;
mod tokens;
mod rules;
mod vectors;
mod streams;
mod differential;
mod parallel;
mod go127;
mod gzip;

use std::io::Write as _;

use go_deflate::Writer;

/// The stream, with the tables for small inputs where the input is one, and with those for all.
fn compress(input: &[u8]) -> Vec<u8> {
    let stream = go_deflate::compress(input);
    let mut encoder = Writer::new(Vec::new());
    encoder.write_all(input).expect("a Vec takes all");
    assert!(encoder.finish().expect("a Vec takes all") == stream, "the tables can be seen");
    stream
}
