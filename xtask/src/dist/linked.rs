// SPDX-License-Identifier: Apache-2.0
//! Lists the crates in the binary, with their features and their dependents: those that cargo
//! builds, not all that `Cargo.lock` names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use cargo_metadata::{Metadata, Package};
use toml_edit::DocumentMut;
use xshell::{Shell, cmd};

use crate::{Result, packaging, workspace};

/// Name and version.
pub(super) type Name = (String, String);

/// The crates of the binary.
pub(super) struct Linked {
    pub(super) crates: BTreeMap<Name, Crate>,
    /// The dependent and the dependency of each edge.
    pub(super) edges: BTreeSet<(Name, Name)>,
    /// The binary's own crate.
    pub(super) root: Name,
}

/// A crate that is linked.
pub(super) struct Crate {
    pub(super) license: Option<String>,
    pub(super) repository: Option<String>,
    /// SHA-256 of what the registry gives, in hex; none for ours.
    pub(super) checksum: Option<String>,
}

impl Linked {
    pub(super) fn of(tree: &Path, triple: &str, features: &[&str]) -> Result<Self> {
        let shell = Shell::new()?;
        shell.change_dir(tree);
        let package = packaging::BINARY;
        // Macros and build scripts run when the binary is built, and are not in it.
        let listing = cmd!(
            shell,
            "cargo tree --locked --package {package} --target {triple} --edges normal,no-proc-macro
             --prefix depth --format ' {p}' {features...}"
        );
        let listing = listing.quiet().read()?;
        let metadata = workspace::metadata_of(tree)?;
        let lock: DocumentMut = fs::read_to_string(tree.join("Cargo.lock"))?.parse()?;
        Self::new(&listing, &metadata, &lock)
    }

    fn new(listing: &str, metadata: &Metadata, lock: &DocumentMut) -> Result<Self> {
        let checksums = checksums(lock);
        let (mut crates, mut edges) = (BTreeMap::new(), BTreeSet::new());
        let mut above: Vec<Name> = Vec::new();
        for line in listing.lines().filter(|line| !line.trim().is_empty()) {
            let (depth, name) = read(line).ok_or_else(|| format!("cargo tree says {line}"))?;
            above.truncate(depth);
            if let Some(parent) = above.last() {
                edges.insert((parent.clone(), name.clone()));
            }
            if !crates.contains_key(&name) {
                let package = find(metadata, &name)?;
                let described = Crate {
                    license: package.license.clone(),
                    repository: package.repository.clone(),
                    checksum: checksums.get(&name).cloned(),
                };
                crates.insert(name.clone(), described);
            }
            above.push(name);
        }
        let root = above.into_iter().next().ok_or("cargo tree says nothing")?;
        Ok(Self { crates, edges, root })
    }
}

/// Reads a line as `2 serde v1.0.0 (…)`: how deep it is, and what.
fn read(line: &str) -> Option<(usize, Name)> {
    let mut words = line.split(' ');
    let depth = words.next()?.parse().ok()?;
    let name = words.next()?.to_owned();
    let version = words.next()?.strip_prefix('v')?.to_owned();
    Some((depth, (name, version)))
}

fn find<'a>(metadata: &'a Metadata, (name, version): &Name) -> Result<&'a Package> {
    let mut packages = metadata.packages.iter();
    packages
        .find(|package| package.name == *name && package.version.to_string() == *version)
        .ok_or_else(|| format!("cargo metadata knows no {name} {version}").into())
}

/// Returns the checksums of a lock file.
fn checksums(lock: &DocumentMut) -> BTreeMap<Name, String> {
    let packages = lock.get("package").and_then(|packages| packages.as_array_of_tables());
    let read = |package: &toml_edit::Table| {
        let field = |name| package.get(name).and_then(|item| item.as_str()).map(str::to_owned);
        Some(((field("name")?, field("version")?), field("checksum")?))
    };
    packages.into_iter().flatten().filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_tree_says_depth_name_and_version() {
        let name = ("serde".to_owned(), "1.0.0+b".to_owned());
        assert_eq!(read("2 serde v1.0.0+b"), Some((2, name.clone())));
        assert_eq!(read("12 serde v1.0.0+b (*)"), Some((12, name)));
        assert_eq!(read("[build-dependencies]"), None);
    }
}
