// SPDX-License-Identifier: Apache-2.0
//! Files whose content discovery can need: texts with frontmatter, configuration, and code that is read.

use crate::limits::Limits;

/// Directories where components are by default, and what else is read.
const PLACES: [&str; 13] = [
    ".claude-plugin/",
    ".codex-plugin/",
    ".cursor-plugin/",
    ".github/plugin/",
    "agents/",
    "commands/",
    "hooks/",
    "monitors/",
    "output-styles/",
    "servers/",
    "skills/",
    "themes/",
    "workflows/",
];

/// Files that say where packages come from (S-60).
pub(crate) const TOOL_CONFIG: [&str; 9] = [
    ".env",
    ".npmrc",
    ".pypirc",
    ".yarnrc",
    ".yarnrc.yml",
    "bunfig.toml",
    "pip.conf",
    "uv.toml",
    ".bunfig.toml",
];

/// Lock files that hosts read, in their order.
pub(crate) const LOCK_FILES: [&str; 3] = ["bun.lock", "npm-shrinkwrap.json", "package-lock.json"];
/// Lock files that they do not read.
pub(crate) const OTHER_LOCK_FILES: [&str; 3] = ["bun.lockb", "pnpm-lock.yaml", "yarn.lock"];

/// The degree to which a file's content is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interest {
    /// A file at a place of components.
    Core,
    /// A file that may turn out to be needed.
    Spare,
    /// A file that is a bundle.
    Bundle,
    /// A file that is never needed.
    None,
}

/// The places of components that the manifest names.
#[derive(Debug, Default)]
pub(super) struct Places(Vec<String>);

impl Places {
    /// Notes the paths in a manifest. Only a hint, so every text with `./` will do.
    pub(super) fn note(&mut self, manifest: &[u8]) {
        const MOST: usize = 1_000;
        for text in manifest.split(|b| *b == b'"').take(20 * MOST) {
            if let Some(path) = text.strip_prefix(b"./")
                && let Ok(path) = std::str::from_utf8(path)
                && self.0.len() < MOST
            {
                self.0.push(path.trim_end_matches('/').to_owned());
            }
        }
    }

    fn name(&self, path: &str) -> bool {
        self.0.iter().any(|place| {
            path.strip_prefix(place.as_str())
                .is_some_and(|rest| place.is_empty() || rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// Returns the degree to which this file's content is wanted.
    pub(super) fn interest(&self, path: &str, size: u64, limits: &Limits) -> Interest {
        let name = path.rsplit('/').next().unwrap_or(path);
        if is_bundle(name) {
            return Interest::Bundle;
        }
        if most(name, limits).is_none_or(|most| size > most) {
            return Interest::None;
        }
        let at_root = !path.contains('/');
        // A skill's other texts are for the model to read, not for the host.
        let in_skill = path.starts_with("skills/") && name != "SKILL.md" && name.ends_with(".md");
        let in_place = PLACES.iter().any(|place| path.starts_with(place)) && !in_skill;
        if at_root || in_place || name == "SKILL.md" || self.name(path) {
            Interest::Core
        } else {
            Interest::Spare
        }
    }
}

/// Whether a file of that name is a bundle (S-53).
pub(crate) fn is_bundle(name: &str) -> bool {
    name.ends_with(".mcpb") || name.ends_with(".dxt")
}

/// Returns the most bytes of a file of that name that are read; `None` for what is never read.
fn most(name: &str, limits: &Limits) -> Option<u64> {
    if LOCK_FILES.contains(&name) {
        return Some(limits.lock_size);
    }
    if TOOL_CONFIG.contains(&name) {
        return Some(limits.config_size);
    }
    // A host takes `.MD`, and a file system that knows no case `.JSON`.
    match name.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
        "md" => Some(limits.text_size),
        "json" | "js" | "mjs" | "cjs" | "jsx" | "ts" | "mts" | "cts" | "tsx" => {
            Some(limits.config_size)
        }
        _ => None,
    }
}
