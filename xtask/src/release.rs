// SPDX-License-Identifier: Apache-2.0
//! A release: the version everywhere, the changelog's section, the checks, the packages, the tag.
//!
//! All of it happens in a second working tree below `target/`, made from HEAD. The branch moves and
//! the tag is set at the very end, so what fails on the way leaves nothing to clean up.

mod version;
mod changelog;
mod manifests;
mod tree;
mod api;

use std::fs;
use std::process::Command;

use cargo_metadata::semver::Version;

use crate::{Result, dist, golden, packaging, program, publish, workspace};
pub(crate) use changelog::{ADMISSION, section, unreleased};
use tree::Tree;
pub(crate) use tree::date_of_head;
use version::Step;

const USAGE: &str = "\
cargo xtask release [--dry-run [--skip-tests]] [--date YYYY-MM-DD] VERSION|major|minor|patch";

/// The options of a release.
struct Options<'a> {
    step: Step,
    /// The day that the changelog and the packages name; by default that of HEAD, never today.
    date: Option<&'a str>,
    ending: Ending,
    tests: Tests,
}

/// The end of a release.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Tag,
    DryRun,
}

/// Whether golden digests, tests and `verify` are checked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tests {
    Run,
    Skip,
}

impl<'a> Options<'a> {
    fn parse(arguments: &[&'a str]) -> Result<Self> {
        let (mut step, mut date, mut ending, mut tests) = (None, None, Ending::Tag, Tests::Run);
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            match *word {
                "--dry-run" => ending = Ending::DryRun,
                "--skip-tests" => tests = Tests::Skip,
                "--date" => date = Some(*words.next().ok_or(USAGE)?),
                word if step.is_none() && !word.starts_with('-') => step = Some(word.parse()?),
                _ => return Err(USAGE.into()),
            }
        }
        if tests == Tests::Skip && ending == Ending::Tag {
            return Err("--skip-tests is for dry runs: nothing untested gets a tag".into());
        }
        Ok(Self { step: step.ok_or(USAGE)?, date, ending, tests })
    }
}

pub(crate) fn run(arguments: &[&str]) -> Result<()> {
    let options = Options::parse(arguments)?;
    let root = workspace::root();
    tree::check_clean()?;
    let place = publish::repository()?;
    match options.ending {
        Ending::Tag => place.ok_or(publish::UNKNOWN)?,
        Ending::DryRun => place.unwrap_or_else(|| {
            println!("release: {}", publish::UNKNOWN);
            String::new()
        }),
    };
    let date = match options.date {
        Some(date) => date.parse()?,
        None => tree::date_of_head()?,
    };

    let members = manifests::Members::read()?;
    let next = options.step.after(members.version());
    let last = workspace::last_release();
    check_version(members.version(), &next, last.as_deref())?;
    eprintln!("{} → {next}, {date}", members.version());

    let text = fs::read_to_string(root.join("CHANGELOG.md"))?;
    let breaks_digests = changelog::check(&text)?;
    check_digests(&breaks_digests, &next, last.as_deref())?;
    match options.tests {
        // Before the bump, for what the changelog owns up to stands under Unreleased.
        Tests::Run => golden::check(packaging::Build::Command)?,
        Tests::Skip => println!("release: golden digests, tests and verify are skipped, as told"),
    }

    let tree = Tree::at_head()?;
    // Before anything is written, for it checks out one commit after the other.
    api::compare(&tree, last.as_deref(), &next)?;
    manifests::bump(tree.path(), &members, &next)?;
    fs::write(tree.path().join("CHANGELOG.md"), changelog::dated(&text, &next, date))?;
    if options.tests == Tests::Run {
        test(&tree)?;
    }
    let out = dist::directory(&next);
    dist::make(tree.path(), &tree.build_directory(), &out, &dist::Request::default())?;

    match options.ending {
        Ending::Tag => tree.commit_and_tag(&next),
        Ending::DryRun => {
            println!("release: a dry run, so v{next} is not committed and not tagged");
            Ok(())
        }
    }
}

/// A version only grows, and no tag is set twice.
fn check_version(current: &Version, next: &Version, last: Option<&str>) -> Result<()> {
    if next < current {
        return Err(format!("{next} is older than {current}").into());
    }
    if let Some(tag) = last
        && version::of_tag(tag)? >= *next
    {
        return Err(format!("{next} does not come after {tag}").into());
    }
    Ok(())
}

/// A digest that changes is a breaking change; says so, and requires a version that says so too.
fn check_digests(breaks: &[String], next: &Version, last: Option<&str>) -> Result<()> {
    let Some(tag) = last else {
        println!("release: no earlier release to keep promises of");
        return Ok(());
    };
    if breaks.is_empty() {
        println!("release: the changelog tells of no changed digest");
        return Ok(());
    }
    println!("release: THIS RELEASE CHANGES DIGESTS:\n{}", breaks.join("\n"));
    if version::is_breaking(&version::of_tag(tag)?, next) {
        return Ok(());
    }
    Err(format!("changed digests break a promise: {next} must be a breaking version").into())
}

/// Everything that has to hold of the tree that is released.
fn test(tree: &Tree) -> Result<()> {
    for arguments in [
        &["test", "--quiet", "--locked", "--workspace"][..],
        &["xtask", "tidy"],
        &["xtask", "verify"],
        &["xtask", "package"],
    ] {
        if !command(tree, arguments).status()?.success() {
            let (arguments, tree) = (arguments.join(" "), tree.path().display());
            return Err(format!("`cargo {arguments}` failed in {tree}").into());
        }
    }
    Ok(())
}

/// Cargo in the tree, which builds where the tree says.
fn command(tree: &Tree, arguments: &[&str]) -> Command {
    let mut cargo = Command::new(program());
    cargo.current_dir(tree.path()).env("CARGO_TARGET_DIR", tree.build_directory()).args(arguments);
    cargo
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_untested_gets_a_tag() {
        assert!(Options::parse(&["--skip-tests", "minor"]).is_err());
        assert!(Options::parse(&["--dry-run", "--skip-tests", "minor"]).is_ok());
        assert!(Options::parse(&["--dry-run"]).is_err(), "which version");
        assert!(Options::parse(&["minor", "major"]).is_err(), "two versions");
    }

    #[test]
    fn a_changed_digest_wants_a_breaking_version() {
        let told = || vec!["- Digest change: all".to_owned()];
        let version = |text| Version::parse(text).expect("a version");
        assert!(check_digests(&told(), &version("1.3.0"), Some("v1.2.0")).is_err());
        assert!(check_digests(&told(), &version("2.0.0"), Some("v1.2.0")).is_ok());
        assert!(check_digests(&[], &version("1.2.1"), Some("v1.2.0")).is_ok());
    }

    #[test]
    fn a_version_only_grows() {
        let version = |text| Version::parse(text).expect("a version");
        let check = |current, next, last| check_version(&version(current), &version(next), last);
        assert!(check("0.1.0", "0.1.0", None).is_ok(), "the first release");
        assert!(check("0.1.0", "0.1.0", Some("v0.1.0")).is_err());
        assert!(check("0.2.0", "0.1.9", None).is_err());
        assert!(check("0.1.0", "0.1.1", Some("v0.1.0")).is_ok());
    }
}
