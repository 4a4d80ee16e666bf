// SPDX-License-Identifier: Apache-2.0
//! The other texts of a plugin that have frontmatter: agents and commands (plugin-surface.md, 6.1).

use toolhive_frontmatter::quoted;

use crate::check::markdown::{Entry, Form, Markdown};
use crate::check::unseen;
use crate::finding::Findings;

/// What such a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComponentKind {
    /// An agent.
    Agent,
    /// A command.
    Command,
}

/// What a plugin's agent cannot have (S-14).
pub(crate) const IGNORED: [&str; 4] = ["hooks", "mcpServers", "permissionMode", "initialPrompt"];

/// What hosts read of an agent.
const AGENT_KEYS: [&str; 16] = [
    "name",
    "description",
    "tools",
    "disallowedTools",
    "model",
    "color",
    "permissionMode",
    "mcpServers",
    "hooks",
    "maxTurns",
    "skills",
    "memory",
    "background",
    "effort",
    "isolation",
    "initialPrompt",
];

/// Checks the text at `path`.
pub fn check(kind: ComponentKind, path: &str, text: &[u8], findings: &mut Findings) {
    let markdown = Markdown::read(path, text, Form::Told, findings);
    unseen::check(path, text, findings);
    let entries = markdown.entries();
    let known: Vec<&str> = match kind {
        ComponentKind::Agent => AGENT_KEYS.to_vec(),
        ComponentKind::Command => crate::check::skill_md::command_keys().collect(),
    };
    let unknown: Vec<&Entry<'_>> =
        entries.iter().filter(|one| !known.contains(&one.key) && one.key != "<<").collect();
    if let Some(first) = unknown.first() {
        let named: Vec<String> = unknown.iter().take(8).map(|one| quoted(one.key)).collect();
        let message = format!("no host is known to read {}", named.join(", "));
        let help = "remove it, unless another tool reads it";
        markdown.tell("key-unknown-host", first.key_node.span(), message, help, findings);
    }
    if kind == ComponentKind::Agent {
        for entry in entries {
            if IGNORED.contains(&entry.key) {
                let message = format!("{} has no effect in a plugin's agent", quoted(entry.key));
                let help = "remove it; users can set it in an agent of their own";
                let span = entry.key_node.span();
                markdown.tell("agent-field-ignored", span, message, help, findings);
            }
        }
    }
}
