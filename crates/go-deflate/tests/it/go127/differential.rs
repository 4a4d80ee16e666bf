// SPDX-License-Identifier: Apache-2.0
//! The encoder against the rules written down literally, and against another decoder.

use std::io::{Read, Write};
use std::num::NonZeroUsize;

use flate2::read::DeflateDecoder;
use go_deflate::{Encoder, Threads, Writer, compress_with};
use proptest::collection::vec;
use proptest::prelude::*;
use test_support::deflate_oracle::go127::{Arithmetic, compress as oracle};
use test_support::hard_input;

use crate::both::{compress_in, difference};

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

    #[test]
    fn writes_cut_anywhere_do_not_change_the_stream_e_3(
        program in vec(any::<u8>(), 0..80),
        cuts in vec(prop_oneof![1_usize..9, 250_usize..270, 1_usize..70_000], 1..20),
        count in 1_usize..4,
    ) {
        let input = hard_input::build(&program);
        let threads = Threads::new(NonZeroUsize::new(count).expect("is a number"));
        let threads = threads.with_segment_size(65_536);
        let mut writer = Writer::with_encoder(Vec::new(), Encoder::Go127, threads);
        let mut rest = &input[..];
        // What is left after that many parts comes at once.
        for &cut in cuts.iter().cycle().take(4_000) {
            let (part, after) = rest.split_at(rest.len().min(cut));
            writer.write_all(part)?;
            rest = after;
        }
        writer.write_all(rest)?;
        let found = writer.finish()?;
        prop_assert_eq!(difference(&found, &compress_with(Encoder::Go127, &input)), None);
    }
}

/// Letters from a generator, of which about `k` in ten are the second one.
fn two_letters(n: usize, k: u32, seed: u32) -> impl Iterator<Item = u8> {
    let mut state = seed;
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        if state >> 16 & 0x7fff < k * 3_277 { b'b' } else { b'a' }
    })
    .take(n)
}

#[test]
fn rounds_of_cheap_letters_come_and_go_e_8_e_10() {
    // Where literals are cheap, another kind of chain is used, which other rounds do not keep.
    let dear = |n: usize, seed| hard_input::build(&[2, 199, 255, seed]).into_iter().cycle().take(n);
    for (k, other) in [(5, 1), (1, 5), (3, 3)] {
        let mut input: Vec<u8> = two_letters(45_000, k, 1).collect();
        input.extend(dear(90_000, 7));
        input.extend(two_letters(70_000, other, 2));
        input.extend(dear(20_000, 9));
        // What came before comes again at the window's end.
        input.extend_from_within(170_000..200_000);
        let stream = compress_with(Encoder::Go127, &input);
        assert_same(&stream, &oracle(&input, Arithmetic::Plain), k);
        assert_same(&compress_in(Encoder::Go127, 2, 32_768, &input), &stream, k);
    }
}

#[track_caller]
fn assert_same(found: &[u8], expected: &[u8], k: u32) {
    assert_eq!(difference(found, expected), None, "{k} in ten");
}
