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
