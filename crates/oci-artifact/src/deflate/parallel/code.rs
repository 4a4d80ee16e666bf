// SPDX-License-Identifier: Apache-2.0
//! Blocks as bit strings, made anywhere and then joined.

use super::super::bits::Bits;
use super::super::block;
use super::super::token::Token;

/// A block that is still to be coded.
pub(super) struct Block {
    pub(super) tokens: Vec<Token>,
    /// The bytes that it covers, if it may be stored.
    pub(super) input: Option<Box<[u8]>>,
}

/// Codes of blocks in a row.
pub(super) enum Coded {
    /// Bytes, and the bits behind the last one.
    Bits(Vec<u8>, Bits),
    /// The content of a stored block: how it is padded depends on where it begins.
    Stored(Box<[u8]>),
}

/// Codes these blocks.
pub(super) fn code(blocks: Vec<Block>) -> Vec<Coded> {
    let (mut all, mut bytes, mut bits) = (Vec::new(), Vec::new(), Bits::default());
    for Block { tokens, input } in blocks {
        let parts = input.as_deref().map(|input| [input, &[]]);
        let block = block::Block::new(&tokens, parts);
        if block.is_stored()
            && let Some(input) = input
        {
            all.push(Coded::Bits(std::mem::take(&mut bytes), std::mem::take(&mut bits)));
            all.push(Coded::Stored(input));
        } else {
            block.write(&mut bits, &mut bytes);
        }
    }
    all.push(Coded::Bits(bytes, bits));
    all
}

impl Coded {
    /// Puts the codes behind those that there are.
    pub(super) fn join(&self, bits: &mut Bits, out: &mut Vec<u8>) {
        match self {
            Self::Bits(bytes, rest) => bits.append(bytes, rest, out),
            Self::Stored(input) => block::write_stored([input, &[]], bits, out),
        }
    }
}
