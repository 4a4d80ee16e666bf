// SPDX-License-Identifier: Apache-2.0
//! Roots with everything that each reaches, in the form that a file of them has (LS-21): as few bytes as
//! possible, since all of them are read and hashed by each removal.
//!
//! Of what is reached, the first bytes of each hash are enough. Two hashes that begin alike are taken for one
//! then, so that a removal keeps what it could remove, until garbage is collected; it never removes what is
//! needed.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::fs as ops;
use super::root::StorePath;
use crate::{Digest, Result};

/// The first line of the file. Another version has another, and is not read.
const HEAD: &[u8] = b"references 3\n";
/// The bytes of a [`Start`].
const START: usize = size_of::<Start>();

/// A SHA-256 hash. Roots that are, or reach, anything else have no record.
pub(super) type Hash = [u8; 32];
/// The first bytes of a hash.
pub(super) type Start = [u8; 8];

/// Records of roots, in the order of their digests: behind the head, for each the root's hash, the number of
/// starts that follow (four bytes, the highest first), and these: of the hashes of everything that is reached,
/// the root included.
#[derive(Debug, Default)]
pub(super) struct Records {
    bytes: Vec<u8>,
}

impl Records {
    /// Returns the records in the bytes of a file; none if it is of another version.
    pub(super) fn of(bytes: Vec<u8>) -> Self {
        if bytes.starts_with(HEAD) { Self { bytes } } else { Self::default() }
    }

    /// Merges new records into these; only those of the listed roots, which ascend, remain.
    pub(super) fn with(&self, new: &BTreeMap<Digest, Vec<Digest>>, listed: &[Digest]) -> Self {
        let (mut bytes, mut own) = (HEAD.to_vec(), self.walk());
        for root in listed {
            let Digest::Sha256(hash) = root else { continue };
            if let Some(record) = own.record(hash) {
                append(&mut bytes, hash, record);
            } else if let Some(reached) = new.get(root) {
                let starts: Option<Vec<Start>> =
                    reached.iter().map(|digest| hash_of(digest).map(start)).collect();
                if let Some(starts) = starts {
                    append(&mut bytes, hash, &starts);
                }
            }
        }
        Self { bytes }
    }

    /// Returns a way through them, for roots that ascend.
    pub(super) fn walk(&self) -> Walk<'_> {
        let mut walk = Walk { rest: self.bytes.get(HEAD.len()..).unwrap_or_default(), next: None };
        walk.advance();
        walk
    }

    /// Returns the bytes of a file with them.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Writes a new file with them. It need not reach the disk: a torn one has another digest.
    pub(super) fn write(&self, path: &StorePath) -> Result<()> {
        ops::write_all(&ops::create(path)?, path, &self.bytes)
    }
}

/// A way through records, for roots that ascend.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    rest: &'a [u8],
    next: Option<(&'a Hash, &'a [Start])>,
}

impl<'a> Walk<'a> {
    /// The starts of everything that a root reaches, which is not before the one that was asked for last; `None`
    /// if it has no record.
    pub(super) fn record(&mut self, root: &Hash) -> Option<&'a [Start]> {
        while self.next.is_some_and(|(own, _)| ascending(own, root).is_lt()) {
            self.advance();
        }
        self.next.filter(|(own, _)| *own == root).map(|(_, reached)| reached)
    }

    /// Goes to the next record; a cut one is none.
    fn advance(&mut self) {
        self.next = self.rest.split_first_chunk().and_then(|(root, rest)| {
            let (count, rest) = rest.split_first_chunk()?;
            let size = usize::try_from(u32::from_be_bytes(*count)).ok()?.checked_mul(START)?;
            let (reached, rest) = rest.split_at_checked(size)?;
            self.rest = rest;
            Some((root, reached.as_chunks().0))
        });
    }
}

fn append(bytes: &mut Vec<u8>, root: &Hash, reached: &[Start]) {
    let Ok(count) = u32::try_from(reached.len()) else { return };
    bytes.extend_from_slice(root);
    bytes.extend_from_slice(&count.to_be_bytes());
    bytes.extend_from_slice(reached.as_flattened());
}

/// Returns the first bytes of a hash.
pub(super) fn start(hash: &Hash) -> Start {
    let [a, b, c, d, e, f, g, h, ..] = *hash;
    [a, b, c, d, e, f, g, h]
}

/// Returns the order of hashes, which is that of their bytes; the first eight of them nearly always
/// decide.
pub(super) fn ascending(a: &Hash, b: &Hash) -> Ordering {
    let first = |hash| u64::from_be_bytes(start(hash));
    first(a).cmp(&first(b)).then_with(|| a.cmp(b))
}

/// Returns the hash of a digest that can have a record.
pub(super) fn hash_of(digest: &Digest) -> Option<&Hash> {
    match digest {
        Digest::Sha256(hash) => Some(hash),
        Digest::Sha384(_) | Digest::Sha512(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::{parse, sha256};

    #[test]
    fn records_are_those_of_listed_roots_and_a_cut_one_is_none_ls_21() {
        let mut roots: Vec<_> = (0..90_u8).map(|number| sha256(&[number])).collect();
        roots.sort_unstable();
        let reached = |root: &Digest| vec![*root, sha256(root.as_bytes()), sha256(b"shared")];
        let other = parse(&format!("sha512:{}", "0f".repeat(64))).expect("is one");
        let new = |roots: &[Digest]| -> BTreeMap<_, _> {
            let own = roots.iter().map(|root| (*root, reached(root)));
            own.chain([(other, vec![other]), (roots[0], vec![roots[0], other])]).collect()
        };
        let (even, odd): (Vec<_>, Vec<_>) =
            roots.iter().partition(|root| root.as_bytes()[31] % 2 == 0);
        let listed: Vec<_> = roots.iter().copied().chain([other]).collect();
        let records = Records::default().with(&new(&even), &listed);
        let records = Records::of(records.bytes().to_vec()).with(&new(&odd), &listed);
        let mut walk = records.walk();
        for root in &roots {
            let found = walk.record(hash_of(root).expect("is one"));
            let reaches_other = *root == even[0] || *root == odd[0];
            let own: Vec<_> =
                reached(root).iter().filter_map(|it| hash_of(it).map(start)).collect();
            assert_eq!(found, (!reaches_other).then_some(&*own), "{root}");
        }
        // Without the roots that are listed no more.
        assert_eq!(records.with(&BTreeMap::new(), &[]).bytes(), HEAD);
        for end in 0..records.bytes().len() {
            let cut = Records::of(records.bytes()[..end].to_vec());
            let mut walk = cut.walk();
            let found = roots.iter().filter_map(|root| walk.record(hash_of(root)?)).count();
            assert_eq!(found, end.saturating_sub(HEAD.len()) / (36 + 3 * 8), "{end}");
        }
    }
}
