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
}

const ONCE: &str = "once per session";
const PROMPT: &str = "every prompt you send";
const TOOL: &str = "every tool call";
const PERMISSION: &str = "every permission question";
const ANSWER: &str = "every answer";
const TASK: &str = "sub-agents and tasks";
const CONTEXT: &str = "context and files";
const OTHER: &str = "other";

const fn event(name: &'static str, cadence: &'static str, flags: &str) -> Event {
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
    Event { name, cadence, may_block, matches, prompts }
}

/// All events in the order of the table; `b`: may block, `m`: has matchers, `p`: prompts run.
const EVENTS: [Event; 33] = [
    event("SessionStart", ONCE, "m"),
    event("Setup", ONCE, "m"),
    event("SessionEnd", ONCE, "m"),
    event("UserPromptSubmit", PROMPT, "bp"),
    event("UserPromptExpansion", PROMPT, "bmp"),
    event("PreToolUse", TOOL, "bmp"),
    event("PostToolUse", TOOL, "mp"),
    event("PostToolUseFailure", TOOL, "mp"),
    event("PostToolBatch", TOOL, "bp"),
    event("PermissionRequest", PERMISSION, "mp"),
    event("PermissionDenied", PERMISSION, "mp"),
    event("Stop", ANSWER, "bp"),
    event("StopFailure", ANSWER, "m"),
    event("MessageDisplay", ANSWER, ""),
    event("SubagentStart", TASK, "m"),
    event("SubagentStop", TASK, "bmp"),
    event("TaskCreated", TASK, "bp"),
    event("TaskCompleted", TASK, "bp"),
    event("TeammateIdle", TASK, "bp"),
    event("PreCompact", CONTEXT, "bm"),
    event("PostCompact", CONTEXT, "m"),
    event("InstructionsLoaded", CONTEXT, "m"),
    event("ConfigChange", CONTEXT, "bm"),
    event("CwdChanged", CONTEXT, ""),
    event("DirectoryAdded", CONTEXT, "m"),
    event("FileChanged", CONTEXT, "m"),
    event("WorktreeCreate", CONTEXT, "b"),
    event("WorktreeRemove", CONTEXT, ""),
    event("Notification", OTHER, "m"),
    event("PreModelSwitch", OTHER, "bm"),
    event("PostModelSwitch", OTHER, "m"),
    event("Elicitation", OTHER, "bm"),
    event("ElicitationResult", OTHER, "bm"),
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
