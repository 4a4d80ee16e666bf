// SPDX-License-Identifier: Apache-2.0
//! MCP servers (S-45 to S-55) and language servers (S-56).

use serde::Serialize;

use super::{Declared, EnvRead, Fetch, PluginFile, Setting, Trigger};

/// One MCP server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct McpServer {
    /// What it is known by from version to version: `mcp/NAME`.
    pub id: String,
    /// Its name, without the plugin's.
    pub name: String,
    /// How it is talked to.
    pub transport: Transport,
    /// The program of a stdio server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Its arguments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub args: Option<Vec<String>>,
    /// Where it is started, if that is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cwd: Option<String>,
    /// The package script that stands behind the command (S-54).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub indirect: Option<String>,
    /// The bundle that holds it (S-53).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bundle: Option<String>,
    /// What the bundle runs instead on some platforms.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<Override>,
    /// Whether the bundle could not be looked into.
    #[serde(skip_serializing_if = "super::is_false")]
    pub opaque: bool,
    /// Where a remote server is. Secrets in it are replaced by `…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The machine in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Headers that are sent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<Setting>,
    /// Scopes that are asked for by OAuth, if it is set up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oauth_scopes: Option<String>,
    /// Files of the plugin that it names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub plugin_files: Vec<PluginFile>,
    /// Places outside the plugin whose files it runs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub runs_file_of: Vec<&'static str>,
    /// Code that it fetches.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fetches: Vec<Fetch>,
    /// Environment variables that are set for it.
    pub env: Vec<Setting>,
    /// Environment variables of the user that are read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env_read: Vec<EnvRead>,
    /// Whether it looks like a channel, which pushes messages into the session (S-68).
    #[serde(skip_serializing_if = "super::is_false")]
    pub looks_like_channel: bool,
    /// When it starts.
    pub trigger: Trigger,
    /// Where it is declared.
    pub declared_in: Declared,
    /// Whether the host would start or use it.
    pub loads: bool,
    /// Why not: a warning's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why_not: Option<&'static str>,
}

/// What a bundle's server is on one platform; what is absent is as on the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Override {
    /// The platform, as the bundle calls it: `win32`.
    pub platform: String,
    /// The program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Its arguments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub args: Option<Vec<String>>,
    /// Environment variables that are set for it.
    pub env: Vec<Setting>,
}

/// How a server is talked to (S-48).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// A process of this machine.
    Stdio,
    /// HTTP.
    Http,
    /// Server-sent events.
    Sse,
    /// A WebSocket.
    Ws,
    /// What no host documents.
    Unknown,
}

impl Transport {
    /// Whether it is a process, not another machine.
    pub fn is_local(self) -> bool {
        self == Self::Stdio
    }

    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stdio => "stdio",
            Self::Http => "http",
            Self::Sse => "sse",
            Self::Ws => "ws",
            Self::Unknown => "unknown",
        }
    }
}

/// One language server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LspServer {
    /// What it is known by from version to version: `lsp/NAME`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The program.
    pub command: String,
    /// Its arguments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// The file extensions that start it.
    pub extensions: Vec<String>,
    /// Files of the plugin that it names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub plugin_files: Vec<PluginFile>,
    /// Code that it fetches.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fetches: Vec<Fetch>,
    /// Environment variables that are set for it.
    pub env: Vec<Setting>,
    /// When it starts: when such a file is worked on.
    pub trigger: Trigger,
    /// Where it is declared.
    pub declared_in: Declared,
    /// Whether the host would start it.
    pub loads: bool,
    /// Why not: a warning's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why_not: Option<&'static str>,
}
