// SPDX-License-Identifier: Apache-2.0
//! The binary, built so that another clone on another machine gives the same bytes: what is locked,
//! without symbols, and with no path of this machine in it.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use cargo_metadata::Metadata;
use xshell::{Shell, cmd};

use super::auditable;
use super::elf::Elf;
use super::linked::Linked;
use super::platform::{Libraries, Platform};
use crate::cross::{self, Linker};
use crate::{Result, packaging, workspace};

/// A binary, and what it was built for and with.
pub(super) struct Built {
    pub(super) path: PathBuf,
    pub(super) bytes: Vec<u8>,
    pub(super) platform: &'static Platform,
    /// The version of the compiler, and so of the standard library.
    pub(super) rustc: String,
}

impl Built {
    /// Takes a binary that is there already.
    ///
    /// # Errors
    /// If it cannot be read, or is not for that system.
    pub(super) fn given(tree: &Path, platform: &'static Platform, path: &Path) -> Result<Self> {
        let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let built = Self {
            path: path.to_owned(),
            bytes,
            platform,
            rustc: Rustc::of(tree, "rustc")?.version,
        };
        built.check()?;
        Ok(built)
    }

    /// Builds the binary of `tree` below `build`.
    ///
    /// # Errors
    /// If it cannot be built, is not what the system needs, or names a directory of this machine.
    pub(super) fn build(
        tree: &Path,
        build: &Path,
        platform: &'static Platform,
        features: &[&str],
        linked: &Linked,
    ) -> Result<Self> {
        let triple = platform.triple;
        let compiler = cross::Compiler::for_target(triple)?;
        let rustc = Rustc::of(tree, compiler.rustc)?;
        let metadata = workspace::metadata_of(tree)?;
        let renamed = renamed(&metadata, tree, build, &rustc);

        let linker = linker(platform, &rustc.host);
        let mut cargo = linker.cargo(triple);
        compiler.set(&mut cargo);
        cargo.current_dir(tree).args(["--locked", "--profile", "dist"]);
        cargo.arg("--target-dir").arg(build).args(features);
        let renaming = renamed.iter().map(|(from, to)| format!("--remap-path-prefix={from}={to}"));
        let needed = linker.flags(compiler.std).iter().map(|flag| (*flag).to_owned());
        // With a target, the flags are not for build scripts and macros, which are not shipped.
        let flags: Vec<_> = needed.chain(renaming).collect();
        cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"));
        for flags in ["RUSTFLAGS", "CFLAGS", "CC", "RUSTC_WRAPPER", "SOURCE_DATE_EPOCH"] {
            cargo.env_remove(flags);
        }
        let path = packaging::build(cargo)?;
        let bytes = fs::read(&path)?;
        let listed = match auditable::embedded(&bytes, linked)? {
            Some(bytes) => bytes,
            None => bytes.clone(),
        };
        if let Some((left, _)) = renamed.iter().find(|(from, _)| contains(&bytes, from)) {
            return Err(format!("the binary names {left}, a directory of this machine").into());
        }
        // Beside the one that cargo knows, so that what is checked is what is shipped.
        let path = path.with_extension("shipped");
        fs::write(&path, &listed)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
        let built = Self { path, bytes: listed, platform, rustc: rustc.version };
        built.check()?;
        Ok(built)
    }

    /// Makes sure that the binary is for its system and needs no more of it than its packages say.
    fn check(&self) -> Result<()> {
        let Platform { triple, machine, libraries, .. } = self.platform;
        let Some(machine) = machine else {
            return Ok(());
        };
        let elf = Elf::parse(&self.bytes)
            .ok_or_else(|| format!("{}: no program of Linux", self.path.display()))?;
        if elf.machine != *machine {
            return Err(format!("{}: not for {triple}", self.path.display()).into());
        }
        if *libraries == Libraries::None && !elf.is_static {
            return Err(
                format!("{}: not static, as {triple} has to be", self.path.display()).into()
            );
        }
        Ok(())
    }

    /// Whether it needs no file of the system to run.
    pub(super) fn is_static(&self) -> bool {
        Elf::parse(&self.bytes).is_some_and(|elf| elf.is_static)
    }
}

/// Returns the tool that is missing on this machine to build for that system.
pub(super) fn missing(tree: &Path, platform: &Platform) -> Result<Option<String>> {
    if let Err(reason) = cross::Compiler::for_target(platform.triple) {
        return Ok(Some(reason));
    }
    Ok(linker(platform, &host(tree)?).missing())
}

/// Returns the target that this machine is.
pub(super) fn host(tree: &Path) -> Result<String> {
    Ok(Rustc::of(tree, "rustc")?.host)
}

fn linker(platform: &Platform, host: &str) -> Linker {
    if platform.triple == host { Linker::Own } else { Linker::Zig }
}

/// A compiler, as it describes itself.
struct Rustc {
    host: String,
    version: String,
    /// The commit that it was built from: how its own sources are named in what it builds.
    commit: String,
    sysroot: String,
}

impl Rustc {
    fn of(tree: &Path, rustc: &str) -> Result<Self> {
        let shell = Shell::new()?;
        shell.change_dir(tree);
        let told = cmd!(shell, "{rustc} --version --verbose").quiet().read()?;
        let field = |name: &str| {
            let line = told.lines().find_map(|line| line.strip_prefix(name));
            line.map(|value| value.trim().to_owned())
                .ok_or_else(|| format!("rustc does not tell its {name}"))
        };
        Ok(Self {
            host: field("host:")?,
            version: field("release:")?,
            commit: field("commit-hash:")?,
            sysroot: cmd!(shell, "{rustc} --print sysroot").quiet().read()?,
        })
    }
}

/// Directories of this machine and what they are called in the binary; later ones go first.
fn renamed(metadata: &Metadata, tree: &Path, build: &Path, rustc: &Rustc) -> Vec<(String, String)> {
    let foreign = metadata.packages.iter().filter(|package| package.source.is_some());
    // The directories that hold packages: cargo's, or what `cargo vendor` made.
    let sources: BTreeSet<String> = foreign
        .filter_map(|package| package.manifest_path.parent()?.parent())
        .map(|directory| directory.to_string())
        .collect();
    let mut renamed = vec![(tree.display().to_string(), "/toolhive-oci".to_owned())];
    renamed.push((build.display().to_string(), "/target".to_owned()));
    renamed.extend(sources.into_iter().map(|directory| (directory, "/crates".to_owned())));
    let library = format!("{}/lib/rustlib/src/rust", rustc.sysroot);
    renamed.push((library, format!("/rustc/{}", rustc.commit)));
    renamed
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
