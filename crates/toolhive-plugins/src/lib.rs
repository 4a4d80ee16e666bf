// SPDX-License-Identifier: Apache-2.0
//! ToolHive plugins as OCI artifacts.
//!
//! A plugin is a directory with `.claude-plugin/plugin.json`; [`packager::Packager`] makes an OCI
//! image index of it whose digest depends on nothing but the directory's content, and keeps it in a
//! local [`store::Store`], an OCI image layout.
//!
//! ```
//! use toolhive_plugins::{packager::Packager, store::Store, traits::PackageOptions};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let root = tempfile::tempdir()?;
//! # let plugin = root.path().join("hello");
//! # std::fs::create_dir_all(plugin.join(".claude-plugin"))?;
//! std::fs::write(plugin.join(".claude-plugin/plugin.json"), r#"{"name":"hello"}"#)?;
//! let store = Store::open(root.path().join("store"))?;
//! let result =
//!     Packager::new(store).package_blocking(&plugin, &PackageOptions::default(), &())?;
//! assert_eq!(
//!     result.index_digest.as_ref(),
//!     "sha256:fce101b00f2c7f1786f7176b4019f4aa11559a8b9b5b4d2cb1113fd1169ce615"
//! );
//! # Ok(())
//! # }
//! ```
//!
//! Nothing else is needed to send one to a registry, and to fetch, read and extract it elsewhere:
//!
//! ```
//! # #[cfg(feature = "registry")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use toolhive_plugins::extract::{ExtractOptions, extract};
//! use toolhive_plugins::traits::{PackageOptions, RegistryClient as _};
//! use toolhive_plugins::{Packager, Plugin, artifact, registry::Registry, store::Store};
//!
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
//! let registry = Registry::builder().build()?;
//! let reference = format!("{}/me/hello:1.0.0", server.addr());
//! registry.push(&store, &built.index_digest, &reference).await?;
//!
//! let other = Store::open(root.path().join("other"))?;
//! registry.pull(&other, &reference).await?;
//! let found = artifact::read::<Plugin>(&other, &reference)?;
//! assert_eq!(found.index_digest.as_ref(), Some(&built.index_digest));
//! extract::<Plugin>(&other, &found, &root.path().join("out"), &ExtractOptions::default(), &())?;
//! assert!(root.path().join("out/.claude-plugin/plugin.json").is_file());
//! # server.shutdown().await;
//! # Ok(())
//! # })
//! # }
//! # #[cfg(not(feature = "registry"))]
//! # fn main() {}
//! ```
//!
//! The crate `toolhive-skills` does the same for skills, and mirrors this one file for file.

pub mod media_types;
pub mod metadata;
pub mod config;
pub mod kind;
pub mod traits;
pub mod packager;
#[cfg(feature = "registry")]
pub mod registry;
pub mod store;
pub mod validate;
pub mod verify;
pub mod error;
#[cfg(feature = "mocks")]
pub mod mocks;

pub use config::PluginConfig;
pub use kind::Plugin;
pub use packager::Packager;

// What a program needs beside the modules above, so that this is its one dependency.
pub use oci_artifact::{
    Encoder, Epoch, Threads, artifact, builds, digest, extract, observer, platform, reference,
};
pub use oci_spec::image::Digest;
