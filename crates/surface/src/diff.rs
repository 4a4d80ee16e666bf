// SPDX-License-Identifier: Apache-2.0
//! How the surface of one version differs from that of another (S-86 to S-90).

use serde::Serialize;

use crate::inventory::Inventory;

/// All differences of two inventories.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Difference {
    /// Whether the two can be compared (S-90): both have the same formats, and an entry was
    /// considered for both or for none.
    pub comparable: bool,
    /// Whether the version is the same although something differs that matters (S-88).
    pub same_version_changed: bool,
    /// The differences, the most dangerous class first, then by id.
    pub changes: Vec<Change>,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Change {
    /// What it means.
    pub class: Class,
    /// What it is about: `hook`, `mcp`, `lsp`, `run`, `grant`, `file`, `behaviour`, `component`.
    pub kind: &'static str,
    /// The id of what it is about (S-86).
    pub id: String,
    /// What differs, in a few words; may hold outside text.
    pub what: String,
    /// How it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// How it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// What a difference means (S-87), the most dangerous first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Something runs that was not there.
    New,
    /// The same thing runs or reaches something else.
    Redirected,
    /// It runs more often, may do more, or is pinned less.
    Widened,
    /// The same command runs other bytes.
    Code,
    /// The reverse of widened.
    Narrowed,
    /// It is gone.
    Removed,
    /// Nothing that matters.
    Cosmetic,
}

impl Class {
    /// Whether a person has to accept it first (S-87).
    pub fn needs_acceptance(self) -> bool {
        matches!(self, Self::New | Self::Redirected | Self::Widened)
    }
}

impl Difference {
    /// What `after` has that `before` had not, and the other way round.
    pub fn of(before: &Inventory, after: &Inventory) -> Self {
        Self {
            comparable: before.subject.formats == after.subject.formats
                && before.subject.entry_considered == after.subject.entry_considered,
            same_version_changed: false,
            changes: Vec::new(),
        }
    }

    /// Whether nothing differs but what is cosmetic.
    pub fn is_empty(&self) -> bool {
        self.changes.iter().all(|change| change.class == Class::Cosmetic)
    }

    /// The most dangerous class.
    pub fn worst(&self) -> Option<Class> {
        self.changes.iter().map(|change| change.class).min()
    }

    /// The differences for a person, without the cosmetic ones; every character harmless, lines end
    /// with LF; empty if there is none.
    pub fn render(&self) -> String {
        String::new()
    }
}
