// SPDX-License-Identifier: Apache-2.0
//! Keys of objects, and when two of them are the same.

use std::borrow::Cow;
use std::ops::Range;

use super::{Value, scan, text};

/// Whether `key` is a spelling of `known`, an ASCII key, after simple Unicode case folding (PJ-7):
/// ASCII letters in any case, `ſ` (U+017F) for `s`, and the Kelvin sign (U+212A) for `k`. Not `ı`, not
/// `İ`.
pub fn equal_fold(key: &str, known: &str) -> bool {
    key.chars().map(fold_char).eq(known.chars().map(fold_char))
}

/// Returns a key as all its spellings fold to (PJ-7). Letters beyond ASCII are the same only to themselves: the keys
/// that readers know are ASCII.
pub fn fold(key: &str) -> String {
    key.chars().map(fold_char).collect()
}

fn fold_char(c: char) -> char {
    match c {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        c => c.to_ascii_lowercase(),
    }
}

/// A key that an object has twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// The key, decoded, as it was written the second time.
    pub key: String,
    /// The place of its first occurrence in the document, with its quotes.
    pub first: Range<usize>,
    /// The place of its second occurrence.
    pub second: Range<usize>,
}

/// Returns a key that some object in `value`, at any depth, has twice, letter for letter after
/// decoding.
///
/// Parsers disagree about the winner, or merge the two, so that one digest could stand for two
/// contents: documents from elsewhere that have such a key are refused (BUG-56).
pub fn duplicate_key(value: Value<'_>) -> Option<Duplicate> {
    find(value, |key| key)
}

/// Finds a key that folds to an earlier one (PJ-7), which readers in Go confuse with it (MAN-5).
pub fn duplicate_key_folded(value: Value<'_>) -> Option<Duplicate> {
    find(value, |key| Cow::Owned(fold(&key)))
}

/// Finds a key that differs from an earlier one at most in the case of its letters
/// (plugin-surface.md, S-4).
pub fn duplicate_key_ignoring_case(value: Value<'_>) -> Option<Duplicate> {
    find(value, |key| Cow::Owned(key.to_lowercase()))
}

fn find<'a>(value: Value<'a>, canonical: fn(Cow<'a, str>) -> Cow<'a, str>) -> Option<Duplicate> {
    let document = value.document();
    let Range { start: mut at, end } = value.span();
    // The keys of all open objects, those of the innermost last; where each object's keys start.
    let mut keys: Vec<(Cow<'_, str>, Range<usize>)> = Vec::new();
    let mut objects: Vec<usize> = Vec::new();
    while at < end {
        match document.get(at) {
            Some(b'{') => objects.push(keys.len()),
            Some(b'}') => {
                let start = objects.pop().unwrap_or_default();
                let own = keys.get_mut(start..).unwrap_or_default();
                if let Some(found) = first_duplicate(document, own) {
                    return Some(found);
                }
                keys.truncate(start);
            }
            Some(b'"') => {
                let string = at..scan::string_end(document, at);
                at = scan::white_space(document, string.end);
                // Outside of strings, a colon follows keys and nothing else.
                if document.get(at) == Some(&b':') {
                    keys.push((canonical(decode(document, &string)), string));
                }
                continue;
            }
            _ => (),
        }
        at += 1;
    }
    None
}

/// Returns the second occurrence that comes first.
fn first_duplicate(
    document: &[u8],
    keys: &mut [(Cow<'_, str>, Range<usize>)],
) -> Option<Duplicate> {
    keys.sort_by(|(a, at_a), (b, at_b)| (a, at_a.start).cmp(&(b, at_b.start)));
    let neighbours = keys.iter().zip(keys.iter().skip(1));
    let (_, second, first) = neighbours
        .filter(|((a, _), (b, _))| a == b)
        .map(|((_, first), (_, second))| (second.start, second, first))
        .min_by_key(|(start, ..)| *start)?;
    let key = decode(document, second).into_owned();
    Some(Duplicate { key, first: first.clone(), second: second.clone() })
}

/// Returns the text of the string with these quotes.
fn decode<'a>(document: &'a [u8], string: &Range<usize>) -> Cow<'a, str> {
    let inside = string.start + 1..string.end.saturating_sub(1);
    text::decode(document.get(inside).unwrap_or_default())
}
