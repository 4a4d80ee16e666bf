// SPDX-License-Identifier: Apache-2.0
//! The public API beside that of the last release, where the tools for it are installed.

use std::process::{Command, Stdio};

use cargo_metadata::semver::Version;

use super::tree::Tree;
use super::version;
use crate::{Result, workspace};

/// Crates that nobody outside builds on.
const INTERNAL: &[&str] = &["fuzz-targets", "test-support"];

/// Runs cargo-semver-checks, which must agree, and shows what cargo-public-api sees; says what does
/// not run and why. The tree must be as it is committed: cargo-public-api checks out others there.
pub(super) fn compare(tree: &Tree, last: Option<&str>, next: &Version) -> Result<()> {
    let Some(tag) = last else {
        println!("release: no earlier release whose public API could be compared");
        return Ok(());
    };
    let cargo = |arguments: &[&str]| super::command(tree, arguments).status();
    let libraries = libraries()?;
    if is_installed("semver-checks") {
        let kind = match version::is_breaking(&version::of_tag(tag)?, next) {
            true => "major",
            false => "minor",
        };
        let mut arguments = vec!["semver-checks", "--baseline-rev", tag, "--release-type", kind];
        arguments.extend(libraries.iter().flat_map(|name| ["--package", name]));
        if !cargo(&arguments)?.success() {
            return Err(format!("cargo-semver-checks does not agree with {next}").into());
        }
    } else {
        missing("cargo-semver-checks", "whether the version fits the changes of the API");
    }
    if is_installed("public-api") {
        let range = format!("{tag}..{}", tree.commit()?);
        for library in &libraries {
            println!("release: the public API of {library} since {tag}");
            // It reports, and a person judges; it builds with a nightly compiler, which may be absent.
            if !cargo(&["public-api", "-ss", "--package", library, "diff", &range])?.success() {
                println!("release: cargo-public-api could not tell for {library}");
            }
        }
    } else {
        missing("cargo-public-api", "what changed in the API");
    }
    Ok(())
}

/// Returns the crates that others build on.
fn libraries() -> Result<Vec<String>> {
    let metadata = workspace::metadata()?;
    let packages = metadata.workspace_packages().into_iter();
    let libraries = packages.filter(|package| package.targets.iter().any(|target| target.is_lib()));
    let names = libraries.map(|package| package.name.to_string());
    Ok(names.filter(|name| !INTERNAL.contains(&name.as_str())).collect())
}

/// Whether cargo has that subcommand.
fn is_installed(subcommand: &str) -> bool {
    let mut cargo = Command::new(crate::program());
    cargo.current_dir(workspace::root()).args([subcommand, "--version"]);
    cargo.stdout(Stdio::null()).stderr(Stdio::null());
    cargo.status().is_ok_and(|status| status.success())
}

fn missing(tool: &str, what: &str) {
    println!("release: {tool} is not installed, so nobody checked {what} (cargo install {tool})");
}
