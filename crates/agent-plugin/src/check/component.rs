// SPDX-License-Identifier: Apache-2.0
//! The other texts of a plugin that have frontmatter: agents and commands (plugin-surface.md, 6.1).

use toolhive_frontmatter::{Problem, quoted};

use crate::finding::Findings;
use crate::inventory::ComponentType;
use crate::markdown::{Entry, Markdown, Needs};

/// Fields without effect in an agent of a plugin (S-14).
pub(crate) const IGNORED: [&str; 4] = ["hooks", "mcpServers", "permissionMode", "initialPrompt"];

/// Fields that hosts read of an agent, and that have an effect.
const AGENT_KEYS: [&str; 12] = [
    "name",
    "description",
    "tools",
    "disallowedTools",
    "model",
    "color",
    "maxTurns",
    "skills",
    "memory",
    "background",
    "effort",
    "isolation",
];

/// Checks the fields of an agent or a command at `path`.
pub(super) fn check(kind: ComponentType, path: &str, text: &[u8], findings: &mut Findings) {
    let markdown = Markdown::read(text, Needs::Frontmatter);
    let entries = markdown.entries();
    let known: Vec<&str> = match kind {
        ComponentType::Agent => AGENT_KEYS.into_iter().chain(IGNORED).collect(),
        _ => crate::check::skill_md::command_keys().collect(),
    };
    let mut tell = |rule, entry: &Entry<'_>, message, help: &str| {
        let problem = Problem::new(rule, message, entry.key_node.span()).with_help(help);
        markdown.tell(path, problem, findings);
    };
    let unknown: Vec<&Entry<'_>> =
        entries.iter().filter(|one| !known.contains(&one.key) && one.key != "<<").collect();
    if let Some(first) = unknown.first() {
        let named: Vec<String> = unknown.iter().take(8).map(|one| quoted(one.key)).collect();
        let message = format!("no known host reads {}", named.join(", "));
        tell("key-unknown-host", first, message, "remove it, unless another tool reads it");
    }
    if kind == ComponentType::Agent {
        for entry in entries.iter().filter(|entry| IGNORED.contains(&entry.key)) {
            let message = format!("{} has no effect in a plugin's agent", quoted(entry.key));
            let help = "remove it; users can set it in an agent of their own";
            tell("agent-field-ignored", entry, message, help);
        }
    }
}
