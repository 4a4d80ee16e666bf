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
use crate::Result;

/// Lines of a digest, a space and a text, in the order of the digests.
#[derive(Debug, Default)]
pub(super) struct Lines {
    text: String,
    /// The digest and the text of each line.
    places: Vec<(Range<usize>, Range<usize>)>,
    /// The numbers of the places, by a part of their digests and then by those: a search through
    /// very many seldom looks at the text.
    order: Vec<(u64, usize)>,
}

impl Lines {
    /// Those in a text; none if it is no text.
    pub(super) fn of(text: Vec<u8>) -> Self {
        let text = String::from_utf8(text).unwrap_or_default();
        let (mut places, mut start) = (Vec::new(), 0_usize);
        for line in text.split_inclusive('\n') {
            let end = start.saturating_add(line.trim_end_matches('\n').len());
            if let Some(length) = line.find(' ') {
                let space = start.saturating_add(length);
                places.push((start..space, space.saturating_add(1).min(end)..end));
            }
            start = start.saturating_add(line.len());
        }
        let mut lines = Self { text, places, order: Vec::new() };
        let numbered = lines.places.iter().map(|(digest, _)| key(lines.part(digest))).zip(0..);
        let mut order: Vec<_> = numbered.collect();
        order.sort_by(|a, b| (a.0, lines.digest(a.1)).cmp(&(b.0, lines.digest(b.1))));
        lines.order = order;
        lines
    }

    /// The text of the line under that digest.
    pub(super) fn get(&self, digest: &str) -> Option<&str> {
        let wanted = key(digest);
        let search =
            |(key, at): &(u64, usize)| key.cmp(&wanted).then_with(|| self.digest(*at).cmp(digest));
        let found = self.order.binary_search_by(search).ok()?;
        let (_, at) = self.order.get(found)?;
        self.places.get(*at).map(|(_, text)| self.part(text))
    }

    fn digest(&self, at: usize) -> &str {
        self.places.get(at).map(|(digest, _)| self.part(digest)).unwrap_or_default()
    }

    fn part(&self, range: &Range<usize>) -> &str {
        self.text.get(range.clone()).unwrap_or_default()
    }

    /// These lines and new ones, which come first where both have one; only what is listed.
    pub(super) fn with(&self, new: &BTreeMap<Box<str>, String>, listed: &BTreeSet<&str>) -> Self {
        let own = self.places.iter().map(|(digest, text)| (self.part(digest), self.part(text)));
        let mut lines: BTreeMap<&str, &str> = own.collect();
        lines.extend(new.iter().map(|(digest, text)| (&**digest, text.as_str())));
        lines.retain(|digest, _| listed.contains(digest));
        let size = lines.iter().map(|(digest, text)| digest.len() + text.len() + 2).sum();
        let mut text = String::with_capacity(size);
        for (digest, line) in lines {
            text.extend([digest, " ", line, "\n"]);
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

/// The last characters of a digest as a number: what most of them differ in.
fn key(digest: &str) -> u64 {
    let end = digest.as_bytes().last_chunk::<8>();
    end.map_or(0, |bytes| u64::from_be_bytes(*bytes))
}
