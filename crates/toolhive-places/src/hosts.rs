// SPDX-License-Identifier: Apache-2.0
//! The table of hosts (place.md, 2), as ToolHive has it and newer lists add: August 2026.

use oci_artifact::{Error, ErrorKind, Result};

/// A host, and where it reads skills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host {
    /// Its name for `--clients`.
    pub name: &'static str,
    /// Below a project's root.
    pub project: &'static str,
    /// Below the home directory.
    pub user: &'static str,
}

const fn host(name: &'static str, project: &'static str, user: &'static str) -> Host {
    Host { name, project, user }
}

/// The neutral place, which several hosts read.
const AGENTS: &str = ".agents/skills";

/// All hosts that are known by name; `dir:PATH` is any other.
pub const HOSTS: &[Host] = &[
    host("agents", AGENTS, AGENTS),
    host("claude-code", ".claude/skills", ".claude/skills"),
    host("codex", AGENTS, AGENTS),
    host("gemini-cli", AGENTS, AGENTS),
    host("amp-cli", AGENTS, AGENTS),
    host("goose", AGENTS, AGENTS),
    host("trae", AGENTS, AGENTS),
    host("antigravity", AGENTS, AGENTS),
    host("cursor", ".cursor/skills", ".cursor/skills"),
    host("vscode", ".github/skills", ".copilot/skills"),
    host("vscode-insider", ".github/skills", ".copilot/skills"),
    host("copilot-cli", ".github/skills", ".copilot/skills"),
    host("opencode", ".opencode/skills", ".config/opencode/skills"),
    host("windsurf", ".windsurf/skills", ".codeium/windsurf/skills"),
    host("cline", ".cline/skills", ".cline/skills"),
    host("roo-code", ".roo/skills", ".roo/skills"),
    host("kiro", ".kiro/skills", ".kiro/skills"),
    host("factory", ".factory/skills", ".factory/skills"),
    host("qoder", ".qoder/skills", ".qoder/skills"),
    host("kimi-cli", ".kimi/skills", ".kimi/skills"),
    host("mistral-vibe", ".vibe/skills", ".vibe/skills"),
];

/// The directory marketplace that is wholly ours, from which Claude Code installs plugins.
pub const MARKETPLACE: Host =
    host("marketplace", ".toolhive/marketplace/plugins", ".toolhive/marketplace/plugins");

/// Returns the place of plugins of a name: the marketplace, or where Claude Code loads them without one. Codex has
/// none (PL-13).
///
/// # Errors
/// [`ErrorKind::InvalidOption`] if a host of that name reads no plugins from a place that is known.
pub fn find_for_plugins(name: &str) -> Result<&'static Host> {
    match name {
        "marketplace" => Ok(&MARKETPLACE),
        "claude-code" => find(name),
        _ => {
            let message = format!("{name:?} is not a known host with a place for plugins");
            Err(Error::new(ErrorKind::InvalidOption, message)
                .with_help("they are marketplace and claude-code; dir:PATH names any directory"))
        }
    }
}

/// Returns the host of a name.
///
/// # Errors
/// [`ErrorKind::InvalidOption`] if no host has it.
pub fn find(name: &str) -> Result<&'static Host> {
    // Where LLVM 22 knows the table's length, optimising the sum of the names' lengths below does not end.
    let hosts = std::hint::black_box(HOSTS);
    hosts.iter().find(|host| host.name == name).ok_or_else(|| {
        let names: Vec<&str> = hosts.iter().map(|host| host.name).collect();
        Error::new(ErrorKind::InvalidOption, format!("{name:?} is not a known host"))
            .with_help(format!("the hosts are {}; dir:PATH names any directory", names.join(", ")))
    })
}
