// SPDX-License-Identifier: Apache-2.0
//! Lines about content, each under a digest that determines it: what the store has read once notes in
//! a file, which may be removed at any time (LS-21, LS-36).
//!
//! A line cannot become outdated, and one that is not looked up says nothing. Whether a file of them
//! is to be believed at all is for whoever reads it to decide.

use std::collections::{BTreeMap, BTreeSet};
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
    /// Those in a text; none if it is no text.
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
        places.sort_by_key(|(digest, _)| *digest);
        Self { text, places }
    }

    /// The text of the line under that digest.
    pub(super) fn get(&self, digest: &Digest) -> Option<&str> {
        let found = self.places.binary_search_by_key(digest, |(digest, _)| *digest).ok()?;
        self.places.get(found).map(|(_, text)| self.part(text))
    }

    fn part(&self, range: &Range<usize>) -> &str {
        self.text.get(range.clone()).unwrap_or_default()
    }

    /// These lines and new ones, which come first where both have one; only what is listed.
    pub(super) fn with(&self, new: &BTreeMap<Digest, String>, listed: &BTreeSet<Digest>) -> Self {
        let own = self.places.iter().map(|(digest, text)| (*digest, self.part(text)));
        let mut lines: BTreeMap<Digest, &str> = own.collect();
        lines.extend(new.iter().map(|(digest, text)| (*digest, text.as_str())));
        lines.retain(|digest, _| listed.contains(digest));
        let mut text = String::new();
        for (digest, line) in lines {
            text.extend([&digest.to_string(), " ", line, "\n"]);
        }
        Self::of(text.into_bytes())
    }

    /// All lines as they are in a file.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Writes a new file with these parts. It need not reach the disk: whoever reads it knows a torn
    /// one by its digest.
    pub(super) fn write(path: &StorePath, parts: &[&str]) -> Result<()> {
        let file = ops::create(path)?;
        parts.iter().try_for_each(|part| ops::write_all(&file, path, part.as_bytes()))
    }
}
