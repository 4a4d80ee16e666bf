// SPDX-License-Identifier: Apache-2.0
//! Segments' tokens put behind each other, and cut into blocks (E-19).

use super::super::BLOCK;
use super::super::block::Seal;
use super::super::parse::Parse;
use super::super::round::Round;
use super::code::Block;
use super::segment::Run;
use crate::segment::Behind;
use crate::token::Token;

/// The tokens that are known to be right, of which those are kept that make no block yet.
#[derive(Default)]
pub(super) struct Stitch {
    tokens: Vec<Token>,
    /// The start of the block that is being made, and its end by now.
    block_start: u64,
    block_end: u64,
    /// The true state of the parse.
    state: Parse,
}

impl Stitch {
    /// Returns the position of a turn.
    pub(super) fn position(&self) -> u64 {
        self.state.position()
    }

    /// Returns the state of the parse at the start of the next segment, if that segment's own parse began in another
    /// state.
    pub(super) fn missed(&self, next: &Run) -> Option<Parse> {
        (next.start() != self.state).then_some(self.state)
    }

    /// Adds the next segment; the blocks that are complete by it.
    pub(super) fn add(&mut self, run: &Run) -> Vec<Block> {
        let mut blocks = Vec::new();
        for (round, mut rest) in run.rounds() {
            while !rest.is_empty() {
                let room = BLOCK.saturating_sub(self.tokens.len());
                let (now, later) = rest.split_at(room.min(rest.len()));
                self.tokens.extend_from_slice(now);
                // At most BLOCK times MAX. In 32 bits, several are added at a time.
                self.block_end += u64::from(now.iter().map(|token| token.length()).sum::<u32>());
                rest = later;
                if self.tokens.len() == BLOCK {
                    blocks.push(self.close(run, round));
                }
            }
            if round.behind == Behind::Nothing && !self.tokens.is_empty() {
                blocks.push(self.close(run, round));
            }
        }
        self.state = run.end();
        blocks
    }

    /// The tokens are a block, which is closed in that round.
    fn close(&mut self, run: &Run, round: Round) -> Block {
        let (start, end) = (self.block_start, self.block_end);
        self.block_start = end;
        let input = round.may_store(start, end).then(|| run.segment.slice(start, end)).flatten();
        let tokens = std::mem::replace(&mut self.tokens, Vec::with_capacity(BLOCK));
        Block { tokens, input: input.map(Into::into), seal: Seal::of(round) }
    }
}
