// SPDX-License-Identifier: Apache-2.0
//! Other targets: what this machine can build for and run. Beside compiler and linker a target may
//! need an emulator.

use std::path::{Path, PathBuf};
use std::process::Command;

use oci_artifact::portable::refused_by_windows;

use super::further::Further;
use super::wine;
use crate::cross::{self, Compiler, Linker};
use crate::fixture::{Case, TreeFile};
use crate::packaging::{self, Launch};
use crate::{Result, workspace};

/// A target that differs from the usual one in something that could matter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    pub(super) name: &'static str,
    pub(super) triple: &'static str,
    linker: Linker,
    runner: Runner,
    turn: Turn,
    /// The crates whose tests run there, too, each with the parts of names of tests that are left out.
    tested: &'static [(&'static str, &'static [&'static str])],
}

/// The occasion on which a target is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// Each run of `verify`, and so without the network, whose TLS would have to be cross-compiled.
    Always,
    /// Only if somebody names it: building it takes minutes, and tools that a check of every change should not
    /// have to fetch. It is built with the network, and pushes and pulls.
    Named,
}

/// The reason why the others are not tried.
pub(super) const NOT_NAMED: &str =
    "only where it is named (cargo xtask verify WORDS): it takes minutes to build";

/// The program that starts its programs here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Runner {
    /// The system itself.
    System,
    /// An emulator of the processor.
    Emulator(&'static str),
    /// Windows' programs, on Linux.
    Wine,
}

pub(super) const CANDIDATES: &[Target] = &[
    Target {
        name: "32 bits (i686)",
        triple: "i686-unknown-linux-gnu",
        linker: Linker::Gcc("i686-linux-gnu-gcc"),
        runner: Runner::System,
        turn: Turn::Always,
        tested: &[],
    },
    Target {
        name: "big-endian (s390x)",
        triple: "s390x-unknown-linux-gnu",
        linker: Linker::Gcc("s390x-linux-gnu-gcc"),
        runner: Runner::Emulator("qemu-s390x"),
        turn: Turn::Always,
        tested: &[],
    },
    // What is shipped for Linux; the second fuses multiplication and addition.
    Target {
        name: "static with musl (x86-64)",
        triple: "x86_64-unknown-linux-musl",
        linker: Linker::Zig,
        runner: Runner::System,
        turn: Turn::Named,
        tested: &[],
    },
    Target {
        name: "static with musl (aarch64)",
        triple: "aarch64-unknown-linux-musl",
        linker: Linker::Zig,
        runner: Runner::Emulator("qemu-aarch64"),
        turn: Turn::Named,
        tested: &[],
    },
    Target {
        name: "Windows (Wine)",
        triple: "x86_64-pc-windows-gnu",
        linker: Linker::Gcc(wine::COMPILER),
        runner: Runner::Wine,
        turn: Turn::Named,
        // Those that reach the disk, and ask it for what no other system has. Each call and each look that fails, one
        // after another, would take hours with Wine, and is the same code.
        tested: &[
            ("held-directory", &[]),
            ("oci-layout", &["any_call_", "any_look_"]),
            ("oci-artifact", &[]),
        ],
    },
];

/// The packages through which every byte of a layer goes.
const MOVES_BYTES: [&str; 3] = ["go-deflate", "sha2", "crc32fast"];

impl Target {
    /// Builds the binary and says how it is started, or why it cannot be.
    ///
    /// # Errors
    /// If all that is needed is here and the build fails.
    pub(super) fn build(self) -> Result<Result<(PathBuf, Launch), String>> {
        let compiler = match self.compiler() {
            Ok(compiler) => compiler,
            Err(reason) => return Ok(Err(reason)),
        };
        if let Some(reason) = self.linker.missing() {
            return Ok(Err(reason));
        }
        let tool = match self.runner {
            Runner::System => None,
            Runner::Emulator(tool) => Some(tool),
            Runner::Wine => Some(wine::PROGRAM),
        };
        if let Some(tool) = tool.filter(|tool| !crate::tool::runs(tool)) {
            return Ok(Err(format!("no `{tool}` here")));
        }
        let binary = packaging::build(self.cargo(compiler))?;
        let launch = match self.runner {
            Runner::Wine => wine::launch(&binary)?,
            _ => {
                let prefix = tool.into_iter().map(Into::into).collect();
                Launch { prefix, ..Launch::default() }
            }
        };
        Ok(Ok((binary, launch)))
    }

    /// Tries more of it than its digests: each result with its name.
    pub(super) fn further(self, binary: &Path, launch: &Launch) -> Vec<(String, Further)> {
        let mut further = Vec::new();
        if self.turn == Turn::Named {
            let words = launch.prefix.iter().cloned().chain([binary.into()]).collect();
            further.push((format!("{}: push and pull", self.name), Further::Traffic(words)));
        }
        for (package, skipped) in self.tested {
            let name = format!("{}: {package}", self.name);
            further.push((name, Further::Tests(self.tests(package, skipped, launch))));
        }
        further
    }

    /// Whether it is tried when those words were said.
    pub(super) fn is_due(self, words: &str) -> bool {
        self.turn == Turn::Always || !words.is_empty()
    }

    /// Whether that system can hold all names of a case.
    pub(super) fn holds(self, case: &Case) -> bool {
        let is_held = |file: &TreeFile| {
            let path = file.path.to_string_lossy();
            path.split('/').all(|name| refused_by_windows(name).is_none())
        };
        self.runner != Runner::Wine || case.tree.files().iter().all(is_held)
    }

    fn compiler(self) -> Result<Compiler, String> {
        Compiler::for_target(self.triple)
    }

    fn cargo(self, compiler: Compiler) -> Command {
        let mut cargo = self.linker.cargo(self.triple);
        if self.turn == Turn::Always {
            cargo.arg("--no-default-features");
        }
        compiler.set(&mut cargo);
        self.set(&mut cargo, compiler);
        cargo
    }

    /// Tells cargo how to build for this target.
    fn set(self, cargo: &mut Command, compiler: Compiler) {
        cargo.arg("--release");
        // Another compiler wants its own directory, or each undoes the other's work.
        cargo.arg("--target-dir").arg(workspace::root().join("target/verify"));
        // What is built for one run need not be fast, but for what moves bytes, under an emulator.
        cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0");
        for package in MOVES_BYTES {
            cargo.arg("--config");
            cargo.arg(format!("profile.release.package.{package}.opt-level=2"));
        }
        let mut flags = self.linker.flags(compiler.std).to_vec();
        // A static binary needs no foreign libraries where it runs; Windows has those that are needed.
        if self.runner != Runner::Wine {
            flags.push("-Ctarget-feature=+crt-static");
        }
        cargo.env(cross::variable(self.triple, "RUSTFLAGS"), flags.join(" "));
    }

    /// Cargo, told to run the tests of a package there.
    fn tests(self, package: &str, skipped: &[&str], launch: &Launch) -> Result<Command, String> {
        let mut cargo = Command::new(crate::program());
        cargo.current_dir(workspace::root()).args([
            "test",
            "--quiet",
            "--locked",
            "--no-fail-fast",
        ]);
        // Examples in documentation are linked one by one, each with everything.
        cargo.args(["--lib", "--tests", "--package", package, "--target", self.triple]);
        self.linker.set(&mut cargo, self.triple);
        let compiler = self.compiler()?;
        compiler.set_for_tests(&mut cargo);
        self.set(&mut cargo, compiler);
        let runner: Vec<_> = launch.prefix.iter().map(|word| word.to_string_lossy()).collect();
        cargo.env(cross::variable(self.triple, "RUNNER"), runner.join(" "));
        cargo.arg("--");
        for name in skipped {
            cargo.args(["--skip", name]);
        }
        Ok(cargo)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of what is tried of a target beside the digests.
    fn further(target: &Target) -> Vec<String> {
        let further = target.further(Path::new("program"), &Launch::default());
        further.into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn what_takes_minutes_waits_for_its_name_and_then_pushes_and_pulls() {
        for target in CANDIDATES {
            assert!(target.is_due("words"), "{target:?}");
            let speaks = further(target).iter().any(|name| name.ends_with(": push and pull"));
            assert_eq!(speaks, !target.is_due(""), "{target:?}");
        }
        let always = CANDIDATES.iter().filter(|target| target.is_due("")).map(|t| t.triple);
        assert!(always.eq(["i686-unknown-linux-gnu", "s390x-unknown-linux-gnu"]));
    }

    #[test]
    fn windows_runs_the_tests_of_what_reaches_the_disk() {
        let windows = CANDIDATES.iter().find(|target| target.runner == Runner::Wine);
        let names = further(windows.expect("there is one"));
        for package in ["held-directory", "oci-layout", "oci-artifact"] {
            assert!(names.contains(&format!("Windows (Wine): {package}")), "{names:?}");
        }
    }
}
