// SPDX-License-Identifier: Apache-2.0
//! `- ? :`, the indicators of block collections, of which flow collections share two.

use std::ops::Range;

use super::super::character::is_break;
use super::{Scanner, TokenKind};
use crate::Problem;

impl Scanner {
    /// `-`: an entry of a block sequence.
    pub(super) fn block_entry(&mut self) -> Result<(), Problem> {
        self.open_block(TokenKind::BlockSequenceStart, |scanner, here| {
            scanner.quote(scanner.problem("a list cannot start here", here))
        })?;
        self.indicator(TokenKind::BlockEntry, 1, true)
    }

    /// `?`: an explicit key.
    pub(super) fn key(&mut self) -> Result<(), Problem> {
        self.open_block(TokenKind::BlockMappingStart, |scanner, here| {
            scanner.quote(scanner.problem("a `?` key is not possible here", here))
        })?;
        self.indicator(TokenKind::Key, 1, self.flow_level == 0)
    }

    /// `:`: a value, whose key is what was read before, or an explicit one, or none.
    pub(super) fn value(&mut self) -> Result<(), Problem> {
        if self.confirm_key()? {
            self.key_allowed = false;
        } else {
            self.open_block(TokenKind::BlockMappingStart, |scanner, here| {
                scanner.stray_colon(here)
            })?;
            self.key_allowed = self.flow_level == 0;
        }
        self.push_next(TokenKind::Value, 1);
        Ok(())
    }

    fn stray_colon(&self, here: Range<usize>) -> Problem {
        let problem = self.problem("this colon is in the middle of a value", here);
        let value = self.last_start..self.cursor.at();
        if self.cursor.characters().slice(value).any(is_break) {
            return problem.with_help(
                "this line continues the value above it: indent it like the keys around it, or \
                 put the whole value in quotes",
            );
        }
        self.quote(problem)
    }

    /// Opens a block collection here, unless this is flow context, or says why it cannot.
    fn open_block(
        &mut self,
        kind: TokenKind,
        why_not: impl FnOnce(&Self, Range<usize>) -> Problem,
    ) -> Result<(), Problem> {
        if self.flow_level > 0 {
            return Ok(());
        }
        let here = self.cursor.at();
        if !self.key_allowed {
            return Err(why_not(self, here..here + 1));
        }
        self.roll_indent(self.cursor.column(), self.token_count(), kind, here)
    }
}
