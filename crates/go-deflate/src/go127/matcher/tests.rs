// SPDX-License-Identifier: Apache-2.0
//! Single searches and ends of matches, on both sides of each border.

use super::{End, LEAST_GAIN, Matcher, worth_while};
use crate::go127::round::Round;
use crate::token::Match;

/// `n` bytes above 127 in which no four bytes come again; those of another `seed` are others.
fn unlike(n: usize, seed: usize) -> Vec<u8> {
    let byte = |at: usize| {
        let (number, place) = ((at + seed) / 3, at % 3);
        128 + (number / [1, 42, 1_764][place] % 42 * 3 + place) as u8
    };
    (0..n).map(byte).collect()
}

/// Returns a matcher in the only round of an input.
fn matcher_of(input: &[u8]) -> Matcher {
    let mut matcher = Matcher::new();
    matcher.append(input);
    matcher.begin(Round::last(0, input.len() as u64), 0);
    matcher
}

/// Returns a matcher in the second and last round of an input, which starts at `start`.
fn in_second_round(input: &[u8], start: u64) -> Matcher {
    let mut matcher = Matcher::new();
    let (first, rest) = input.split_at(65_536);
    matcher.append(first);
    matcher.pass(Round::full(0));
    matcher.append(rest);
    matcher.begin(Round::last(1, input.len() as u64), start);
    matcher
}

#[test]
fn four_bytes_are_worth_while_as_far_as_their_gain_is_enough_e_8_e_9() {
    let extra = |distance: u32| if distance < 4 { 0 } else { distance.ilog2() as i32 - 1 };
    for price in 4..=60 {
        let gains = |distance: &u32| price - 3 - extra(*distance) > LEAST_GAIN;
        let farthest = (1..32_768).rev().find(gains).unwrap_or(0);
        assert_eq!(worth_while(price).min(32_767), farthest, "{price}");
    }
}

#[test]
fn a_position_that_was_passed_is_no_candidate_e_6() {
    const MARK: &[u8] = b"wxyzabcdefgh";
    let mut input = unlike(70_000, 0);
    let p = 69_000;
    input[65_533..65_533 + MARK.len()].copy_from_slice(MARK);
    input[p..p + MARK.len()].copy_from_slice(MARK);
    let found = |start| in_second_round(&input, start).best(p as u64).map(|found| found.length);
    assert_eq!(found(65_533), Some(12));
    // Passed, it is not found, and no other position has its bytes.
    assert_eq!(found(65_534), None);
    assert!(in_second_round(&input, 65_534).longer(p as u64, 4).is_none());
}

#[test]
fn a_position_that_was_passed_takes_up_no_try_e_6_e_7() {
    // The mark, and `others` positions between the two that have its four bytes but no more.
    let input = |others: usize| {
        let mut input = unlike(75_000, 0);
        let first = 65_533 - 500 * 5;
        for at in 0..others {
            input[first + 5 * at..first + 5 * at + 5].copy_from_slice(&[b'w', b'x', b'y', b'z', 0]);
        }
        let p = first + 5 * others + 100;
        for at in [first - 50, p] {
            input[at..at + 12].copy_from_slice(b"wxyzabcdefgh");
        }
        (input, p as u64)
    };
    let found = |others, start| {
        let (input, p) = input(others);
        in_second_round(&input, start).best(p).is_some_and(|found| found.length >= 12)
    };
    assert!(found(1_023, 65_533));
    assert!(!found(1_024, 65_533));
    // One of them begins at 65533, and was never inserted.
    assert!(found(1_024, 65_534));
    assert!(!found(1_025, 65_534));
}

#[test]
fn a_short_match_that_was_taken_raises_the_bar_e_10() {
    // The last byte is cheap.
    let far = [&[b'e'; 3_000][..], &unlike(9_000, 0)].concat();
    let input = [b"abcde", &far[..], b"abcdXabcde"].concat();
    let p = input.len() as u64 - 5;
    let matcher = matcher_of(&input);
    // Five bytes from far away cost more than one literal and four bytes from near by.
    assert_eq!(matcher.best(p), Some(Match { length: 4, distance: 5 }));
    assert!(matcher.has_longer(p, 4));
    assert_eq!(matcher.longer(p, 4), None);
    // Without the near one it is taken.
    let input = [b"abcde", &far[..], b"abcXXabcde"].concat();
    let found = matcher_of(&input).best(p);
    assert_eq!(found, Some(Match { length: 5, distance: 12_010 }));
}

/// Returns the end of a match of `length` bytes if another position, after `before` equal bytes, has `m` bytes in
/// common behind its first two; `equal` says which of the first two are those of the match.
fn end(length: usize, m: usize, equal: [bool; 2], before: usize, between: usize) -> End {
    let text = unlike(400, 90_000);
    let first_two = [0, 1].map(|at| if equal[at] { text[at] } else { b'?' });
    let mut input = unlike(before, 0);
    input.extend(first_two);
    input.extend(&text[2..2 + m]);
    input.push(b'#');
    input.extend(unlike(between, 30_000));
    let near = input.len();
    input.extend(&text[..length]);
    input.push(b'!');
    let i = input.len();
    input.extend(&text);
    let distance = (i - near) as u32;
    let prev = Match { length: length as u32, distance };
    let end = matcher_of(&input).end(i as u64 + 1, prev);
    let other = (i - before) as u32;
    assert!(end.then == prev || end.then.distance == other, "{end:?}");
    end
}

/// Returns the number of literals and the length of the match.
fn shape(end: End) -> (u32, u32) {
    (end.literals, end.then.length)
}

#[test]
fn the_end_of_a_match_must_be_longer_from_its_third_byte_on_e_20() {
    assert_eq!(shape(end(10, 12, [false; 2], 9, 5)), (2, 12));
    // Eight bytes from the third one on would be less; the four behind the match come again all the same.
    let text = unlike(40, 0);
    let start = b"012345678";
    let other = [&b"??"[..], &text[2..9], b"?", &text[10..20]].concat();
    let input = [start, &other[..], b"#", &text[..10], b"!", &text].concat();
    let i = input.len() as u64 - 40;
    let prev = Match { length: 10, distance: 11 };
    assert_eq!(matcher_of(&input).end(i + 1, prev), End { literals: 0, then: prev });
}

#[test]
fn a_match_that_is_long_is_kept_e_20() {
    assert_eq!(shape(end(255, 258, [false; 2], 9, 5)), (2, 258));
    assert_eq!(shape(end(256, 258, [false; 2], 9, 5)), (0, 256));
}

#[test]
fn another_end_is_not_looked_for_at_the_edge_of_what_can_be_reached_e_20() {
    // c is at S + 2, or one farther.
    assert_eq!(shape(end(10, 20, [false; 2], 2, 5)), (0, 10));
    assert_eq!(shape(end(10, 20, [false; 2], 3, 5)), (2, 20));
    // 2 + 20 + 1 bytes of the other one and 11 of the near one stand between c and i = p - 1.
    let between = |distance: usize| distance - 34;
    // c = p - W + 2 and c = p - W + 3.
    assert_eq!(shape(end(10, 20, [false; 2], 9, between(32_765))), (0, 10));
    assert_eq!(shape(end(10, 20, [false; 2], 9, between(32_764))), (2, 20));
}

#[test]
fn bytes_before_the_end_are_taken_along_where_they_are_equal_e_21() {
    assert_eq!(shape(end(10, 20, [true, false], 9, 5)), (2, 20));
    assert_eq!(shape(end(10, 20, [false, true], 9, 5)), (1, 21));
    assert_eq!(shape(end(10, 20, [true, true], 9, 5)), (0, 22));
}

#[test]
fn no_end_makes_a_match_longer_than_258_e_21() {
    for m in [258, 259, 270] {
        assert_eq!(shape(end(10, m, [true, true], 9, 5)), (2, 258));
    }
    assert_eq!(shape(end(10, 257, [true, true], 9, 5)), (1, 258));
    assert_eq!(shape(end(10, 256, [true, true], 9, 5)), (0, 258));
    assert_eq!(shape(end(10, 256, [false, true], 9, 5)), (1, 257));
    assert_eq!(shape(end(10, 257, [true, false], 9, 5)), (2, 257));
}
