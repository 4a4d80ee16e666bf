// SPDX-License-Identifier: Apache-2.0
//! The version in `Cargo.toml` and in the three `Cargo.lock`: only those words change, and nothing is resolved again.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use cargo_metadata::semver::Version;
use toml_edit::{DocumentMut, value};

use crate::{Result, workspace};

/// The workspace, and those beside it that use its crates.
const LOCKS: &[&str] = &["Cargo.lock", "bench/Cargo.lock", "fuzz/Cargo.lock"];

/// The workspace's own crates, which all have one version.
pub(super) struct Members {
    names: BTreeSet<String>,
    version: Version,
}

impl Members {
    pub(super) fn read() -> Result<Self> {
        let metadata = workspace::metadata()?;
        let packages = metadata.workspace_packages();
        let first = packages.first().ok_or("the workspace has no crates")?;
        if let Some(other) = packages.iter().find(|package| package.version != first.version) {
            return Err(format!(
                "{} {} and {} {}: all crates have one version, that of the workspace",
                first.name, first.version, other.name, other.version
            )
            .into());
        }
        let names = packages.iter().map(|package| package.name.to_string()).collect();
        Ok(Self { names, version: first.version.clone() })
    }

    pub(super) fn version(&self) -> &Version {
        &self.version
    }
}

/// Writes the version `next` into the tree.
pub(super) fn bump(tree: &Path, members: &Members, next: &Version) -> Result<()> {
    edit(&tree.join("Cargo.toml"), |manifest| bump_manifest(manifest, next))?;
    for lock in LOCKS {
        edit(&tree.join(lock), |lock| bump_lock(lock, &members.names, next))?;
    }
    Ok(())
}

fn edit(path: &Path, change: impl FnOnce(&mut DocumentMut) -> Result<()>) -> Result<()> {
    let told = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = fs::read_to_string(path).map_err(|error| told(&error))?;
    let mut document: DocumentMut = text.parse().map_err(|error| told(&error))?;
    change(&mut document).map_err(|error| told(&error))?;
    Ok(fs::write(path, document.to_string())?)
}

/// `[workspace.package]`, and what `[workspace.dependencies]` says of crates of the workspace.
fn bump_manifest(manifest: &mut DocumentMut, next: &Version) -> Result<()> {
    let workspace = manifest.get_mut("workspace").ok_or("no [workspace]")?;
    let package = workspace.get_mut("package").ok_or("no [workspace.package]")?;
    set(package.get_mut("version").ok_or("no version")?, next);
    let dependencies = workspace.get_mut("dependencies").and_then(|item| item.as_table_like_mut());
    for (_, dependency) in dependencies.ok_or("no [workspace.dependencies]")?.iter_mut() {
        // Asked for first, for `get_mut` makes what is not there.
        if dependency.get("path").is_some()
            && dependency.get("version").is_some()
            && let Some(version) = dependency.get_mut("version")
        {
            set(version, next);
        }
    }
    Ok(())
}

/// The entries of crates that are ours: those without a source.
fn bump_lock(lock: &mut DocumentMut, ours: &BTreeSet<String>, next: &Version) -> Result<()> {
    let packages = lock.get_mut("package").and_then(|item| item.as_array_of_tables_mut());
    for package in packages.ok_or("no [[package]]")?.iter_mut() {
        let is_ours = package.get("name").and_then(|name| name.as_str());
        let is_ours = is_ours.is_some_and(|name| ours.contains(name));
        if is_ours
            && package.get("source").is_none()
            && let Some(version) = package.get_mut("version")
        {
            set(version, next);
        }
    }
    Ok(())
}

/// Sets a version, and keeps the spaces around it.
fn set(item: &mut toml_edit::Item, next: &Version) {
    let decor = item.as_value().map(|old| old.decor().clone());
    *item = value(next.to_string());
    if let (Some(decor), Some(new)) = (decor, item.as_value_mut()) {
        *new.decor_mut() = decor;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(text: &str, change: impl FnOnce(&mut DocumentMut) -> Result<()>) -> String {
        let mut document: DocumentMut = text.parse().expect("TOML");
        change(&mut document).expect("it can be changed");
        document.to_string()
    }

    #[test]
    fn only_versions_of_the_workspace_change_in_a_manifest() {
        let before = "# A comment\n[workspace.package]\nversion = \"0.1.0\" # one\n\n\
             [workspace.dependencies]\na = { path = \"crates/a\", version = \"0.1.0\", default-features = false }\n\
             b = { path = \"crates/b\" }\nc = { version = \"0.1.0\" }\nd = \"0.1.0\"\n";
        let after = "# A comment\n[workspace.package]\nversion = \"0.2.0\" # one\n\n\
             [workspace.dependencies]\na = { path = \"crates/a\", version = \"0.2.0\", default-features = false }\n\
             b = { path = \"crates/b\" }\nc = { version = \"0.1.0\" }\nd = \"0.1.0\"\n";
        assert_eq!(changed(before, |m| bump_manifest(m, &Version::new(0, 2, 0))), after);
    }

    #[test]
    fn only_crates_of_the_workspace_change_in_a_lock() {
        let before = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"0.1.0\"\n\n\
             [[package]]\nname = \"b\"\nversion = \"0.1.0\"\nsource = \"registry\"\n";
        let ours = BTreeSet::from(["a".to_owned(), "b".to_owned()]);
        let after = before.replacen("\"0.1.0\"", "\"0.2.0\"", 1);
        assert_eq!(changed(before, |lock| bump_lock(lock, &ours, &Version::new(0, 2, 0))), after);
    }
}
