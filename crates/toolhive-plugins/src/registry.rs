// SPDX-License-Identifier: Apache-2.0
//! Plugins to and from registries.
//!
//! ```
//! use toolhive_plugins::registry::{CredentialStore, Environment, Registry};
//! use toolhive_plugins::traits::{PackageOptions, RegistryClient};
//! use toolhive_plugins::{packager::Packager, store::Store};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! # let root = tempfile::tempdir()?;
//! # let directory = root.path().join("registry");
//! # let server = oci_registry_server::Server::builder().store(directory).start().await?;
//! # let plugin = root.path().join("hello");
//! # std::fs::create_dir_all(plugin.join(".claude-plugin"))?;
//! # std::fs::write(plugin.join(".claude-plugin/plugin.json"), r#"{"name":"hello"}"#)?;
//! let store = Store::open(root.path().join("store"))?;
//! let packager = Packager::new(store.clone());
//! let built = packager.package_blocking(&plugin, &PackageOptions::default(), &())?;
//!
//! // What `docker login` left behind; a program says itself what of its environment counts.
//! let environment = Environment::from_vars(|name| std::env::var_os(name));
//! let registry = Registry::builder()
//!     .credential_store(CredentialStore::discover(&environment))
//!     .build()?;
//! let reference = format!("{}/me/hello:1.0.0", server.addr());
//! registry.push(&store, &built.index_digest, &reference).await?;
//!
//! let other = Store::open(root.path().join("other"))?;
//! assert_eq!(registry.pull(&other, &reference).await?, built.index_digest);
//! assert_eq!(other.resolve(&reference)?.digest(), &built.index_digest);
//! # server.shutdown().await;
//! # Ok(())
//! # })
//! # }
//! ```

use async_trait::async_trait;
use oci_artifact::Result;
use oci_artifact::reference::{Defaults, Reference};
use oci_spec::image::Digest;

use crate::kind::Plugin;
use crate::store::Store;
use crate::traits::RegistryClient;

pub use oci_registry_http::auth::credential::{
    Credential, CredentialSource, CredentialStore, Environment,
};
pub use oci_registry_http::transfer::{OnEvent, PullLimits, Pulled, Pushed};

/// Moves plugins between a store and registries. References are strict: `registry/repository:tag`,
/// `registry/repository@digest`, nothing is filled in (REF-1 to REF-3).
pub type Registry = oci_registry_http::Registry<Plugin>;

/// Makes a [`Registry`].
pub type RegistryBuilder = oci_registry_http::RegistryBuilder<Plugin>;

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
