// SPDX-License-Identifier: Apache-2.0
//! The encoder against the rules written down literally, and against another decoder.

use std::io::{Read, Write};

use flate2::read::DeflateDecoder;
use go_deflate::{Reader, Writer};
use proptest::collection::vec;
use proptest::prelude::*;
use test_support::{deflate_oracle, hard_input};

use super::compress;
use crate::both::difference;

fn inflate(stream: &[u8]) -> Vec<u8> {
    let mut output = Vec::new();
    DeflateDecoder::new(stream).read_to_end(&mut output).expect("is a DEFLATE stream");
    output
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn the_rules_give_the_same_bytes(program in vec(any::<u8>(), 0..160)) {
        let input = hard_input::build(&program);
        let stream = compress(&input);
        prop_assert_eq!(difference(&stream, &deflate_oracle::compress(&input)), None);
        prop_assert!(inflate(&stream) == input);
    }

    #[test]
    fn the_rules_give_the_same_bytes_for_anything(input in vec(any::<u8>(), 0..3_000)) {
        let stream = compress(&input);
        prop_assert_eq!(difference(&stream, &deflate_oracle::compress(&input)), None);
        prop_assert!(inflate(&stream) == input);
    }

    #[test]
    fn writes_and_reads_may_be_cut_anywhere_d_8(
        program in vec(any::<u8>(), 0..80),
        sizes in vec(1_usize..20_000, 1..20),
    ) {
        let input = hard_input::build(&program);
        let stream = compress(&input);

        let mut encoder = Writer::new(Vec::new());
        let mut rest = &input[..];
        for size in sizes.iter().cycle().take_while(|_| !input.is_empty()) {
            let (part, after) = rest.split_at(rest.len().min(*size));
            encoder.write_all(part).expect("a Vec takes all");
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
        let written = encoder.finish().expect("a Vec takes all");
        prop_assert_eq!(difference(&written, &stream), None);

        let mut reader = Reader::new(&input[..]);
        let mut read = Vec::new();
        let mut buffer = vec![0; 20_000];
        for size in sizes.iter().cycle() {
            let n = reader.read(&mut buffer[..*size]).expect("a slice can be read");
            if n == 0 {
                break;
            }
            read.extend_from_slice(&buffer[..n]);
        }
        prop_assert_eq!(difference(&read, &stream), None);
    }
}
