// SPDX-License-Identifier: Apache-2.0
//! What each listed root needs, noted so that a removal does not read all other builds (LS-21).
//!
//! The file is believed only if `index.json` names its digest: it is as good as the index file, which
//! decides what is needed in the first place. What it says of a root is a function of the root's
//! digest, so that it cannot become outdated: roots that it does not have are read, and what it says
//! of roots that are not listed any more is not looked at.

use std::collections::{BTreeMap, BTreeSet};

use oci_spec::image::Digest;

use super::Store;
use super::change::Change;
use super::graph::{Leaves, Walker};
use super::index_file::IndexFile;
use super::layout::read_bounded;
use super::lines::Lines;
use super::needed::{is_of_unknown_algorithm, refusal, unknown_algorithm};
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
}

/// What the entries of an index need of some content.
pub(super) struct Needed {
    /// Those of the parts that they reach.
    pub(super) kept: BTreeSet<Box<str>>,
    /// Lines of roots that the reference index does not have.
    missing: BTreeMap<Box<str>, String>,
    /// How many roots there are.
    roots: usize,
}

impl References {
    /// Makes sure that this is the reference index that the index file names, or none.
    pub(super) fn follow(&mut self, store: &Store, index: &IndexFile) {
        let named = index.references();
        if named.is_some() && named == self.digest {
            return;
        }
        *self = Self::default();
        let Some(named) = named else { return };
        // What cannot be read, or is another, is of no use; then everything is read.
        let text = read_bounded(&store.layout().references_file(), MAX_SIZE).ok().flatten();
        if let Some(text) = text.filter(|text| digest::verify(text, &named).is_ok()) {
            *self = Self { lines: Lines::of(text), digest: Some(named) };
        }
    }

    /// Which of the parts the entries of an index need; `parts` are those of a build that goes.
    ///
    /// # Errors
    /// As of [`all_needed`](super::needed::all_needed).
    pub(super) fn needed(
        &self,
        store: &Store,
        walker: &mut Walker,
        index: &IndexFile,
        parts: &BTreeSet<Box<str>>,
    ) -> Result<Needed> {
        let mut needed = Needed { kept: BTreeSet::new(), missing: BTreeMap::new(), roots: 0 };
        for entry in index.entries() {
            needed.roots = needed.roots.saturating_add(1);
            if let Some(rest) = self.lines.get(entry.digest) {
                let all = rest.split(' ').chain([entry.digest]);
                needed.kept.extend(all.filter(|it| parts.contains(*it)).map(Box::from));
                continue;
            }
            if is_of_unknown_algorithm(entry.digest) {
                return Err(unknown_algorithm(store, entry.digest));
            }
            let Ok(root) = digest::parse(entry.digest) else { continue };
            let absent = walker.absent();
            let (reached, faults) = walker.reach(store, [root], Leaves::Trusted);
            let is_whole = faults.is_empty() && walker.absent() == absent;
            if let Some(error) = refusal(store, faults) {
                return Err(error);
            }
            needed.kept.extend(reached.intersection(parts).cloned());
            if is_whole {
                let reached: Vec<_> = reached.iter().map(AsRef::as_ref).collect();
                needed.missing.insert(entry.digest.into(), reached.join(" "));
            }
        }
        Ok(needed)
    }

    /// Writes it anew if that is worth it, and has the index file name it. If that fails, the next
    /// removal reads more.
    pub(super) fn renew(&mut self, change: &mut Change<'_>, index: &mut IndexFile, needed: Needed) {
        if needed.roots < WORTH || needed.missing.len() < WORTH {
            return;
        }
        let listed: BTreeSet<_> = index.entries().map(|entry| entry.digest).collect();
        let lines = self.lines.with(&needed.missing, &listed);
        let path = change.store().layout().references_file();
        let digest = digest::sha256(lines.text().as_bytes());
        if Lines::write(&path, &[lines.text()]).is_ok() && index.set_references(&digest) {
            *self = Self { lines, digest: Some(digest) };
        }
    }
}
