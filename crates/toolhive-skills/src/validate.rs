// SPDX-License-Identifier: Apache-2.0
//! Validation of a skill: everything at once, with what ToolHive refuses and what hosts do
//! (plugin-surface.md, 6.2).

use std::path::Path;

use agent_plugin::check::skill;
use oci_artifact::Result;

use crate::kind::Skill;

pub use agent_plugin::check::skill::check;
pub use agent_plugin::{Checker, Finding, Findings, Profile, Report, Rule, rule};

/// Checks the skill at `directory`. What the packaging refuses is an error under every profile.
///
/// # Errors
/// [`ErrorKind::InvalidDir`](crate::error::ErrorKind::InvalidDir) if there is no such directory.
pub fn validate(directory: &Path, profile: Profile) -> Result<Report> {
    skill::validate::<Skill>(directory, profile)
}
