// SPDX-License-Identifier: Apache-2.0
//! The order of a mapping's keys in `yaml.v3`: numbers in texts count as numbers, letters come last.

use std::cmp::Ordering;

use crate::value::{Scalar, Value};

type Pair = (Scalar, Value);

/// Sorts pairs by their keys. It is a merge sort of its own: the reference's order is not one for
/// every set of texts, which the standard library's sort may answer with a panic.
pub(super) fn sort(pairs: Vec<Pair>) -> Vec<Pair> {
    let mut runs: Vec<Vec<Pair>> = pairs.into_iter().map(|pair| vec![pair]).collect();
    while runs.len() > 1 {
        let mut next = Vec::with_capacity(runs.len().div_ceil(2));
        let mut rest = runs.into_iter();
        while let Some(first) = rest.next() {
            next.push(match rest.next() {
                Some(second) => merge(first, second),
                None => first,
            });
        }
        runs = next;
    }
    runs.pop().unwrap_or_default()
}

fn merge(first: Vec<Pair>, second: Vec<Pair>) -> Vec<Pair> {
    let mut merged = Vec::with_capacity(first.len().saturating_add(second.len()));
    let (mut first, mut second) = (first.into_iter().peekable(), second.into_iter().peekable());
    while let (Some(a), Some(b)) = (first.peek(), second.peek()) {
        let from = match compare(&b.0.text, &a.0.text) {
            Ordering::Less => &mut second,
            _ => &mut first,
        };
        merged.extend(from.next());
    }
    merged.extend(first);
    merged.extend(second);
    merged
}

fn compare(a: &str, b: &str) -> Ordering {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut after_digit = false;
    for (at, (left, right)) in a.iter().zip(&b).enumerate() {
        if left == right {
            after_digit = left.is_numeric();
            continue;
        }
        return match (left.is_alphabetic(), right.is_alphabetic()) {
            (true, true) => left.cmp(right),
            // A text that goes on with a letter comes after one that goes on with a digit or a sign,
            // but directly behind a digit before it.
            (true, false) if after_digit => Ordering::Less,
            (false, true) if after_digit => Ordering::Greater,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => numbers(&a, &b, at).then(left.cmp(right)),
        };
    }
    a.len().cmp(&b.len())
}

/// Compares the digits at `at` as numbers.
fn numbers(a: &[char], b: &[char], at: usize) -> Ordering {
    let is_zero = a.get(at) == Some(&'0') || b.get(at) == Some(&'0');
    let before = a.get(..at).unwrap_or_default().iter().rev();
    let is_inside = is_zero && before.take_while(|of| of.is_numeric()).any(|of| *of != '0');
    let number = |text: &[char]| {
        let digits: Vec<u32> =
            text.get(at..).unwrap_or_default().iter().map_while(|of| of.to_digit(10)).collect();
        let start = i64::from(is_inside);
        let value = digits
            .iter()
            .fold(start, |value, digit| value.wrapping_mul(10).wrapping_add(i64::from(*digit)));
        (value, digits.len())
    };
    number(a).cmp(&number(b))
}
