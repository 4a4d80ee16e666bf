// SPDX-License-Identifier: Apache-2.0
//! Blocks as bit strings, made anywhere and then joined.

use super::bits::Bits;
use super::block::write_stored;

/// Codes of blocks in a row.
pub(super) enum Coded {
    /// Bytes, and the bits behind the last one.
    Bits(Vec<u8>, Bits),
    /// The content of a stored block: how it is padded depends on where it begins.
    Stored(Box<[u8]>),
}

impl Coded {
    /// Puts the codes behind those that there are.
    pub(super) fn join(&self, bits: &mut Bits, out: &mut Vec<u8>) {
        match self {
            Self::Bits(bytes, rest) => bits.append(bytes, rest, out),
            Self::Stored(input) => write_stored([input, &[]], bits, out),
        }
    }
}
