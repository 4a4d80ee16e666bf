// SPDX-License-Identifier: Apache-2.0
//! Helpers that the tests of several crates share. For tests only: it panics where its input is wrong.

pub mod segments;
pub mod hard_input;
pub mod deflate_oracle;
// Their directories have links, pipes, modes and names that are no text: no other system holds them.
#[cfg(unix)]
pub mod vectors;
pub mod hostile;
// So have their stores, and files of other users.
#[cfg(unix)]
pub mod hostile_store;
pub mod schema;
pub mod tools;

use std::path::{Path, PathBuf};

/// Returns the file or folder at `path` below the workspace's `testdata/`.
pub fn testdata(path: impl AsRef<Path>) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(path)
}
