// SPDX-License-Identifier: Apache-2.0
//! The result: every component, and everything that would run (S-78). Its JSON form is that of
//! these structs, keys in the order of the fields; what is absent is left out, unless `null` says
//! something. All text is raw; [`Inventory::render`] makes it harmless.

mod component;
pub(crate) mod event;
mod hook;
mod launch;
mod json;
mod code;
mod behaviour;

use serde::Serialize;

use crate::host::Host;

pub use crate::finding::{At, Finding};
pub use behaviour::{Behaviour, Connector, Dependency, PackageInstall, UserOption};
pub use code::{Endpoint, Executable, ExecutableKind};
pub use component::{BashGrant, Component, ComponentType, Counts, Grants, Source};
pub use hook::{Hook, HookKind, MatcherKind};
pub use launch::{Form, Launch, LaunchKind, McpServer, Override, Transport, What};
pub use toolhive_diagnostics::Severity;

/// The name of a rule in [`RULES`](crate::rule::RULES).
pub type RuleCode = &'static str;

/// The version of the JSON form.
pub const SCHEMA: &str = "plugin-surface/1";

/// All that a plugin or a skill would bring and run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Inventory {
    /// The identifier of the format, [`SCHEMA`].
    pub schema: &'static str,
    /// The plugin or skill that was looked at.
    pub subject: Subject,
    /// Components that load, by type.
    pub counts: Counts,
    /// The counts of a reader of manifest keys (S-18); empty ones are left out.
    pub declared_counts: std::collections::BTreeMap<&'static str, usize>,
    /// Every component, those that do not load included (S-10); a hook's name is its id.
    pub components: Vec<Component>,
    /// Everything that would run, or would if it loaded; in JSON four lists: `hooks`, `mcp_servers`,
    /// `lsp_servers` and `runs`.
    #[serde(flatten, serialize_with = "json::launches")]
    pub launches: Vec<Launch>,
    /// Every file that is code (S-77).
    pub executables: Vec<Executable>,
    /// Every other machine that configuration names.
    pub endpoints: Vec<Endpoint>,
    /// Changes of the host's behaviour without anything that runs.
    pub behaviour: Behaviour,
    /// The findings of reading the plugin.
    pub warnings: Vec<Finding>,
    /// The limits of the look.
    pub limits: Extent,
    /// The paths that the packager leaves out of an artifact; only for directories (S-75). A directory ends
    /// with `/`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dropped_by_packer: Vec<String>,
}

/// The plugin or skill that was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Subject {
    /// The name (S-3).
    pub name: String,
    /// The manifest's version, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// ToolHive's lock-file digest of all files (S-81). Blind to modes.
    pub content_digest: String,
    /// The digest over the files that are code, with their execute bits (S-81).
    pub code_digest: String,
    /// The manifest's path, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manifest: Option<String>,
    /// The host that reads the tree so; left out if it is Claude Code (S-19).
    #[serde(skip_serializing_if = "Host::is_claude")]
    pub host: Host,
    /// The hosts that the tree has a manifest for (S-19).
    pub formats: Vec<&'static str>,
    /// Whether a catalogue entry was taken into account (S-17).
    pub entry_considered: bool,
}

/// The extent of the look.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Extent {
    /// Whether anything was left unread or unlisted. Such a result is never "clean".
    pub truncated: bool,
    /// The parts that were not read: paths, or lists of this result.
    pub unread: Vec<String>,
}

/// The place of a declaration.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Declared {
    /// The file that declares the component.
    pub file: String,
    /// The place in a JSON file (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// The line of another file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The place in full, for findings.
    #[serde(skip)]
    pub at: Option<At>,
}

impl Declared {
    /// Returns a place in a JSON file.
    pub(crate) fn json(file: &str, pointer: impl Into<String>, at: Option<At>) -> Self {
        let (file, pointer) = (file.to_owned(), Some(pointer.into()));
        Self { file, pointer, line: None, at }
    }

    /// Returns a line of another file, or the file as a whole.
    pub(crate) fn text(file: &str, line: Option<usize>) -> Self {
        Self { file: file.to_owned(), pointer: None, line, at: line.map(At::line) }
    }
}

/// The occasion on which something runs (S-79).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// Enabling the plugin is enough.
    Automatic,
    /// The component is used.
    OnInvoke,
    /// The model or the user must call it.
    OnDemand,
}

/// The needs of a command line (S-34 to S-42, S-57 to S-60).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Files of the plugin.
    pub plugin_files: Vec<PluginFile>,
    /// Code that is fetched when it runs.
    pub fetches: Vec<Fetch>,
    /// Names of environment variables that are read.
    pub reads: Vec<EnvRead>,
    /// Places outside the plugin whose files it runs.
    pub runs_file_of: Vec<Elsewhere>,
}

/// A place outside the plugin whose files a command runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Elsewhere {
    /// A path from the root of the file system.
    Absolute,
    /// The plugin's data directory.
    Data,
    /// The user's home directory.
    Home,
    /// In any project that is open.
    Project,
}

/// A file of the plugin that a command names (S-40).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PluginFile {
    /// Its path in the plugin; empty for the plugin's root.
    pub path: String,
    /// Whether it is run or handed over.
    pub position: Position,
    /// Whether the plugin has it.
    pub exists: bool,
    /// `0755` or `0644`, of a regular file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<&'static str>,
    /// Its digest in hexadecimal digits, of a regular file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Whether it is what an interpreter runs (S-39), or the program itself.
    #[serde(skip)]
    pub main: Main,
}

/// Whether a file is the one that a command is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Main {
    /// A file that is run.
    Yes,
    /// A file that is data, or of unknown use.
    #[default]
    No,
}

/// The position of a file in a command (S-38).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Position {
    /// The path is that of the program.
    Program,
    /// The path is an argument, or anything else.
    Argument,
}

/// Code that is fetched at run time (S-58).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Fetch {
    /// The words that fetch: `npx`, `docker run`.
    pub tool: String,
    /// The package, image, or URL.
    pub what: String,
    /// The firmness of the pin.
    pub pin: Pin,
    /// The source: `npm`, `pypi`, `oci`, …
    pub ecosystem: &'static str,
    /// The package script that does it (S-54), if it is not the command itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub indirect: Option<String>,
}

/// The firmness with which fetched code is pinned, best to worst (S-57).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pin {
    /// Pinned by digest, full commit or hash-checked lock file.
    Content,
    /// Pinned by an exact version.
    Version,
    /// A lock file is there, which the command may rewrite.
    Locked,
    /// Not pinned: the name may mean another content tomorrow.
    Moving,
}

/// An environment variable that is read. Never a value (S-51).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct EnvRead {
    /// The name of the variable.
    pub name: String,
    /// Whether its name is that of a secret (S-52).
    #[serde(skip_serializing_if = "is_false")]
    pub secret: bool,
    /// The value where it is not set, unless it is a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

/// A variable or header that is set. Never its value (S-52).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Setting {
    /// The name of the setting.
    pub name: String,
    /// The variables that its value comes from.
    pub from: Vec<String>,
    /// Whether the value stands in the file.
    pub literal: bool,
    /// The effect on programs that know nothing of the plugin (S-108).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
    /// The value, where it has such an effect; known shapes of secrets in it are cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The digest of a literal value, for comparing what is not shown.
    #[serde(skip)]
    pub digest: Option<[u8; 32]>,
    /// Whether its name is that of a secret (S-52).
    #[serde(skip_serializing_if = "is_false")]
    pub secret: bool,
}

/// The effect of a variable on every program that is started with it (S-108).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Code that it names is loaded.
    LoadsCode,
    /// The setting decides where code or traffic comes from.
    MovesSource,
}

impl Effect {
    /// Returns the effect in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LoadsCode => "which loads code",
            Self::MovesSource => "which decides where code or traffic comes from",
        }
    }

    /// Returns the rule that reports it.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::LoadsCode => "env-loads-code",
            Self::MovesSource => "env-moves-source",
        }
    }
}

impl Fetch {
    /// Returns a sentence, if what runs is decided when it is fetched (S-59).
    pub(crate) fn moving(&self) -> Option<String> {
        let Self { tool, what, .. } = self;
        (self.pin == Pin::Moving)
            .then(|| format!("{tool}: {what} is not pinned; what runs is decided when it starts"))
    }
}

pub(crate) fn is_zero(value: &usize) -> bool {
    *value == 0
}

pub(crate) fn is_false(value: &bool) -> bool {
    !*value
}

impl Inventory {
    /// Adds findings, in their places (S-80).
    pub fn add_findings(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.warnings.extend(findings);
        self.sort_warnings();
    }

    /// Severity, code, path, line (S-80).
    pub(crate) fn sort_warnings(&mut self) {
        self.warnings.sort_by(|a, b| a.key().cmp(&b.key()));
        self.warnings.dedup();
    }

    /// Returns the JSON form (S-78): two-space indent, without a line end. Equal trees give equal
    /// bytes.
    pub fn to_json(&self) -> String {
        // Structs, lists and texts: nothing that could fail.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}
