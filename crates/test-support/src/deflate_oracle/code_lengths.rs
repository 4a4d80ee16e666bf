// SPDX-License-Identifier: Apache-2.0
//! Section 7: code lengths by package-merge, with every package unfolded.

/// A leaf or a package: its weight and the leaves in it, as often as they are in it.
#[derive(Clone)]
struct Item {
    weight: u64,
    leaves: Vec<usize>,
}

/// D-22 to D-24: the code length of each symbol, 0 where it is not used.
pub(super) fn code_lengths(counts: &[u64], limit: usize) -> Vec<u8> {
    let mut lengths = vec![0; counts.len()];
    let mut sorted: Vec<usize> = (0..counts.len()).filter(|&symbol| counts[symbol] > 0).collect();
    let used = sorted.len();
    if used <= 2 {
        sorted.iter().for_each(|&symbol| lengths[symbol] = 1);
        return lengths;
    }
    sorted.sort_by_key(|&symbol| (counts[symbol], symbol));
    let leaf = |at: usize| Item { weight: counts[sorted[at]], leaves: vec![at] };
    let leaves: Vec<Item> = (0..used).map(leaf).collect();
    let mut level = leaves.clone();
    for _ in 1..limit.min(used - 1) {
        level = merge(packages(&level), &leaves);
    }

    let mut length_of = vec![0_u8; used];
    for item in &level[..2 * used - 2] {
        item.leaves.iter().for_each(|&at| length_of[at] += 1);
    }
    // D-24: only how many symbols have a length counts.
    length_of.sort_unstable_by(|a, b| b.cmp(a));
    sorted.iter().zip(length_of).for_each(|(&symbol, length)| lengths[symbol] = length);
    lengths
}

fn packages(level: &[Item]) -> Vec<Item> {
    let pairs = level.chunks_exact(2);
    pairs
        .map(|pair| Item {
            weight: pair[0].weight + pair[1].weight,
            leaves: [&pair[0].leaves[..], &pair[1].leaves[..]].concat(),
        })
        .collect()
}

/// On equal weight the package comes first.
fn merge(packages: Vec<Item>, leaves: &[Item]) -> Vec<Item> {
    let mut merged: Vec<Item> = packages.into_iter().chain(leaves.iter().cloned()).collect();
    merged.sort_by_key(|item| item.weight);
    merged
}

/// D-24: canonical codes, most significant bit first (RFC 1951, 3.2.2).
pub(super) fn codes(lengths: &[u8]) -> Vec<u64> {
    let mut codes = vec![0; lengths.len()];
    let mut next = 0;
    for length in 1..=15 {
        next <<= 1;
        for symbol in (0..lengths.len()).filter(|&symbol| lengths[symbol] == length) {
            codes[symbol] = next;
            next += 1;
        }
    }
    codes
}
