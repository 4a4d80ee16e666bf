// SPDX-License-Identifier: Apache-2.0
//! Hosts, each with a manifest of its own (S-19): one tree can bring different things to each.

use std::fmt;

use serde::Serialize;

use crate::profile::Profile;

/// A host whose reading of a tree is described well enough to follow it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Host {
    /// Claude Code: `.claude-plugin/plugin.json`.
    #[default]
    #[serde(rename = "claude-code")]
    Claude,
    /// Codex: `.codex-plugin/plugin.json`.
    Codex,
    /// Agent Plugins 1.0: `plugin.json` at the root.
    AgentPlugins,
}

impl Host {
    /// The list of all hosts.
    pub const ALL: [Self; 3] = [Self::Claude, Self::Codex, Self::AgentPlugins];

    /// Returns the path of its manifest.
    pub const fn manifest(self) -> &'static str {
        match self {
            Self::Claude => ".claude-plugin/plugin.json",
            Self::Codex => ".codex-plugin/plugin.json",
            Self::AgentPlugins => "plugin.json",
        }
    }

    /// Returns the profile whose rules its findings are weighed by.
    pub(crate) fn profile(self) -> Profile {
        match self {
            Self::Claude | Self::Codex => Profile::Claude,
            Self::AgentPlugins => Profile::AgentPlugins,
        }
    }

    /// Returns its name among the formats of a tree.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Claude => "claude-code",
            Self::Codex => "codex",
            Self::AgentPlugins => "agent-plugins",
        }
    }

    pub(crate) fn is_claude(&self) -> bool {
        *self == Self::Claude
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
