// SPDX-License-Identifier: Apache-2.0
//! `[ ] { }`, the indicators of flow collections.

use super::{MAX_DEPTH, Scanner, TokenKind};
use crate::Problem;

impl Scanner {
    /// `[` or `{`.
    pub(super) fn flow_start(&mut self, kind: TokenKind) -> Result<(), Problem> {
        self.save_key()?;
        if self.flow_level >= MAX_DEPTH {
            return Err(self.too_deep());
        }
        self.flow_level += 1;
        self.key_allowed = true;
        self.push_next(kind, 1);
        Ok(())
    }

    /// `]` or `}`.
    pub(super) fn flow_end(&mut self, kind: TokenKind) -> Result<(), Problem> {
        self.drop_key()?;
        self.flow_level = self.flow_level.saturating_sub(1);
        self.key_allowed = false;
        self.push_next(kind, 1);
        Ok(())
    }
}
