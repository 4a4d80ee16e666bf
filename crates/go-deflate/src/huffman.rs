// SPDX-License-Identifier: Apache-2.0
//! Code lengths (deflate.md, 7) and the codes that follow from them, for both encoders (E-31).

/// The most symbols that an alphabet uses: 286 literals and lengths, two more in the fixed code.
const SYMBOLS: usize = 288;
/// The longest code.
const LONGEST: usize = 15;
/// The most items of a level: the leaves, and packages of two items of the level below.
const ITEMS: usize = 2 * SYMBOLS;
/// A weight above every sum of counts: of an item that is not there.
const NONE: u32 = u32::MAX;

/// D-22 to D-24, E-31: the length of each symbol's code, 0 where it is not used.
///
/// `counts` has at most 288 symbols that sum up to less than 2^23; `limit` is at most 15.
pub(super) fn code_lengths<const N: usize>(counts: &[u32; N], limit: usize) -> [u8; N] {
    const { assert!(N <= SYMBOLS) };
    let mut lengths = [0; N];
    // Count and symbol in one number, so that one sort orders by both.
    let mut sorted = [0; N];
    let mut used = 0;
    for (symbol, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        sorted[used] = count << 9 | symbol as u32;
        used += 1;
    }
    let sorted = &mut sorted[..used];
    if used <= 2 {
        sorted.iter().for_each(|entry| lengths[*entry as usize & 511] = 1);
        return lengths;
    }
    sorted.sort_unstable();
    let merged = package_merge(sorted, limit.min(LONGEST).min(used - 1));
    for (entry, length) in sorted.iter().zip(merged) {
        lengths[*entry as usize & 511] = length;
    }
    lengths
}

/// D-23: the lengths of the sorted symbols, of which there are at least three.
fn package_merge(sorted: &[u32], levels: usize) -> [u8; SYMBOLS] {
    let used = sorted.len();
    let mut leaves = [NONE; SYMBOLS + 1];
    leaves.iter_mut().zip(sorted).for_each(|(leaf, entry)| *leaf = entry >> 9);
    let mut is_leaf = [[0_u64; ITEMS / 64]; LONGEST];
    is_leaf[0] = [!0; ITEMS / 64];
    let mut row = [NONE; ITEMS + 2];
    row[..used].copy_from_slice(&leaves[..used]);
    let mut below = row;
    let mut items = used;
    for is_leaf in &mut is_leaf[1..levels] {
        std::mem::swap(&mut row, &mut below);
        // An odd last item is in no package; nor is one that is not there.
        below[items & !1] = NONE;
        items = used + items / 2;
        let (mut leaf, mut pair) = (0, 0);
        for (at, item) in row[..items].iter_mut().enumerate() {
            let package = below[pair].saturating_add(below[pair + 1]);
            // On equal weight the package comes first.
            let takes_leaf = leaves[leaf] < package;
            *item = if takes_leaf { leaves[leaf] } else { package };
            is_leaf[at / 64] |= u64::from(takes_leaf) << (at % 64);
            leaf += usize::from(takes_leaf);
            pair += 2 * usize::from(!takes_leaf);
        }
    }
    unfold(&is_leaf[..levels], used)
}

/// The leaves among the items taken of a level are the lightest ones, so counting them says which
/// they are; the other items are packages of twice as many items of the level below.
fn unfold(is_leaf: &[[u64; ITEMS / 64]], used: usize) -> [u8; SYMBOLS] {
    let mut lengths = [0; SYMBOLS];
    let mut taken = 2 * used - 2;
    for level in is_leaf.iter().rev() {
        let whole: u32 = level[..taken / 64].iter().map(|bits| bits.count_ones()).sum();
        let part = level[taken / 64] & ((1 << (taken % 64)) - 1);
        let leaves = (whole + part.count_ones()) as usize;
        lengths[..leaves].iter_mut().for_each(|length| *length += 1);
        taken = 2 * (taken - leaves);
    }
    lengths
}

/// Returns the canonical codes of those lengths (RFC 1951, 3.2.2), first bit lowest, as they are
/// written.
pub(super) fn codes<const N: usize>(lengths: &[u8; N]) -> [u16; N] {
    let mut of_length = [0_u16; LONGEST + 1];
    lengths.iter().for_each(|&length| of_length[usize::from(length & 15)] += 1);
    of_length[0] = 0;
    let mut next = [0_u16; LONGEST + 1];
    for length in 1..=LONGEST {
        next[length] = (next[length - 1] + of_length[length - 1]) << 1;
    }
    let mut codes = [0; N];
    for (code, &length) in codes.iter_mut().zip(lengths).filter(|(_, length)| **length > 0) {
        let next = &mut next[usize::from(length & 15)];
        *code = next.reverse_bits() >> (16 - length);
        *next = next.wrapping_add(1);
    }
    codes
}

#[cfg(test)]
mod tests {
    use super::{code_lengths, codes};

    #[test]
    fn one_or_two_symbols_have_length_1_d_22() {
        assert_eq!(code_lengths(&[0, 7, 0], 15), [0, 1, 0]);
        assert_eq!(code_lengths(&[9, 0, 1], 15), [1, 0, 1]);
        assert_eq!(codes(&[1, 0, 1]), [0, 0, 1]);
    }

    #[test]
    fn on_equal_weight_the_package_comes_first_d_23() {
        // Leaves first would give 2, 2, 2, 2 and 3, 3, 2, 2, 2, which are as good.
        assert_eq!(code_lengths(&[1, 1, 1, 2], 15), [3, 3, 2, 1]);
        assert_eq!(code_lengths(&[1, 1, 1, 1, 2], 15), [3, 3, 3, 3, 1]);
    }

    #[test]
    fn lengths_stay_within_the_limit_d_23() {
        let counts = [1, 1, 2, 3, 5, 8, 13, 21, 34, 55];
        assert_eq!(code_lengths(&counts, 15), [9, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
        assert_eq!(code_lengths(&counts, 7), [7, 7, 7, 7, 6, 6, 4, 3, 2, 1]);
    }

    #[test]
    fn a_full_alphabet_of_equal_counts_is_nearly_flat_d_23() {
        let lengths = code_lengths(&[1; 286], 15);
        let of = |length| lengths.iter().filter(|&&n| n == length).count();
        assert_eq!((of(8), of(9)), (226, 60));
    }

    #[test]
    fn the_shortest_go_to_the_last_of_count_and_symbol_d_24() {
        assert_eq!(code_lengths(&[2, 1, 2, 1, 2], 15), [2, 3, 2, 3, 2]);
        assert_eq!(code_lengths(&[5, 5, 5], 15), [2, 2, 1]);
    }

    #[test]
    fn codes_are_canonical_with_the_first_bit_lowest_d_24() {
        // The example of RFC 1951, 3.2.2: A to H.
        let codes = codes(&[3, 3, 3, 3, 3, 2, 4, 4]);
        let expected = [0b010, 0b110, 0b001, 0b101, 0b011, 0b00, 0b0111, 0b1111];
        assert_eq!(codes, expected);
    }
}
