// SPDX-License-Identifier: Apache-2.0
//! Blocks, coded by any thread.

use super::super::block;
use crate::bits::Bits;
use crate::coded::Coded;
use crate::token::Token;

/// A block that is still to be coded.
pub(super) struct Block {
    pub(super) tokens: Vec<Token>,
    /// The bytes that it covers, if it may be stored.
    pub(super) input: Option<Box<[u8]>>,
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
