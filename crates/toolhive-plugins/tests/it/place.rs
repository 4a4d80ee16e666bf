// SPDX-License-Identifier: Apache-2.0
//! A store, and room for directories beside it.

use std::path::PathBuf;

use oci_artifact::store::Store;
use tempfile::TempDir;

pub(crate) struct Place {
    pub(crate) root: TempDir,
    pub(crate) store: Store,
}

impl Place {
    pub(crate) fn new() -> Self {
        let root = TempDir::new().expect("a temporary directory");
        let store = Store::open(root.path().join("store")).expect("opens");
        Self { root, store }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }
}
