// SPDX-License-Identifier: Apache-2.0
//! Two lists of files, or two JSON documents, side by side: what was added, removed and changed.

mod documents;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use crate::digest::Digest;
use crate::listing::{FileState, Listing};

pub use documents::{FieldChange, Renamed, documents};

/// The change of a file between the first list and the second.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileChange {
    /// The kind of change.
    pub change: Change,
    /// The file in the first list.
    pub before: Option<FileState>,
    /// The file in the second list.
    pub after: Option<FileState>,
}

oci_layout::worded! {
    /// The kinds of change of a file.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub enum Change {
        /// An entry that only the second list has.
        Added = "added",
        /// An entry that only the first list has.
        Removed = "removed",
        /// An entry that both lists have, with differences.
        Changed = "changed",
        /// The second list has it under another path, with the same bytes (plugin-surface.md, S-86).
        Moved = "moved",
    }
}

oci_layout::worded! {
    /// The aspect of a file that changed.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub enum Aspect {
        /// The kinds differ: a file became a link.
        Kind = "kind",
        /// The bytes differ.
        Content = "content",
        /// Its permission bits.
        Mode = "mode",
    }
}

impl FileChange {
    /// Returns the path, that of the second list where there are two; text with U+FFFD for what is
    /// not UTF-8.
    pub fn path(&self) -> String {
        self.after.as_ref().or(self.before.as_ref()).map(FileState::shown).unwrap_or_default()
    }

    /// Returns the changed aspects of a file that both lists have.
    pub fn aspects(&self) -> Vec<Aspect> {
        let (Some(before), Some(after)) = (&self.before, &self.after) else { return Vec::new() };
        if before.kind != after.kind {
            return vec![Aspect::Kind];
        }
        let mut aspects = Vec::new();
        if before.digest != after.digest {
            aspects.push(Aspect::Content);
        }
        if before.mode != after.mode {
            aspects.push(Aspect::Mode);
        }
        aspects
    }
}

/// The treatment of a file that is gone in one place and there in another with the same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moves {
    /// A file that moved is reported as moved.
    Told,
    /// A file that moved is reported as removed and added.
    Apart,
}

/// Compares two lists, both in byte order of their paths. The result is in that order, too.
pub fn files(before: &Listing, after: &Listing, moves: Moves) -> Vec<FileChange> {
    let mut changes = Vec::new();
    let (mut olds, mut news) = (before.iter().peekable(), after.iter().peekable());
    loop {
        let order = match (olds.peek(), news.peek()) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(old), Some(new)) => old.path.cmp(&new.path),
        };
        let old = olds.next_if(|_| order != Ordering::Greater).cloned();
        let new = news.next_if(|_| order != Ordering::Less).cloned();
        if old == new {
            continue;
        }
        let change = match (&old, &new) {
            (Some(_), None) => Change::Removed,
            (None, _) => Change::Added,
            (Some(_), Some(_)) => Change::Changed,
        };
        changes.push(FileChange { change, before: old, after: new });
    }
    if moves == Moves::Told { pair_moves(changes) } else { changes }
}

/// Makes one change of a removed and an added file with the same bytes. Empty files say nothing.
fn pair_moves(changes: Vec<FileChange>) -> Vec<FileChange> {
    let mut removed: BTreeMap<Digest, Vec<FileState>> = BTreeMap::new();
    for change in changes.iter().rev().filter(|change| change.change == Change::Removed) {
        if let Some((key, state)) = change.before.as_ref().and_then(key) {
            removed.entry(key).or_default().push(state.clone());
        }
    }
    let mut moved = BTreeSet::new();
    let mut paired: Vec<FileChange> = changes
        .into_iter()
        .map(|change| {
            if change.change != Change::Added {
                return change;
            }
            let known = change.after.as_ref().and_then(key);
            match known.and_then(|(key, _)| removed.get_mut(&key)?.pop()) {
                Some(before) => {
                    moved.insert(before.path.clone());
                    FileChange { change: Change::Moved, before: Some(before), after: change.after }
                }
                None => change,
            }
        })
        .collect();
    paired.retain(|change| {
        change.change != Change::Removed
            || !change.before.as_ref().is_some_and(|before| moved.contains(&before.path))
    });
    paired
}

fn key(state: &FileState) -> Option<(Digest, &FileState)> {
    let digest = state.digest.filter(|_| state.size > 0)?;
    Some((digest, state))
}
