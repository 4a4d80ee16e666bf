// SPDX-License-Identifier: Apache-2.0
//! Packages of npm: one for each system, which holds the binary, and one that depends on all of them
//! optionally and starts the one that npm found to fit.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::binary::Built;
use super::files::{self, File, Files};
use super::platform::Platform;
use super::release::Release;
use crate::Result;

/// The package that people install.
const MAIN: &str = "toolhive-oci";

/// The program that finds and starts the binary.
const SHIM: &str = include_str!("npm/toolhive-oci.js");

/// Returns the package of a binary: its file name and its bytes.
pub(super) fn platform(release: &Release, built: &Built, sbom: &[u8]) -> Result<(String, Vec<u8>)> {
    let (os, cpu) = built.platform.node;
    let program = built.platform.program();
    let mut files = common(release);
    files.insert(format!("bin/{program}"), File::program(built.bytes.clone()));
    files.insert("toolhive-oci.spdx.json".into(), File::text(sbom));
    let mut manifest = manifest(release, &name(built.platform));
    manifest["description"] = json!(format!("The program of {MAIN} for {os} on {cpu}"));
    manifest["os"] = json!([os]);
    manifest["cpu"] = json!([cpu]);
    manifest["preferUnplugged"] = json!(true);
    let file = format!("{MAIN}-{os}-{cpu}-{}.tgz", release.version);
    Ok((file, packed(files, &manifest, release)?))
}

/// Returns the package that people install, for those systems.
pub(super) fn main(release: &Release, platforms: &[&Platform]) -> Result<(String, Vec<u8>)> {
    let mut files = common(release);
    files.insert("bin/toolhive-oci.js".into(), File::program(SHIM));
    let version = release.version.to_string();
    let optional: BTreeMap<String, &str> =
        platforms.iter().map(|platform| (name(platform), version.as_str())).collect();
    if optional.len() != platforms.len() {
        return Err("two binaries for one system: npm has one package for each".into());
    }
    let mut manifest = manifest(release, MAIN);
    manifest["bin"] = json!({ MAIN: "bin/toolhive-oci.js" });
    manifest["engines"] = json!({ "node": ">=16" });
    manifest["optionalDependencies"] = json!(optional);
    Ok((format!("{MAIN}-{version}.tgz"), packed(files, &manifest, release)?))
}

/// Returns the name of a system's package; the shim makes the same of what Node says of its system.
fn name(platform: &Platform) -> String {
    let (os, cpu) = platform.node;
    format!("@{MAIN}/{os}-{cpu}")
}

fn common(release: &Release) -> Files {
    Files::from([
        ("LICENSE".to_owned(), File::text(release.license_text.clone())),
        ("README.md".to_owned(), File::text(release.readme.clone())),
    ])
}

fn manifest(release: &Release, name: &str) -> Value {
    let Release { version, description, license, repository, .. } = release;
    json!({
        "name": name,
        "version": version.to_string(),
        "description": description,
        "license": license,
        "repository": { "type": "git", "url": format!("git+{repository}.git") },
        "homepage": repository,
    })
}

fn packed(mut files: Files, manifest: &Value, release: &Release) -> Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(manifest)?;
    text.push(b'\n');
    files.insert("package.json".into(), File::text(text));
    // npm needs everything below one directory of that name.
    files::tar_gz("package", &files, release.date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::release::example;

    #[test]
    fn one_system_has_one_package() {
        let of = |triple| Platform::of(triple).expect("it is known");
        let (musl, gnu) = (of("x86_64-unknown-linux-musl"), of("x86_64-unknown-linux-gnu"));
        let (name, _) = main(&example("1.0.0"), &[musl]).expect("it can be packed");
        assert_eq!(name, "toolhive-oci-1.0.0.tgz");
        assert!(main(&example("1.0.0"), &[musl, gnu]).is_err());
    }

    #[test]
    fn the_shim_looks_for_packages_by_the_names_that_they_have() {
        let of = Platform::of("aarch64-apple-darwin").expect("it is known");
        assert_eq!(name(of), "@toolhive-oci/darwin-arm64");
        assert!(SHIM.contains("`@toolhive-oci/${process.platform}-${process.arch}`"));
    }
}
