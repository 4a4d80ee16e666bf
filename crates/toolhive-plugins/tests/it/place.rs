// SPDX-License-Identifier: Apache-2.0
//! A store, and room for directories beside it.

use std::path::PathBuf;

use oci_artifact::store::Store;
use tempfile::TempDir;

pub struct Place {
    pub root: TempDir,
    pub store: Store,
}

impl Place {
    pub fn new() -> Self {
        let root = TempDir::new().expect("a temporary directory");
        let store = Store::open(root.path().join("store")).expect("opens");
        Self { root, store }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }
}
