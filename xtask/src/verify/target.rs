// SPDX-License-Identifier: Apache-2.0
//! Other targets: what this machine can build for and run. A target needs a standard library (one
//! that is installed, or its sources to build it from), a linker, and perhaps an emulator.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::packaging::{self, Launch};
use crate::{Result, workspace};

/// A target that differs from the usual one in something that could matter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    pub(super) name: &'static str,
    pub(super) triple: &'static str,
    linker: &'static str,
    emulator: Option<&'static str>,
}

pub(super) const CANDIDATES: &[Target] = &[
    Target {
        name: "32 bits (i686)",
        triple: "i686-unknown-linux-gnu",
        linker: "i686-linux-gnu-gcc",
        emulator: None,
    },
    Target {
        name: "big-endian (s390x)",
        triple: "s390x-unknown-linux-gnu",
        linker: "s390x-linux-gnu-gcc",
        emulator: Some("qemu-s390x"),
    },
    Target {
        name: "fused operations (aarch64)",
        triple: "aarch64-unknown-linux-gnu",
        linker: "aarch64-linux-gnu-gcc",
        emulator: Some("qemu-aarch64"),
    },
];

/// Where a target's standard library comes from.
enum Std {
    Installed,
    /// It is built from the sources that came with the compiler.
    Sources,
}

/// A compiler that can build for a target.
struct Compiler {
    rustc: &'static str,
    std: Std,
}

impl Target {
    /// Builds the binary and says how it is started, or why it cannot be.
    ///
    /// # Errors
    /// If all that is needed is here and the build fails.
    pub(super) fn build(self) -> Result<Result<(PathBuf, Launch), String>> {
        let Some(compiler) = Compiler::for_target(self.triple) else {
            return Ok(Err(format!(
                "no standard library for {} (rustup target add, rustup component add rust-src, or \
                 Debian's rustc-web and rust-web-src)",
                self.triple
            )));
        };
        for tool in [Some(self.linker), self.emulator].into_iter().flatten() {
            if !runs(tool) {
                return Ok(Err(format!("no `{tool}` here")));
            }
        }
        let prefix = self.emulator.into_iter().map(Into::into).collect();
        let launch = Launch { prefix, ..Launch::default() };
        let binary = packaging::build(self.cargo(&compiler))?;
        Ok(Ok((binary, launch)))
    }

    fn cargo(self, compiler: &Compiler) -> Command {
        let mut cargo = packaging::cargo_build();
        cargo.args(["--release", "--target", self.triple]);
        // What speaks to registries makes no bytes, and its TLS would have to be cross-compiled.
        cargo.arg("--no-default-features");
        // Another compiler wants its own directory, or each undoes the other's work.
        cargo.arg("--target-dir").arg(workspace::root().join("target/verify"));
        let variable = format!("CARGO_TARGET_{}", self.triple.to_uppercase().replace('-', "_"));
        cargo.env(format!("{variable}_LINKER"), self.linker);
        // What is built for one run need not be as fast as can be.
        cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
        // A static binary needs no foreign libraries where it runs.
        cargo.env(format!("{variable}_RUSTFLAGS"), "-C target-feature=+crt-static");
        cargo.env("RUSTC", compiler.rustc).env_remove("RUSTUP_TOOLCHAIN");
        if let Std::Sources = compiler.std {
            cargo.arg("-Zbuild-std=std,panic_abort").env("RUSTC_BOOTSTRAP", "1");
        }
        cargo
    }
}

impl Compiler {
    /// The usual compiler, or the one that Debian installs beside it.
    fn for_target(triple: &str) -> Option<Self> {
        ["rustc", "/usr/bin/rustc"].into_iter().find_map(|rustc| {
            let print = |arguments: &[&str]| {
                let output = Command::new(rustc).args(arguments).output().ok()?;
                let text = String::from_utf8(output.stdout).ok()?;
                output.status.success().then(|| PathBuf::from(text.trim_end()))
            };
            let installed = print(&["--print", "target-libdir", "--target", triple])?;
            if installed.is_dir() {
                return Some(Self { rustc, std: Std::Installed });
            }
            let sources = print(&["--print", "sysroot"])?.join("lib/rustlib/src/rust/library/std");
            sources.is_dir().then_some(Self { rustc, std: Std::Sources })
        })
    }
}

fn runs(tool: &str) -> bool {
    let mut command = Command::new(tool);
    command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    Path::new(tool).is_file() || command.status().is_ok_and(|status| status.success())
}
