// SPDX-License-Identifier: Apache-2.0
//! The order of tags: versions from the newest to the oldest, then the others by name (WB-3).

use std::cmp::Reverse;

use oci_artifact::referrers::TAG_ENDINGS;

/// A tag's place among others: what is no version is less than any.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank<'a> {
    Other(Reverse<&'a str>),
    /// Its numbers, whether it is a release, which comes after what was made before it, and the rest.
    Version(Vec<Number<'a>>, bool, Vec<Piece<'a>>, &'a str),
}

/// A part of what stands behind the dash; numbers come before words, as SemVer has it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Piece<'a> {
    Number(Number<'a>),
    Word(&'a str),
}

/// Any number, in the order of values: how many digits it has, and these.
type Number<'a> = (usize, &'a str);

fn number(text: &str) -> Option<Number<'_>> {
    let is_one = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let digits = text.trim_start_matches('0');
    is_one.then_some((digits.len(), digits))
}

fn rank(tag: &str) -> Rank<'_> {
    let text = tag.strip_prefix(['v', 'V']).unwrap_or(tag);
    // A tag cannot have a plus sign; what is built from one often has an underscore.
    let (text, _) = text.split_once('_').unwrap_or((text, ""));
    let (numbers, before) = match text.split_once('-') {
        Some((numbers, before)) => (numbers, Some(before)),
        None => (text, None),
    };
    let numbers: Option<Vec<Number<'_>>> = numbers.split('.').map(number).collect();
    let Some(numbers) = numbers else { return Rank::Other(Reverse(tag)) };
    let piece = |text| number(text).map_or(Piece::Word(text), Piece::Number);
    let pieces = before.into_iter().flat_map(|before| before.split('.')).map(piece).collect();
    Rank::Version(numbers, before.is_none(), pieces, tag)
}

/// Tags without those that attach something to an artifact (SIG-1).
pub(super) fn listed<T>(mut tags: Vec<(String, T)>) -> Vec<(String, T)> {
    tags.retain(|(tag, _)| !attaches(tag));
    tags
}

fn attaches(tag: &str) -> bool {
    let is_of_digest = tag.starts_with("sha256-") || tag.starts_with("sha512-");
    // The list of referrers, where a client keeps it at a tag, has no ending.
    let ending = tag.rsplit_once('.').map_or("", |(_, ending)| ending);
    is_of_digest && (ending.is_empty() || TAG_ENDINGS.contains(&ending))
}

/// Sorts tags, the newest first.
pub(super) fn sort<T>(tags: &mut [(String, T)]) {
    tags.sort_by(|(one, _), (other, _)| rank(other).cmp(&rank(one)));
}

/// The newest of some tags.
pub(super) fn newest<T>(tags: &[(String, T)]) -> Option<&(String, T)> {
    tags.iter().max_by(|(one, _), (other, _)| rank(one).cmp(&rank(other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_is_first_and_names_are_last_wb_3() {
        let sorted = [
            "v2.0.0",
            "2.0.0-rc.10",
            "2.0.0-rc.2",
            "2.0.0-rc",
            "2.0.0-10",
            "2.0.0-2",
            "1.10.0",
            "1.9.12",
            "1.9",
            "1",
            "0.99999999999999999999999",
            "beta",
            "latest",
            "main",
        ];
        let mut tags: Vec<(String, ())> =
            sorted.iter().rev().map(|&t| (t.to_owned(), ())).collect();
        assert_eq!(newest(&tags).map(|(tag, ())| tag.as_str()), Some("v2.0.0"));
        sort(&mut tags);
        assert_eq!(tags.iter().map(|(tag, ())| tag.as_str()).collect::<Vec<_>>(), sorted);
    }
}
