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
//!     result.index_digest.to_string(),
//!     "sha256:fce101b00f2c7f1786f7176b4019f4aa11559a8b9b5b4d2cb1113fd1169ce615"
//! );
//! # Ok(())
//! # }
//! ```
//!
//! Nothing else is needed to send one to a registry, and to fetch, read, verify and extract it elsewhere:
//!
//! ```
//! # #[cfg(feature = "registry")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//!
//! use toolhive_plugins::extract::{ExtractOptions, extract};
//! use toolhive_plugins::registry::{PullOptions, PushOptions, Registry, RegistryClient as _};
//! use toolhive_plugins::traits::{PackageOptions, PluginPackager as _};
//! use toolhive_plugins::verify::{Verdict, verify};
//! use toolhive_plugins::{Packager, Plugin, builds, reader, store::Store};
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
//! let built = packager.package(&plugin, &PackageOptions::default(), Arc::new(())).await?;
//! assert_eq!(builds::list::<Plugin>(&store)?.len(), 1);
//! let registry = Registry::builder().build()?;
//! let reference = format!("{}/me/hello:1.0.0", server.addr());
//! registry.push(&store, &built.index_digest, &reference, &PushOptions::default()).await?;
//!
//! let other = Store::open(root.path().join("other"))?;
//! registry.pull(&other, &reference, &PullOptions::default()).await?;
//! assert_eq!(reader::read_config::<Plugin>(&other, &reference)?.name, "hello");
//! assert_eq!(verify::<Plugin>(&other, &reference, &plugin, &())?.verdict, Verdict::Exact);
//! let found = reader::read::<Plugin>(&other, &reference)?;
//! assert_eq!(found.index_digest, Some(built.index_digest));
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
pub mod config;
pub mod kind;
pub mod traits;
pub mod packager;
#[cfg(feature = "registry")]
pub mod registry;
pub mod store;
pub mod validate;
pub mod error;
#[cfg(feature = "mocks")]
pub mod mocks;

pub use config::PluginConfig;
pub use kind::Plugin;
pub use packager::Packager;

// The manifest, as far as it goes into the artifact.
pub use agent_plugin::manifest::plugin as metadata;
// What a program needs beside the modules above, so that this is its one dependency.
pub use oci_artifact::{
    Descriptor, Digest, Encoder, Epoch, Threads, builds, digest, extract, observer, platform,
    reader, reference, verify,
};
