// SPDX-License-Identifier: Apache-2.0
//! The place where skills are kept on this machine.

use std::path::{Path, PathBuf};

use oci_artifact::data_home::{self, System};
use oci_artifact::{Error, ErrorKind, Result};

pub use oci_artifact::store::Store;

/// The store's place below a directory for user data (ST-2).
const SUBDIRECTORY: &str = "toolhive/skills";

/// Returns the store's root below `data_home`, the base directory for user data.
pub fn store_root(data_home: &Path) -> PathBuf {
    data_home.join(SUBDIRECTORY)
}

/// Returns the store's root for this user: below `$XDG_DATA_HOME`, or else `~/.local/share`, on
/// macOS `~/Library/Application Support` (ST-2).
///
/// # Errors
/// [`ErrorKind::InvalidStore`] if neither variable nor home directory is known.
#[expect(clippy::disallowed_methods, reason = "its name says that the environment decides")]
pub fn default_store_root() -> Result<PathBuf> {
    let home = std::env::home_dir();
    let data_home =
        data_home::data_home(System::OWN, |name| std::env::var_os(name), home.as_deref());
    data_home.map(|home| store_root(&home)).ok_or_else(|| {
        Error::new(ErrorKind::InvalidStore, "there is no home directory to keep skills in")
            .with_help("set HOME or XDG_DATA_HOME, or name a store")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_lies_below_the_data_home_st_2() {
        assert_eq!(store_root(Path::new("/data")), Path::new("/data/toolhive/skills"));
    }
}
