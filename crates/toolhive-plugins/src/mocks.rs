// SPDX-License-Identifier: Apache-2.0
//! Mocks of the [`traits`](crate::traits), for the tests of programs that use them.
//!
//! ```
//! use oci_artifact::{Error, ErrorKind};
//! use toolhive_plugins::mocks::MockPluginPackager;
//! use toolhive_plugins::traits::{PackageOptions, PluginPackager};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let mut packager = MockPluginPackager::new();
//! packager
//!     .expect_package()
//!     .returning(|_, _| Err(Error::new(ErrorKind::ManifestMissing, "no plugin.json")));
//! let result = packager.package("/some/plugin".as_ref(), &PackageOptions::default()).await;
//! assert_eq!(result.unwrap_err().kind(), ErrorKind::ManifestMissing);
//! # });
//! ```
//!
//! A program that pulls plugins is tested without a registry:
//!
//! ```
//! use oci_artifact::digest::sha256;
//! use toolhive_plugins::mocks::MockRegistryClient;
//! use toolhive_plugins::store::Store;
//! use toolhive_plugins::traits::RegistryClient;
//!
//! async fn install(registry: &dyn RegistryClient, store: &Store) -> oci_artifact::Result<String> {
//!     let digest = registry.pull(store, "ghcr.io/example/plugin:1.0.0").await?;
//!     Ok(format!("installed {digest}"))
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let root = tempfile::tempdir()?;
//! let mut registry = MockRegistryClient::new();
//! registry
//!     .expect_pull()
//!     .withf(|_, reference| reference.ends_with(":1.0.0"))
//!     .once()
//!     .returning(|_, _| Ok(sha256(b"an index")));
//! let store = Store::open(root.path().join("store"))?;
//! # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
//! let said = runtime.block_on(install(&registry, &store))?;
//! assert_eq!(said, format!("installed {}", sha256(b"an index")));
//! # Ok(())
//! # }
//! ```
// What the macro makes has no documentation of its own.
#![allow(missing_docs)]

use std::path::Path;

use async_trait::async_trait;
use mockall::mock;
use oci_artifact::Result;
use oci_spec::image::Digest;

use crate::store::Store;
use crate::traits::{PackageOptions, PackageResult, PluginPackager, RegistryClient};

mock! {
    /// Stands in for a packager.
    #[derive(Debug)]
    pub PluginPackager {}

    #[async_trait]
    impl PluginPackager for PluginPackager {
        async fn package(
            &self,
            directory: &Path,
            options: &PackageOptions,
        ) -> Result<PackageResult>;
    }
}

mock! {
    /// Stands in for a registry.
    #[derive(Debug)]
    pub RegistryClient {}

    #[async_trait]
    impl RegistryClient for RegistryClient {
        async fn push(&self, store: &Store, digest: &Digest, reference: &str) -> Result<()>;
        async fn pull(&self, store: &Store, reference: &str) -> Result<Digest>;
    }
}
