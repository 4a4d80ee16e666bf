// SPDX-License-Identifier: Apache-2.0
//! Arguments that decide how a plugin's files are read.

use std::path::PathBuf;

use agent_plugin::Host;
use clap::{Args, ValueEnum};

/// Everything besides the files that decides what a plugin would run.
#[derive(Debug, Default, Args)]
pub(crate) struct Reading {
    /// A marketplace.json with the plugin's entry, or a file with just that entry, which hosts read
    /// in addition to the files
    #[arg(long, value_name = "FILE")]
    pub(crate) entry: Option<PathBuf>,
    /// The host to read it as, for a directory with manifests of several [default: claude]
    #[arg(long, value_name = "HOST", conflicts_with = "entry")]
    pub(crate) host: Option<HostArg>,
}

/// Hosts whose reading is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum HostArg {
    /// Claude Code: .claude-plugin/plugin.json
    Claude,
    /// Codex: .codex-plugin/plugin.json
    Codex,
    /// Hosts of Agent Plugins 1.0: plugin.json
    AgentPlugins,
}

impl From<HostArg> for Host {
    fn from(host: HostArg) -> Self {
        match host {
            HostArg::Claude => Self::Claude,
            HostArg::Codex => Self::Codex,
            HostArg::AgentPlugins => Self::AgentPlugins,
        }
    }
}
