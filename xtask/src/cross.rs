// SPDX-License-Identifier: Apache-2.0
//! Building for other systems: which compiler has a standard library for a target, and which linker
//! there is for it.
//!
//! A target needs a standard library (one that rustup installed, or its sources to build it from) and
//! a linker. For musl both a linker and the C library come from Zig (`ziglang`), which
//! `cargo-zigbuild` puts in place; both are packages of PyPI.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::packaging;
use crate::tool::runs;

/// The origin of a target's standard library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Std {
    Installed,
    /// The standard library is built from the sources that came with the compiler.
    Sources,
}

/// A compiler that can build for a target.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Compiler {
    pub(crate) rustc: &'static str,
    pub(crate) std: Std,
}

impl Compiler {
    /// Returns the usual compiler, or the one that Debian installs beside it.
    pub(crate) fn for_target(triple: &str) -> Result<Self, String> {
        let found = ["rustc", "/usr/bin/rustc"].into_iter().find_map(|rustc| {
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
        });
        found.ok_or_else(|| {
            format!(
                "no standard library for {triple} (rustup target add, rustup component add \
                 rust-src, or Debian's rustc-web and rust-web-src)"
            )
        })
    }

    /// Sets this compiler for cargo, and builds the standard library if that is needed.
    pub(crate) fn set(self, cargo: &mut Command) {
        self.set_with(cargo, "std,panic_abort");
    }

    /// Sets this compiler for `cargo test`, whose programs catch panics.
    pub(crate) fn set_for_tests(self, cargo: &mut Command) {
        self.set_with(cargo, "std,panic_unwind,test");
    }

    fn set_with(self, cargo: &mut Command, crates: &str) {
        if self.rustc != "rustc" {
            cargo.env("RUSTC", self.rustc).env_remove("RUSTUP_TOOLCHAIN");
        }
        if self.std == Std::Sources {
            cargo.arg(format!("-Zbuild-std={crates}")).env("RUSTC_BOOTSTRAP", "1");
        }
    }
}

/// The tool that links and compiles C for a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Linker {
    /// The one that this machine has for itself.
    Own,
    /// A C compiler by its name, which makes static binaries.
    Gcc(&'static str),
    /// Zig, by way of `cargo zigbuild`.
    Zig,
}

impl Linker {
    /// Returns the name of the tool that is missing on this machine.
    pub(crate) fn missing(self) -> Option<String> {
        match self {
            Self::Own => None,
            Self::Gcc(name) => (!runs(name)).then(|| format!("no `{name}` here")),
            Self::Zig => {
                let has_zig = runs("zig") || runs("python-zig") || has_module("ziglang");
                (!runs("cargo-zigbuild") || !has_zig).then(|| {
                    "no `cargo-zigbuild` with Zig here (pip install cargo-zigbuild ziglang)".into()
                })
            }
        }
    }

    /// Returns cargo's command that builds for that target with this linker.
    pub(crate) fn cargo(self, triple: &str) -> Command {
        let mut cargo = packaging::cargo_build();
        if self == Self::Zig {
            cargo = packaging::cargo_build_as("zigbuild");
        }
        cargo.args(["--target", triple]);
        self.set(&mut cargo, triple);
        cargo
    }

    /// The flags that the compiler needs besides. A standard library from its sources comes without the C library and
    /// the start of programs that an installed one has for musl, so the linker's own are taken: Zig's.
    pub(crate) fn flags(self, std: Std) -> &'static [&'static str] {
        match (self, std) {
            (Self::Zig, Std::Sources) => &["-Clink-self-contained=no"],
            _ => &[],
        }
    }

    /// Tells cargo to link, and to compile C, with this. Zig's is [`Self::cargo`] alone.
    pub(crate) fn set(self, cargo: &mut Command, triple: &str) {
        if let Self::Gcc(name) = self {
            cargo.env(variable(triple, "LINKER"), name);
            cargo.env(format!("CC_{}", triple.replace('-', "_")), name);
        }
    }
}

/// The variable by which cargo is told something for one target.
pub(crate) fn variable(triple: &str, name: &str) -> String {
    format!("CARGO_TARGET_{}_{name}", triple.to_uppercase().replace('-', "_"))
}

fn has_module(name: &str) -> bool {
    let mut python = Command::new("python3");
    python.args(["-c", &format!("import {name}")]).stdout(Stdio::null()).stderr(Stdio::null());
    python.status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_standard_library_brings_along_is_not_taken_where_it_brings_nothing() {
        assert_eq!(Linker::Zig.flags(Std::Sources), ["-Clink-self-contained=no"]);
        for (linker, std) in [
            (Linker::Zig, Std::Installed),
            (Linker::Own, Std::Installed),
            (Linker::Gcc("gcc"), Std::Sources),
        ] {
            assert!(linker.flags(std).is_empty(), "{linker:?} {std:?}");
        }
    }
}
