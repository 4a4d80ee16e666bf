// SPDX-License-Identifier: Apache-2.0
//! Trees of hashes (RFC 6962, 2.1).

use crate::sha256;

/// A hash in a Merkle tree.
pub type Hash = [u8; 32];

/// Returns the hash of an entry.
pub fn leaf(entry: &[u8]) -> Hash {
    sha256(&[&[0], entry].concat())
}

fn node(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[1], &left[..], &right[..]].concat())
}

/// Returns the largest power of two that is less.
fn split(size: usize) -> usize {
    size.next_power_of_two() / 2
}

/// Returns the root of a tree that is not empty.
pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node(&root(left), &root(right))
        }
    }
}

/// Returns the proof that a leaf is in a tree.
pub fn path(leaves: &[Hash], index: usize) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let at = split(leaves.len());
    let (left, right) = leaves.split_at(at);
    let (mut proof, other) = match index < at {
        true => (path(left, index), root(right)),
        false => (path(right, index - at), root(left)),
    };
    proof.push(other);
    proof
}
