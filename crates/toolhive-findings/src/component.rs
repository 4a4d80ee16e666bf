// SPDX-License-Identifier: Apache-2.0
//! The other texts of a plugin that have frontmatter: agents and commands (plugin-surface.md, 6.1).

use toolhive_frontmatter::quoted;

use crate::finding::Findings;
use crate::markdown::{Form, Markdown};
use crate::unseen;

/// What such a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComponentKind {
    /// An agent.
    Agent,
    /// A command.
    Command,
}

/// What a plugin's agent cannot have (S-14).
const IGNORED: [&str; 4] = ["hooks", "mcpServers", "permissionMode", "initialPrompt"];

/// Checks the text at `path`.
pub fn check(kind: ComponentKind, path: &str, text: &[u8], findings: &mut Findings) {
    let markdown = Markdown::read(path, text, Form::Told, findings);
    unseen::check(path, text, findings);
    if kind == ComponentKind::Agent {
        for entry in markdown.entries() {
            if IGNORED.contains(&entry.key) {
                let message = format!("{} has no effect in a plugin's agent", quoted(entry.key));
                let help = "remove it; users can set it in an agent of their own";
                let span = entry.key_node.span();
                markdown.tell("agent-field-ignored", span, message, help, findings);
            }
        }
    }
}
