// SPDX-License-Identifier: Apache-2.0
//! The occasion of a hook, in words.

use crate::inventory::{Hook, MatcherKind};

/// Returns the phrase for a hook's event and matcher.
pub(crate) fn phrase(hook: &Hook) -> String {
    let what = matched(hook);
    let every = |before: &str| match &what {
        None => format!("{before} every tool call"),
        Some(what) => format!("{before} every {what}"),
    };
    let plain = |text: &str| match &what {
        None => text.to_owned(),
        Some(what) => format!("{text} ({what})"),
    };
    let mut phrase = match hook.event.as_str() {
        "PreToolUse" => every("before"),
        "PostToolUse" => every("after"),
        "PostToolUseFailure" => format!("{} that fails", every("after")),
        "PostToolBatch" => plain("after every batch of tool calls"),
        "PermissionRequest" => plain("at every permission question"),
        "PermissionDenied" => plain("after every refused permission"),
        "UserPromptSubmit" => plain("at every prompt you send"),
        "UserPromptExpansion" => plain("at every command you type"),
        "Stop" => plain("after every answer"),
        "StopFailure" => plain("after every failed answer"),
        "MessageDisplay" => plain("at every message shown"),
        "SessionStart" => plain("at session start"),
        "SessionEnd" => plain("at session end"),
        "Setup" => plain("at setup"),
        "SubagentStart" => plain("when a sub-agent starts"),
        "SubagentStop" => plain("when a sub-agent ends"),
        "TaskCreated" => plain("when a task is created"),
        "TaskCompleted" => plain("when a task is completed"),
        "TeammateIdle" => plain("when a teammate is idle"),
        "PreCompact" => plain("before the context is compacted"),
        "PostCompact" => plain("after the context was compacted"),
        "InstructionsLoaded" => plain("when instructions are loaded"),
        "ConfigChange" => plain("when configuration changes"),
        "CwdChanged" => plain("when the directory changes"),
        "DirectoryAdded" => plain("when a directory is added"),
        "FileChanged" => plain("when a file changes"),
        "WorktreeCreate" => plain("when a worktree is made"),
        "WorktreeRemove" => plain("when a worktree is removed"),
        "Notification" => plain("at every notification"),
        other => plain(&format!("at {other}")),
    };
    if let Some(condition) = &hook.condition {
        phrase.push_str(&format!(" if {condition}"));
    }
    phrase
}

/// Returns the tools that the matcher lets through; `None` for everything.
fn matched(hook: &Hook) -> Option<String> {
    let matcher = hook.matcher.as_deref()?;
    match hook.matcher_kind() {
        MatcherKind::All => None,
        MatcherKind::Regex if matcher == ".*" => None,
        MatcherKind::Regex => Some(format!("/{matcher}/")),
        MatcherKind::Name => Some(matcher.to_owned()),
        MatcherKind::List => {
            let names: Vec<&str> = matcher.split(['|', ',']).map(str::trim).collect();
            match names.split_last() {
                Some((last, [])) => Some((*last).to_owned()),
                Some((last, more)) => Some(format!("{} or {last}", more.join(", "))),
                None => None,
            }
        }
    }
}
