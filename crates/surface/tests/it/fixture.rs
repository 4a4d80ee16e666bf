// SPDX-License-Identifier: Apache-2.0
//! Trees in one text: a line of `-- path --`, `-- path 0755 --` or `-- path -> target --` begins an
//! entry, and what follows is its content. What comes before is for people; there, `skill: NAME` says
//! that the tree is a skill.

use surface::{Collector, Files, Inventory, Limits, Packed, Root};

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

/// What the tree is.
pub(crate) fn root(text: &str, name: &str) -> Root {
    let head = text.split("\n-- ").next().unwrap_or_default();
    match head.lines().find_map(|line| line.strip_prefix("skill: ")) {
        Some(name) => Root::skill(name),
        None => Root::plugin(name),
    }
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
    let mut codes: Vec<_> = inventory.warnings.iter().map(|warning| warning.code).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}
