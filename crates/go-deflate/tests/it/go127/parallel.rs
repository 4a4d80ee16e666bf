// SPDX-License-Identifier: Apache-2.0
//! Tests that the stream is the same for every number of threads and every cut of the input (E-3, E-11).

use go_deflate::Encoder;
use serde_json::json;
use test_support::segments;

use crate::both;

const SIZES: [usize; 4] = [512, 65_536, 163_840, 1_048_576];

#[test]
fn every_vector_with_many_threads_and_cuts_e_11() {
    let vectors = both::vectors(&["deflate-go127", "deflate-go127-extra"]);
    // What fits into two rounds has no cut.
    let is_worth = |input: usize, _| (98_305..=4_000_000).contains(&input);
    both::every_vector_cut(Encoder::Go127, &vectors, &SIZES, is_worth);
}

#[test]
fn every_family_with_every_number_of_threads_and_cut_e_11() {
    // Inputs of every kind that a guess leads astray in, or not.
    let mut families = both::families();
    families.push(("random", segments::build(&json!([{"op": "random", "n": 700_000}]))));
    families.push(("text", segments::build(&json!([{"op": "words", "n": 700_000}]))));
    // No four bytes come again within a window, so that skipping goes on and on (E-18).
    let unlike = (0..1_200_000_u32).map(|at| {
        let (number, place) = (at / 3, at % 3);
        128 + (number / [1, 42, 1_764][place as usize] % 42 * 3 + place) as u8
    });
    families.push(("unlike", unlike.collect()));
    both::every_cut(Encoder::Go127, &SIZES, &families);
}

#[test]
fn rounds_and_blocks_do_not_care_for_cuts_e_2_e_24() {
    // Ends around those of rounds.
    let ends = [65_535, 65_536, 65_537, 65_798, 98_303, 98_304, 98_305, 131_072, 131_334];
    both::ends_do_not_care_for_cuts(Encoder::Go127, &ends, &[512, 65_536]);
}
