// SPDX-License-Identifier: Apache-2.0
//! Validation of a plugin: everything at once, with what ToolHive refuses and what hosts do
//! (plugin-surface.md, 6.1).

use std::path::Path;

use agent_plugin::check::plugin;
use oci_artifact::Result;

use crate::kind::Plugin;

pub use agent_plugin::check::plugin::check;
pub use agent_plugin::{Checker, Finding, Findings, Profile, Report, Rule, rule};

/// Checks the plugin at `directory`, its bundled skills, agents and commands
/// included. What the packaging refuses is an error under every profile.
///
/// # Errors
/// [`ErrorKind::InvalidDir`](crate::error::ErrorKind::InvalidDir) if there is no such directory.
pub fn validate(directory: &Path, profile: Profile) -> Result<Report> {
    plugin::validate::<Plugin>(directory, profile)
}
