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
