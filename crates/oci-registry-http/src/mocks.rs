// SPDX-License-Identifier: Apache-2.0
//! A mock of [`RegistryClient`], for the tests of programs that use it.
//!
//! ```
//! use oci_artifact::digest::sha256;
//! use oci_artifact::store::Store;
//! use oci_registry_http::RegistryClient;
//! use oci_registry_http::mocks::MockRegistryClient;
//! use oci_registry_http::transfer::PullOptions;
//!
//! async fn install(registry: &dyn RegistryClient, store: &Store) -> oci_artifact::Result<String> {
//!     let reference = "ghcr.io/example/plugin:1.0.0";
//!     let digest = registry.pull(store, reference, &PullOptions::default()).await?;
//!     Ok(format!("installed {digest}"))
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let root = tempfile::tempdir()?;
//! let mut registry = MockRegistryClient::new();
//! registry
//!     .expect_pull()
//!     .withf(|_, reference, _| reference.ends_with(":1.0.0"))
//!     .once()
//!     .returning(|_, _, _| Ok(sha256(b"an index")));
//! let store = Store::open(root.path().join("store"))?;
//! # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
//! let said = runtime.block_on(install(&registry, &store))?;
//! assert_eq!(said, format!("installed {}", sha256(b"an index")));
//! # Ok(())
//! # }
//! ```
// What the macro makes has no documentation of its own.
#![allow(missing_docs)]

use async_trait::async_trait;
use mockall::mock;
use oci_artifact::store::Store;
use oci_artifact::{Digest, Result};

use crate::registry::RegistryClient;
use crate::transfer::{PullOptions, PushOptions};

mock! {
    /// Stands in for a registry.
    #[derive(Debug)]
    pub RegistryClient {}

    #[async_trait]
    impl RegistryClient for RegistryClient {
        async fn push(
            &self,
            store: &Store,
            digest: &Digest,
            reference: &str,
            options: &PushOptions,
        ) -> Result<()>;
        async fn pull(
            &self,
            store: &Store,
            reference: &str,
            options: &PullOptions,
        ) -> Result<Digest>;
    }
}
