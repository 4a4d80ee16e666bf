// SPDX-License-Identifier: Apache-2.0
//! Checks each crate's manifest: one name, and for a published crate everything that its readers
//! need.

use cargo_metadata::{Metadata, Package, TargetKind};

use super::Finding;
use crate::publish::is_published;
use crate::workspace;

/// Crates that nobody outside should build on; all others are published.
const PRIVATE: &[&str] =
    &["fuzz-targets", "oci-registry-faults", "sigstore-lab", "test-support", "xtask"];

pub(super) fn check(metadata: &Metadata) -> Vec<Finding> {
    let packages = metadata.workspace_packages();
    packages
        .into_iter()
        .flat_map(|package| [names(package), publication(package)].concat())
        .collect()
}

/// Directory, package and library have one name.
fn names(package: &Package) -> Vec<Finding> {
    let name = package.name.as_str();
    let directory = package.manifest_path.parent().and_then(|path| path.file_name());
    let libraries = package.targets.iter().filter(|target| {
        target.kind.iter().any(|kind| matches!(kind, TargetKind::Lib | TargetKind::ProcMacro))
    });
    let mut found: Vec<Finding> = libraries
        .filter(|library| library.name != name.replace('-', "_"))
        .map(|library| format!("{name}: its library is called {}", library.name))
        .collect();
    if directory != Some(name) {
        found.push(format!("{name}: its directory is called {}", directory.unwrap_or_default()));
    }
    found
}

/// Checks the fields that a person sees who looks for a crate.
fn publication(package: &Package) -> Vec<Finding> {
    let name = package.name.as_str();
    if is_published(package) == PRIVATE.contains(&name) {
        let should = if PRIVATE.contains(&name) { "`publish = false`" } else { "no `publish`" };
        return vec![format!("{name}: should have {should}: see {}", file!())];
    }
    if !is_published(package) {
        return Vec::new();
    }
    let readme = package.manifest_path.with_file_name("README.md");
    let docs = package.metadata.pointer("/docs/rs/all-features");
    let has = [
        ("description", package.description.is_some()),
        ("license", package.license.is_some()),
        ("repository", package.repository.is_some()),
        ("rust-version", package.rust_version.is_some()),
        ("keywords (one to five)", (1..=5).contains(&package.keywords.len())),
        ("categories", !package.categories.is_empty()),
        ("README.md", workspace::root().join(readme).is_file()),
        ("[package.metadata.docs.rs] all-features", docs.is_some()),
    ];
    has.into_iter()
        .filter(|(_, has)| !has)
        .map(|(what, _)| format!("{name}: is published, and has no {what}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{names, publication};

    fn package(directory: &str, more: serde_json::Value) -> cargo_metadata::Package {
        let mut manifest = serde_json::json!({
            "name": "a-b", "version": "0.1.0", "id": "a-b 0.1.0", "dependencies": [],
            "features": {}, "manifest_path": format!("/nowhere/{directory}/Cargo.toml"),
            "targets": [{
                "name": "a_b", "kind": ["lib"], "crate_types": ["lib"],
                "src_path": format!("/nowhere/{directory}/src/lib.rs"),
            }],
        });
        let fields = more.as_object().cloned().unwrap_or_default();
        manifest.as_object_mut().expect("an object").extend(fields);
        serde_json::from_value(manifest).expect("a package")
    }

    #[test]
    fn directory_package_and_library_have_one_name() {
        assert_eq!(names(&package("a-b", serde_json::json!({}))), [""; 0]);
        let other = names(&package("b", serde_json::json!({})));
        assert_eq!(other, ["a-b: its directory is called b"]);
        let library = serde_json::json!({"targets": [{
            "name": "b", "kind": ["lib"], "crate_types": ["lib"], "src_path": "/nowhere/lib.rs",
        }]});
        assert_eq!(names(&package("a-b", library)), ["a-b: its library is called b"]);
    }

    #[test]
    fn each_crate_is_published_with_all_that_its_readers_need_or_marked_as_private() {
        let bare = publication(&package("a-b", serde_json::json!({})));
        assert_eq!(bare.len(), 8, "{bare:?}");
        let kept = serde_json::json!({"publish": []});
        let [told] = &publication(&package("a-b", kept))[..] else { panic!("one finding") };
        assert!(told.contains("no `publish`"), "{told}");
        let shown = serde_json::json!({"name": "xtask"});
        let [told] = &publication(&package("xtask", shown))[..] else { panic!("one finding") };
        assert!(told.contains("`publish = false`"), "{told}");
        assert_eq!(
            publication(&package("xtask", serde_json::json!({"name": "xtask", "publish": []}))),
            [""; 0]
        );
    }
}
