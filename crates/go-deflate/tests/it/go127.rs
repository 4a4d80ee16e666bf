// SPDX-License-Identifier: Apache-2.0
//! The encoder of Go 1.27 (deflate-go127.md), against the golden vectors and against the oracle.

mod vectors;
mod differential;
mod parallel;
mod rules;

use std::io::Write as _;
use std::num::NonZeroUsize;

use go_deflate::{Encoder, Threads, Writer, compress_with};

/// The stream with the default arithmetic.
fn compress(input: &[u8]) -> Vec<u8> {
    compress_with(Encoder::Go127, input)
}

/// The stream by so many threads, with segments of about so many bytes.
fn compress_in(encoder: Encoder, count: usize, segment: usize, input: &[u8]) -> Vec<u8> {
    let count = NonZeroUsize::new(count).expect("is a number of threads");
    let threads = Threads::new(count).with_segment_size(segment);
    let mut encoder = Writer::with_encoder(Vec::new(), encoder, threads);
    encoder.write_all(input).expect("a Vec takes all");
    encoder.finish().expect("a Vec takes all")
}

/// Where two streams differ first, which says more than both of them.
fn difference(a: &[u8], b: &[u8]) -> Option<usize> {
    (a != b).then(|| a.iter().zip(b).take_while(|(a, b)| a == b).count())
}
