// SPDX-License-Identifier: Apache-2.0
//! The graph of a list: who needs whom (`requiredBy`), and what goes with what is removed.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Entry;

/// Checks a list as a graph; the index of each entry that is wrong, and why.
pub fn check(list: &[Entry]) -> Vec<(usize, String)> {
    let names: BTreeMap<&str, usize> =
        list.iter().enumerate().map(|(at, entry)| (entry.name.as_str(), at)).collect();
    let mut refusals = Vec::new();
    for (at, entry) in list.iter().enumerate() {
        for parent in &entry.required_by {
            if *parent == entry.name {
                refusals.push((at, format!("`{parent}` cannot require itself")));
            } else if !names.contains_key(parent.as_str()) {
                let message = format!("`requiredBy` names `{parent}`, which is not in this list");
                refusals.push((at, message));
            }
        }
    }
    if let Some(at) = cycle(list, &names).filter(|_| refusals.is_empty()) {
        let name = list.get(at).map_or("", |entry| entry.name.as_str());
        refusals.push((at, format!("`{name}` requires itself through others")));
    }
    refusals
}

/// Returns the first entry that is part of, or below, a circle.
fn cycle(list: &[Entry], names: &BTreeMap<&str, usize>) -> Option<usize> {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); list.len()];
    let mut waits: Vec<usize> = vec![0; list.len()];
    for (at, entry) in list.iter().enumerate() {
        for parent in &entry.required_by {
            let Some(parent) = names.get(parent.as_str()) else { continue };
            if let (Some(below), Some(wait)) = (children.get_mut(*parent), waits.get_mut(at)) {
                below.push(at);
                *wait = wait.saturating_add(1);
            }
        }
    }
    let mut free: Vec<usize> =
        waits.iter().enumerate().filter(|(_, wait)| **wait == 0).map(|(at, _)| at).collect();
    while let Some(at) = free.pop() {
        for child in children.get(at).into_iter().flatten() {
            let Some(wait) = waits.get_mut(*child) else { continue };
            *wait = wait.saturating_sub(1);
            if *wait == 0 {
                free.push(*child);
            }
        }
    }
    waits.iter().position(|wait| *wait > 0)
}

/// Removes entries by name, and what was needed by them alone and was not asked for itself.
/// Returns what was removed, sorted by name.
pub fn remove(list: &mut Vec<Entry>, names: &BTreeSet<String>) -> Vec<Entry> {
    let mut removed = Vec::new();
    let mut gone = names.clone();
    while !gone.is_empty() {
        let mut next = BTreeSet::new();
        let (leave, stay): (Vec<Entry>, Vec<Entry>) =
            std::mem::take(list).into_iter().partition(|entry| gone.contains(&entry.name));
        *list = stay;
        removed.extend(leave);
        for entry in list.iter_mut() {
            let before = entry.required_by.len();
            entry.required_by.retain(|parent| !gone.contains(parent));
            let lost = entry.required_by.len() < before;
            if lost && entry.required_by.is_empty() && !entry.explicit {
                next.insert(entry.name.clone());
            }
        }
        gone = next;
    }
    removed.sort_by(|a, b| a.name.cmp(&b.name));
    removed
}

/// Removes one entry, and its name from those that it needed; nothing else goes.
pub fn remove_one(list: &mut Vec<Entry>, name: &str) {
    list.retain(|entry| entry.name != name);
    for entry in list {
        entry.required_by.retain(|parent| parent != name);
    }
}

/// Takes a name from those that it needs no more: all but `needed`. Returns the names of those that nobody
/// needs then and that were not asked for, sorted.
pub fn release(list: &mut [Entry], parent: &str, needed: &BTreeSet<String>) -> Vec<String> {
    let mut free = Vec::new();
    for entry in list.iter_mut().filter(|entry| !needed.contains(&entry.name)) {
        let before = entry.required_by.len();
        entry.required_by.retain(|name| name != parent);
        let is_free = entry.required_by.is_empty() && !entry.explicit;
        if is_free && entry.required_by.len() < before {
            free.push(entry.name.clone());
        }
    }
    free
}
