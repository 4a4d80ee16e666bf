// SPDX-License-Identifier: Apache-2.0
//! Segments' tokens put behind each other, and cut into blocks (D-13).

use super::super::{BLOCK, block};
use super::code::Block;
use super::segment::Run;
use crate::token::Token;

/// The tokens that are known to be right, of which those are kept that make no block yet.
pub(super) struct Stitch {
    tokens: Vec<Token>,
    /// The start of the block that is being made.
    block_start: u64,
    /// The first byte that no token covers.
    end: u64,
    /// The token of the next segment that follows; `None` if that is not known.
    next: Option<usize>,
}

impl Default for Stitch {
    fn default() -> Self {
        Self { tokens: Vec::new(), block_start: 0, end: 0, next: Some(0) }
    }
}

impl Stitch {
    /// Returns the first byte that no token covers.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Returns the position from which the next segment must be parsed, if its own parse did not
    /// meet this one.
    pub(super) fn missed(&self) -> Option<u64> {
        if self.next.is_some() { None } else { Some(self.end) }
    }

    /// Adds the next segment; the blocks that are complete by it. Where the parses
    /// [missed](Self::missed) each other, it must have been parsed again.
    pub(super) fn add(&mut self, run: &Run) -> Vec<Block> {
        let first = self.next.unwrap_or(0);
        // The two may have met behind the end of a short segment, at a later one's token.
        let beyond = first.saturating_sub(run.tokens.len());
        self.next = run.next.map(|next| next + beyond);

        let mut blocks = Vec::new();
        let mut rest = run.tokens.get(first..).unwrap_or_default();
        while !rest.is_empty() {
            let room = BLOCK.saturating_sub(self.tokens.len());
            let (now, later) = rest.split_at(room.min(rest.len()));
            self.tokens.extend_from_slice(now);
            // At most BLOCK times MAX. In 32 bits, several are added at a time.
            self.end += u64::from(now.iter().map(|token| token.length()).sum::<u32>());
            rest = later;
            if self.tokens.len() == BLOCK {
                blocks.push(self.close(run));
            }
        }
        if run.segment.is_last() && !self.tokens.is_empty() {
            blocks.push(self.close(run));
        }
        blocks
    }

    /// The tokens are a block, which ends in that run's segment.
    fn close(&mut self, run: &Run) -> Block {
        let start = std::mem::replace(&mut self.block_start, self.end);
        let may_be_stored = self.end - start < block::NEVER_STORED;
        let input = may_be_stored.then(|| run.segment.slice(start, self.end)).flatten();
        let tokens = std::mem::replace(&mut self.tokens, Vec::with_capacity(BLOCK));
        Block { tokens, input: input.map(Into::into) }
    }
}
