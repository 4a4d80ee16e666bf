// SPDX-License-Identifier: Apache-2.0
//! The part for plugins of the tests that both twins share.

use std::fs;
use std::path::Path;

use test_support::vectors::{Deviation, Instead};

pub(crate) use toolhive_plugins::{
    Packager, Plugin as Kind, PluginConfig as Config, store, traits, verify,
};
#[cfg(feature = "registry")]
pub(crate) use toolhive_plugins::{registry, traits::PluginPackager as Packages};

pub(crate) const NAME: &str = "plugin";
/// The artifact type of the other kind.
#[cfg(feature = "registry")]
pub(crate) const OTHER_TYPE: &str = "dev.toolhive.skills.v1";
/// The number of vectors of Go 1.27 that become artifacts.
pub(crate) const VERIFIED: usize = 119;
/// The number of vectors whose configs are recorded as text.
pub(crate) const CONFIGS: usize = 13;
/// The number of probes.
pub(crate) const PROBES: usize = 189;

/// Returns the part of a config that an artifact keeps: all of it.
pub(crate) fn kept(config: Config) -> Config {
    config
}

/// The cases that we decided otherwise than the reference.
pub(crate) const DEVIATIONS: &[Deviation] = &[
    refused("path-invalid-utf8", "BUG-18", "invalid-file"),
    refused("path-odd-characters", "BUG-19", "invalid-file"),
    refused("platform-duplicate", "BUG-36", "invalid-option"),
];

const fn refused(vector: &'static str, rule: &'static str, class: &'static str) -> Deviation {
    Deviation { vector, rule, instead: Instead::Refused(class) }
}

/// Writes the smallest one.
#[cfg(feature = "registry")]
pub(crate) fn write(directory: &Path) {
    fs::create_dir_all(directory.join(".claude-plugin")).expect("a directory");
    let manifest = directory.join(".claude-plugin/plugin.json");
    fs::write(manifest, "{\"name\":\"hello\"}").expect("a file");
}
