// SPDX-License-Identifier: Apache-2.0
//! Everything that has to pass: the one list of steps, for `.ci/run` and for people.
//!
//! Steps that build where the others build go one after the other. What has a directory of its own,
//! or runs what is built already, goes beside them and takes what processor time they leave.

mod example;
mod run;
mod tools;

use std::process::Command;
use std::time::{Duration, Instant};

use crate::{Result, golden, memory, packaging, program, tidy, verify};
use run::{Beside, Output};

/// The steps to run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Extent {
    /// The steps that run no program of others, and so can begin before those are installed.
    Lint,
    /// The steps that a person waits for before a commit.
    Fast,
    /// All of them.
    Whole,
}

/// A step that needs the directory in which the workspace is built.
struct Step {
    name: &'static str,
    /// The smallest extent that has it.
    extent: Extent,
    work: fn() -> Result<()>,
}

/// The name of the step that builds the tests: steps that run them again wait for it.
const TESTS: &str = "tests";

const STEPS: &[Step] = &[
    Step { name: "format", extent: Extent::Lint, work: format },
    Step { name: "tidy", extent: Extent::Lint, work: tidy::run },
    Step { name: "clippy", extent: Extent::Lint, work: clippy },
    Step { name: TESTS, extent: Extent::Fast, work: tests },
    Step { name: "golden digests", extent: Extent::Fast, work: golden },
    Step { name: "the example", extent: Extent::Whole, work: example::run },
    Step { name: "clippy, no features", extent: Extent::Whole, work: clippy_without_features },
    Step {
        name: "clippy, usual features",
        extent: Extent::Whole,
        work: clippy_with_usual_features,
    },
    Step { name: "fuzz targets", extent: Extent::Whole, work: fuzz_targets },
    Step { name: "documentation", extent: Extent::Whole, work: documentation },
    Step { name: "verify", extent: Extent::Whole, work: verify },
];

/// Runs the steps.
pub(crate) fn run(extent: Extent) -> Result<()> {
    let start = Instant::now();
    let mut lanes: Vec<Beside> = match extent {
        Extent::Whole => tools::lanes().into_iter().map(Beside::start).collect(),
        Extent::Lint | Extent::Fast => Vec::new(),
    };
    let mut times = Vec::new();
    for step in STEPS.iter().filter(|step| step.extent <= extent) {
        println!("\n=== {}", step.name);
        let begun = Instant::now();
        (step.work)().map_err(|error| format!("{}: {error}", step.name))?;
        times.push((step.name.to_owned(), begun.elapsed()));
        for lane in &mut lanes {
            lane.has_passed(step.name);
            times.extend(lane.reports()?);
        }
    }
    for lane in lanes {
        times.extend(lane.finish()?);
    }
    println!();
    for (name, time) in times {
        println!("{}  {name}", seconds(time));
    }
    println!("{}  in all: everything passed", seconds(start.elapsed()));
    Ok(())
}

fn seconds(time: Duration) -> String {
    format!("{:>5} s", time.as_secs())
}

/// Cargo with these words, which must succeed.
fn cargo(words: &[&str]) -> Result<()> {
    let mut cargo = Command::new(program());
    cargo.current_dir(crate::workspace::root()).args(words);
    Output::Inherited.run(cargo)
}

fn format() -> Result<()> {
    cargo(&["fmt", "--all", "--check"])
}

fn clippy() -> Result<()> {
    cargo(&[
        &["clippy", "--quiet", "--locked", "--workspace", "--all-targets", "--all-features"][..],
        &["--", "-D", "warnings"],
    ]
    .concat())
}

/// The crates that have features, without them: in the step before, the tests of one ask for what the
/// others then get as well. With their usual features `verify` builds them.
fn clippy_without_features() -> Result<()> {
    cargo(
        &[
            &["clippy", "--quiet", "--locked", "--no-default-features"][..],
            &["--package", "toolhive-oci", "--package", "toolhive-plugins"],
            &["--package", "toolhive-skills", "--", "-D", "warnings"],
        ]
        .concat(),
    )
}

/// Lints, with their tests, the crates that have no certificates in the README's build (SIG-44). They are run by the
/// README's `cargo test --workspace`: to link everything once more would take minutes.
fn clippy_with_usual_features() -> Result<()> {
    let words = ["clippy", "--quiet", "--locked", "--package", "toolhive-oci", "--package"];
    cargo(&[&words[..], &["signatures", "--all-targets", "--", "-D", "warnings"]].concat())
}

/// Checks that the fuzz targets compile: a workspace of its own, in the directory of the others, so that most of it
/// is checked already.
fn fuzz_targets() -> Result<()> {
    let words = ["check", "--quiet", "--locked", "--manifest-path", "fuzz/Cargo.toml"];
    cargo(&[&words[..], &["--target-dir", "target"]].concat())
}

fn documentation() -> Result<()> {
    let mut cargo = Command::new(program());
    cargo.current_dir(crate::workspace::root()).env("RUSTDOCFLAGS", "-D warnings");
    cargo.args(["doc", "--quiet", "--locked", "--workspace", "--no-deps", "--all-features"]);
    Output::Inherited.run(cargo)
}

/// Mocks and certificates are what a plain `cargo test` leaves out. The temporary files are in memory where there is
/// room: most tests wait for the disk otherwise, some for minutes.
fn tests() -> Result<()> {
    let memory = memory::place().map(tempfile::tempdir_in).transpose()?;
    let mut cargo = Command::new(program());
    cargo.current_dir(crate::workspace::root());
    cargo.args(["test", "--locked", "--workspace", "--all-features"]);
    if let Some(memory) = &memory {
        cargo.env("TMPDIR", memory.path());
    }
    Output::Inherited.run(cargo)
}

fn golden() -> Result<()> {
    golden::check(packaging::Build::Tests)
}

fn verify() -> Result<()> {
    verify::run("", packaging::Build::Tests)
}
