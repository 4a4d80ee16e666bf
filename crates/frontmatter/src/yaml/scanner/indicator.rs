// SPDX-License-Identifier: Apache-2.0
//! `- ? :`, the indicators of block collections, of which flow collections share two.

use super::{Scanner, TokenKind};
use crate::Problem;

impl Scanner {
    /// `-`: an entry of a block sequence.
    pub(super) fn block_entry(&mut self) -> Result<(), Problem> {
        self.open_block(TokenKind::BlockSequenceStart, |scanner, here| {
            scanner
                .problem("a list cannot start here", here)
                .with_help("start the list on a line of its own, or quote the value")
        })?;
        self.drop_key()?;
        self.key_allowed = true;
        self.push_next(TokenKind::BlockEntry, 1);
        Ok(())
    }

    /// `?`: an explicit key.
    pub(super) fn key(&mut self) -> Result<(), Problem> {
        self.open_block(TokenKind::BlockMappingStart, |scanner, here| {
            scanner.problem("a `?` key cannot stand here", here).with_help("quote the value")
        })?;
        self.drop_key()?;
        self.key_allowed = self.flow_level == 0;
        self.push_next(TokenKind::Key, 1);
        Ok(())
    }

    /// `:`: a value, whose key is what was read before, or an explicit one, or none.
    pub(super) fn value(&mut self) -> Result<(), Problem> {
        if self.confirm_key()? {
            self.key_allowed = false;
        } else {
            self.open_block(TokenKind::BlockMappingStart, |scanner, here| {
                scanner.problem("this `: ` stands in the middle of a value", here).with_help(
                    "put the whole value in quotes, since a colon and a space begin a new value",
                )
            })?;
            self.key_allowed = self.flow_level == 0;
        }
        self.push_next(TokenKind::Value, 1);
        Ok(())
    }

    /// Opens a block collection here, unless this is flow context, or says why it cannot.
    fn open_block(
        &mut self,
        kind: TokenKind,
        why_not: impl FnOnce(&Self, std::ops::Range<usize>) -> Problem,
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
