// SPDX-License-Identifier: Apache-2.0
//! Tests of the decisions of the rules, seen in whole streams. Unit tests have what a single step decides, the golden
//! vectors the rest.

use std::io::Write as _;

use go_deflate::{Encoder, gzip};
use go_deflate::{Threads, compress};
use test_support::segments;

use super::compress as compress_go127;

#[test]
fn nothing_is_two_bytes_e_30() {
    assert_eq!(compress_go127(b""), [3, 0]);
}

#[test]
fn a_stream_ends_in_an_empty_fixed_block_e_30() {
    let words = segments::build(&serde_json::json!([{"op": "words", "n": 5_000}]));
    for n in 1..300 {
        let stream = compress_go127(&words[..n * 16]);
        // Ten bits, 1 1 0 0 0 0 0 0 0 0 from the lowest, and zeros up to a byte.
        let end = u32::from_le_bytes(*stream.last_chunk().expect("four bytes"));
        let top = end.ilog2();
        assert!((16..24).contains(&top) && end >> (top - 1) & 1 == 1, "{n}: {end:032b}");
    }
}

#[test]
fn the_gzip_member_is_the_same_around_another_stream_e_32_g27_1() {
    let input = b"hello hello hello hello";
    let member = |encoder| {
        let mut gzip = gzip::Writer::with_encoder(Vec::new(), 7, encoder, Threads::ONE)?;
        gzip.write_all(input)?;
        gzip.finish()
    };
    let member = |encoder| -> Vec<u8> { member(encoder).unwrap_or_default() };
    let (old, new) = (member(Encoder::Go126), member(Encoder::Go127));
    assert_eq!(old[..10], new[..10]);
    assert_eq!(old[old.len() - 8..], new[new.len() - 8..]);
    assert_eq!(old[10..old.len() - 8], compress(input));
    assert_eq!(new[10..new.len() - 8], compress_go127(input));
}
