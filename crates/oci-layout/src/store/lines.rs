// SPDX-License-Identifier: Apache-2.0
//! Lines about content, each under a digest that determines it: what the store has read once notes in
//! a file, which may be removed at any time (LS-36).
//!
//! A line cannot become outdated, and one that is not looked up says nothing. The reader decides whether a file of
//! them is to be believed at all.

use std::collections::BTreeMap;
use std::ops::Range;

use super::fs as ops;
use super::root::StorePath;
use crate::{Digest, Result};

/// Lines of a digest, a space and a text.
#[derive(Debug, Default)]
pub(super) struct Lines {
    text: String,
    /// The digest of each line, in their order, and where the text behind it stands.
    places: Vec<(Digest, Range<usize>)>,
}

impl Lines {
    /// Splits a text into its lines; none if it is not UTF-8.
    pub(super) fn of(text: Vec<u8>) -> Self {
        let text = String::from_utf8(text).unwrap_or_default();
        let (mut places, mut start) = (Vec::new(), 0_usize);
        for line in text.split_inclusive('\n') {
            let whole = line.trim_end_matches('\n');
            let end = start.saturating_add(whole.len());
            if let Some((digest, rest)) = whole.split_once(' ')
                && let Some(digest) = Digest::read(digest)
            {
                places.push((digest, end.saturating_sub(rest.len())..end));
            }
            start = start.saturating_add(line.len());
        }
        // They are in that order already where this crate wrote them.
        if !places.is_sorted_by_key(|(digest, _)| *digest) {
            places.sort_by_key(|(digest, _)| *digest);
        }
        Self { text, places }
    }

    /// Returns the text of the line under that digest.
    pub(super) fn get(&self, digest: &Digest) -> Option<&str> {
        let found = self.places.binary_search_by_key(digest, |(digest, _)| *digest).ok()?;
        self.places.get(found).map(|(_, text)| self.part(text))
    }

    /// Returns the text of the line under each of these digests, which ascend: one way through all
    /// lines, instead of a search for each.
    pub(super) fn walk(&self) -> Walk<'_> {
        Walk { lines: self, at: 0 }
    }

    fn part(&self, range: &Range<usize>) -> &str {
        self.text.get(range.clone()).unwrap_or_default()
    }

    /// Merges new lines into these, which new ones replace; only those of the listed digests, which ascend, remain.
    pub(super) fn with(&self, new: &BTreeMap<Digest, String>, listed: &[Digest]) -> Self {
        let (mut text, mut own) = (String::new(), self.walk());
        for digest in listed {
            let line = new.get(digest).map(String::as_str).or_else(|| own.line(digest));
            if let Some(line) = line {
                text.extend([&digest.to_string(), " ", line, "\n"]);
            }
        }
        Self::of(text.into_bytes())
    }

    /// Returns all lines as they are in a file.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Writes a new file with these parts. It need not reach the disk: readers recognise a torn one by its digest.
    pub(super) fn write(path: &StorePath, parts: &[&str]) -> Result<()> {
        let file = ops::create(path)?;
        parts.iter().try_for_each(|part| ops::write_all(&file, path, part.as_bytes()))
    }
}

/// A way through lines, for digests that ascend.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    lines: &'a Lines,
    at: usize,
}

impl<'a> Walk<'a> {
    /// Returns the text of the line under that digest, which is not before the one that was asked
    /// for last.
    pub(super) fn line(&mut self, digest: &Digest) -> Option<&'a str> {
        let rest = self.lines.places.get(self.at..).unwrap_or_default();
        let passed = rest.iter().take_while(|(own, _)| own < digest).count();
        self.at = self.at.saturating_add(passed);
        let (own, text) = self.lines.places.get(self.at)?;
        (own == digest).then(|| self.lines.part(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::sha256;

    #[test]
    fn a_way_through_lines_finds_what_a_search_finds_ls_36() {
        let all: Vec<_> = (0..200_u8).map(|number| sha256(&[number])).collect();
        let text: String = all.iter().step_by(3).map(|it| format!("{it} of {it}\n")).collect();
        let lines = Lines::of(text.into_bytes());
        let mut sorted = all.clone();
        sorted.sort();
        for step in [1, 2, 7] {
            let mut walk = lines.walk();
            for digest in sorted.iter().step_by(step) {
                assert_eq!(walk.line(digest), lines.get(digest));
                assert_eq!(walk.line(digest), lines.get(digest), "again");
            }
        }
        let new = BTreeMap::from([(all[0], "new".to_owned()), (all[1], "new".to_owned())]);
        let listed: Vec<_> = sorted.iter().copied().filter(|it| *it != all[3]).collect();
        let with = lines.with(&new, &listed);
        assert_eq!([with.get(&all[0]), with.get(&all[1])], [Some("new"); 2]);
        assert_eq!(with.get(&all[3]), None, "it is not listed any more");
        assert_eq!(with.get(&all[6]), lines.get(&all[6]));
    }
}
