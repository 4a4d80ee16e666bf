// SPDX-License-Identifier: Apache-2.0
//! Files that are code: other bytes, another mode, another place.

use std::collections::BTreeMap;

use super::change::{Change, Class, Pair};
use crate::inventory::{Executable, Inventory};

/// Files by their paths.
type Index<'i> = BTreeMap<&'i str, &'i Executable>;

pub(super) fn compare<'i>(before: &'i Inventory, after: &'i Inventory, changes: &mut Vec<Change>) {
    let index = |inventory: &'i Inventory| -> Index<'i> {
        inventory.executables.iter().map(|file| (file.path.as_str(), file)).collect()
    };
    let (old, new) = (index(before), index(after));
    // The same file, which the other side does not have at its path.
    let moved = |file: &Executable, to: &Index<'i>, from: &Index<'i>| {
        let is_same = |other: &&&Executable| other.sha256 == file.sha256 && other.mode == file.mode;
        to.values().filter(is_same).find(|other| !from.contains_key(other.path.as_str())).copied()
    };
    for (&path, file) in &new {
        let mut pair = Pair { kind: "file", id: path, changes };
        let named = if file.used_by.is_empty() { "" } else { ", which a configuration file runs" };
        let Some(earlier) = old.get(path) else {
            match moved(file, &old, &new) {
                Some(from) => pair.add(Class::Cosmetic, "moved", Some(&from.path), Some(path)),
                None => pair.add(Class::Code, format!("a new file{named}"), None, Some(path)),
            }
            continue;
        };
        pair.texts(Class::Code, &format!("other content{named}"), &earlier.sha256, &file.sha256);
        pair.texts(Class::Code, &format!("another mode{named}"), earlier.mode, file.mode);
    }
    for (&path, file) in old.iter().filter(|(path, _)| !new.contains_key(*path)) {
        if moved(file, &new, &old).is_none() {
            let mut pair = Pair { kind: "file", id: path, changes };
            pair.add(Class::Removed, "a file that was code", Some(path), None);
        }
    }
}
