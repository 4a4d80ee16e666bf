// SPDX-License-Identifier: Apache-2.0
//! The host as an oracle: what Claude Code itself makes of a plugin, beside what we do.
//!
//! `cargo xtask oracle [VERSION…] [DIR…]` asks each version of the host that is installed below
//! `target/oracle` of the cases in `testdata/surface/host-cases.json`, of the examples, and of any folder
//! with plugins; it prints how often both agree and each difference. The host runs with an empty
//! environment and a home of its own, without login and without network. It is a peer of the tests, never
//! a dependency: where it is not installed, that is said, and nothing else happens.

mod cases;
mod host;
mod ours;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::{Result, packaging, workspace};
use host::Host;

/// The versions that are asked where none is named: the one that the rules were taken from, and the
/// one that a plain install gives.
const VERSIONS: [&str; 2] = ["2.1.332", "2.1.197"];

/// A judgement of a plugin.
#[derive(Clone, Debug, Default)]
pub(super) struct Verdict {
    /// Whether it is taken at all.
    accepts: bool,
    /// The components that would load, by type; `None` if they are not reported.
    provides: Option<BTreeMap<String, BTreeSet<String>>>,
    /// The errors, for people.
    errors: Vec<String>,
    /// The rules of what was found, each with what a version of the host does otherwise.
    facts: Vec<(String, String)>,
}

/// `cargo xtask oracle [--install] [VERSION…] [DIR…]`.
pub(crate) fn run(arguments: &[&str]) -> Result<()> {
    let is_version = |text: &&&str| text.starts_with(|c: char| c.is_ascii_digit());
    let installs = arguments.contains(&"--install");
    let mut versions: Vec<&str> = arguments.iter().filter(is_version).copied().collect();
    if versions.is_empty() {
        versions.extend(VERSIONS);
    }
    let folders = arguments.iter().filter(|text| !is_version(text) && !text.starts_with("--"));
    let folders: Vec<PathBuf> = folders.map(PathBuf::from).collect();

    let mut hosts = Vec::new();
    for version in versions {
        if installs {
            host::install(version)?;
        }
        match Host::installed(version) {
            Some(host) => hosts.push(host),
            None => {
                println!("host {version}: not installed; `cargo xtask oracle --install {version}`")
            }
        }
    }
    if hosts.is_empty() {
        return Ok(());
    }
    let place = tempfile::tempdir()?;
    let plugins = match folders.is_empty() {
        true => cases::own(place.path())?,
        false => cases::below(&folders)?,
    };
    let binary = packaging::build(packaging::cargo_build())?;
    let mut matrix: BTreeMap<(String, String), Tally> = BTreeMap::new();
    for plugin in &plugins {
        let ours = ours::verdict(&binary, plugin)?;
        for host in &hosts {
            let theirs = host.verdict(plugin)?;
            compare(plugin, host, &ours, &theirs, &mut matrix);
        }
    }
    println!("\n{} plugins", plugins.len());
    let mut unexplained = 0;
    for ((host, what), Tally { agree, known, differ }) in matrix {
        println!(
            "{host:<9} {what:<14} {agree:>5} agree {known:>5} as a rule says {differ:>5} differ"
        );
        unexplained += differ;
    }
    match unexplained {
        0 => println!("no unexplained difference"),
        count => return Err(format!("{count} unexplained differences").into()),
    }
    Ok(())
}

/// The number of cases on which two agree.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    agree: usize,
    /// The number of differences that the text of a rule has.
    known: usize,
    differ: usize,
}

fn compare(
    plugin: &Path,
    host: &Host,
    ours: &Verdict,
    theirs: &Verdict,
    matrix: &mut BTreeMap<(String, String), Tally>,
) {
    let name = plugin.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let mut count = |what: &str, agrees: Result<(), String>, rules: Vec<String>| {
        let tally = matrix.entry((host.version().to_owned(), what.to_owned())).or_default();
        match agrees {
            Ok(()) => tally.agree += 1,
            Err(difference) => {
                println!("{} {name}: {what}: {difference}", host.version());
                if rules.is_empty() {
                    tally.differ += 1;
                } else {
                    println!("    as the rule says: {}", rules.join("; "));
                    tally.known += 1;
                }
            }
        }
    };
    let accepts = match (ours.accepts, theirs.accepts) {
        (ours, theirs) if ours == theirs => Ok(()),
        (true, _) => Err(format!("only the host refuses it: {}", theirs.errors.join("; "))),
        (false, _) => Err(format!("only we refuse it: {}", ours.errors.join("; "))),
    };
    count("accepts", accepts, explained(ours, host.version()));
    // Of what it refuses, the host does not say what it would load.
    let (Some(one), Some(other)) = (&ours.provides, &theirs.provides) else { return };
    if !theirs.accepts {
        return;
    }
    let kinds: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let none = BTreeSet::new();
    for kind in kinds {
        let (one, other) = (one.get(kind).unwrap_or(&none), other.get(kind).unwrap_or(&none));
        let list = |a: &BTreeSet<String>, b: &BTreeSet<String>| {
            a.difference(b).cloned().collect::<Vec<_>>().join(", ")
        };
        let agrees = match one == other {
            true => Ok(()),
            false => Err(format!(
                "only we: [{}]; only the host: [{}]",
                list(one, other),
                list(other, one)
            )),
        };
        count(kind, agrees, Vec::new());
    }
}

/// Returns the rules that say what that version of the host does otherwise. Where we refuse a plugin, each error has
/// to be one of these.
fn explained(ours: &Verdict, version: &str) -> Vec<String> {
    let mut rules = BTreeSet::new();
    for (rule, hosts) in ours.facts.iter().filter(|(_, hosts)| hosts.contains(version)) {
        rules.insert(format!("{rule}: {hosts}"));
    }
    let is_error =
        |rule: &str| ours.errors.iter().any(|error| error.starts_with(&format!("{rule}: ")));
    let is_known = |(rule, hosts): &(String, String)| !is_error(rule) || hosts.contains(version);
    match ours.facts.iter().all(is_known) {
        true => rules.into_iter().collect(),
        false => Vec::new(),
    }
}

/// Returns the directory in which hosts are installed.
fn installed() -> PathBuf {
    workspace::root().join("target/oracle")
}
