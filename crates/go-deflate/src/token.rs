// SPDX-License-Identifier: Apache-2.0
//! Tokens, packed so that counting and writing one need not ask what it is.

/// `length` bytes that were also there `distance` bytes before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Match {
    /// 3 to 258.
    pub(super) length: u32,
    /// 1 to 32768.
    pub(super) distance: u32,
}

/// The distance symbol of a literal: one with an empty code.
pub(super) const NO_DISTANCE: usize = 31;

/// A literal, or a match of 3 to 258 bytes at a distance of 1 to 32768.
///
/// From bit 20: a literal's byte, or 253 + a match's length. From bit 15: the distance symbol.
/// Below: the distance - 1, whose low bits are the distance symbol's extra bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token(u32);

impl Token {
    #[inline(always)]
    pub(super) fn literal(byte: u8) -> Self {
        Self(u32::from(byte) << 20 | (NO_DISTANCE as u32) << 15)
    }

    #[inline(always)]
    pub(super) fn new_match(Match { length, distance }: Match) -> Self {
        let distance = distance - 1;
        Self((length + 253) << 20 | distance_symbol(distance) << 15 | distance)
    }

    /// Returns the byte of a literal, or 253 + the length of a match.
    #[inline(always)]
    pub(super) fn value(self) -> usize {
        (self.0 >> 20) as usize & 511
    }

    /// Returns the number of bytes that the token covers.
    #[inline(always)]
    pub(super) fn length(self) -> u32 {
        let is_literal = self.distance_symbol() == NO_DISTANCE;
        if is_literal { 1 } else { (self.value() as u32).wrapping_sub(253) }
    }

    /// Returns the distance symbol, [`NO_DISTANCE`] for a literal.
    #[inline(always)]
    pub(super) fn distance_symbol(self) -> usize {
        (self.0 >> 15) as usize & 31
    }

    /// Returns the distance - 1.
    #[inline(always)]
    pub(super) fn distance_bits(self) -> u32 {
        self.0 & 0x7fff
    }
}

/// Returns the symbol of the distance `distance + 1` (RFC 1951, 3.2.5).
#[inline(always)]
fn distance_symbol(distance: u32) -> u32 {
    if distance < 2 {
        return distance;
    }
    let top = distance.ilog2();
    2 * top + (distance >> (top - 1) & 1)
}

/// Returns the number of extra bits of a distance symbol.
pub(super) const fn distance_extra(symbol: usize) -> u32 {
    if symbol < 4 || symbol == NO_DISTANCE { 0 } else { symbol as u32 / 2 - 1 }
}

/// Returns the literal/length symbol of a [`Token::value`], how many extra bits it has, and their
/// value.
pub(super) const fn literal_or_length(value: usize) -> (usize, u32, u32) {
    // Length 258 has a symbol of its own, though that before it could say it too (D-13a).
    match value.checked_sub(256) {
        None => (value, 0, 0),
        Some(255) => (285, 0, 0),
        Some(past @ 0..8) => (257 + past, 0, 0),
        Some(past) => {
            let extra = past.ilog2() - 2;
            let symbol = 257 + 4 * extra as usize + (past >> extra);
            (symbol, extra, past as u32 & ((1 << extra) - 1))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::literal_or_length;

    #[test]
    fn d_13a_length_258_has_its_own_symbol() {
        assert_eq!(literal_or_length(253 + 258), (285, 0, 0));
        assert_eq!(literal_or_length(253 + 257), (284, 5, 30));
        assert_eq!(literal_or_length(253 + 4), (258, 0, 0));
    }
}
