// SPDX-License-Identifier: Apache-2.0
//! The events that hosts know (S-24), as data.

use super::hook::HookKind;

/// The facts on an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) name: &'static str,
    pub(crate) cadence: &'static str,
    pub(crate) may_block: bool,
    /// Whether a matcher has a meaning (S-25).
    pub(crate) matches: bool,
    /// Whether prompt and agent handlers run (S-31).
    pub(crate) prompts: bool,
    /// Its occasion in words; the star is the tool. Empty where its name has to do.
    pub(crate) phrase: &'static str,
}

const ONCE: &str = "once per session";
const PROMPT: &str = "every prompt you send";
const TOOL: &str = "every tool call";
const PERMISSION: &str = "every permission question";
const ANSWER: &str = "every answer";
const TASK: &str = "sub-agents and tasks";
const CONTEXT: &str = "context and files";
const OTHER: &str = "other";

const fn event(
    name: &'static str,
    cadence: &'static str,
    flags: &str,
    phrase: &'static str,
) -> Event {
    let flags = flags.as_bytes();
    let (mut may_block, mut matches, mut prompts) = (false, false, false);
    let mut at = 0;
    while at < flags.len() {
        match flags[at] {
            b'b' => may_block = true,
            b'm' => matches = true,
            b'p' => prompts = true,
            _ => {}
        }
        at += 1;
    }
    Event { name, cadence, may_block, matches, prompts, phrase }
}

/// All events in the order of the table; `b`: may block, `m`: has matchers, `p`: prompts run.
const EVENTS: [Event; 33] = [
    event("SessionStart", ONCE, "m", "at session start"),
    event("Setup", ONCE, "m", "at setup"),
    event("SessionEnd", ONCE, "m", "at session end"),
    event("UserPromptSubmit", PROMPT, "bp", "at every prompt you send"),
    event("UserPromptExpansion", PROMPT, "bmp", "at every command you type"),
    event("PreToolUse", TOOL, "bmp", "before every *"),
    event("PostToolUse", TOOL, "mp", "after every *"),
    event("PostToolUseFailure", TOOL, "mp", "after every * that fails"),
    event("PostToolBatch", TOOL, "bp", "after every batch of tool calls"),
    event("PermissionRequest", PERMISSION, "mp", "at every permission question"),
    event("PermissionDenied", PERMISSION, "mp", "after every refused permission"),
    event("Stop", ANSWER, "bp", "after every answer"),
    event("StopFailure", ANSWER, "m", "after every failed answer"),
    event("MessageDisplay", ANSWER, "", "at every message shown"),
    event("SubagentStart", TASK, "m", "when a sub-agent starts"),
    event("SubagentStop", TASK, "bmp", "when a sub-agent ends"),
    event("TaskCreated", TASK, "bp", "when a task is created"),
    event("TaskCompleted", TASK, "bp", "when a task is completed"),
    event("TeammateIdle", TASK, "bp", "when a teammate is idle"),
    event("PreCompact", CONTEXT, "bm", "before the context is compacted"),
    event("PostCompact", CONTEXT, "m", "after the context was compacted"),
    event("InstructionsLoaded", CONTEXT, "m", "when instructions are loaded"),
    event("ConfigChange", CONTEXT, "bm", "when configuration changes"),
    event("CwdChanged", CONTEXT, "", "when the directory changes"),
    event("DirectoryAdded", CONTEXT, "m", "when a directory is added"),
    event("FileChanged", CONTEXT, "m", "when a file changes"),
    event("WorktreeCreate", CONTEXT, "b", "when a worktree is made"),
    event("WorktreeRemove", CONTEXT, "", "when a worktree is removed"),
    event("Notification", OTHER, "m", "at every notification"),
    event("PreModelSwitch", OTHER, "bm", ""),
    event("PostModelSwitch", OTHER, "m", ""),
    event("Elicitation", OTHER, "bm", ""),
    event("ElicitationResult", OTHER, "bm", ""),
];

/// Returns the event of that name, letter for letter.
pub(crate) fn find(name: &str) -> Option<Event> {
    EVENTS.into_iter().find(|event| event.name == name)
}

/// Returns its place in the table; unknown ones come last.
pub(crate) fn rank(name: &str) -> usize {
    EVENTS.iter().position(|event| event.name == name).unwrap_or(EVENTS.len())
}

/// Returns the frequency of a cadence, for comparing two (S-87): the larger, the more often.
pub(crate) fn frequency(cadence: &str) -> u8 {
    match cadence {
        TOOL => 5,
        PERMISSION => 4,
        ANSWER | PROMPT => 3,
        TASK | CONTEXT => 2,
        OTHER => 1,
        _ => 0,
    }
}

impl Event {
    /// Whether its output can allow what would have been asked about.
    pub(crate) fn may_approve(self) -> bool {
        matches!(self.name, "PreToolUse" | "PermissionRequest")
    }

    /// Whether a handler may be what keeps a tool from running, so that one that cannot be loaded stops the
    /// whole plugin (S-110).
    pub(crate) fn guards(self) -> bool {
        matches!(self.name, "PreToolUse" | "PermissionRequest")
    }

    /// Whether `if` works (S-27): the tool events, and the two permission ones count with them.
    pub(crate) fn has_tool(self) -> bool {
        matches!(
            self.name,
            "PreToolUse"
                | "PostToolUse"
                | "PostToolUseFailure"
                | "PermissionRequest"
                | "PermissionDenied"
        )
    }

    /// Returns the longest time of a handler that does not say, in seconds (S-32).
    pub(crate) fn default_timeout(self, kind: &HookKind) -> Option<u64> {
        match (self.name, kind) {
            ("SessionEnd", _) => None,
            (_, HookKind::Prompt) | ("UserPromptSubmit", _) => Some(30),
            ("MessageDisplay", _) => Some(10),
            (_, HookKind::Agent) => Some(60),
            _ => Some(600),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_closed_and_case_sensitive_s_24() {
        assert!(find("PreToolUse").is_some_and(|event| event.may_block && event.may_approve()));
        assert!(find("PermissionRequest").is_some_and(|e| e.may_approve() && !e.may_block));
        for name in ["onSessionStart", "sessionstart", "onDirectoryChange", ""] {
            assert_eq!(find(name), None, "{name}");
        }
        assert_eq!(EVENTS.iter().filter(|event| event.may_block).count(), 15);
        assert_eq!(EVENTS.iter().filter(|event| event.prompts).count(), 13);
        assert_eq!(EVENTS.iter().filter(|event| !event.matches).count(), 10);
    }
}
