// SPDX-License-Identifier: Apache-2.0
//! Trees in one text: a line of `-- path --`, `-- path 0755 --` or `-- path -> target --` begins an
//! entry, and what follows is its content. What comes before is for people; there, `skill: NAME` says
//! that the tree is a skill, and `host: NAME` who reads it. `../marketplace.json` lies outside of the
//! tree: the catalogue that has its entry.

use agent_plugin::{CatalogueEntry, Collector, Files, Host, Inventory, Limits, Packed, Root};

const CATALOGUE: &str = "../marketplace.json";

/// An entry of a tree.
pub(crate) enum Entry {
    File { path: String, mode: u32, content: String },
    Link { path: String, target: String },
}

/// The entries of a tree.
pub(crate) fn entries(text: &str) -> Vec<Entry> {
    let mut found: Vec<Entry> = Vec::new();
    for line in text.split_inclusive('\n') {
        let marker = line.trim_end().strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --"));
        let Some(marker) = marker else {
            if let Some(Entry::File { content, .. }) = found.last_mut() {
                content.push_str(line);
            }
            continue;
        };
        if let Some((path, target)) = marker.split_once(" -> ") {
            found.push(Entry::Link { path: path.into(), target: target.into() });
            continue;
        }
        let (path, mode) = match marker.rsplit_once(' ') {
            Some((path, "0755")) => (path, 0o755),
            _ => (marker, 0o644),
        };
        found.push(Entry::File { path: path.into(), mode, content: String::new() });
    }
    found
}

/// The files of a tree.
pub(crate) fn files(text: &str) -> Files {
    let mut collector = Collector::new(Limits::default());
    for entry in entries(text) {
        match entry {
            Entry::File { path, .. } if path == CATALOGUE => {}
            Entry::File { path, mode, content } => {
                let size = content.len() as u64;
                collector
                    .file(path.as_bytes(), mode, size, Packed::Kept, content.as_bytes())
                    .expect("memory can be read");
            }
            Entry::Link { path, target } => collector.link(path.as_bytes(), target.as_bytes()),
        }
    }
    collector.finish()
}

/// Checks a tree as the kind of root that it is.
pub(crate) fn root(text: &str, name: &str) -> Root {
    let head = text.split("\n-- ").next().unwrap_or_default();
    let said = |what: &str| head.lines().find_map(|line| line.strip_prefix(what));
    if let Some(name) = said("skill: ") {
        return Root::skill(name);
    }
    let host = said("host: ").map(|name| Host::ALL.into_iter().find(|host| host.as_str() == name));
    let root = Root::plugin(name).for_host(host.map_or(Host::Claude, |host| host.expect("a host")));
    let catalogue = entries(text).into_iter().find_map(|entry| match entry {
        Entry::File { path, content, .. } if path == CATALOGUE => Some(content),
        _ => None,
    });
    let Some(catalogue) = catalogue else { return root };
    let name = root.plugin_name(&files(text));
    let entry = CatalogueEntry::choose("marketplace.json", catalogue, &name, &Limits::default());
    root.with_entry(entry.expect("an entry"))
}

/// The inventory of a tree.
pub(crate) fn inventory(text: &str) -> Inventory {
    Inventory::of(&files(text), &root(text, "demo"))
}

/// The inventory of a plugin with one file.
pub(crate) fn with(path: &str, content: &str) -> Inventory {
    inventory(&format!("-- {path} --\n{content}\n"))
}

/// The codes of all findings, without repetition.
pub(crate) fn codes(inventory: &Inventory) -> Vec<&'static str> {
    let mut codes: Vec<_> = inventory.warnings.iter().map(|warning| warning.code()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}
