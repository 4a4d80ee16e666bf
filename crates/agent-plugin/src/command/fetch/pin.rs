// SPDX-License-Identifier: Apache-2.0
//! Pins: the firmness with which a package is fixed (S-57).

use crate::inventory::Pin;

/// Returns an npm package: `name`, `@scope/name@1.2.3`, a git or tarball URL.
pub(super) fn npm(package: &str) -> Pin {
    if package.contains("://") || package.contains(':') && !package.starts_with("npm:") {
        let commit = package.rsplit_once('#').is_some_and(|(_, commit)| is_commit(commit));
        return if commit { Pin::Content } else { Pin::Moving };
    }
    let name = package.strip_prefix("npm:").unwrap_or(package);
    let version = name.get(1..).and_then(|rest| rest.split_once('@')).map(|(_, version)| version);
    exact_or_moving(version)
}

/// Returns a Python package: `name==1.2.3`, `name@1.2.3`, `git+https://…@commit`.
pub(super) fn python(package: &str) -> Pin {
    if package.contains("://") || package.starts_with("git+") {
        let reference = package.split('#').next().unwrap_or(package);
        let commit = reference.rsplit_once('@').is_some_and(|(_, commit)| is_commit(commit));
        return if commit { Pin::Content } else { Pin::Moving };
    }
    if package.contains(['<', '>', '~', '!', '*', ',']) {
        return Pin::Moving;
    }
    if let Some((_, version)) = package.split_once("==") {
        return if is_dotted(version.trim_start_matches('=')) { Pin::Version } else { Pin::Moving };
    }
    let version = package.split_once('@').map(|(_, version)| version.trim());
    if version.is_some_and(is_dotted) { Pin::Version } else { Pin::Moving }
}

/// The pin of what follows the `@` of a Go package.
pub(super) fn go(version: &str) -> Pin {
    if is_commit(version) {
        Pin::Content
    } else if version.starts_with('v') {
        exact_or_moving(Some(version))
    } else {
        Pin::Moving
    }
}

/// Returns a specifier of deno.
pub(super) fn deno(specifier: &str) -> Pin {
    let pinned = specifier.match_indices('@').any(|(at, _)| {
        let rest = specifier.get(at + 1..).unwrap_or_default();
        let version = rest.split('/').next().unwrap_or(rest);
        is_semver(version.strip_prefix('v').unwrap_or(version))
    });
    if pinned { Pin::Version } else { Pin::Moving }
}

/// Returns a container's image.
pub(super) fn image(image: &str) -> Pin {
    if let Some((_, digest)) = image.split_once("@sha256:") {
        let whole = digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit());
        return if whole { Pin::Content } else { Pin::Moving };
    }
    let name = image.rsplit('/').next().unwrap_or(image);
    let tag = name.split_once(':').map_or("", |(_, tag)| tag);
    // `:1` floats over everything that begins so, `:1.2.3` hardly.
    let version = tag.split(['-', '_']).any(|part| is_dotted(part.trim_start_matches('v')));
    if version { Pin::Version } else { Pin::Moving }
}

/// Whether a package of a system's package manager has a version: `name@1.2`, `name=1.2-3`.
pub(super) fn has_version(package: &str) -> bool {
    let version = package.split_once(['@', '=', ':']).map(|(_, version)| version);
    version.is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()))
}

fn exact_or_moving(version: Option<&str>) -> Pin {
    let exact = version.is_some_and(|version| is_semver(version.trim_start_matches(['v', '='])));
    if exact { Pin::Version } else { Pin::Moving }
}

/// Three numbers, and perhaps more behind them.
fn is_semver(version: &str) -> bool {
    let core = version.split(['-', '+']).next().unwrap_or(version);
    let numbers: Vec<&str> = core.split('.').collect();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+');
    numbers.len() == 3 && numbers.iter().all(|n| is_number(n)) && version.chars().all(plain)
}

/// A number with at least one dot: `1.2`, `1.2.3rc1`.
fn is_dotted(version: &str) -> bool {
    let mut parts = version.split('.');
    let first = parts.next().is_some_and(is_number);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | '_');
    first
        && parts.next().is_some_and(|part| part.starts_with(|c: char| c.is_ascii_digit()))
        && version.chars().all(plain)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit())
}
