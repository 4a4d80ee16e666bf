// SPDX-License-Identifier: Apache-2.0
//! "Did you mean": the tag of a store that is most like one that it does not have.

use oci_artifact::store::Store;
use oci_artifact::{Error, ErrorKind};

use crate::output::advice;

/// A character that differs is forgiven for as many characters, but no more than [`MOST`].
const SHARE: usize = 3;
const MOST: usize = 3;
/// The longest part in which tags differ that is looked into, in characters. It bounds the work for
/// each tag.
const LONGEST: usize = 64;

/// The error, with the tag that may have been meant where `wanted` is none of the store's.
pub(crate) fn suggest(store: &Store, wanted: &str, error: Error) -> Error {
    if error.kind() != ErrorKind::NotFound {
        return error;
    }
    let Ok(listed) = store.listed() else { return error };
    let tags = listed.iter().filter_map(|entry| Some((entry.tag.as_deref()?, &entry.digest)));
    if tags.clone().any(|(tag, _)| tag == wanted) {
        // It is listed; something else is missing.
        return error;
    }
    // Of very many, few are near enough to look whether they are there.
    let near = tags.filter(|(tag, _)| distance(wanted, tag, most(wanted)).is_some());
    let present = near.filter(|(_, digest)| store.may_have(digest));
    let Some(found) = nearest(wanted, present.map(|(tag, _)| tag)) else {
        return error;
    };
    let more = error.diagnostics().first().and_then(|reason| reason.help.as_ref());
    let more = more.map(|help| format!(" {}", advice(help))).unwrap_or_default();
    error.with_help(format!("did you mean {found:?}?{more}"))
}

/// The first of the names that differ least, if that is little enough for a slip of the pen.
pub(crate) fn nearest<'a>(wanted: &str, tags: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = tags.filter_map(|tag| Some((distance(wanted, tag, most(wanted))?, tag)));
    near.min_by_key(|(distance, _)| *distance).map(|(_, tag)| tag)
}

/// The number of differences that are forgiven in that text.
fn most(wanted: &str) -> usize {
    (wanted.chars().count() / SHARE).min(MOST)
}

/// The number of characters to change, add, drop or swap to make one of the other; none
/// if that is more than `most`.
fn distance(one: &str, other: &str, most: usize) -> Option<usize> {
    // What references have in common, as a rule their registry and repository, counts nothing.
    let (one, other) = (one.chars().collect::<Vec<_>>(), other.chars().collect::<Vec<_>>());
    if one.len().abs_diff(other.len()) > most {
        return None;
    }
    let same = |(a, b): &(&char, &char)| a == b;
    let head = one.iter().zip(&other).take_while(same).count();
    let rest = |text: &[char]| text.iter().skip(head).copied().collect::<String>();
    let (one, other) = (rest(&one), rest(&other));
    if one.chars().count().max(other.chars().count()) > LONGEST {
        return None;
    }
    Some(strsim::osa_distance(&one, &other)).filter(|distance| *distance <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_pen_are_seen() {
        let tags = ["alpha", "beta", "ghcr.io/me/release-notes:1.2.0", "release-notes", "x"];
        for (wanted, meant) in [
            ("relase-notes", Some("release-notes")),
            ("relaese-notes", Some("release-notes")),
            ("Release_notes", Some("release-notes")),
            ("ghcr.io/me/release-notes:1.2.1", Some("ghcr.io/me/release-notes:1.2.0")),
            ("btea", Some("beta")),
            ("beta2", Some("beta")),
            ("y", None),
            ("", None),
            ("something else", None),
        ] {
            assert_eq!(nearest(wanted, tags.into_iter()), meant, "{wanted}");
        }
        assert_eq!(nearest("tag-1", ["tag-3", "tag-2"].into_iter()), Some("tag-3"), "the first");
    }

    #[test]
    fn tags_that_differ_throughout_are_not_compared_throughout() {
        let (wanted, tag) = ("ab".repeat(200), "ba".repeat(200));
        assert_eq!(distance(&wanted, &tag, 3), None);
        let tag = format!("{}x", wanted);
        assert_eq!(distance(&wanted, &tag, 3), Some(1), "what they have in common is free");
    }
}
