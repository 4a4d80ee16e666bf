// SPDX-License-Identifier: Apache-2.0
//! The encoder against the rules written down literally, and against another decoder.

use std::io::Read;

use flate2::read::DeflateDecoder;
use go_deflate::{Encoder, compress_with};
use proptest::collection::vec;
use proptest::prelude::*;
use test_support::deflate_oracle::go127::{Arithmetic, compress as oracle};
use test_support::hard_input;

use super::{compress_in, difference};

const ARITHMETICS: [(Encoder, Arithmetic); 3] = [
    (Encoder::Go127, Arithmetic::Plain),
    (Encoder::Go127Fused, Arithmetic::Fused),
    (Encoder::Go127V3, Arithmetic::V3),
];

fn inflate(stream: &[u8]) -> Vec<u8> {
    let mut output = Vec::new();
    DeflateDecoder::new(stream).read_to_end(&mut output).expect("is a DEFLATE stream");
    output
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn the_rules_give_the_same_bytes(program in vec(any::<u8>(), 0..160), which in 0..3_usize) {
        let input = hard_input::build(&program);
        let (encoder, arithmetic) = ARITHMETICS[which];
        let stream = compress_with(encoder, &input);
        prop_assert_eq!(difference(&stream, &oracle(&input, arithmetic)), None);
        prop_assert!(inflate(&stream) == input);
    }

    #[test]
    fn the_rules_give_the_same_bytes_for_anything(input in vec(any::<u8>(), 0..3_000)) {
        let stream = compress_with(Encoder::Go127, &input);
        prop_assert_eq!(difference(&stream, &oracle(&input, Arithmetic::Plain)), None);
        prop_assert!(inflate(&stream) == input);
    }

    #[test]
    fn threads_and_cuts_do_not_change_the_stream_e_11(
        program in vec(any::<u8>(), 0..160),
        count in 1_usize..9,
        segment in prop_oneof![Just(32_768_usize), Just(65_536), Just(98_304), 512_usize..400_000],
        which in 0..3_usize,
    ) {
        let input = hard_input::build(&program);
        let (encoder, _) = ARITHMETICS[which];
        let found = compress_in(encoder, count, segment, &input);
        prop_assert_eq!(difference(&found, &compress_with(encoder, &input)), None);
    }
}
