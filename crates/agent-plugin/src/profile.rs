// SPDX-License-Identifier: Apache-2.0
//! Profiles: those who check what, and whose checks have to be passed (plugin-surface.md, 6).

/// Someone who checks plugins or skills.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Checker {
    /// The host's own validator, as it is documented.
    Claude,
    /// ToolHive: its service, or the packaging itself.
    Toolhive,
    /// The reference validator of Agent Skills.
    Agentskills,
    /// The specification Agent Plugins 1.0.
    AgentPlugins,
    /// This project alone.
    Own,
}

impl Checker {
    /// Returns its name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Claude => "claude",
            Self::Toolhive => "toolhive",
            Self::Agentskills => "agentskills",
            Self::AgentPlugins => "agent-plugins",
            Self::Own => "toolhive-oci",
        }
    }
}

/// The profile whose rules decide between valid and not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// The host, Claude Code.
    #[default]
    Claude,
    /// The rules of ToolHive's service.
    Toolhive,
    /// The reference validator of Agent Skills.
    Agentskills,
    /// Agent Plugins 1.0.
    AgentPlugins,
    /// A public directory of the host's plugins, which lists what its host accepts and more (S-113).
    Directory,
}
