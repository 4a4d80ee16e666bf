// SPDX-License-Identifier: Apache-2.0
//! Changes of the host without anything that runs (S-65 to S-71).

use serde::Serialize;

/// The changes that enabling the plugin makes, besides what it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Behaviour {
    /// Options that the user is asked for.
    pub user_config: Vec<UserOption>,
    /// Names of the user's environment variables that servers and hooks read.
    pub env_read: Vec<String>,
    /// Plugins that are installed too.
    pub dependencies: Vec<Dependency>,
    /// References of artifacts that ToolHive says are needed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<String>,
    /// Packages that the host installs.
    pub package_install: Option<PackageInstall>,
    /// The agent that the session's main thread becomes.
    pub main_agent: Option<String>,
    /// The output style that applies by itself.
    pub forced_output_style: Option<String>,
    /// Servers that may push messages into the session.
    pub channels: Vec<String>,
    /// Hosts that the manifest says the plugin reaches (S-109).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub network_hosts: Vec<String>,
    /// Files that say where packages come from, each with the registry's host where it names one (S-60).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub package_sources: Vec<String>,
    /// HTML comments in the texts of all components that load (S-73).
    #[serde(skip_serializing_if = "super::is_zero")]
    pub html_comments: usize,
    /// The services of others that act in the user's name (S-19, Codex).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub connectors: Vec<Connector>,
}

/// A connector that runs with the host's maker, which an app refers to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Connector {
    /// The plugin's name for it.
    pub name: String,
    /// The id that the host's maker gave it.
    pub id: String,
}

/// An option that the user is asked for (S-69).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct UserOption {
    /// The key of the option.
    pub key: String,
    /// Its type, as written.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether it is kept like a password.
    pub sensitive: bool,
    /// Whether the plugin cannot do without.
    pub required: bool,
    /// The bundle that asks, if it is not the plugin itself (S-53).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bundle: Option<String>,
    /// The ids of what it is put into.
    pub used_by: Vec<String>,
}

/// A plugin that is installed too (S-71).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Dependency {
    /// The name of the plugin that is needed.
    pub name: String,
    /// The range of versions that are accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The catalogue that it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marketplace: Option<String>,
}

/// Packages that the host installs when it copies the plugin (S-70).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PackageInstall {
    /// The lock file that pins them.
    pub lockfile: String,
    /// The number of packages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packages: Option<usize>,
    /// The names that package.json asks for.
    pub dependencies: Vec<String>,
    /// The reason for which the host would not, if so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<&'static str>,
}
