// SPDX-License-Identifier: Apache-2.0
//! The public API beside that of the last release, where the tools for it are installed.

use std::path::Path;
use std::process::{Command, Stdio};

use cargo_metadata::semver::Version;

use super::version;
use crate::{Result, workspace};

/// Runs cargo-semver-checks, which must agree, and shows what cargo-public-api sees; says what does
/// not run and why.
pub(super) fn compare(tree: &Path, last: Option<&str>, next: &Version) -> Result<()> {
    let Some(tag) = last else {
        println!("release: no earlier release whose public API could be compared");
        return Ok(());
    };
    let libraries = libraries()?;
    if is_installed("semver-checks") {
        let kind = match version::is_breaking(&version::of_tag(tag)?, next) {
            true => "major",
            false => "minor",
        };
        let mut cargo = cargo(tree);
        cargo.args(["semver-checks", "--baseline-rev", tag, "--release-type", kind]);
        cargo.args(libraries.iter().flat_map(|name| ["--package", name]));
        if !cargo.status()?.success() {
            return Err(format!("cargo-semver-checks does not agree with {next}").into());
        }
    } else {
        missing("cargo-semver-checks", "whether the version fits the changes of the API");
    }
    if is_installed("public-api") {
        for library in &libraries {
            println!("release: the public API of {library} since {tag}");
            let range = format!("{tag}..HEAD");
            // It tells, and a person judges; it builds with a nightly compiler, which may be absent.
            let status =
                cargo(tree).args(["public-api", "--package", library, "diff", &range]).status()?;
            if !status.success() {
                println!("release: cargo-public-api could not tell for {library}");
            }
        }
    } else {
        missing("cargo-public-api", "what changed in the API");
    }
    Ok(())
}

/// The crates that others build on.
fn libraries() -> Result<Vec<String>> {
    let metadata = workspace::metadata()?;
    let packages = metadata.workspace_packages().into_iter();
    let libraries = packages.filter(|package| package.targets.iter().any(|target| target.is_lib()));
    Ok(libraries
        .map(|package| package.name.to_string())
        .filter(|name| name != "test-support")
        .collect())
}

fn is_installed(subcommand: &str) -> bool {
    let mut cargo = cargo(&workspace::root());
    cargo.args([subcommand, "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
    cargo.status().is_ok_and(|status| status.success())
}

fn missing(tool: &str, what: &str) {
    println!("release: {tool} is not installed, so nobody checked {what} (cargo install {tool})");
}

fn cargo(directory: &Path) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(directory);
    cargo
}
