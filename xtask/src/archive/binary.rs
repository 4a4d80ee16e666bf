// SPDX-License-Identifier: Apache-2.0
//! The binary, built so that another clone on another machine gives the same bytes: what is locked,
//! without symbols, and with no path of this machine in it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::Metadata;
use xshell::{Shell, cmd};

use crate::{Result, packaging, workspace};

/// The binary, and what it was built for and with.
pub(super) struct Built {
    pub(super) path: PathBuf,
    pub(super) bytes: Vec<u8>,
    /// The target, `x86_64-unknown-linux-gnu` for example.
    pub(super) triple: String,
    /// The version of the compiler, and so of the standard library.
    pub(super) rustc: String,
}

/// Builds the binary of `tree` below `build`.
pub(super) fn build(tree: &Path, build: &Path, features: &[&str]) -> Result<Built> {
    let compiler = Compiler::of(tree)?;
    let metadata = workspace::metadata_of(tree)?;
    let renamed = renamed(&metadata, tree, build, &compiler);

    let mut cargo = packaging::cargo_build();
    cargo.current_dir(tree).args(["--locked", "--profile", "dist"]);
    // With a target, the flags are not for build scripts and macros, which are not shipped.
    cargo.args(["--target", &compiler.triple]).arg("--target-dir").arg(build);
    cargo.args(features);
    let flags = renamed.iter().map(|(from, to)| format!("--remap-path-prefix={from}={to}"));
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.collect::<Vec<_>>().join("\x1f"));
    for flags in ["RUSTFLAGS", "CFLAGS", "CC", "RUSTC_WRAPPER", "SOURCE_DATE_EPOCH"] {
        cargo.env_remove(flags);
    }
    let path = packaging::build(cargo)?;
    let bytes = fs::read(&path)?;
    if let Some((left, _)) = renamed.iter().find(|(from, _)| contains(&bytes, from)) {
        return Err(format!("the binary names {left}, a directory of this machine").into());
    }
    Ok(Built { path, bytes, triple: compiler.triple, rustc: compiler.version })
}

/// The compiler that the tree asks for.
struct Compiler {
    triple: String,
    version: String,
    /// The commit that it was built from: how its own sources are named in what it builds.
    commit: String,
    sysroot: String,
}

impl Compiler {
    fn of(tree: &Path) -> Result<Self> {
        let shell = Shell::new()?;
        shell.change_dir(tree);
        let told = cmd!(shell, "rustc --version --verbose").quiet().read()?;
        let field = |name: &str| {
            let line = told.lines().find_map(|line| line.strip_prefix(name));
            line.map(|value| value.trim().to_owned())
                .ok_or_else(|| format!("rustc does not tell its {name}"))
        };
        Ok(Self {
            triple: field("host:")?,
            version: field("release:")?,
            commit: field("commit-hash:")?,
            sysroot: cmd!(shell, "rustc --print sysroot").quiet().read()?,
        })
    }
}

/// Directories of this machine and what they are called in the binary; later ones go first.
fn renamed(
    metadata: &Metadata,
    tree: &Path,
    build: &Path,
    compiler: &Compiler,
) -> Vec<(String, String)> {
    let foreign = metadata.packages.iter().filter(|package| package.source.is_some());
    // The directories that hold packages: cargo's, or what `cargo vendor` made.
    let sources: BTreeSet<String> = foreign
        .filter_map(|package| package.manifest_path.parent()?.parent())
        .map(|directory| directory.to_string())
        .collect();
    let mut renamed = vec![(tree.display().to_string(), "/toolhive-oci".to_owned())];
    renamed.push((build.display().to_string(), "/target".to_owned()));
    renamed.extend(sources.into_iter().map(|directory| (directory, "/crates".to_owned())));
    let library = format!("{}/lib/rustlib/src/rust", compiler.sysroot);
    renamed.push((library, format!("/rustc/{}", compiler.commit)));
    renamed
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
