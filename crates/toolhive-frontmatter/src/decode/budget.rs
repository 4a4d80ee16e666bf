// SPDX-License-Identifier: Apache-2.0
//! A bound on what aliases can make of a small text (format.md, 3.7).

/// Fewer steps than this, or fewer of them inside aliases, are never too many.
const FREE_STEPS: usize = 1_000;
const FREE_ALIAS_STEPS: usize = 100;

/// The largest number of steps of decoding.
const MAX_STEPS: usize = 4_000_000;

/// Counts steps of decoding: a step is a node.
#[derive(Debug)]
pub(super) struct Budget {
    steps: usize,
    alias_steps: usize,
    is_spent: bool,
}

impl Default for Budget {
    /// The step to what holds everything, the document or the list.
    fn default() -> Self {
        Self { steps: 1, alias_steps: 0, is_spent: false }
    }
}

impl Budget {
    /// Counts a step inside that many aliases.
    pub(super) fn spend(&mut self, aliases: usize) {
        self.steps += 1;
        self.alias_steps += usize::from(aliases > 0);
        let is_mostly_aliases = self.steps > FREE_STEPS
            && self.alias_steps > FREE_ALIAS_STEPS
            && self.alias_steps * 100 > self.steps * 99;
        self.is_spent |= is_mostly_aliases || self.steps > MAX_STEPS;
    }

    /// Was it too much?
    pub(super) fn is_spent(&self) -> bool {
        self.is_spent
    }
}
