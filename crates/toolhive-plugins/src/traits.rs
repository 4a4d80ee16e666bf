// SPDX-License-Identifier: Apache-2.0
//! Traits for programs to depend on, so that their tests can put something else in its place
//! ([`mocks`](crate::mocks), feature `mocks`).

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use oci_artifact::Result;
use oci_artifact::observer::Observer;

use crate::config::PluginConfig;

pub use oci_artifact::kind::Modes;
pub use oci_artifact::packager::PackageOptions;
#[cfg(feature = "registry")]
pub use oci_registry_http::RegistryClient;

/// The result of packaging a plugin.
pub type PackageResult = oci_artifact::packager::PackageResult<PluginConfig>;

/// Makes artifacts of plugin directories.
#[async_trait]
pub trait PluginPackager: Send + Sync {
    /// Packages the plugin at `directory` into the packager's store. Dropping the future stops the
    /// work, and so can the observer; `Arc::new(())` watches nothing.
    ///
    /// # Errors
    /// The classes of [`ErrorKind`](crate::error::ErrorKind) that say what is wrong with the
    /// directory; nothing is stored then.
    async fn package(
        &self,
        directory: &Path,
        options: &PackageOptions,
        observer: Arc<dyn Observer>,
    ) -> Result<PackageResult>;
}
