// SPDX-License-Identifier: Apache-2.0
//! Other targets: what this machine can build for and run. Beside compiler and linker a target may
//! need an emulator.

use std::path::PathBuf;
use std::process::Command;

use oci_artifact::portable::refused_by_windows;

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
}

/// The occasion on which a target is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Always,
    /// The target is tried only if it is named: building it takes minutes, and tools that a check of every change
    /// should not have to fetch.
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
    },
    Target {
        name: "big-endian (s390x)",
        triple: "s390x-unknown-linux-gnu",
        linker: Linker::Gcc("s390x-linux-gnu-gcc"),
        runner: Runner::Emulator("qemu-s390x"),
        turn: Turn::Always,
    },
    // What is shipped for Linux; the second fuses multiplication and addition.
    Target {
        name: "static with musl (x86-64)",
        triple: "x86_64-unknown-linux-musl",
        linker: Linker::Zig,
        runner: Runner::System,
        turn: Turn::Named,
    },
    Target {
        name: "static with musl (aarch64)",
        triple: "aarch64-unknown-linux-musl",
        linker: Linker::Zig,
        runner: Runner::Emulator("qemu-aarch64"),
        turn: Turn::Named,
    },
    Target {
        name: "Windows (Wine)",
        triple: "x86_64-pc-windows-gnu",
        linker: Linker::Gcc(wine::COMPILER),
        runner: Runner::Wine,
        turn: Turn::Named,
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
        let compiler = match Compiler::for_target(self.triple) {
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
        if let Some(tool) = tool.filter(|tool| !cross::runs(tool)) {
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

    fn cargo(self, compiler: Compiler) -> Command {
        let mut cargo = self.linker.cargo(self.triple);
        compiler.set(&mut cargo);
        cargo.arg("--release");
        // What speaks to registries makes no bytes, and its TLS would have to be cross-compiled.
        cargo.arg("--no-default-features");
        // Another compiler needs its own directory, or each undoes the other's work.
        cargo.arg("--target-dir").arg(workspace::root().join("target/verify"));
        let variable = format!("CARGO_TARGET_{}", self.triple.to_uppercase().replace('-', "_"));
        // What is built for one run need not be fast, but for what moves bytes, under an emulator.
        cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0");
        for package in MOVES_BYTES {
            cargo.arg("--config");
            cargo.arg(format!("profile.release.package.{package}.opt-level=2"));
        }
        // A static binary needs no foreign libraries where it runs; Windows has those that are needed.
        if self.runner != Runner::Wine {
            cargo.env(format!("{variable}_RUSTFLAGS"), "-C target-feature=+crt-static");
        }
        cargo
    }
}
