// SPDX-License-Identifier: Apache-2.0
//! Known names in another case (S-107): Linux does not load them, macOS and Windows do.

use super::builder::Builder;
use crate::inventory::RuleCode;

/// Directories and files that hosts look for. Hooks and MCP servers are reported, and shown, where
/// they are read.
const KNOWN: [&str; 14] = [
    ".claude-plugin/plugin.json",
    ".lsp.json",
    "agents",
    "bin",
    "commands",
    "monitors",
    "monitors/monitors.json",
    "output-styles",
    "settings.json",
    "skills",
    "themes",
    "workflows",
    ".mcp.json",
    "hooks/hooks.json",
];

/// Files that have a known name but for its case.
pub(super) fn variants(builder: &Builder<'_>, known: &str) -> Vec<String> {
    let files = builder.files.iter().map(|entry| &entry.path);
    files.filter(|path| is_variant(path, known)).cloned().collect()
}

/// Notes all names that are known ones but for their case.
pub(super) fn check(builder: &mut Builder<'_>) {
    let mut found: Vec<(String, &str)> = Vec::new();
    for entry in builder.files.iter() {
        for known in KNOWN {
            let start = entry.path.get(..known.len()).unwrap_or_default();
            let rest = entry.path.get(known.len()..).unwrap_or_default();
            let is_whole = rest.is_empty() || (rest.starts_with('/') && !known.contains('.'));
            if is_whole && is_variant(start, known) && !found.iter().any(|(one, _)| one == start) {
                found.push((start.to_owned(), known));
            }
        }
    }
    for (path, known) in found {
        let message = format!("{path} differs from {known} in case: only some systems load it");
        builder.warn(code(known), message, &path);
    }
}

/// Returns the rule by which what has a known name but for its case does not load.
pub(super) fn code(known: &str) -> RuleCode {
    if known == super::hooks::DEFAULT { "hooks-case" } else { "file-case" }
}

fn is_variant(path: &str, known: &str) -> bool {
    path != known && path.eq_ignore_ascii_case(known)
}
