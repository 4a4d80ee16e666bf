// SPDX-License-Identifier: Apache-2.0
//! The golden digests: what each case gave when it was recorded, and must give for ever.
//!
//! A digest that changes although its input did not is a breaking change. It fails `--check`, and
//! after `--bless` it still fails until the changelog owns up to it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use xshell::cmd;

use crate::fixture::{self, Case, Placement};
use crate::packaging::{Build, Digests, Launch};
use crate::release::{ADMISSION, unreleased};
use crate::{Result, workspace};

const PATH: &str = "testdata/golden.json";

/// The recorded digests of a case.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Golden {
    /// The digest of everything that the artifact may depend on.
    pub(crate) input: String,
    #[serde(flatten)]
    pub(crate) digests: Digests,
}

pub(crate) type Record = BTreeMap<String, Golden>;

/// Reads the record.
pub(crate) fn recorded() -> Result<Record> {
    let text = fs::read(path()).map_err(|error| format!("{PATH}: {error}"))?;
    serde_json::from_slice(&text).map_err(|error| format!("{PATH}: {error}").into())
}

/// Compares what that build gives with the record.
pub(crate) fn check(build: Build) -> Result<()> {
    check_binary(&build.binary()?, &Launch::default())
}

/// Compares what a binary gives, started like that, with the record.
pub(crate) fn check_binary(binary: &Path, launch: &Launch) -> Result<()> {
    compare(&package_all(binary, launch)?)
}

fn compare(found: &Record) -> Result<()> {
    let recorded = recorded()?;
    let mut problems = Vec::new();
    for (name, golden) in found {
        match recorded.get(name) {
            None => problems.push(format!("{name}: is not recorded")),
            Some(old) if old.input != golden.input => {
                problems.push(format!("{name}: the fixture itself has changed"));
            }
            Some(old) => {
                let differences = golden.digests.differences(&old.digests);
                problems.extend(differences.iter().map(|what| format!("{name}: {what}")));
            }
        }
    }
    let gone = recorded.keys().filter(|name| !found.contains_key(*name));
    problems.extend(gone.map(|name| format!("{name}: is recorded, but there is no such fixture")));
    if !problems.is_empty() {
        return Err(format!(
            "{}\n\nDigests must never change. If the fixtures were meant to, run `cargo xtask golden --bless`.\n\
             If the format was meant to, do that too, and write a line with `{ADMISSION}` under \
             Unreleased in CHANGELOG.md.",
            problems.join("\n")
        )
        .into());
    }
    println!("golden: {} cases give the recorded digests", found.len());
    check_readme(&recorded)?;
    check_changelog(&recorded)
}

pub(crate) fn bless() -> Result<()> {
    let found = package_all(&Build::Command.binary()?, &Launch::default())?;
    let old = recorded().unwrap_or_default();
    let mut text = serde_json::to_string_pretty(&found)?;
    text.push('\n');
    fs::write(path(), text)?;
    let changed = found.iter().filter(|(name, golden)| old.get(*name) != Some(golden)).count();
    println!("golden: {} cases recorded in {PATH}, {changed} of them new or changed", found.len());
    check_changelog(&found)
}

fn path() -> PathBuf {
    workspace::root().join(PATH)
}

/// Packages every case once, with that binary.
fn package_all(binary: &Path, launch: &Launch) -> Result<Record> {
    let place = tempfile::tempdir()?;
    let mut record = Record::new();
    for (number, case) in fixture::all()?.iter().enumerate() {
        let root = place.path().join(number.to_string());
        case.tree.write(&root, &Placement::default())?;
        let digests = launch
            .package(binary, case, &root, &place.path().join("store"))
            .map_err(|error| format!("{}: {error}", case.name))?;
        record.insert(case.name.clone(), golden(case, digests));
    }
    Ok(record)
}

fn golden(case: &Case, digests: Digests) -> Golden {
    Golden { input: case.input(), digests }
}

/// The README shows what its first command prints.
fn check_readme(record: &Record) -> Result<()> {
    let readme = fs::read_to_string(workspace::root().join("README.md"))?;
    match record.get(fixture::EXAMPLE) {
        Some(golden) if !readme.contains(&golden.digests.index_digest) => {
            Err(format!("README.md: the first command prints {}", golden.digests.index_digest)
                .into())
        }
        _ => Ok(()),
    }
}

/// A digest that differs from the one of the last release, with the same input, must be declared.
fn check_changelog(now: &Record) -> Result<()> {
    let Some((commit, then)) = promised()? else {
        println!("golden: no earlier record to keep to");
        return Ok(());
    };
    let broken: Vec<&str> = then
        .iter()
        .filter(|(name, old)| {
            now.get(*name).is_some_and(|new| new.input == old.input && new.digests != old.digests)
        })
        .map(|(name, _)| name.as_str())
        .collect();
    let changelog = fs::read_to_string(workspace::root().join("CHANGELOG.md"))?;
    if broken.is_empty() || unreleased(&changelog).any(|line| line.contains(ADMISSION)) {
        return Ok(());
    }
    Err(format!(
        "{PATH} is not what it was at {commit}: {}.\nThat breaks a promise: write a line with \
         `{ADMISSION}` under Unreleased in CHANGELOG.md, and say why.",
        broken.join("; ")
    )
    .into())
}

/// Returns the record of the last release or, before the first, the first record there was.
fn promised() -> Result<Option<(String, Record)>> {
    let shell = workspace::shell()?;
    let commit = match workspace::last_release() {
        Some(tag) => tag,
        None => {
            let added = cmd!(shell, "git log --diff-filter=A --format=%h -- {PATH}");
            match added.quiet().ignore_stderr().read().unwrap_or_default().lines().last() {
                Some(commit) => commit.to_owned(),
                None => return Ok(None),
            }
        }
    };
    let object = format!("{commit}:{PATH}");
    let Ok(text) = cmd!(shell, "git show {object}").quiet().ignore_stderr().read() else {
        return Ok(None);
    };
    Ok(Some((commit, serde_json::from_str(&text)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_record_agrees_with_what_the_reference_made_of_the_appendix() {
        let record = recorded().expect("there is one");
        let digest = |hex: &str| format!("sha256:{hex}");
        let f1 = &record["F1, verbatim modes"].digests;
        assert_eq!(
            f1.layer_digest,
            digest("64d83a1d1b1447e42505bb766aede325480d07bd6505d2d0798e3f90c98f5ad2")
        );
        assert_eq!(
            f1.index_digest,
            digest("d84e719edc2afb1abc333e32cdac1e5a50fe32b13ce90cfd77843e7f4858d654")
        );
        let f2 = &record["F2"].digests;
        assert_eq!(
            f2.layer_digest,
            digest("a81d99571ec3008be33ffc550903de20f2e3e4193d019c718d4b992159f0fd7d")
        );
        assert_eq!(
            f2.config_digest,
            digest("ffa734d1e5add6f705d69992d19f8b3e439f8e18231de2fbbff91d5cc4ec5a64")
        );
        let f3 = &record["F3"].digests;
        assert_eq!(
            f3.diff_id,
            digest("d6031339c3a28e0c4e76490ed8d6dc0f412af1d86ec0571724ba9653a4d068a5")
        );
        assert_eq!(
            f3.index_digest,
            digest("72f4cc199c5d39f7a4a02af1c0274b72d8d18093c130e1cc855e93a1dc3da422")
        );
        let f4 = &record["F4"].digests;
        assert_eq!(
            f4.manifest_digest,
            digest("f0eb53e4d4c3033b7cf803a33d22194c03a5aa9bf924721421e62351f6b2d00e")
        );
        assert_eq!(
            f4.index_digest,
            digest("09851925e2cc7d0dde9ce6e30c1e7ef4e53f5ea11b4d017c245c2d6e4a43ef2c")
        );
    }
}
