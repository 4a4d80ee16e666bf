// SPDX-License-Identifier: Apache-2.0
//! The encoder: another decoder gives the input back, and the rules written down literally give the same stream, and
//! so do several threads. The input is used as it is, and as a program that describes a harder one.

use std::io::{Read, Write};
use std::num::NonZeroUsize;

use flate2::read::DeflateDecoder;
use go_deflate::{Reader, Threads, Writer, compress};
use test_support::{deflate_oracle, hard_input};

/// Runs the target on an input.
pub fn run(data: &[u8]) {
    check(data);
    check(&hard_input::build(data));
}

fn check(input: &[u8]) {
    let stream = compress(input);
    let mut output = Vec::new();
    DeflateDecoder::new(&stream[..]).read_to_end(&mut output).expect("is a DEFLATE stream");
    assert!(output == input, "the stream gives something else");
    assert!(stream == deflate_oracle::compress(input), "the rules give something else");
    let mut read = Vec::new();
    Reader::new(input).read_to_end(&mut read).expect("a slice can be read");
    assert!(read == stream, "the reader gives something else");
    let threads = Threads::new(NonZeroUsize::new(2).expect("is not 0"));
    for size in [512, 20_000] {
        let parallel = Writer::with_threads(Vec::new(), threads.with_segment_size(size));
        assert!(finished(parallel, input) == stream, "segments of {size} give something else");
    }
}

fn finished(mut encoder: Writer<Vec<u8>>, input: &[u8]) -> Vec<u8> {
    encoder.write_all(input).expect("a Vec takes all");
    encoder.finish().expect("a Vec takes all")
}
