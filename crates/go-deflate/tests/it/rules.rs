// SPDX-License-Identifier: Apache-2.0
//! Tests of the decision of each rule, seen in the tokens. Where a rule is a number, on both sides
//! of it.

use test_support::segments;

use super::compress;
use super::tokens::Token::{Literal, Match};
use super::tokens::{Block, Token, blocks, tokens};

/// `n` bytes in which no four bytes come again, whatever stands before them.
fn unlike(n: usize) -> Vec<u8> {
    // Counts in base 94, each digit in an alphabet of its own place.
    (0..n)
        .map(|at| {
            let (number, place) = (at / 3, at % 3);
            128 + (number / [1, 42, 1_764][place] % 42 * 3 + place) as u8
        })
        .collect()
}

fn matches(input: &[u8]) -> Vec<(usize, usize)> {
    let matches = tokens(&compress(input)).into_iter();
    matches
        .filter_map(|token| match token {
            Match { length, distance } => Some((length, distance)),
            Literal(_) => None,
        })
        .collect()
}

/// The matches of `mark`, then something unlike it, then `mark` again at that distance.
fn matches_at(mark: &[u8], distance: usize) -> Vec<(usize, usize)> {
    matches(&[mark, &unlike(distance - mark.len()), mark].concat())
}

/// Returns the hash of four bytes (D-1).
fn hash(four: [u8; 4]) -> u32 {
    u32::from_be_bytes(four).wrapping_mul(0x1e35_a7bd) >> 15
}

/// Four bytes, unlike `mark`, whose hash is the one that `wanted` says, and which are found by
/// nothing else than it.
fn collision(mark: [u8; 4], wanted: impl Fn(u32) -> bool) -> [u8; 4] {
    let all = (0x0101_0101_u32..).map(u32::to_be_bytes);
    let mut fitting = all.filter(|four| *four != mark && wanted(hash(*four)));
    fitting.next().expect("there are thousands")
}

/// Whether the mark is found behind that many others.
fn is_found_behind(others: usize, other: [u8; 4]) -> bool {
    const MARK: [u8; 4] = *b"wxyz";
    let mut input = [&MARK[..], b"abcdefgh"].concat();
    for _ in 0..others {
        input.extend(other);
        input.push(0);
    }
    let p = input.len();
    input.extend([&MARK[..], b"abcdefgh"].concat());
    matches(&input).last() == Some(&(12, p))
}

#[test]
fn what_has_the_same_17_bit_hash_is_a_candidate_d_1_d_2() {
    let mark = hash(*b"wxyz");
    let same = collision(*b"wxyz", |hash| hash == mark);
    assert!(is_found_behind(4_095, same));
    assert!(!is_found_behind(4_096, same));
    // Where the last of the 17 bits differs, or the first, it is none.
    for bit in [1, 1 << 16] {
        let other = collision(*b"wxyz", |hash| hash == mark ^ bit);
        assert!(is_found_behind(4_096, other), "{bit}");
    }
    // More bits of the product would tell them apart.
    let product = |four: [u8; 4]| u32::from_be_bytes(four).wrapping_mul(0x1e35_a7bd) >> 14;
    assert!((0..8).any(|_| product(same) != product(*b"wxyz")));
}

#[test]
fn a_match_reaches_32768_bytes_back_d_3() {
    assert_eq!(matches_at(b"abcdefg", 32_767), [(7, 32_767)]);
    assert_eq!(matches_at(b"abcdefg", 32_768), [(7, 32_768)]);
    assert_eq!(matches_at(b"abcdefg", 32_769), []);
}

/// The matches of five bytes at `p` with the same ones `distance` bytes before; `behind` bytes
/// come from `p` to the end.
fn matches_in_slide(p: usize, distance: usize, behind: usize) -> Vec<(usize, usize)> {
    let mut input = unlike(p + behind);
    input[p - 1..p + 6].copy_from_slice(b"<abcde+");
    input[p - distance - 1..p - distance + 6].copy_from_slice(b">abcde-");
    matches(&input)
}

#[test]
fn the_window_is_short_just_after_a_slide_d_6() {
    // The first position after the slide is 65275, and S is 32768 then.
    for (p, farthest) in [(65_274, 32_768), (65_275, 32_507), (65_535, 32_767), (65_536, 32_768)] {
        assert_eq!(matches_in_slide(p, farthest, 600), [(5, farthest)], "{p}");
        assert_eq!(matches_in_slide(p, farthest + 1, 600), [], "{p}");
    }
    for (p, farthest) in [(98_042, 32_768), (98_043, 32_507), (98_044, 32_508)] {
        assert_eq!(matches_in_slide(p, farthest, 600), [(5, farthest)], "{p}");
        assert_eq!(matches_in_slide(p, farthest + 1, 600), [], "{p}");
    }
}

#[test]
fn the_window_slides_only_before_the_end_d_6() {
    // With 261 bytes of 65536 to go the buffer reaches the end, so it need not slide.
    assert_eq!(matches_in_slide(65_275, 32_768, 261), [(5, 32_768)]);
    assert_eq!(matches_in_slide(65_275, 32_768, 262), []);
    assert_eq!(matches_in_slide(65_400, 32_632, 200), [(5, 32_632)]);
    assert_eq!(matches_in_slide(65_400, 32_633, 200), []);
}

#[test]
fn four_bytes_count_only_near_by_d_9() {
    assert_eq!(matches_at(b"abcd", 4_095), [(4, 4_095)]);
    assert_eq!(matches_at(b"abcd", 4_096), [(4, 4_096)]);
    assert_eq!(matches_at(b"abcd", 4_097), []);
    assert_eq!(matches_at(b"abcde", 4_097), [(5, 4_097)]);
    assert_eq!(matches_at(b"abc", 100), []);
}

#[test]
fn the_nearest_of_the_longest_is_taken_d_9() {
    assert_eq!(matches(b"abcdef-abcdef+abcde!abcdef"), [(6, 7), (5, 7), (6, 13)]);
}

#[test]
fn no_match_is_longer_than_258_bytes_d_9() {
    assert_eq!(matches(&[b'a'; 259]), [(258, 1)]);
    assert_eq!(matches(&[b'a'; 260]), [(258, 1)]);
    assert_eq!(matches(&[b'a'; 263]), [(258, 1), (4, 1)]);
}

/// A mark, `others` times five bytes that begin like its first four, and the mark once more.
fn mark_behind_others(others: usize) -> Vec<u8> {
    [b"\0\0\0\0abcdefgh", &b"\0\0\0\0\x01".repeat(others)[..], b"\x02\0\0\0\0abcdefgh"].concat()
}

#[test]
fn candidates_are_tried_d_3_4096() {
    let last = |others| matches(&mark_behind_others(others)).last().copied();
    // The mark is the candidate after all others.
    assert_eq!(last(4_095), Some((12, 12 + 5 * 4_095 + 1)));
    assert_ne!(last(4_096), Some((12, 12 + 5 * 4_096 + 1)));
}

#[test]
fn a_candidate_past_chain_hides_no_nearer_match_d_9() {
    // The five bytes lie too many candidates back, but four of them also near by.
    let input = [b"\0\0\0\0a", &b"\0\0\0\0\x01".repeat(4_096)[..], b"\x02\0\0\0\0a"].concat();
    assert_eq!(matches(&input).last(), Some(&(4, 6)));
}

#[test]
fn candidates_in_a_run_are_4096_bytes_d_3_4096() {
    // In a run each position is a candidate: that of the mark comes after `run` - 4 others.
    let last = |run: usize| {
        let input = [b"\0\0\0\0abcdefgh", &vec![0; run][..], b"abcdefgh"].concat();
        matches(&input).last().copied()
    };
    // Matches of 258 leave four zeros before the mark; the three zeros are fewer.
    assert_eq!(last(1 + 15 * 258 + 4), Some((12, 1 + 15 * 258 + 4 + 8)));
    assert_eq!(last(1 + 16 * 258 + 4), Some((11, 1 + 16 * 258 + 4 + 8)));
}

#[test]
fn a_long_match_does_not_end_the_search_d_9() {
    let long = unlike(250);
    let input = [b"a", &long[..], b"b", &long[..130], b"c", &long[..]].concat();
    assert_eq!(matches(&input), [(130, 251), (250, 382)]);
}

#[test]
fn a_match_is_found_wherever_the_input_is_taken_in_d_7() {
    // The encoder takes 8 KiB at a time. 200 bytes have a match, and 210 from the second on: to see
    // that, it must look far ahead, also where such a piece ends.
    for p in (7_500..8_200).step_by(3) {
        let made = unlike(p + 800);
        let text = &made[..220];
        let mut input = [&text[1..211], b"<", &text[..200], b">"].concat();
        input.extend(&made[300..300 + p - input.len()]);
        input.extend(text);
        assert_eq!(matches(&input), [(199, 212), (210, p + 1)], "{p}");
    }
}

#[test]
fn no_match_goes_beyond_the_end_d_9() {
    assert_eq!(matches(b"xyz\0-xyz"), []);
    assert_eq!(matches(b"vwxyz\0-vwxyz"), [(5, 7)]);
}

#[test]
fn long_matches_are_deferred_like_short_ones_d_11() {
    // 100 bytes at the first position, 101 from the second on, farther away.
    let text = unlike(102);
    let far = unlike(5_000);
    let input = [&text[1..], &far[110..], b"<", &text[..100], b">", &text[..]].concat();
    assert_eq!(matches(&input).last().map(|found| found.0), Some(101));
}

#[test]
fn a_match_is_deferred_for_a_longer_one_only_d_11() {
    // At the last "abcd" there are 4 bytes; one on, "bcdef" has 5, or "bcde" has 4.
    assert_eq!(matches(b"abcd-bcdef+abcdef"), [(5, 7)]);
    assert_eq!(matches(b"abcd-bcde+abcdef"), [(4, 10)]);
}

#[test]
fn a_block_holds_16384_tokens_d_13() {
    let counts = |n: usize| -> Vec<usize> {
        let count = |block: Block| match block {
            Block::Fixed(tokens) | Block::Dynamic(tokens) => tokens.len(),
            Block::Stored(n) => panic!("a stored block of {n} bytes"),
        };
        blocks(&compress(&unlike(n))).into_iter().map(count).collect()
    };
    assert_eq!(counts(16_383), [16_383]);
    assert_eq!(counts(16_384), [16_384]);
    assert_eq!(counts(16_385), [16_384, 1]);
}

#[test]
fn a_block_without_matches_has_one_distance_code_d_14() {
    // An encoder that counted none would write a block that is one bit smaller.
    let input = segments::build(&serde_json::json!([{"op": "skewed", "n": 400, "k": 12}]));
    let literals: Vec<Token> = input.iter().map(|&byte| Literal(byte)).collect();
    let short: Vec<u8> = input.iter().copied().take(60).collect();
    assert_eq!(blocks(&compress(&short)), [Block::Dynamic(literals[..60].to_vec())]);
}

#[test]
fn what_does_not_shrink_is_stored_d_20() {
    let input = segments::build(&serde_json::json!([{"op": "random", "n": 60_000, "seed": 1}]));
    let stored = [16_384, 16_384, 16_384, 10_848].map(Block::Stored);
    assert_eq!(blocks(&compress(&input)), stored);
}

#[test]
fn nothing_is_five_bytes_d_21() {
    assert_eq!(compress(b""), [1, 0, 0, 0xff, 0xff]);
}
