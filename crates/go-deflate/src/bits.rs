// SPDX-License-Identifier: Apache-2.0
//! Bits into bytes, from the least significant end (RFC 1951, 3.1.1).

/// Appends bits to bytes.
#[derive(Default)]
pub(super) struct Bits {
    /// The bits that do not make a byte yet; the bits above `count` are zero.
    hold: u64,
    /// The number of these bits; less than 8 between calls.
    count: u32,
}

impl Bits {
    /// Makes room for `bits` more bits, so that [`Room::put`] can store without asking.
    pub(super) fn room<'a>(&'a mut self, bits: u64, out: &'a mut Vec<u8>) -> Room<'a> {
        let at = out.len();
        out.resize(at + bits as usize / 8 + 16, 0);
        Room { hold: self.hold, count: self.count, at, bits: self, out }
    }

    /// Appends those bytes' bits and then the others.
    pub(super) fn append(&mut self, bytes: &[u8], rest: &Self, out: &mut Vec<u8>) {
        let (eights, last) = bytes.as_chunks::<8>();
        let at = out.len();
        out.resize(at + 8 * eights.len(), 0);
        let (room, _) = out.get_mut(at..).unwrap_or_default().as_chunks_mut::<8>();
        for (to, from) in room.iter_mut().zip(eights) {
            let word = u64::from_le_bytes(*from);
            *to = (word << self.count | self.hold).to_le_bytes();
            // In two steps, since `count` may be 0.
            self.hold = word >> 1 >> (63 - self.count);
        }
        let mut room = self.room(64, out);
        for &byte in last {
            room.put(byte.into(), 8);
        }
        room.put(rest.hold, rest.count);
    }

    /// Returns the number of bits that do not make a whole byte yet.
    #[cfg(test)]
    pub(super) fn partial(&self) -> u32 {
        self.count
    }

    /// Zero bits up to a byte boundary.
    pub(super) fn align(&mut self, out: &mut Vec<u8>) {
        if self.count > 0 {
            out.push(self.hold as u8);
        }
        *self = Self::default();
    }
}

/// Room for bits at the end of the output; dropped, it leaves what was put.
pub(super) struct Room<'a> {
    hold: u64,
    count: u32,
    at: usize,
    bits: &'a mut Bits,
    out: &'a mut Vec<u8>,
}

impl Room<'_> {
    /// Appends the `count` low bits of `value`, whose other bits are zero; at most 56.
    #[inline(always)]
    pub(super) fn put(&mut self, value: u64, count: u32) {
        self.hold |= value << self.count;
        self.count += count;
        if self.at + 8 > self.out.len() {
            self.grow();
        }
        if let Some(eight) = self.out.get_mut(self.at..self.at + 8) {
            eight.copy_from_slice(&self.hold.to_le_bytes());
        }
        self.at += self.count as usize / 8;
        self.hold >>= self.count & 56;
        self.count &= 7;
    }

    #[cold]
    fn grow(&mut self) {
        self.out.resize(self.at + 4_096, 0);
    }
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        self.out.truncate(self.at);
        *self.bits = Bits { hold: self.hold, count: self.count };
    }
}

#[cfg(test)]
mod tests {
    use super::Bits;

    #[test]
    fn bit_strings_are_joined_at_any_bit_d_20() {
        let pattern = |at: u32| at.wrapping_mul(0x9e37_79b9) >> 31 == 1;
        let put = |bits: &mut Bits, from: u32, count: u32, out: &mut Vec<u8>| {
            let mut room = bits.room(count.into(), out);
            (from..from + count).for_each(|at| room.put(pattern(at).into(), 1));
        };
        for before in 0..9 {
            for after in 0..200 {
                let (mut all, mut bits) = (Vec::new(), Bits::default());
                let (mut part, mut rest) = (Vec::new(), Bits::default());
                put(&mut bits, 0, before, &mut all);
                put(&mut rest, before, after, &mut part);
                bits.append(&part, &rest, &mut all);
                bits.align(&mut all);

                let mut expected = vec![0_u8; (before + after).div_ceil(8) as usize];
                for at in (0..before + after).filter(|&at| pattern(at)) {
                    expected[at as usize / 8] |= 1 << (at % 8);
                }
                assert_eq!(all, expected, "{before} bits, then {after}");
            }
        }
    }
}
