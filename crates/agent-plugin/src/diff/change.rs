// SPDX-License-Identifier: Apache-2.0
//! One difference and what it means (S-87).

use serde::Serialize;

/// One difference between two versions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Change {
    /// The class of the difference.
    pub class: Class,
    /// The kind of thing: `hook`, `mcp`, `lsp`, `run`, `grant`, `behaviour`, `component`, `file`.
    pub kind: &'static str,
    /// The id of what it is about (S-86).
    pub id: String,
    /// The difference in a few words; may hold outside text.
    pub what: String,
    /// The thing in words, where an id says little: `before every Bash`.
    #[serde(skip)]
    pub label: Option<String>,
    /// The value before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The value after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// The class of a difference (S-87), the most dangerous first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Something that runs and was not there.
    New,
    /// The same command or server, which runs or reaches something else.
    Redirected,
    /// The same command, which runs more often, may do more, or is pinned less.
    Widened,
    /// The same command, whose code has other bytes.
    Code,
    /// The reverse of widened.
    Narrowed,
    /// Something that would have run before and is gone.
    Removed,
    /// A change that does not matter.
    Cosmetic,
}

impl Class {
    /// Whether a person has to accept it first.
    pub fn needs_acceptance(self) -> bool {
        matches!(self, Self::New | Self::Redirected | Self::Widened)
    }
}

/// The two that are compared: their kind and id, and where differences go.
pub(super) struct Pair<'a> {
    pub(super) kind: &'static str,
    pub(super) id: &'a str,
    pub(super) changes: &'a mut Vec<Change>,
}

impl Pair<'_> {
    /// Notes a difference.
    pub(super) fn add(
        &mut self,
        class: Class,
        what: impl Into<String>,
        before: Option<&str>,
        after: Option<&str>,
    ) {
        self.changes.push(Change {
            class,
            kind: self.kind,
            id: self.id.to_owned(),
            what: what.into(),
            label: None,
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        });
    }

    /// Notes a difference of two texts, if there is one.
    pub(super) fn texts(&mut self, class: Class, what: &str, before: &str, after: &str) {
        if before != after {
            self.add(class, what, Some(before), Some(after));
        }
    }

    /// Notes what a set gained (widened) and lost (narrowed).
    pub(super) fn sets(&mut self, what: &str, before: &[String], after: &[String]) {
        for gained in after.iter().filter(|item| !before.contains(item)) {
            self.add(Class::Widened, format!("{what} added"), None, Some(gained));
        }
        for lost in before.iter().filter(|item| !after.contains(item)) {
            self.add(Class::Narrowed, format!("{what} gone"), Some(lost), None);
        }
    }
}
