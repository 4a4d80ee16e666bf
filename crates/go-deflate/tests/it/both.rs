// SPDX-License-Identifier: Apache-2.0
//! Tests that both encoders share: golden vectors, odd writes, cuts.

use std::io::Write as _;
use std::num::NonZeroUsize;

use go_deflate::{Encoder, Threads, Writer, compress_with};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use test_support::{segments, testdata};

/// Numbers of threads.
pub(crate) const COUNTS: [usize; 5] = [1, 2, 3, 4, 8];

/// The vectors of these files.
pub(crate) fn vectors(files: &[&str]) -> Vec<Value> {
    let mut all = Vec::new();
    for file in files {
        let text = std::fs::read(testdata(format!("vectors/{file}.json"))).expect("can be read");
        let mut file: Value = serde_json::from_slice(&text).expect("is JSON");
        match file["vectors"].take() {
            Value::Array(vectors) => all.extend(vectors),
            _ => panic!("vectors are an array"),
        }
    }
    all
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// Compresses each vector's input and says which vectors came out wrong.
pub(crate) fn each(vectors: &[Value], compress: impl Fn(&[u8]) -> Vec<u8>) {
    let is_wrong = |vector: &&Value| {
        sha256(&compress(&segments::build(&vector["input"]))) != vector["deflate_sha256"]
    };
    let wrong = vectors.iter().filter(is_wrong).map(|vector| vector["name"].as_str());
    let wrong: Vec<_> = wrong.map(|name| name.expect("is a string")).collect();
    assert!(wrong.is_empty(), "{} of {} vectors: {wrong:?}", wrong.len(), vectors.len());
}

/// The stream of an input that is written in pieces of odd sizes, and flushed after each.
pub(crate) fn in_odd_writes(encoder: Encoder, input: &[u8]) -> Vec<u8> {
    let mut sizes = [1, 7, 4_099, 262, 65_537, 8_191, 3].iter().cycle();
    let mut encoder = Writer::with_encoder(Vec::new(), encoder, Threads::ONE);
    let mut rest = input;
    while let Some(size) = sizes.next().filter(|_| !rest.is_empty()) {
        let (part, after) = rest.split_at(rest.len().min(*size));
        encoder.write_all(part).expect("a Vec takes all");
        encoder.flush().expect("a Vec takes all");
        rest = after;
    }
    encoder.finish().expect("a Vec takes all")
}

/// The stream by that many threads, with segments of about that many bytes.
pub(crate) fn compress_in(encoder: Encoder, count: usize, segment: usize, input: &[u8]) -> Vec<u8> {
    let mut encoder = Writer::with_encoder(Vec::new(), encoder, threads(count, segment));
    encoder.write_all(input).expect("a Vec takes all");
    encoder.finish().expect("a Vec takes all")
}

pub(crate) fn threads(count: usize, segment: usize) -> Threads {
    let count = NonZeroUsize::new(count).expect("is a number of threads");
    Threads::new(count).with_segment_size(segment)
}

/// Returns the first difference of two streams, which says more than both of them.
pub(crate) fn difference(a: &[u8], b: &[u8]) -> Option<usize> {
    (a != b).then(|| a.iter().zip(b).take_while(|(a, b)| a == b).count())
}

/// Inputs in which parts of one period, or of few letters, repeat.
pub(crate) fn families() -> Vec<(&'static str, Vec<u8>)> {
    let built = |segments: Value| segments::build(&segments);
    let period = |k: usize| {
        let one = built(json!([{"op": "random", "n": k, "seed": k}]));
        one.into_iter().cycle().take(400_000).collect::<Vec<u8>>()
    };
    vec![
        ("zeros", vec![0; 700_000]),
        ("period 3", period(3)),
        ("period 1000", period(1_000)),
        ("period 32768", period(32_768)),
        ("period 32769", period(32_769)),
        ("two letters", built(json!([{"op": "skewed", "n": 150_000, "k": 2}]))),
        ("four letters", built(json!([{"op": "skewed", "n": 200_000, "k": 4, "seed": 5}]))),
    ]
}

/// Each family, with every number of threads and segments of those sizes.
pub(crate) fn every_cut(encoder: Encoder, sizes: &[usize], families: &[(&'static str, Vec<u8>)]) {
    for (name, input) in families {
        let stream = compress_with(encoder, input);
        for size in sizes {
            for count in COUNTS {
                let found = compress_in(encoder, count, *size, input);
                let difference = difference(&found, &stream);
                assert_eq!(difference, None, "{name}, {count} threads, segments of {size}");
            }
        }
    }
}

/// Each vector with every cut that `worth` selects, given the lengths of input and segment; the numbers of threads go
/// round.
pub(crate) fn every_vector_cut(
    encoder: Encoder,
    vectors: &[Value],
    sizes: &[usize],
    worth: impl Fn(usize, usize) -> bool,
) {
    let mut counts = COUNTS.into_iter().cycle();
    for vector in vectors {
        let input = segments::build(&vector["input"]);
        let stream = compress_with(encoder, &input);
        let sizes = sizes.iter().filter(|size| worth(input.len(), **size));
        for (size, count) in sizes.zip(&mut counts) {
            let found = compress_in(encoder, count, *size, &input);
            let (name, difference) = (&vector["name"], difference(&found, &stream));
            assert_eq!(difference, None, "{name}, {count} threads, segments of {size}");
        }
    }
}

/// Stored blocks beside coded ones, which end there, in segments of those sizes.
pub(crate) fn ends_do_not_care_for_cuts(encoder: Encoder, ends: &[usize], sizes: &[usize]) {
    for end in ends {
        let input = segments::build(&json!([
            {"op": "random", "n": 40_000, "seed": end},
            {"op": "words", "n": 20_000},
            {"op": "random", "n": 80_000, "seed": 1},
        ]));
        let input = &input[..*end];
        let stream = compress_with(encoder, input);
        for size in sizes {
            let found = compress_in(encoder, 3, *size, input);
            assert_eq!(difference(&found, &stream), None, "{end} bytes, segments of {size}");
        }
    }
}
