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
use super::needed::{is_of_unknown_algorithm, refusal, unknown_algorithm};
use super::records::{Hash, Records};
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
        let text = read_bounded(&store.layout().references_file(), MAX_SIZE).ok().flatten();
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
        let mut roots = Vec::with_capacity(index.entries().size_hint().0);
        for entry in index.entries() {
            match Digest::read(entry.digest) {
                Some(root) => roots.push(root),
                None if is_of_unknown_algorithm(entry.digest) => {
                    return Err(unknown_algorithm(store, entry.digest));
                }
                None => {}
            }
        }
        let mut needed = Needed { kept: BTreeSet::new(), is_whole: true, roots: roots.len() };
        roots.sort_unstable();
        roots.dedup();
        let mut hashes = Hashes::of(parts);
        let (mut walk, mut missing) = (self.records.walk(), Vec::new());
        for root in &roots {
            let record = match root {
                Digest::Sha256(root) => walk.record(root),
                Digest::Sha384(_) | Digest::Sha512(_) => None,
            };
            if let Some(record) = record {
                record.iter().for_each(|hash| hashes.find(hash));
            } else if let Some(read) = self.read.get(root) {
                needed.kept.extend(read.iter().filter(|digest| parts.contains(digest)));
            } else {
                missing.push(*root);
            }
        }
        needed.kept.extend(hashes.found());
        for reached in in_parts(&missing, |part| reach_each(store, part)) {
            for (root, reached, is_whole) in reached? {
                needed.kept.extend(reached.iter().filter(|digest| parts.contains(digest)));
                needed.is_whole &= is_whole;
                if is_whole {
                    self.read.insert(root, reached);
                }
            }
        }
        // A root that goes may be listed under another name.
        needed.kept.extend(parts.iter().filter(|part| roots.binary_search(part).is_ok()));
        Ok(needed)
    }

    /// Writes it again if that is worth it, and has the index file name it. If that fails, the next
    /// removal reads more.
    pub(super) fn renew(&mut self, change: &mut Change<'_>, index: &mut IndexFile, needed: Needed) {
        if needed.roots < WORTH || self.read.len() < WORTH {
            return;
        }
        let mut listed: Vec<_> =
            index.entries().filter_map(|entry| Digest::read(entry.digest)).collect();
        listed.sort_unstable();
        listed.dedup();
        let records = self.records.with(&self.read, &listed);
        let digest = digest::sha256(records.bytes());
        let path = change.store().layout().references_file();
        if records.write(&path).is_ok() && index.set_references(&digest) {
            *self = Self { records, digest: Some(digest), read: BTreeMap::new() };
        }
    }
}

/// Hashes that are looked for among very many.
struct Hashes {
    /// The first bytes of each, which nearly always decide, and the hash; in their order.
    wanted: Vec<(u64, Hash)>,
    is_found: Vec<bool>,
}

impl Hashes {
    fn of(parts: &BTreeSet<Digest>) -> Self {
        let hashes = parts.iter().filter_map(|part| match part {
            Digest::Sha256(hash) => Some((start(hash), *hash)),
            Digest::Sha384(_) | Digest::Sha512(_) => None,
        });
        let wanted: Vec<_> = hashes.collect();
        Self { is_found: vec![false; wanted.len()], wanted }
    }

    fn find(&mut self, hash: &Hash) {
        let found = self
            .wanted
            .binary_search_by(|(own, whole)| own.cmp(&start(hash)).then_with(|| whole.cmp(hash)));
        if let Some(is_found) = found.ok().and_then(|at| self.is_found.get_mut(at)) {
            *is_found = true;
        }
    }

    fn found(&self) -> impl Iterator<Item = Digest> {
        let all = self.wanted.iter().zip(&self.is_found);
        all.filter(|(_, is_found)| **is_found).map(|((_, hash), _)| Digest::Sha256(*hash))
    }
}

fn start(hash: &Hash) -> u64 {
    hash.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
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
