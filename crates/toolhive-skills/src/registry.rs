// SPDX-License-Identifier: Apache-2.0
//! Skills to and from registries.
//!
//! ```no_run
//! use oci_registry_http::auth::credential::{CredentialStore, Environment};
//! use toolhive_skills::registry::Registry;
//! use toolhive_skills::store::{Store, default_store_root};
//! use toolhive_skills::traits::RegistryClient;
//!
//! # async fn run() -> oci_artifact::Result<()> {
//! // What `docker login` left behind; a program says itself what of its environment counts.
//! let environment = Environment::from_vars(|name| std::env::var_os(name));
//! let registry = Registry::builder()
//!     .credential_store(CredentialStore::discover(&environment))
//!     .build()?;
//! let registry: Registry = registry;
//! let store = Store::open(default_store_root()?)?;
//! let digest = registry.pull(&store, "ghcr.io/example/skill:1.0.0").await?;
//! assert_eq!(store.resolve("ghcr.io/example/skill:1.0.0")?.digest(), &digest);
//! # Ok(())
//! # }
//! ```

use async_trait::async_trait;
use oci_artifact::Result;
use oci_artifact::reference::{Defaults, Reference};
use oci_spec::image::Digest;

use crate::kind::Skill;
use crate::store::Store;
use crate::traits::RegistryClient;

pub use oci_registry_http::RegistryBuilder;
pub use oci_registry_http::transfer::{OnEvent, PullLimits, Pulled, Pushed};

/// Moves skills between a store and registries. References are strict: `registry/repository:tag`,
/// `registry/repository@digest`, nothing is filled in (REF-1 to REF-3).
pub type Registry = oci_registry_http::Registry<Skill>;

#[async_trait]
impl RegistryClient for Registry {
    async fn push(&self, store: &Store, digest: &Digest, reference: &str) -> Result<()> {
        let reference = Reference::parse(reference, Defaults::Strict)?;
        self.push_to(store, digest, &[reference]).await?;
        Ok(())
    }

    async fn pull(&self, store: &Store, reference: &str) -> Result<Digest> {
        let reference = Reference::parse(reference, Defaults::Strict)?;
        Ok(self.pull_as(store, &reference, None).await?.digest)
    }
}
