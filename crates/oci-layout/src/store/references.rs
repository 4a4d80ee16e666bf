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
use super::layout::{REFERENCES_FILE, read_bounded};
use super::needed::{is_of_unknown_algorithm, refusal, unknown_algorithm};
use super::records::{Hash, Records, Start, ascending, hash_of, start};
use crate::digest::Digest;
use crate::parts::in_parts;
use crate::{Result, digest};

/// The number of roots from which on the file is worth it, and of missing ones from which on it is
/// written again.
const WORTH: usize = if cfg!(test) { 6 } else { 200 };
/// The largest one that is read, in bytes: enough for what an index file can list.
const MAX_SIZE: u64 = 512 << 20;

/// A reference index: a record for each root of everything that it reaches.
#[derive(Debug, Default)]
pub(super) struct References {
    records: Records,
    digest: Option<Digest>,
    /// Everything that roots reach which have no record, and were read meanwhile. They are not read again
    /// under the store's lock.
    read: BTreeMap<Digest, Vec<Digest>>,
}

/// The parts of some content that the entries of an index need.
pub(super) struct Needed {
    /// The parts that the entries reach.
    pub(super) kept: BTreeSet<Digest>,
    /// Whether everything that a root reaches was there and intact. Else what another process brings may
    /// change the answer, though the list stays the same.
    pub(super) is_whole: bool,
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
        let text = read_bounded(&store.layout().at(REFERENCES_FILE), MAX_SIZE).ok().flatten();
        if let Some(text) = text.filter(|text| digest::verify(text, &named).is_ok()) {
            (self.records, self.digest) = (Records::of(text), Some(named));
        }
    }

    /// Returns the parts that the entries of an index need; `parts` are those of a build that goes.
    ///
    /// # Errors
    /// As of [`all_needed`](super::needed::all_needed).
    pub(super) fn needed(
        &mut self,
        store: &Store,
        index: &IndexFile,
        parts: &BTreeSet<Digest>,
    ) -> Result<Needed> {
        let (mut roots, mut missing) =
            (Vec::with_capacity(index.entries().size_hint().0), Vec::new());
        for entry in index.entries() {
            match Digest::read(entry.digest) {
                Some(Digest::Sha256(root)) => roots.push(root),
                Some(root) => missing.push(root),
                None if is_of_unknown_algorithm(entry.digest) => {
                    return Err(unknown_algorithm(store, entry.digest));
                }
                None => {}
            }
        }
        let mut needed =
            Needed { kept: BTreeSet::new(), is_whole: true, roots: roots.len() + missing.len() };
        roots.sort_unstable_by(ascending);
        roots.dedup();
        let mut sought = Sought::of(parts);
        let mut walk = self.records.walk();
        for root in &roots {
            match walk.record(root) {
                Some(record) => record.iter().for_each(|start| sought.find(*start)),
                None => missing.push(Digest::Sha256(*root)),
            }
        }
        needed.kept.extend(sought.found());
        // A root that goes may be listed under another name.
        let is_listed = |part: &&Digest| match hash_of(part) {
            Some(hash) => roots.binary_search_by(|root| ascending(root, hash)).is_ok(),
            None => missing.contains(part),
        };
        needed.kept.extend(parts.iter().filter(is_listed));
        missing.retain(|root| match self.read.get(root) {
            Some(read) => {
                needed.kept.extend(read.iter().filter(|digest| parts.contains(digest)));
                false
            }
            None => true,
        });
        for reached in in_parts(&missing, |part| reach_each(store, part)) {
            for (root, reached, is_whole) in reached? {
                needed.kept.extend(reached.iter().filter(|digest| parts.contains(digest)));
                needed.is_whole &= is_whole;
                if is_whole {
                    self.read.insert(root, reached);
                }
            }
        }
        Ok(needed)
    }

    /// Writes it again if that is worth it, and has the index file name it. If that fails, the next
    /// removal reads more.
    pub(super) fn renew(&mut self, change: &mut Change<'_>, index: &mut IndexFile, needed: Needed) {
        if needed.roots < WORTH || self.read.len() < WORTH {
            return;
        }
        let records = self.records.with(&self.read, &index.digests());
        let digest = digest::sha256(records.bytes());
        let path = change.store().layout().at(REFERENCES_FILE);
        if records.write(&path).is_ok() && index.set_references(&digest) {
            *self = Self { records, digest: Some(digest), read: BTreeMap::new() };
        }
    }
}

/// Parts of a build that goes, looked for among everything that others reach.
struct Sought {
    /// Their hashes, which ascend.
    parts: Vec<Hash>,
    is_found: Vec<bool>,
}

impl Sought {
    fn of(parts: &BTreeSet<Digest>) -> Self {
        let parts: Vec<_> = parts.iter().filter_map(hash_of).copied().collect();
        Self { is_found: vec![false; parts.len()], parts }
    }

    /// Notes that something with such a hash is reached.
    fn find(&mut self, reached: Start) {
        let from = self.parts.partition_point(|part| start(part) < reached);
        let alike = self.parts.iter().zip(&mut self.is_found).skip(from);
        for (_, is_found) in alike.take_while(|(part, _)| start(part) == reached) {
            *is_found = true;
        }
    }

    fn found(&self) -> impl Iterator<Item = Digest> {
        let all = self.parts.iter().zip(&self.is_found);
        all.filter(|(_, is_found)| **is_found).map(|(part, _)| Digest::Sha256(*part))
    }
}

/// Returns for each root everything that it reaches, and whether all of that was there and intact.
///
/// # Errors
/// As of [`all_needed`](super::needed::all_needed).
fn reach_each(store: &Store, roots: &[Digest]) -> Result<Vec<(Digest, Vec<Digest>, bool)>> {
    let mut walker = Walker::default();
    let mut all = Vec::with_capacity(roots.len());
    for root in roots {
        let absent = walker.absent();
        let (reached, faults) = walker.reach(store, [*root], Leaves::Trusted);
        let is_whole = faults.is_empty() && walker.absent() == absent;
        if let Some(error) = refusal(store, faults) {
            return Err(error);
        }
        all.push((*root, reached.into_iter().collect(), is_whole));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_that_begin_alike_are_kept_together_ls_21() {
        let hash = |last: u8, first: u8| {
            let mut hash = [first; 32];
            hash[31] = last;
            Digest::Sha256(hash)
        };
        let parts = BTreeSet::from([hash(1, 7), hash(2, 7), hash(1, 8), hash(1, 9)]);
        let mut sought = Sought::of(&parts);
        for reached in [[7; 8], [6; 8], [9; 8], [10; 8]] {
            sought.find(reached);
        }
        let found: Vec<_> = sought.found().collect();
        assert_eq!(found, [hash(1, 7), hash(2, 7), hash(1, 9)]);
    }
}
