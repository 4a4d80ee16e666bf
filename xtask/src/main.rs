// SPDX-License-Identifier: Apache-2.0
//! Tasks of maintainers and CI: `cargo xtask TASK`.
//!
//! - `ci`: everything that has to pass, or what is soon done of it.
//! - `tidy`: the house rules that no compiler checks.
//! - `golden`: the recorded digests of the fixtures.
//! - `verify`: those digests again, under everything that must not change them.
//! - `bench`: how fast it is, as ratios; and whether it got slower.
//! - `dist`: the packages of a release, the same from every clone; and whether they install.
//! - `package`: what would be published of each crate.
//! - `oracle`: what the host itself makes of plugins, beside what we do.
//! - `release`: a version, from the changelog to the tag.

mod workspace;
mod tool;
mod tidy;
mod fixture;
mod packaging;
mod cross;
mod golden;
mod memory;
mod traffic;
mod verify;
mod bench;
mod dist;
mod publish;
mod release;
mod ci;
mod oracle;

use std::ffi::OsString;
use std::process::ExitCode;

/// The result of every task: nothing, or an error for people.
type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// Returns the cargo that runs this.
fn program() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

const USAGE: &str = "\
cargo xtask TASK

  ci               everything that has to pass
  ci --lint        format, tidy, clippy
  ci --fast        format, tidy, clippy, tests and golden digests
  tidy             layers, twins, file sizes, headers: the rules that no compiler checks
  golden --check   package the fixtures and compare with testdata/golden.json
  golden --bless   package the fixtures and record their digests there
  verify           compare the digests in many processes under other time zones, locales, umasks,
                   file orders, file systems, clocks, profiles and targets
  verify WORDS     only under the conditions that have these words in their name
         --build   build what that needs beside the tests' binary, and nothing else
  bench            print how fast the encoder is beside others, and whole builds
  bench --check    count instructions and compare with bench/instructions.json
  bench --bless    count instructions and record them there
  dist             write target/xtask/dist/VERSION: archives, wheels, packages of npm, recipes, a
                   container image, SBOMs and checksums of the version that is checked out, for the
                   systems of a release that this machine can build for; --target TRIPLE for another
                   one, --binary TRIPLE=FILE for one that is built already (both repeatable), --key
                   FILE signs the checksums; `-- --no-default-features` and the like are for cargo, in
                   place of the features of a release
  dist --check     install all of that with pip, npm, tar, skopeo and umoci, without a network, and run
                   it; --key FILE checks the signature; a directory may be named
  dist --prove     do both with the binary of the tests, in a directory that goes again
  package          pack every crate that is published, and build each from its package, unless with
                   --no-verify
  oracle [--install] [VERSION…] [DIR…]
                   ask the host of what it would load of the fixtures, or of plugins in a folder, and
                   print where we disagree; versions are installed below target/oracle
  release VERSION|major|minor|patch
                   check, bump, test, archive, commit and tag; all but the last two with --dry-run,
                   which --skip-tests makes short; --date YYYY-MM-DD, or the day of HEAD
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args.as_slice() {
        ["ci"] => ci::run(ci::Extent::Whole),
        ["ci", "--fast"] => ci::run(ci::Extent::Fast),
        ["ci", "--lint"] => ci::run(ci::Extent::Lint),
        ["tidy"] => tidy::run(),
        ["golden", "--check"] => golden::check(packaging::Build::Command),
        ["golden", "--bless"] => golden::bless(),
        ["verify"] => verify::run("", packaging::Build::Command),
        ["verify", "--build"] => verify::build(),
        ["verify", words] => verify::run(words, packaging::Build::Command),
        ["bench"] => bench::run(),
        ["bench", "--check"] => bench::check(),
        ["bench", "--bless"] => bench::bless(),
        ["dist", arguments @ ..] => dist::run(arguments),
        ["package"] => publish::package(publish::Proof::Built),
        ["package", "--no-verify"] => publish::package(publish::Proof::Packed),
        ["release", arguments @ ..] => release::run(arguments),
        ["oracle", arguments @ ..] => oracle::run(arguments),
        ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            Ok(())
        }
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
