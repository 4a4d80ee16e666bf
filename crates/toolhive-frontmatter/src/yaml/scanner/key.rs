// SPDX-License-Identifier: Apache-2.0
//! Simple keys: tokens that become keys when a `:` follows on the same line, within 1,024
//! characters (FM-12).
//!
//! There is at most one candidate a flow level, and an inner one starts after those around it.
//! So the list is sorted by place, the ones that grew too old are at its front, and a deep nest
//! costs no more than a flat one.

use super::{Scanner, Token, TokenKind};
use crate::Problem;

/// The longest simple key, in characters.
const MAX_KEY_LENGTH: usize = 1_024;

/// A token that may be a key.
#[derive(Clone, Copy, Debug)]
pub(super) struct SimpleKey {
    /// The number of tokens before it.
    pub(super) token: usize,
    /// Must it be one? So it is where a block mapping's next key stands.
    required: bool,
    flow_level: usize,
    at: usize,
    line: usize,
    column: usize,
}

impl Scanner {
    /// Notes that the token which comes now may be a key.
    pub(super) fn save_key(&mut self) -> Result<(), Problem> {
        if !self.key_allowed {
            return Ok(());
        }
        self.drop_key()?;
        self.keys.push_back(SimpleKey {
            token: self.token_count(),
            required: self.flow_level == 0 && self.indent == Some(self.cursor.column()),
            flow_level: self.flow_level,
            at: self.cursor.at(),
            line: self.cursor.line(),
            column: self.cursor.column(),
        });
        Ok(())
    }

    /// Forgets the candidate of this flow level.
    pub(super) fn drop_key(&mut self) -> Result<(), Problem> {
        match self.take_key() {
            Some(key) if key.required => Err(self.key_without_value(key)),
            _ => Ok(()),
        }
    }

    fn take_key(&mut self) -> Option<SimpleKey> {
        let key = *self.keys.back()?;
        if key.flow_level < self.flow_level {
            return None;
        }
        self.keys.pop_back()
    }

    /// Forgets the candidates that can be none any more.
    pub(super) fn drop_stale_keys(&mut self) -> Result<(), Problem> {
        let (line, at) = (self.cursor.line(), self.cursor.at());
        while let Some(key) = self.keys.front().copied() {
            if key.line == line && key.at + MAX_KEY_LENGTH >= at {
                break;
            }
            self.keys.pop_front();
            if key.required {
                return Err(self.key_without_value(key));
            }
        }
        Ok(())
    }

    /// Makes the candidate of this flow level a key, if there is one.
    pub(super) fn confirm_key(&mut self) -> Result<bool, Problem> {
        let Some(key) = self.take_key() else {
            return Ok(false);
        };
        self.insert(key.token, Token { kind: TokenKind::Key, span: key.at..key.at });
        self.roll_indent(key.column, key.token, TokenKind::BlockMappingStart, key.at)?;
        Ok(true)
    }

    fn key_without_value(&self, key: SimpleKey) -> Problem {
        let span = self.cursor.characters().first_line(key.at..self.cursor.at());
        let problem = self.problem("a `:` is missing after this key", span);
        if self.cursor.at() > key.at + MAX_KEY_LENGTH {
            return problem.with_help("a key must be shorter than 1,024 characters");
        }
        problem.with_help(
            "write `key: value`; if this line continues the value above, indent it by two spaces",
        )
    }
}
