// SPDX-License-Identifier: Apache-2.0
//! Packages that the host installs when it copies a plugin (S-70), and configuration that says
//! where packages come from (S-60).

use oci_artifact::json::Value;

use super::builder::Builder;
use crate::command::fetch;
use crate::document;
use crate::files::{LOCK_FILES, OTHER_LOCK_FILES, TOOL_CONFIG};
use crate::inventory::{
    Component, ComponentType, Declared, Fetch, Launch, PackageInstall, Pin, Source, Usage, What,
};
use crate::path;

const PACKAGE: &str = "package.json";
const ID: &str = "package-install";

/// Finds out whether the host installs packages, and which.
pub(super) fn discover(builder: &mut Builder<'_>) {
    tool_config(builder);
    if builder.files.get(PACKAGE).is_none() {
        return;
    }
    let lock = LOCK_FILES.into_iter().find(|name| builder.files.get(name).is_some());
    let other = OTHER_LOCK_FILES.into_iter().find(|name| builder.files.get(name).is_some());
    let Some(lockfile) = lock.or(other) else { return };
    let Some(package) = builder.document(PACKAGE) else { return };
    let dependencies: Vec<(String, String)> = ["dependencies", "optionalDependencies"]
        .iter()
        .filter_map(|key| package.get(key))
        .flat_map(|object| object.members())
        .map(|member| (member.key.into_owned(), member.value.as_string().unwrap_or_default()))
        .collect();
    let skipped = match lock {
        None => Some("the lock file is of a kind that the host does not read"),
        Some(lockfile) => skipped(builder, lockfile, package, &dependencies),
    };
    if let Some(why) = skipped {
        let message = format!("the host does not install the packages: {why}");
        builder.warn("package-skip", message, PACKAGE);
    }
    let packages = lock.and_then(|lockfile| count(builder, lockfile));
    let mut names: Vec<String> = dependencies.into_iter().map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    let why_not = skipped.map(|_| "package-skip");
    let install = Component::new(ComponentType::PackageInstall, lockfile, PACKAGE, Source::Default);
    builder.component(install.not_loading(why_not));
    let fetch = Fetch {
        tool: "host".to_owned(),
        what: lockfile.to_owned(),
        pin: Pin::Content,
        ecosystem: "npm",
        indirect: None,
    };
    builder.push(Launch {
        command: Some(format!("install the packages of {lockfile}")),
        usage: Usage { fetches: vec![fetch], ..Usage::default() },
        loads: why_not.map_or(Ok(()), Err),
        ..Launch::new(What::PackageInstall, ID, Declared::text(PACKAGE, None))
    });
    let dependencies = names;
    builder.inventory.behaviour.package_install =
        Some(PackageInstall { lockfile: lockfile.to_owned(), packages, dependencies, skipped });
}

/// Returns the reason for which the host would not install, if so.
fn skipped(
    builder: &mut Builder<'_>,
    lockfile: &str,
    package: Value<'_>,
    dependencies: &[(String, String)],
) -> Option<&'static str> {
    let elsewhere = |version: &String| {
        ["git", "file:", "link:", "workspace:", "http:", "https:", "github:"]
            .iter()
            .any(|start| version.starts_with(start))
    };
    if dependencies.iter().any(|(_, version)| elsewhere(version)) {
        return Some("a dependency is not from a registry");
    }
    if package.get("overrides").is_some() {
        return Some("package.json has overrides");
    }
    if package.get("patchedDependencies").is_some() {
        return Some("package.json has patched dependencies");
    }
    if lockfile != "bun.lock" {
        let lock = builder.quietly(lockfile)?;
        let version = lock.get("lockfileVersion").and_then(|version| version.as_integer());
        if !matches!(version, Some(2 | 3)) {
            return Some("the lock file has a version that the host does not read");
        }
    }
    None
}

/// Returns the number of packages that a lock file of npm pins.
fn count(builder: &mut Builder<'_>, lockfile: &str) -> Option<usize> {
    if lockfile == "bun.lock" {
        // JSON with trailing commas: each package is a line of "packages".
        let text = String::from_utf8_lossy(builder.content(lockfile)?);
        let packages = text.split_once("\"packages\"")?.1;
        let lines = packages.lines().filter(|line| line.trim_start().starts_with('"'));
        return Some(lines.filter(|line| line.contains("\": [")).count());
    }
    let lock = builder.quietly(lockfile)?;
    let packages = document::object(lock, "packages")?;
    Some(packages.members().filter(|member| !member.key.is_empty()).count())
}

/// Configuration of package managers (S-60).
fn tool_config(builder: &mut Builder<'_>) {
    let files = builder.files;
    let paths = files.iter().map(|entry| entry.path.as_str());
    for path in paths.filter(|path| TOOL_CONFIG.contains(&path::name(path))) {
        builder.dropped(path);
        let registry = files.bytes(path).and_then(fetch::registry);
        let (message, source) = match registry {
            Some(host) => {
                (format!("{path} says that packages come from {host}"), format!("{path}: {host}"))
            }
            None => (format!("{path} can change where packages come from"), path.to_owned()),
        };
        builder.inventory.behaviour.package_sources.push(source);
        builder.warn("tool-config", message, path);
    }
}
