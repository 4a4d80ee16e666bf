// SPDX-License-Identifier: Apache-2.0
//! Finds the workspace, and asks git and cargo about it.

use std::path::{Path, PathBuf};

use cargo_metadata::{CargoOpt, Metadata, MetadataCommand};
use xshell::{Shell, cmd};

use crate::Result;

/// Returns the workspace's root.
pub(crate) fn root() -> PathBuf {
    // What `cargo run` says now counts more than where this was built: clones may share builds.
    let built = || PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let xtask = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(built, PathBuf::from);
    xtask.parent().map(Path::to_path_buf).unwrap_or(xtask)
}

/// Returns a shell at the workspace's root.
pub(crate) fn shell() -> Result<Shell> {
    let shell = Shell::new()?;
    shell.change_dir(root());
    Ok(shell)
}

/// Returns cargo's metadata of the workspace and all its dependencies.
pub(crate) fn metadata() -> Result<Metadata> {
    metadata_of(&root())
}

/// Returns cargo's metadata of another working tree, with what only some features need.
pub(crate) fn metadata_of(tree: &Path) -> Result<Metadata> {
    let mut command = MetadataCommand::new();
    command.manifest_path(tree.join("Cargo.toml")).features(CargoOpt::AllFeatures);
    Ok(command.exec()?)
}

/// Returns the tag of the last release before HEAD, as `v1.2.3`.
pub(crate) fn last_release() -> Option<String> {
    let shell = shell().ok()?;
    let tag = cmd!(shell, "git describe --tags --abbrev=0 --match v*");
    tag.quiet().ignore_stderr().read().ok()
}

/// Returns the paths, from the root, of all files that git tracks or would track.
pub(crate) fn files() -> Result<Vec<String>> {
    let shell = shell()?;
    let listed =
        cmd!(shell, "git ls-files -z --cached --others --exclude-standard").quiet().read()?;
    let exists = |path: &&str| root().join(path).symlink_metadata().is_ok();
    Ok(listed.split('\0').filter(|path| !path.is_empty()).filter(exists).map(Into::into).collect())
}
