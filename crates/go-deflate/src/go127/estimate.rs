// SPDX-License-Identifier: Apache-2.0
//! The estimate of a block's size with codes of its own (E-28), in single precision.
//!
//! Every operation here is one of IEEE 754, rounded to nearest even, and the order is the rule's.
//! Nothing is left to the machine: what rule E-29 fuses is computed from operations that every machine
//! has.

use super::block::Tally;
use crate::block::{Counts, END};
use crate::encoder::Encoder;

/// The products and sums that are fused (E-29): a property of the machine on which Go's encoder
/// ran, never of this one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) enum Arithmetic {
    /// None: Go on amd64 and on 32 bits.
    #[default]
    Plain,
    /// All three: Go on arm64, and on the other machines of 64 bits.
    Fused,
    /// The first and the third: Go on amd64 where it is built with `GOAMD64=v3`.
    V3,
}

impl Arithmetic {
    /// Returns the arithmetic of an encoder, if it is one of Go 1.27's.
    pub(in super::super) fn of(encoder: Encoder) -> Option<Self> {
        match encoder {
            Encoder::Go126 => None,
            Encoder::Go127 => Some(Self::Plain),
            Encoder::Go127Fused => Some(Self::Fused),
            Encoder::Go127V3 => Some(Self::V3),
        }
    }

    /// Estimates the number of bits that the tokens take (E-28).
    pub(super) fn estimate(self, tally: &Tally) -> u64 {
        let Counts { literals, distances, extra } = &tally.counts;
        let inverse = 1.0 / tally.tokens as f32;
        let mut sum = 0.0;
        for &count in &literals[..END] {
            sum = self.add(sum, count, inverse);
        }
        sum += 15.0;
        for &count in &literals[END + 1..] {
            sum = self.add(sum, count, inverse);
        }
        if tally.matches > 0 {
            let inverse = 1.0 / tally.matches as f32;
            for &count in distances {
                sum = self.add(sum, count, inverse);
            }
        }
        sum as u64 + extra
    }

    /// Adds the bits of a symbol that occurs so often to the sum.
    fn add(self, sum: f32, count: u32, inverse: f32) -> f32 {
        if count == 0 {
            return sum;
        }
        let count = count as f32;
        let bits = (-self.log(count * inverse)).clamp(1.0, 15.0);
        match self {
            Self::Plain => bits * count + sum,
            Self::Fused | Self::V3 => fused(bits, count, sum),
        }
    }

    /// About the logarithm to base 2 of a number that is greater than 0.
    #[expect(clippy::excessive_precision, reason = "these are the digits of the rule")]
    fn log(self, x: f32) -> f32 {
        const A: f32 = -0.344_848_43;
        const B: f32 = 2.024_665_78;
        const C: f32 = 0.674_877_59;
        let bits = x.to_bits();
        let exponent = (bits >> 23 & 0xff) as i32 - 128;
        let y = f32::from_bits(bits & 0x007f_ffff | 0x3f80_0000);
        let curve = match self {
            Self::Plain => (A * y + B) * y - C,
            Self::Fused => fused(fused(A, y, B), y, -C),
            Self::V3 => fused(A, y, B) * y - C,
        };
        exponent as f32 + curve
    }
}

/// `a * b + c`, rounded once, for numbers whose products and sums are neither too large nor too small
/// for single precision.
///
/// As `f32::mul_add`, which not every platform's C library has right.
fn fused(a: f32, b: f32, c: f32) -> f32 {
    // Exact, as double precision has more than twice the digits.
    let product = f64::from(a) * f64::from(b);
    let c = f64::from(c);
    let sum = product + c;
    // What the sum lacks (Knuth's two-sum). Where it lacks anything, the last digit is made odd, so
    // that rounding to single precision never sees a tie that is none.
    let part = sum - product;
    let lack = (product - (sum - part)) + (c - part);
    let bits = sum.to_bits();
    if lack == 0.0 || bits & 1 == 1 {
        return sum as f32;
    }
    let away = (lack > 0.0) == (sum > 0.0);
    f64::from_bits(if away { bits + 1 } else { bits - 1 }) as f32
}

#[cfg(test)]
mod tests {
    use super::{Arithmetic, fused};

    #[test]
    fn fused_is_rounded_once_e_29() {
        // The last bit of the product decides, which a product of its own would lose.
        let (a, b) = (1.0 + f32::EPSILON, 1.0 - f32::EPSILON / 2.0);
        assert_eq!(a * b - 1.0, 0.0);
        assert_eq!(fused(a, b, -1.0), f32::EPSILON / 2.0 - f32::EPSILON * f32::EPSILON / 2.0);
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let sign = state & 0x8000_0000;
            f32::from_bits(sign | (120 + state % 15) << 23 | state >> 9)
        };
        for _ in 0..2_000_000 {
            let (a, b, c) = (next(), next(), next());
            assert_eq!(fused(a, b, c).to_bits(), a.mul_add(b, c).to_bits(), "{a} {b} {c}");
            // Near a tie: the sum is the product's own rounding, up to a bit.
            let c = -(a * b);
            assert_eq!(fused(a, b, c), a.mul_add(b, c), "{a} {b} {c}");
        }
    }

    #[test]
    fn the_three_arithmetics_differ_in_what_is_fused_e_29() {
        let log = |arithmetic: Arithmetic| (1..4_000).map(move |n| arithmetic.log(n as f32 / 4e3));
        let differ = |a, b| log(a).zip(log(b)).filter(|(a, b)| a != b).count();
        assert!(differ(Arithmetic::Plain, Arithmetic::Fused) > 100);
        assert!(differ(Arithmetic::Plain, Arithmetic::V3) > 100);
        assert!(differ(Arithmetic::Fused, Arithmetic::V3) > 100);
        let add = |arithmetic: Arithmetic| arithmetic.add(0.1, 3, 0.2);
        assert_ne!(add(Arithmetic::Plain), 0.0);
    }
}
