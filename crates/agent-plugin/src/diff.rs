// SPDX-License-Identifier: Apache-2.0
//! The difference between the surfaces of two versions (S-86 to S-90).

mod change;
mod command;
mod launches;
mod grants;
mod behaviour;
mod code;
mod render;

use serde::Serialize;

use crate::inventory::{Inventory, Launch, Subject};
use crate::render::phrase;

pub use change::{Change, Class};

/// All differences of two inventories.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Difference {
    /// The version before.
    pub before: Subject,
    /// The version to which it is compared.
    pub after: Subject,
    /// Whether the two can be compared (S-90): both have the same formats, are read for
    /// the same host, and an entry was considered for both or for none.
    pub comparable: bool,
    /// Whether the version is the same although something differs that matters (S-88).
    pub same_version_changed: bool,
    /// Whether a person has to accept something first (S-87).
    pub needs_acceptance: bool,
    /// Whether something was left unread on either side, so that the list may lack something.
    pub truncated: bool,
    /// The differences, the most dangerous class first, then by kind and id.
    pub changes: Vec<Change>,
}

impl Difference {
    /// Compares two inventories: what `after` has that `before` had not, and the other way round.
    pub fn of(before: &Inventory, after: &Inventory) -> Self {
        let mut changes = Vec::new();
        launches::compare(before, after, &mut changes);
        grants::compare(before, after, &mut changes);
        behaviour::compare(before, after, &mut changes);
        code::compare(before, after, &mut changes);
        changes.sort();
        changes.dedup();
        for change in changes.iter_mut().filter(|change| change.kind == "hook") {
            let mut launches = after.launches.iter().chain(&before.launches);
            let found = launches.find(|launch| launch.id == change.id);
            change.label = found.and_then(Launch::hook).map(phrase);
        }
        let (old, new) = (before.subject.clone(), after.subject.clone());
        let matters = changes.iter().any(|change| change.class != Class::Cosmetic);
        Self {
            comparable: old.formats == new.formats
                && old.entry_considered == new.entry_considered
                && old.host == new.host,
            same_version_changed: matters && old.version.is_some() && old.version == new.version,
            needs_acceptance: changes.iter().any(|change| change.class.needs_acceptance()),
            truncated: before.limits.truncated || after.limits.truncated,
            before: old,
            after: new,
            changes,
        }
    }

    /// Whether nothing differs but what is cosmetic, as far as all was read.
    pub fn is_empty(&self) -> bool {
        !self.truncated && self.changes.iter().all(|change| change.class == Class::Cosmetic)
    }

    /// Returns the most dangerous class.
    pub fn worst(&self) -> Option<Class> {
        self.changes.iter().map(|change| change.class).min()
    }
}
