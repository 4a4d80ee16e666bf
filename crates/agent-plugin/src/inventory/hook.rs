// SPDX-License-Identifier: Apache-2.0
//! The parts that only a hook handler has (S-20 to S-36).

use serde::Serialize;

use super::event::{self, Event};
use super::launch::Launch;

/// A handler of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hook {
    /// The event, as written.
    pub event: String,
    /// The matcher, as written.
    pub matcher: Option<String>,
    /// A permission rule that narrows it further: `if`.
    pub condition: Option<String>,
    /// The type of the handler.
    pub kind: HookKind,
    /// The file that it runs, or else the first word, the URL, or server and tool (S-86).
    pub identity: String,
    /// The MCP server that is called.
    pub server: Option<String>,
    /// The tool whose use fires the hook.
    pub tool: Option<String>,
    /// The text for a model.
    pub prompt: Option<String>,
    /// The longest time in seconds, if it says so itself.
    pub timeout: Option<u64>,
    /// Whether the host goes on meanwhile.
    pub is_async: bool,
    /// Whether it runs only once, of a skill's hook.
    pub once: bool,
}

/// The type of a handler (S-30).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HookKind {
    /// A command is run.
    Command,
    /// The event is posted to a URL.
    Http,
    /// A tool of an MCP server is called.
    McpTool,
    /// A model is asked.
    Prompt,
    /// An agent is started.
    Agent,
    /// A type that no host knows, as it is written.
    Other(String),
}

/// The types that hosts know, by their names.
const KINDS: [(&str, HookKind); 5] = [
    ("command", HookKind::Command),
    ("http", HookKind::Http),
    ("mcp_tool", HookKind::McpTool),
    ("prompt", HookKind::Prompt),
    ("agent", HookKind::Agent),
];

impl HookKind {
    /// Returns the type of that name.
    pub(crate) fn of(name: String) -> Self {
        let known = KINDS.into_iter().find(|(known, _)| *known == name);
        known.map_or(Self::Other(name), |(_, kind)| kind)
    }

    /// Returns its name, as it is written.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Other(name) => name,
            known => KINDS.iter().find(|(_, kind)| kind == known).map_or("", |(name, _)| name),
        }
    }
}

impl Hook {
    /// Returns the facts on its event.
    fn known(&self) -> Option<Event> {
        event::find(&self.event)
    }

    /// Returns the frequency of its event, in words; `unknown` for an event that no host documents.
    pub fn cadence(&self) -> &'static str {
        self.known().map_or("unknown", |event| event.cadence)
    }

    /// Whether its output can stop what the user or the model wanted.
    pub fn may_block(&self) -> bool {
        self.known().is_some_and(|event| event.may_block)
    }

    /// Whether its output can allow what would have been asked about.
    pub fn may_approve(&self) -> bool {
        self.known().is_some_and(Event::may_approve)
    }

    /// Returns the longest time in seconds: as written, or the host's default.
    pub fn timeout_s(&self) -> Option<u64> {
        self.timeout.or_else(|| self.known()?.default_timeout(&self.kind))
    }

    /// Returns the width of the matcher (S-25).
    pub fn matcher_kind(&self) -> MatcherKind {
        let narrow = matches!(self.event.as_str(), "FileChanged" | "StopFailure");
        let exact = |c: char| {
            c.is_ascii_alphanumeric()
                || matches!(c, '_' | '|')
                || (!narrow && matches!(c, '-' | ',' | ' '))
        };
        match self.matcher.as_deref() {
            None | Some("" | "*") => MatcherKind::All,
            Some(text) if !text.chars().all(exact) => MatcherKind::Regex,
            Some(text) if text.contains(['|', ',']) => MatcherKind::List,
            Some(_) => MatcherKind::Name,
        }
    }

    /// Returns the deed, without arguments.
    pub(super) fn line<'h>(&'h self, launch: &'h Launch) -> Option<&'h str> {
        match self.kind {
            HookKind::Http => launch.url.as_deref(),
            HookKind::McpTool => Some(&self.identity),
            HookKind::Prompt | HookKind::Agent => self.prompt.as_deref(),
            _ => launch.command.as_deref(),
        }
    }
}

/// The width of a matcher, widest first (S-29).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MatcherKind {
    /// A matcher that matches every occurrence.
    All,
    /// A regular expression.
    Regex,
    /// A matcher that lists several names.
    List,
    /// A matcher that is one name.
    Name,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_wide_a_matcher_is_s_25() {
        let kind = |matcher: Option<&str>, event: &str| {
            let hook = Hook {
                event: event.to_owned(),
                matcher: matcher.map(str::to_owned),
                condition: None,
                kind: HookKind::Command,
                identity: String::new(),
                server: None,
                tool: None,
                prompt: None,
                timeout: None,
                is_async: false,
                once: false,
            };
            hook.matcher_kind()
        };
        let of = |matcher| kind(Some(matcher), "PreToolUse");
        assert_eq!(kind(None, "PreToolUse"), MatcherKind::All);
        assert_eq!(
            (of(""), of("*"), of(".*")),
            (MatcherKind::All, MatcherKind::All, MatcherKind::Regex)
        );
        assert_eq!((of("Edit|Write"), of("Edit, Write")), (MatcherKind::List, MatcherKind::List));
        assert_eq!((of("Edit"), of("my-tool")), (MatcherKind::Name, MatcherKind::Name));
        assert_eq!((of("mcp__.*"), of("^Edit$")), (MatcherKind::Regex, MatcherKind::Regex));
        assert_eq!(kind(Some("a-b"), "FileChanged"), MatcherKind::Regex);
    }
}
