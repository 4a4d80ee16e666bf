// SPDX-License-Identifier: Apache-2.0
//! What would be published: the packages of all crates that others may use.

use std::process::Command;

use cargo_metadata::{Metadata, Package};

use crate::{Result, program, workspace};

/// What the repository is called until somebody knows where it will be.
const PLACEHOLDER: &str = ".invalid/";

/// What is wrong with that.
pub(crate) const UNKNOWN: &str = "nobody knows where this is published: set `repository` in the \
                                  workspace's Cargo.toml, the one place that has it";

/// Whether a crate is for others.
pub(crate) fn is_published(package: &Package) -> bool {
    package.publish.as_ref().is_none_or(|registries| !registries.is_empty())
}

/// Where the project is published, if that is known.
pub(crate) fn repository() -> Result<Option<String>> {
    let metadata = workspace::metadata()?;
    let known = published(&metadata).find_map(|package| package.repository.clone());
    Ok(known.filter(|known| !known.contains(PLACEHOLDER)))
}

fn published(metadata: &Metadata) -> impl Iterator<Item = &Package> {
    metadata.workspace_packages().into_iter().filter(|package| is_published(package))
}

/// Packs every crate that is published, in order, and builds each from what was packed, with those
/// before it: no file, and no version of a crate, may be missing.
pub(crate) fn package() -> Result<()> {
    let metadata = workspace::metadata()?;
    let mut cargo = Command::new(program());
    cargo.current_dir(workspace::root()).args(["package", "--locked"]);
    for package in published(&metadata) {
        cargo.args(["--package", package.name.as_str()]);
    }
    if !cargo.status()?.success() {
        return Err("not every crate can be packaged".into());
    }
    println!("package: {} crates, in target/package", published(&metadata).count());
    Ok(())
}
