// SPDX-License-Identifier: Apache-2.0
//! Tools that a component may use without asking (S-62).

mod anything;

use oci_artifact::json::{Kind, Value};

use crate::inventory::{BashGrant, Grants};
use crate::text::split_outside;

/// The tools that the host has [observed, 2.1.332], and their older names that it still takes.
const KNOWN: [&str; 61] = [
    "Agent",
    "Artifact",
    "AskUserQuestion",
    "Bash",
    "BashOutput",
    "Brief",
    "ClaudeDesign",
    "Config",
    "CronCreate",
    "CronDelete",
    "CronList",
    "Edit",
    "EndConversation",
    "EnterPlanMode",
    "EnterWorktree",
    "ExitPlanMode",
    "ExitWorktree",
    "Glob",
    "Grep",
    "KillBash",
    "KillShell",
    "LSP",
    "ListMcpResources",
    "ListMcpResourcesTool",
    "Monitor",
    "NotebookEdit",
    "PowerShell",
    "Projects",
    "ProposeGoal",
    "ProposeSkills",
    "PushNotification",
    "REPL",
    "Read",
    "ReadMcpResource",
    "ReadMcpResourceDir",
    "ReadMcpResourceTool",
    "ReadNotifications",
    "RefreshMcpTools",
    "RemoteTrigger",
    "ReportFindings",
    "ScheduleWakeup",
    "SendFeedback",
    "SendMessage",
    "Skill",
    "SlashCommand",
    "StructuredOutput",
    "Task",
    "TaskCreate",
    "TaskGet",
    "TaskList",
    "TaskOutput",
    "TaskStop",
    "TaskUpdate",
    "TeamCreate",
    "TeamDelete",
    "TodoWrite",
    "ToolSearch",
    "WebFetch",
    "WebSearch",
    "Workflow",
    "Write",
];

/// Whether the host has a tool, without its pattern; those of servers are theirs.
pub(super) fn is_known(tool: &str) -> bool {
    let name = tool.split('(').next().unwrap_or(tool).trim();
    name.is_empty() || name.contains('*') || name.starts_with("mcp__") || KNOWN.contains(&name)
}

/// Returns the grants that a field's value makes; `None` if it is absent or empty.
pub(super) fn of(value: Value<'_>) -> Option<Grants> {
    of_tools(tools(value))
}

/// Returns the grants of two places that both count.
pub(super) fn both(one: Option<Grants>, other: Grants) -> Option<Grants> {
    let mut tools = one.map(|grants| grants.tools).unwrap_or_default();
    tools.extend(other.tools);
    let mut seen = std::collections::BTreeSet::new();
    tools.retain(|tool| seen.insert(tool.clone()));
    of_tools(tools)
}

fn of_tools(tools: Vec<String>) -> Option<Grants> {
    if tools.is_empty() {
        return None;
    }
    let bash = tools.iter().map(|tool| bash_grant(tool)).max().unwrap_or(BashGrant::None);
    let amounts_to_any = tools.iter().filter(|tool| is_anything(tool)).cloned().collect::<Vec<_>>();
    Some(Grants { tools, bash, amounts_to_any })
}

/// Returns the tools in a list, or in a text that commas and white space separate outside of
/// parentheses.
pub(super) fn tools(value: Value<'_>) -> Vec<String> {
    match value.kind() {
        Kind::String => value.as_str().map(|text| split(&text)).unwrap_or_default(),
        Kind::Array => value
            .elements()
            .filter_map(|element| element.as_string())
            .map(|tool| tool.trim().to_owned())
            .filter(|tool| !tool.is_empty())
            .collect(),
        _ => Vec::new(),
    }
}

fn split(text: &str) -> Vec<String> {
    let is_separator = |c: char| c == ',' || c.is_whitespace();
    let tools = split_outside(text, ['(', ')'], is_separator).filter(|tool| !tool.is_empty());
    tools.map(str::to_owned).collect()
}

/// Returns the pattern between the parentheses of a Bash tool; empty for any command.
fn pattern(tool: &str) -> Option<&str> {
    let rest = tool.strip_prefix("Bash")?;
    if rest.is_empty() {
        return Some("");
    }
    let pattern = rest.strip_prefix('(')?.strip_suffix(')')?.trim();
    Some(if matches!(pattern, "*" | "*:*" | ":*") { "" } else { pattern })
}

fn bash_grant(tool: &str) -> BashGrant {
    match (tool, pattern(tool)) {
        ("*", _) | (_, Some("")) => BashGrant::Any,
        (_, Some(_)) => BashGrant::Limited,
        (_, None) => BashGrant::None,
    }
}

/// Whether a tool amounts to any command: `Bash(python3 *)`, `Bash(npx:*)`.
fn is_anything(tool: &str) -> bool {
    // The other shell, whole or with a pattern that lets all through.
    let inside = tool.strip_prefix("PowerShell").map(|rest| rest.trim_matches(['(', ')']));
    if matches!(inside, Some("" | "*" | "*:*" | ":*")) {
        return true;
    }
    let other = inside.filter(|_| tool.ends_with(')'));
    let pattern = pattern(tool).or(other).filter(|pattern| !pattern.is_empty());
    pattern.is_some_and(|pattern| pattern.split(", ").any(|one| anything::reason(one).is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_are_split_outside_of_parentheses_s_62() {
        assert_eq!(
            split("Bash(git add:*, git commit *), Read Write,mcp__x__y"),
            ["Bash(git add:*, git commit *)", "Read", "Write", "mcp__x__y"]
        );
        assert_eq!(split("Bash(a"), ["Bash(a"]);
        assert_eq!(split(" , "), [""; 0]);
    }

    #[test]
    fn how_much_of_bash_s_62() {
        for tool in ["Bash", "Bash(*)", "Bash(*:*)", "*"] {
            assert_eq!(bash_grant(tool), BashGrant::Any, "{tool}");
        }
        assert_eq!(bash_grant("Bash(git log *)"), BashGrant::Limited);
        for tool in ["Read", "BashOutput", "mcp__bash"] {
            assert_eq!(bash_grant(tool), BashGrant::None, "{tool}");
        }
        for tool in [
            "Bash(find *)",
            "Bash(npm *)",
            "Bash(git -C *)",
            "Bash(git *)",
            "Bash(git config *)",
            "Bash(git log *, git -c *)",
            "Bash(npm exec *)",
            "PowerShell",
            "PowerShell(*)",
            "PowerShell(iex *)",
            "PowerShell(Invoke-Expression:*)",
            "Bash(bash *)",
            "Bash(python3:*)",
            "Bash(npx *)",
            "Bash(node*)",
            "Bash(sh -c *)",
        ] {
            assert!(is_anything(tool), "{tool}");
        }
        for tool in [
            "Bash(git log *)",
            "Bash(python3 scripts/x.py)",
            "Bash(npx prettier *)",
            "Bash(nodejs *)",
        ] {
            assert!(!is_anything(tool), "{tool}");
        }
    }
}
