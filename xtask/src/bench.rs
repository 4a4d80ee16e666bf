// SPDX-License-Identifier: Apache-2.0
//! Benchmarks: tables of ratios, and counts of instructions that must not grow.

mod counts;
mod whole;

use std::path::PathBuf;
use std::process::Command;

use crate::{Result, workspace};

pub(crate) use counts::{bless, check};

/// Prints the tables. The machine should have nothing else to do; it takes some minutes.
pub(crate) fn run() -> Result<()> {
    let binary = build()?;
    let status = Command::new(binary).arg("table").args(sources()?).status()?;
    if !status.success() {
        return Err("the benchmark failed".into());
    }
    whole::print()
}

/// Builds the benchmark, which is a workspace of its own, and says where it is.
fn build() -> Result<PathBuf> {
    let directory = workspace::root().join("bench");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .current_dir(&directory)
        .args(["build", "--quiet", "--release"])
        .status()?;
    if !status.success() {
        return Err("the benchmark cannot be built".into());
    }
    Ok(directory.join("target/release/bench"))
}

/// Returns the source files of our dependencies: text that is the same on every machine.
fn sources() -> Result<Vec<PathBuf>> {
    let metadata = workspace::metadata()?;
    // Bindings that a program wrote are not what people write.
    let written = metadata.packages.iter().filter(|package| !package.name.starts_with("windows"));
    let foreign = written.filter(|package| package.source.is_some());
    let mut dirs: Vec<PathBuf> = foreign
        .filter_map(|package| package.manifest_path.parent())
        .map(|dir| dir.as_std_path().to_owned())
        .collect();
    dirs.sort();
    Ok(dirs)
}
