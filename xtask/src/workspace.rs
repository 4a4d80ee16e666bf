// SPDX-License-Identifier: Apache-2.0
//! Where the workspace is, and what git and cargo know of it.

use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand};
use xshell::{Shell, cmd};

use crate::Result;

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_path_buf()
}

/// A shell at the workspace's root.
pub(crate) fn shell() -> Result<Shell> {
    let shell = Shell::new()?;
    shell.change_dir(root());
    Ok(shell)
}

/// What cargo knows of the workspace and all it depends on.
pub(crate) fn metadata() -> Result<Metadata> {
    Ok(MetadataCommand::new().manifest_path(root().join("Cargo.toml")).exec()?)
}

/// The paths, from the root, of all files that git tracks or would track.
pub(crate) fn files() -> Result<Vec<String>> {
    let shell = shell()?;
    let listed =
        cmd!(shell, "git ls-files -z --cached --others --exclude-standard").quiet().read()?;
    let exists = |path: &&str| root().join(path).symlink_metadata().is_ok();
    Ok(listed.split('\0').filter(|path| !path.is_empty()).filter(exists).map(Into::into).collect())
}
