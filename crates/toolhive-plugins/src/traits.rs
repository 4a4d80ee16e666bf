// SPDX-License-Identifier: Apache-2.0
//! What programs depend on, so that their tests can put something else in its place
//! ([`mocks`](crate::mocks), feature `mocks`).

use std::path::Path;

use async_trait::async_trait;
use oci_artifact::Result;
use oci_spec::image::Digest;

use crate::config::PluginConfig;
use crate::store::Store;

pub use oci_artifact::kind::Modes;
pub use oci_artifact::packager::PackageOptions;

/// What became of a plugin that was packaged.
pub type PackageResult = oci_artifact::packager::PackageResult<PluginConfig>;

/// Makes artifacts of plugin directories.
#[async_trait]
pub trait PluginPackager: Send + Sync {
    /// Packages the plugin at `directory`, an absolute path, into the packager's store.
    ///
    /// # Errors
    /// The classes of [`ErrorKind`](crate::error::ErrorKind) that say what is wrong with the
    /// directory; nothing is stored then.
    async fn package(&self, directory: &Path, options: &PackageOptions) -> Result<PackageResult>;
}

/// Moves plugins between a local store and a registry.
#[async_trait]
pub trait RegistryClient: Send + Sync {
    /// Sends the artifact with that digest, and all that it needs, to `reference`.
    ///
    /// # Errors
    /// Whatever the store or the registry has against it.
    async fn push(&self, store: &Store, digest: &Digest, reference: &str) -> Result<()>;

    /// Fetches the artifact at `reference` into the store, tags it with `reference`, and returns
    /// its digest.
    ///
    /// # Errors
    /// Whatever the registry or the store has against it; nothing is listed or tagged then.
    async fn pull(&self, store: &Store, reference: &str) -> Result<Digest>;
}
