// SPDX-License-Identifier: Apache-2.0
//! The release: what every package of it says of the project.

use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::semver::Version;

use super::Date;
use crate::{Result, packaging, release, workspace};

/// A version of the project, as packages describe it.
pub(super) struct Release {
    pub(super) version: Version,
    pub(super) date: Date,
    /// The description, one sentence.
    pub(super) description: String,
    pub(super) license: String,
    /// The project's page.
    pub(super) repository: String,
    /// The README, as Markdown.
    pub(super) readme: Vec<u8>,
    /// The licence's text.
    pub(super) license_text: Vec<u8>,
    tree: PathBuf,
}

impl Release {
    /// Reads what a tree says of itself; `day` is its date if its version is not released yet.
    pub(super) fn of(tree: &Path, day: impl FnOnce() -> Result<Date>) -> Result<Self> {
        let metadata = workspace::metadata_of(tree)?;
        let packages = metadata.workspace_packages();
        let package = packages.iter().find(|package| package.name == packaging::BINARY);
        let package = package.ok_or("the workspace has no toolhive-oci")?;
        let version = package.version.clone();
        let changelog = fs::read_to_string(tree.join("CHANGELOG.md"))?;
        let date = match release::section(&changelog, &version) {
            Ok((date, _)) => date,
            Err(_) => day()?,
        };
        let missing = |what: &str| format!("Cargo.toml of toolhive-oci has no {what}");
        Ok(Self {
            version,
            date,
            description: package.description.clone().ok_or_else(|| missing("description"))?,
            license: package.license.clone().ok_or_else(|| missing("license"))?,
            repository: package.repository.clone().ok_or_else(|| missing("repository"))?,
            readme: fs::read(tree.join("crates/toolhive-oci/README.md"))?,
            license_text: fs::read(tree.join("LICENSE"))?,
            tree: tree.to_owned(),
        })
    }

    /// Returns a file of the tree.
    pub(super) fn file(&self, path: &str) -> Result<Vec<u8>> {
        fs::read(self.tree.join(path)).map_err(|error| format!("{path}: {error}").into())
    }

    /// Returns the address from which a file of the release is downloaded.
    pub(super) fn url(&self, name: &str) -> String {
        format!("{}/releases/download/v{}/{name}", self.repository, self.version)
    }

    /// Returns the name of everything that is for one target.
    pub(super) fn name(&self, triple: &str) -> String {
        format!("toolhive-oci-{}-{triple}", self.version)
    }
}

/// Returns a release of tests.
#[cfg(test)]
pub(super) fn example(version: &str) -> Release {
    Release {
        version: Version::parse(version).expect("a version"),
        date: "2026-01-31".parse().expect("a date"),
        description: "Packages plugins".into(),
        license: "Apache-2.0".into(),
        repository: "https://example.org/me/toolhive-oci".into(),
        readme: b"# toolhive-oci\n".to_vec(),
        license_text: b"Apache License\n".to_vec(),
        tree: workspace::root(),
    }
}
