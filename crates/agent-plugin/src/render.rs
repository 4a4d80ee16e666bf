// SPDX-License-Identifier: Apache-2.0
//! The text that a person reads before trusting a plugin (S-83, S-84).

mod layout;
mod when;
mod runs;
mod grants;
mod rest;

use crate::host::Host;
use crate::inventory::{ComponentType, Inventory, Subject};
use crate::section::Section;
use crate::text::{guarded, harmless, wrapped};
pub(crate) use layout::LINE;
pub use rest::LAST;
pub(crate) use when::phrase;

impl Inventory {
    /// Returns the inventory for a person's decision: the most dangerous first, commands whole,
    /// every character harmless. Lines end with LF.
    pub fn render(&self) -> String {
        self.render_within(LINE)
    }

    /// Renders the inventory in lines of at most `columns` characters, as far as words and columns allow: what does
    /// not fit beside a command stands below it.
    pub fn render_within(&self, columns: usize) -> String {
        let mut out = head(self, columns);
        for section in self.sections() {
            section.write(columns, &mut out);
        }
        out.push_str(rest::LAST);
        out.push('\n');
        guarded(&out).into_owned()
    }

    /// Returns the rendering as data, in the same order; [`LAST`] ends it.
    pub fn sections(&self) -> Vec<Section> {
        vec![
            runs::by_itself(self),
            runs::connects(self),
            runs::when_used(self),
            grants::unasked(self),
            rest::changes(self),
            rest::instructions(self),
            runs::not_loading(self),
            rest::code(self),
            rest::left_out(self),
            rest::warnings(self),
            rest::unread(self),
        ]
    }
}

/// Returns the headline: name, version, the digest of the content, hosts; in one line, or one each if that is too
/// long.
fn head(inventory: &Inventory, columns: usize) -> String {
    let subject = &inventory.subject;
    let mut name = harmless(&subject.name);
    if let Some(version) = &subject.version {
        name.push(' ');
        name.push_str(&harmless(version));
    }
    // It is not that of the artifact, in which there may be the same files.
    let content = format!("content {}", short(&subject.content_digest));
    let mut parts = vec![name, content, subject.kind()];
    if subject.entry_considered {
        parts.push("with its entry in a catalogue".to_owned());
    }
    let whole = parts.join("   ");
    if whole.chars().count() <= columns {
        return format!("{whole}\n\n");
    }
    let mut out = String::new();
    for (number, part) in parts.iter().enumerate() {
        let indent = if number == 0 { "" } else { layout::GAP };
        for line in wrapped(part, columns.saturating_sub(indent.len())) {
            out.push_str(&format!("{indent}{line}\n"));
        }
    }
    out + "\n"
}

impl Subject {
    /// Returns the kind of thing that hosts see in it: `Claude Code plugin (also Codex)`.
    pub fn kind(&self) -> String {
        let host = |format: &&str| match *format {
            "claude-code" if self.host == Host::Claude => "Claude Code plugin",
            "claude-code" => "Claude Code",
            "codex" if self.host == Host::Codex => "Codex plugin",
            "agent-plugins" if self.host == Host::AgentPlugins => "Agent Plugin",
            "agent-skills" => "Agent Skill",
            "codex" => "Codex",
            "cursor" => "Cursor",
            "copilot" => "Copilot",
            "gemini" => "Gemini",
            _ => "Agent Plugins",
        };
        let mut formats = self.formats.clone();
        formats.sort_by_key(|format| *format != self.host.as_str());
        let hosts: Vec<&str> = formats.iter().map(host).collect();
        match hosts.split_first() {
            Some((first, [])) => (*first).to_owned(),
            Some((first, more)) => format!("{first} (also {})", more.join(", ")),
            None => "no plugin".to_owned(),
        }
    }
}

/// The start of a digest.
pub(crate) fn short(digest: &str) -> String {
    match digest.get(..19) {
        Some(start) => format!("{start}…"),
        None => digest.to_owned(),
    }
}

/// Returns a number of components, in words.
fn number(count: usize, kind: ComponentType) -> String {
    let name = match kind {
        ComponentType::McpServer => "MCP server",
        ComponentType::LspServer => "language server",
        ComponentType::OutputStyle => "output style",
        other => other.as_str(),
    };
    format!("{count} {name}{}", if count == 1 { "" } else { "s" })
}
