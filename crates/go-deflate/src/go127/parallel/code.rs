// SPDX-License-Identifier: Apache-2.0
//! Blocks, counted and written by any thread.

use super::super::block::{Plan, Planner, Seal, Tally};
use crate::bits::Bits;
use crate::coded::Coded;
use crate::token::Token;

/// A block that is still to be counted.
pub(super) struct Block {
    pub(super) tokens: Vec<Token>,
    /// The bytes that it covers, if it may be stored.
    pub(super) input: Option<Box<[u8]>>,
    pub(super) seal: Seal,
}

/// A block that is still to be decided about.
pub(super) struct Counted(Block, Tally);

/// A block that is still to be written.
pub(super) struct Planned(Block, Plan);

/// Counts these blocks, and makes the codes that each may need.
pub(super) fn count(blocks: Vec<Block>) -> Vec<Counted> {
    let count = |block: Block| {
        let bytes = block.input.as_deref().map(<[u8]>::len);
        let tally = Tally::new(&block.tokens, block.seal, bytes);
        tally.prepare();
        Counted(block, tally)
    };
    blocks.into_iter().map(count).collect()
}

impl Counted {
    /// Decides about it, as the next one.
    pub(super) fn plan(self, planner: &mut Planner) -> Planned {
        let Self(block, tally) = self;
        Planned(block, planner.plan(tally))
    }
}

/// Writes these blocks.
pub(super) fn code(blocks: Vec<Planned>) -> Vec<Coded> {
    let (mut all, mut bytes, mut bits) = (Vec::new(), Vec::new(), Bits::default());
    for Planned(Block { tokens, input, .. }, plan) in blocks {
        plan.write_before(&mut bits, &mut bytes);
        if plan.is_stored()
            && let Some(input) = input
        {
            all.push(Coded::Bits(std::mem::take(&mut bytes), std::mem::take(&mut bits)));
            all.push(Coded::Stored(input));
        } else {
            plan.write(&tokens, [&[]; 2], &mut bits, &mut bytes);
        }
    }
    all.push(Coded::Bits(bytes, bits));
    all
}
