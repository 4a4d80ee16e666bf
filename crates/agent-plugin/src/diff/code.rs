// SPDX-License-Identifier: Apache-2.0
//! Files that are code: other bytes, another mode, another place.

use std::collections::BTreeMap;

use super::change::{Change, Class, Pair};
use crate::inventory::{Executable, Inventory};

pub(super) fn compare(before: &Inventory, after: &Inventory, changes: &mut Vec<Change>) {
    let index = |inventory: &Inventory| -> BTreeMap<String, Executable> {
        let files = inventory.executables.iter();
        files.map(|file| (file.path.clone(), file.clone())).collect()
    };
    let (old, new) = (index(before), index(after));
    for (path, file) in &new {
        let mut pair = Pair { kind: "file", id: path, changes };
        let named = if file.used_by.is_empty() { "" } else { ", which a configuration file runs" };
        let Some(earlier) = old.get(path) else {
            let moved = old.values().find(|other| {
                other.sha256 == file.sha256
                    && other.mode == file.mode
                    && !new.contains_key(&other.path)
            });
            match moved {
                Some(from) => {
                    let (from, to) = (Some(from.path.clone()), Some(path.clone()));
                    pair.add(Class::Cosmetic, "moved", from, to);
                }
                None => {
                    pair.add(Class::Code, format!("a new file{named}"), None, Some(path.clone()))
                }
            }
            continue;
        };
        if earlier.sha256 != file.sha256 {
            let (was, is) = (Some(earlier.sha256.clone()), Some(file.sha256.clone()));
            pair.add(Class::Code, format!("other content{named}"), was, is);
        }
        pair.texts(Class::Code, &format!("another mode{named}"), earlier.mode, file.mode);
    }
    for (path, file) in old.iter().filter(|(path, _)| !new.contains_key(*path)) {
        let moved = new.values().any(|other| {
            other.sha256 == file.sha256 && other.mode == file.mode && !old.contains_key(&other.path)
        });
        if !moved {
            let mut pair = Pair { kind: "file", id: path, changes };
            pair.add(Class::Removed, "a file that was code", Some(path.clone()), None);
        }
    }
}
