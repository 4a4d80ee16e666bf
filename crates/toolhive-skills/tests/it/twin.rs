// SPDX-License-Identifier: Apache-2.0
//! The part for skills of the tests that both twins share.

use std::fs;
use std::path::Path;

use test_support::vectors::{Deviation, Instead};

pub(crate) use toolhive_skills::{
    Packager, Skill as Kind, SkillConfig as Config, store, traits, verify,
};
#[cfg(feature = "registry")]
pub(crate) use toolhive_skills::{registry, traits::SkillPackager as Packages};

pub(crate) const NAME: &str = "skill";
/// The artifact type of the other kind.
#[cfg(feature = "registry")]
pub(crate) const OTHER_TYPE: &str = "dev.toolhive.plugins.v1";
/// The number of vectors of Go 1.27 that become artifacts.
pub(crate) const VERIFIED: usize = 133;
/// The number of vectors whose configs are recorded as text.
pub(crate) const CONFIGS: usize = 5;
/// The number of probes.
pub(crate) const PROBES: usize = 728;

/// Returns the part of a config that an artifact keeps (CX-4).
pub(crate) fn kept(config: Config) -> Config {
    Config { compatibility: String::new(), metadata: None, ..config }
}

/// The cases that we decided otherwise than the reference.
pub(crate) const DEVIATIONS: &[Deviation] = &[
    accepted("metadata-4", "DEV-2"),
    accepted("metadata-5", "DEV-2"),
    accepted("metadata-6", "DEV-2"),
    accepted("metadata-7", "DEV-2"),
    accepted("metadata-15", "DEV-2"),
    Deviation {
        vector: "skill-md-directory",
        rule: "BUG-09",
        instead: Instead::Refused("invalid-file"),
    },
];

const fn accepted(vector: &'static str, rule: &'static str) -> Deviation {
    Deviation { vector, rule, instead: Instead::Accepted }
}

/// Writes the smallest one.
#[cfg(feature = "registry")]
pub(crate) fn write(directory: &Path) {
    fs::write(directory.join("SKILL.md"), "---\nname: hello\n---\n").expect("a file");
}
