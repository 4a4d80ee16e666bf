// SPDX-License-Identifier: Apache-2.0
//! Whatever the number of threads and wherever the input is cut, the stream is the same (E-3, E-11).

use go_deflate::Encoder;
use serde_json::{Value, json};
use test_support::{segments, testdata};

use super::{compress, compress_in, difference};

const COUNTS: [usize; 5] = [1, 2, 3, 4, 8];
const SIZES: [usize; 4] = [512, 65_536, 163_840, 1_048_576];

#[test]
fn every_vector_with_many_threads_and_cuts_e_11() {
    // Each vector with every cut; the numbers of threads go round.
    let mut counts = COUNTS.into_iter().cycle();
    for file in ["deflate-go127", "deflate-go127-extra"] {
        let text = std::fs::read(testdata(format!("vectors/{file}.json"))).expect("can be read");
        let file: Value = serde_json::from_slice(&text).expect("is JSON");
        for vector in file["vectors"].as_array().expect("is an array") {
            let input = segments::build(&vector["input"]);
            // What fits into two rounds has no cut.
            if input.len() <= 98_304 || input.len() > 4_000_000 {
                continue;
            }
            let stream = compress(&input);
            for (size, count) in SIZES.into_iter().zip(&mut counts) {
                let found = compress_in(Encoder::Go127, count, size, &input);
                let (name, difference) = (&vector["name"], difference(&found, &stream));
                assert_eq!(difference, None, "{name}, {count} threads, segments of {size}");
            }
        }
    }
}

/// Inputs of every kind that a guess leads astray in, or not.
fn families() -> Vec<(&'static str, Vec<u8>)> {
    let built = |segments: Value| segments::build(&segments);
    let period = |k: usize| {
        let one = built(json!([{"op": "random", "n": k, "seed": k}]));
        one.into_iter().cycle().take(400_000).collect::<Vec<u8>>()
    };
    // No four bytes come again within a window, so that skipping goes on and on (E-18).
    let unlike: Vec<u8> = (0..1_200_000_u32)
        .map(|at| {
            let (number, place) = (at / 3, at % 3);
            128 + (number / [1, 42, 1_764][place as usize] % 42 * 3 + place) as u8
        })
        .collect();
    vec![
        ("zeros", vec![0; 700_000]),
        ("period 3", period(3)),
        ("period 1000", period(1_000)),
        ("period 32768", period(32_768)),
        ("period 32769", period(32_769)),
        ("two letters", built(json!([{"op": "skewed", "n": 150_000, "k": 2}]))),
        ("four letters", built(json!([{"op": "skewed", "n": 200_000, "k": 4, "seed": 5}]))),
        ("random", built(json!([{"op": "random", "n": 700_000}]))),
        ("text", built(json!([{"op": "words", "n": 700_000}]))),
        ("unlike", unlike),
    ]
}

#[test]
fn every_family_with_every_number_of_threads_and_cut_e_11() {
    for (name, input) in families() {
        let stream = compress(&input);
        for size in SIZES {
            for count in COUNTS {
                let found = compress_in(Encoder::Go127, count, size, &input);
                let difference = difference(&found, &stream);
                assert_eq!(difference, None, "{name}, {count} threads, segments of {size}");
            }
        }
    }
}

#[test]
fn rounds_and_blocks_do_not_care_for_cuts_e_2_e_24() {
    // Stored blocks beside coded ones, and ends around those of rounds.
    for end in [65_535, 65_536, 65_537, 65_798, 98_303, 98_304, 98_305, 131_072, 131_334] {
        let input = segments::build(&json!([
            {"op": "random", "n": 40_000, "seed": end},
            {"op": "words", "n": 20_000},
            {"op": "random", "n": 80_000, "seed": 1},
        ]));
        let stream = compress(&input[..end]);
        for size in [512, 65_536] {
            let found = compress_in(Encoder::Go127, 3, size, &input[..end]);
            assert_eq!(difference(&found, &stream), None, "{end} bytes, segments of {size}");
        }
    }
}
