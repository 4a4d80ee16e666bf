// SPDX-License-Identifier: Apache-2.0
//! Hook handlers (S-20 to S-36).

use serde::Serialize;

use super::{Declared, EnvRead, Fetch, PluginFile, Setting, Trigger};

/// One handler.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Hook {
    /// What it is known by from version to version (S-86).
    pub id: String,
    /// The event, as written.
    pub event: String,
    /// The file that it runs, or else the first word, the URL, or server and tool (S-86).
    #[serde(skip)]
    pub identity: String,
    /// How often that is, in words; `unknown` for an event that no host documents.
    pub cadence: &'static str,
    /// Whether its output can stop what the user or the model wanted.
    pub may_block: bool,
    /// Whether its output can allow what would have been asked about.
    pub may_approve: bool,
    /// The matcher, as written.
    pub matcher: Option<String>,
    /// How wide it is.
    pub matcher_kind: MatcherKind,
    /// A permission rule that narrows it further.
    #[serde(rename = "if")]
    pub condition: Option<String>,
    /// `command`, `http`, `mcp_tool`, `prompt`, `agent`, or what else is written.
    #[serde(rename = "type")]
    pub kind: String,
    /// `shell` or `exec`, of a command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<&'static str>,
    /// The command, whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// The arguments of the exec form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub args: Option<Vec<String>>,
    /// The shell that is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shell: Option<String>,
    /// Where the event is posted to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Headers that are sent there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<Setting>,
    /// The MCP server that is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// Its tool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// What a model is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// How long it may take, in seconds: as written, or the host's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_s: Option<u64>,
    /// Whether it says so itself.
    #[serde(skip)]
    pub timeout_is_own: bool,
    /// Whether the host goes on meanwhile.
    #[serde(rename = "async")]
    pub is_async: bool,
    /// Whether it runs only once, of a skill's hook.
    #[serde(skip_serializing_if = "super::is_false")]
    pub once: bool,
    /// Files of the plugin that it names.
    pub plugin_files: Vec<PluginFile>,
    /// Places outside the plugin whose files it runs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub runs_file_of: Vec<&'static str>,
    /// Code that it fetches.
    pub fetches: Vec<Fetch>,
    /// Environment variables that it reads.
    pub env: Vec<EnvRead>,
    /// The skill or command that brings it, if it is not the plugin itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// Where it is declared.
    pub declared_in: Declared,
    /// When it starts to be there.
    pub trigger: Trigger,
    /// Whether it would ever run.
    pub loads: bool,
    /// Why not: a warning's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why_not: Option<&'static str>,
}

/// How wide a matcher is, widest first (S-29).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MatcherKind {
    /// Every occurrence.
    All,
    /// A regular expression.
    Regex,
    /// Several names.
    List,
    /// One name.
    Name,
}
