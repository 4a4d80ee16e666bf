// SPDX-License-Identifier: Apache-2.0
//! How fast the frozen encoder is, as a ratio to others at their level 9:
//! `cargo bench -p oci-artifact --bench deflate -- FILE`, with a large tar for FILE. Without one,
//! the input is made up of the vectors' words, which compress less well than source text.
//!
//! Several encoders take turns, round by round; what is told is the median of each round's ratio,
//! for a machine's speed drifts more than these differ.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock and its arguments")]
#![expect(clippy::print_stdout, reason = "it tells what it measured")]

use std::io::Write;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::DeflateEncoder;
use libdeflater::{CompressionLvl, Compressor};
use oci_artifact::deflate;
use test_support::segments;

const ROUNDS: usize = 7;

type Encode = fn(&[u8]) -> usize;

fn main() -> std::io::Result<()> {
    let file = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let input = match file {
        Some(file) => std::fs::read(file)?,
        None => segments::build(&serde_json::json!([{"op": "words", "n": 4_000_000, "seed": 1}])),
    };
    let encoders: [(&str, Encode); 4] = [
        ("oci_artifact::deflate::compress", |input| deflate::compress(input).len()),
        ("oci_artifact::deflate::Encoder", stream),
        ("flate2 9 (miniz_oxide)", flate2),
        ("libdeflater 9", libdeflate),
    ];
    let rounds: Vec<Vec<(Duration, usize)>> = (0..ROUNDS)
        .map(|_| encoders.iter().map(|(_, encode)| time(|| encode(&input))).collect())
        .collect();
    println!("{} bytes, {ROUNDS} rounds", input.len());
    println!("{:34} {:>10} {:>8} {:>8}", "encoder", "bytes", "MB/s", "times");
    for (at, (name, _)) in encoders.iter().enumerate() {
        let seconds = median(rounds.iter().map(|round| round[at].0.as_secs_f64()));
        let times =
            median(rounds.iter().map(|round| round[at].0.as_secs_f64() / round[0].0.as_secs_f64()));
        let speed = input.len() as f64 / seconds / 1e6;
        println!("{name:34} {:10} {speed:8.1} {times:8.2}", rounds[0][at].1);
    }
    Ok(())
}

fn time(encode: impl FnOnce() -> usize) -> (Duration, usize) {
    let start = Instant::now();
    let length = encode();
    (start.elapsed(), length)
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn stream(input: &[u8]) -> usize {
    let mut encoder = deflate::Encoder::new(Vec::new());
    encoder.write_all(input).expect("a Vec takes all");
    encoder.finish().expect("a Vec takes all").len()
}

fn flate2(input: &[u8]) -> usize {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(input).expect("a Vec takes all");
    encoder.finish().expect("a Vec takes all").len()
}

fn libdeflate(input: &[u8]) -> usize {
    let mut compressor = Compressor::new(CompressionLvl::new(9).expect("9 is a level"));
    let mut output = vec![0; compressor.deflate_compress_bound(input.len())];
    compressor.deflate_compress(input, &mut output).expect("there is room")
}
