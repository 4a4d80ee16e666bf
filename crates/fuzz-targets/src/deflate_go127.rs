// SPDX-License-Identifier: Apache-2.0
//! The encoder of Go 1.27: another decoder gives the input back, the rules written down literally give the same
//! stream, and so do several threads and many writes. The input is used as it is, and as a program that describes a
//! harder one; its first byte says with which arithmetic.

use std::io::{Read, Write};
use std::num::NonZeroUsize;

use flate2::read::DeflateDecoder;
use go_deflate::{Encoder, Threads, Writer, compress_with};
use test_support::deflate_oracle::go127::{Arithmetic, compress as oracle};
use test_support::hard_input;

/// Runs the target on an input.
pub fn run(data: &[u8]) {
    let (encoder, arithmetic) = match data.first().map_or(0, |byte| byte % 3) {
        0 => (Encoder::Go127, Arithmetic::Plain),
        1 => (Encoder::Go127Fused, Arithmetic::Fused),
        _ => (Encoder::Go127V3, Arithmetic::V3),
    };
    for input in [data, &hard_input::build(data)] {
        let stream = compress_with(encoder, input);
        let mut output = Vec::new();
        DeflateDecoder::new(&stream[..]).read_to_end(&mut output).expect("is a DEFLATE stream");
        assert!(output == input, "the stream gives something else");
        assert!(stream == oracle(input, arithmetic), "the rules give something else");
        let two = Threads::new(NonZeroUsize::new(2).expect("is not 0"));
        for threads in [two.with_segment_size(512), two.with_segment_size(70_000), Threads::ONE] {
            assert!(written(encoder, threads, input) == stream, "{threads:?} give something else");
        }
    }
}

/// The stream of many writes.
fn written(encoder: Encoder, threads: Threads, input: &[u8]) -> Vec<u8> {
    let mut encoder = Writer::with_encoder(Vec::new(), encoder, threads);
    for part in input.chunks(7_001) {
        encoder.write_all(part).expect("a Vec takes all");
    }
    encoder.finish().expect("a Vec takes all")
}
