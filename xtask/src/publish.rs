// SPDX-License-Identifier: Apache-2.0
//! Packages all crates that would be published.

use std::process::Command;

use cargo_metadata::{Metadata, Package};

use crate::{Result, program, workspace};

/// The host of the repository's URL until its real place is known.
const PLACEHOLDER: &str = ".invalid/";

/// The error about an unknown repository.
pub(crate) const UNKNOWN: &str = "nobody knows where this is published: set `repository` in the \
                                  workspace's Cargo.toml, the one place that has it";

/// Whether a crate is for others.
pub(crate) fn is_published(package: &Package) -> bool {
    package.publish.as_ref().is_none_or(|registries| !registries.is_empty())
}

/// Returns the URL of the repository, if it is known.
pub(crate) fn repository() -> Result<Option<String>> {
    let metadata = workspace::metadata()?;
    let known = published(&metadata).find_map(|package| package.repository.clone());
    Ok(known.filter(|known| !known.contains(PLACEHOLDER)))
}

fn published(metadata: &Metadata) -> impl Iterator<Item = &Package> {
    metadata.workspace_packages().into_iter().filter(|package| is_published(package))
}

/// Whether packages are built, too.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    /// Each from what was packed: no file may be missing.
    Built,
    /// The packages are only packed, in a tree in which work may go on: no manifest may be
    /// incomplete.
    Packed,
}

/// Packs every crate that is published, in order, each with those before it.
pub(crate) fn package(proof: Proof) -> Result<()> {
    let metadata = workspace::metadata()?;
    let mut cargo = Command::new(program());
    cargo.current_dir(workspace::root()).args(["package", "--locked"]);
    if proof == Proof::Packed {
        cargo.args(["--quiet", "--no-verify", "--allow-dirty"]);
    }
    for package in published(&metadata) {
        cargo.args(["--package", package.name.as_str()]);
    }
    if !cargo.status()?.success() {
        return Err("not every crate can be packaged".into());
    }
    println!("package: {} crates, in target/package", published(&metadata).count());
    Ok(())
}
