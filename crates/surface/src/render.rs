// SPDX-License-Identifier: Apache-2.0
//! The text that a person reads before trusting a plugin (S-83, S-84).

use crate::inventory::Inventory;
use crate::text::harmless;

impl Inventory {
    /// The inventory for a person's decision: the most dangerous first, commands whole, every
    /// character harmless. Lines end with LF.
    pub fn render(&self) -> String {
        format!("{}\n", harmless(&self.subject.name))
    }
}
