// SPDX-License-Identifier: Apache-2.0
//! D-4: whatever the number of threads and wherever the input is cut, the stream is the same.

use std::io::{self, Write};

use go_deflate::{Encoder, Writer, compress};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use test_support::{hard_input, segments};

use crate::both::{self, compress_in, difference, threads};

const SIZES: [usize; 7] = [512, 1_000, 4_096, 32_768, 50_001, 65_536, 262_144];

#[test]
fn every_family_with_every_number_of_threads_and_cut_d_4() {
    // Inputs of every kind that joins find hard or easy, of a few hundred kilobytes.
    let built = |segments: Value| segments::build(&segments);
    let run = |n: usize| {
        let text = json!({"op": "words", "n": 33_000, "seed": n});
        built(
            json!([text, {"op": "repeat", "n": n, "k": 0}, text, {"op": "repeat", "n": n, "k": 7}, text]),
        )
    };
    let mut families = both::families();
    families.push(("random", built(json!([{"op": "random", "n": 300_000}]))));
    families.push(("text", built(json!([{"op": "words", "n": 500_000}]))));
    families.push(("runs of 20000", run(20_000)));
    families.push(("runs of 70000", run(70_000)));
    families.push(("runs of 262144", run(262_144)));
    both::every_cut(Encoder::Go126, &SIZES, &families);
}

#[test]
fn every_vector_with_many_threads_and_cuts_d_4() {
    let vectors = both::vectors(&["deflate"]);
    both::every_vector_cut(Encoder::Go126, &vectors, &SIZES, |input, size| input / size < 100);
}

#[test]
fn slides_and_blocks_do_not_care_for_cuts_d_6_d_18() {
    // Ends around those where the window slides.
    let ends = [65_535, 65_536, 65_537, 65_798, 98_303, 98_304, 98_566, 131_072, 131_334];
    both::ends_do_not_care_for_cuts(Encoder::Go126, &ends, &[512, 16_384, 32_768, 40_000]);
}

#[test]
fn the_last_token_may_cover_whole_segments_d_4() {
    // Near the end parses cannot meet any more, and the last segment may have any size.
    let run = vec![0; 18_000];
    let steps = segments::build(&json!([{"op": "words", "n": 257, "seed": 1}])).repeat(71);
    let words = segments::build(&json!([{"op": "words", "n": 18_000, "seed": 2}]));
    let near = |at: usize| at - 4..at + 5;
    let ends =
        (17_000..17_520).step_by(43).chain(near(16_896)).chain(near(17_028)).chain(near(17_286));
    for end in ends {
        for (input, name) in [(&run, "run"), (&steps, "steps"), (&words, "words")] {
            let stream = compress(&input[..end]);
            let found = compress_in(Encoder::Go126, 2, 512, &input[..end]);
            assert_eq!(difference(&found, &stream), None, "{name}, {end} bytes");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn threads_and_cuts_do_not_change_the_stream_d_4(
        program in vec(any::<u8>(), 0..160),
        count in 1_usize..9,
        size in prop_oneof![512_usize..3_000, 3_000_usize..70_000, Just(32_768), Just(65_536)],
    ) {
        let input = hard_input::build(&program);
        let found = compress_in(Encoder::Go126, count, size, &input);
        prop_assert_eq!(difference(&found, &compress(&input)), None);
    }
}

/// Takes that many bytes, then nothing more.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_writer_that_is_full_is_an_error_with_threads_too() {
    let input = segments::build(&json!([{"op": "random", "n": 2_000_000}]));
    let mut encoder = Writer::with_threads(Full(10_000), threads(3, 4_096));
    let error = encoder.write_all(&input).expect_err("it is full");
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    drop(encoder);
}
