// SPDX-License-Identifier: Apache-2.0
//! The content that each listed root needs, noted so that a removal does not read all other builds (LS-21).
//!
//! The file is believed only if `index.json` names its digest: it is as good as the index file, which
//! decides what is needed in the first place. What it says of a root is a function of the root's
//! digest, so that it cannot become outdated: roots that it does not have are read, and what it says
//! of roots that are not listed any more is not looked at.

use std::collections::{BTreeMap, BTreeSet};

use super::Store;
use super::change::Change;
use super::graph::{Leaves, Walker};
use super::index_file::IndexFile;
use super::layout::read_bounded;
use super::lines::Lines;
use super::needed::{is_of_unknown_algorithm, refusal, unknown_algorithm};
use crate::digest::Digest;
use crate::parts::in_parts;
use crate::{Result, digest};

/// From how many roots on it is worth it, and how many may be missing before it is written anew.
const WORTH: usize = if cfg!(test) { 6 } else { 200 };
/// The largest one that is read, in bytes: enough for what an index file can list.
const MAX_SIZE: u64 = 512 << 20;

/// A reference index: for each root a line with its digest, and the digests of all that it reaches.
#[derive(Debug, Default)]
pub(super) struct References {
    lines: Lines,
    digest: Option<Digest>,
    /// Lines of roots that it does not have, which were read meanwhile. They are not read again under the
    /// store's lock.
    read: BTreeMap<Digest, String>,
}

/// What the entries of an index need of some content.
pub(super) struct Needed {
    /// Those of the parts that they reach.
    pub(super) kept: BTreeSet<Digest>,
    /// The number of roots.
    roots: usize,
}

impl References {
    /// Makes sure that this is the reference index that the index file names, or none.
    pub(super) fn follow(&mut self, store: &Store, index: &IndexFile) {
        let named = index.references();
        if named.is_some() && named == self.digest {
            return;
        }
        // What was read follows from the digests of roots, whatever the index file names.
        *self = Self { read: std::mem::take(&mut self.read), ..Self::default() };
        let Some(named) = named else { return };
        // What cannot be read, or is another, is of no use; then everything is read.
        let text = read_bounded(&store.layout().references_file(), MAX_SIZE).ok().flatten();
        if let Some(text) = text.filter(|text| digest::verify(text, &named).is_ok()) {
            (self.lines, self.digest) = (Lines::of(text), Some(named));
        }
    }

    /// Which of the parts the entries of an index need; `parts` are those of a build that goes.
    ///
    /// # Errors
    /// As of [`all_needed`](super::needed::all_needed).
    pub(super) fn needed(
        &mut self,
        store: &Store,
        index: &IndexFile,
        parts: &BTreeSet<Digest>,
    ) -> Result<Needed> {
        let mut roots = Vec::new();
        for entry in index.entries() {
            match Digest::read(entry.digest) {
                Some(root) => roots.push(root),
                None if is_of_unknown_algorithm(entry.digest) => {
                    return Err(unknown_algorithm(store, entry.digest));
                }
                None => {}
            }
        }
        let mut needed = Needed { kept: BTreeSet::new(), roots: roots.len() };
        roots.sort_unstable();
        roots.dedup();
        // Digests have the order of their texts.
        let texts: Vec<_> = parts.iter().map(|part| (part.to_string(), *part)).collect();
        let mut keep = |line: &str| {
            let find = |digest: &str| texts.binary_search_by(|(text, _)| text.as_str().cmp(digest));
            let found = line.split(' ').filter_map(|digest| texts.get(find(digest).ok()?));
            needed.kept.extend(found.map(|(_, part)| *part));
        };
        let (mut walk, mut missing) = (self.lines.walk(), Vec::new());
        for root in &roots {
            match walk.line(root).or_else(|| self.read.get(root).map(String::as_str)) {
                Some(line) => keep(line),
                None => missing.push(*root),
            }
        }
        for reached in in_parts(&missing, |part| reach_each(store, part)) {
            for (root, line, is_whole) in reached? {
                keep(&line);
                if is_whole {
                    self.read.insert(root, line);
                }
            }
        }
        // A root that goes may be listed under another name.
        needed.kept.extend(parts.iter().filter(|part| roots.binary_search(part).is_ok()));
        Ok(needed)
    }

    /// Writes it anew if that is worth it, and has the index file name it. If that fails, the next
    /// removal reads more.
    pub(super) fn renew(&mut self, change: &mut Change<'_>, index: &mut IndexFile, needed: Needed) {
        if needed.roots < WORTH || self.read.len() < WORTH {
            return;
        }
        let mut listed: Vec<_> =
            index.entries().filter_map(|entry| Digest::read(entry.digest)).collect();
        listed.sort_unstable();
        listed.dedup();
        let lines = self.lines.with(&self.read, &listed);
        let path = change.store().layout().references_file();
        let digest = digest::sha256(lines.text().as_bytes());
        if Lines::write(&path, &[lines.text()]).is_ok() && index.set_references(&digest) {
            *self = Self { lines, digest: Some(digest), read: BTreeMap::new() };
        }
    }
}

/// The lines of these roots, each with all that it reaches, and whether all of that was there and intact.
///
/// # Errors
/// As of [`all_needed`](super::needed::all_needed).
fn reach_each(store: &Store, roots: &[Digest]) -> Result<Vec<(Digest, String, bool)>> {
    let mut walker = Walker::default();
    let mut lines = Vec::with_capacity(roots.len());
    for root in roots {
        let absent = walker.absent();
        let (reached, faults) = walker.reach(store, [*root], Leaves::Trusted);
        let is_whole = faults.is_empty() && walker.absent() == absent;
        if let Some(error) = refusal(store, faults) {
            return Err(error);
        }
        let reached: Vec<_> = reached.iter().map(Digest::to_string).collect();
        lines.push((*root, reached.join(" "), is_whole));
    }
    Ok(lines)
}
