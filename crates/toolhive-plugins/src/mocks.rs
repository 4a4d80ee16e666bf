// SPDX-License-Identifier: Apache-2.0
//! Mocks of the [`traits`](crate::traits), for the tests of programs that use them.
//!
//! ```
//! use std::sync::Arc;
//!
//! use toolhive_plugins::error::{Error, ErrorKind};
//! use toolhive_plugins::mocks::MockPluginPackager;
//! use toolhive_plugins::traits::{PackageOptions, PluginPackager};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let mut packager = MockPluginPackager::new();
//! packager
//!     .expect_package()
//!     .returning(|_, _, _| Err(Error::new(ErrorKind::ManifestMissing, "no plugin.json")));
//! let result = packager.package("/some/plugin".as_ref(), &PackageOptions::default(), Arc::new(())).await;
//! assert_eq!(result.unwrap_err().kind(), ErrorKind::ManifestMissing);
//! # });
//! ```
//!
//! With the feature `registry`, too, `MockRegistryClient` stands in for a registry.
// What the macro makes has no documentation of its own.
#![allow(missing_docs)]

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use mockall::mock;
use oci_artifact::Result;
use oci_artifact::observer::Observer;

use crate::traits::{PackageOptions, PackageResult, PluginPackager};

#[cfg(feature = "registry")]
pub use oci_registry_http::mocks::MockRegistryClient;

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
            observer: Arc<dyn Observer>,
        ) -> Result<PackageResult>;
    }
}
