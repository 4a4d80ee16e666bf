// SPDX-License-Identifier: Apache-2.0
//! ToolHive skills as OCI artifacts.
//!
//! A skill is a directory with `SKILL.md`; [`packager::Packager`] makes an OCI
//! image index of it whose digest depends on nothing but the directory's content, and keeps it in a
//! local [`store::Store`], an OCI image layout.
//!
//! ```
//! use toolhive_skills::{packager::Packager, store::Store, traits::PackageOptions};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let root = tempfile::tempdir()?;
//! # let skill = root.path().join("pdf");
//! # std::fs::create_dir_all(&skill)?;
//! std::fs::write(skill.join("SKILL.md"), "---\nname: pdf\n---\n")?;
//! let store = Store::open(root.path().join("store"))?;
//! let result =
//!     Packager::new(store).package_blocking(&skill, &PackageOptions::default(), &())?;
//! assert_eq!(
//!     result.index_digest.to_string(),
//!     "sha256:573be6332ab2a9d3822ce02768ded43f53bc92c9c3de177c856ed603c127227b"
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
//! use toolhive_skills::extract::{ExtractOptions, extract};
//! use toolhive_skills::registry::{PullOptions, PushOptions, Registry, RegistryClient as _};
//! use toolhive_skills::traits::{PackageOptions, SkillPackager as _};
//! use toolhive_skills::verify::{Verdict, verify};
//! use toolhive_skills::{Packager, Skill, builds, reader, store::Store};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! # let root = tempfile::tempdir()?;
//! # let directory = root.path().join("registry");
//! # let server = oci_registry_server::Server::builder().store(directory).start().await?;
//! # let skill = root.path().join("pdf");
//! # std::fs::create_dir_all(&skill)?;
//! # std::fs::write(skill.join("SKILL.md"), "---\nname: pdf\n---\n")?;
//! let store = Store::open(root.path().join("store"))?;
//! let packager = Packager::new(store.clone());
//! let built = packager.package(&skill, &PackageOptions::default(), Arc::new(())).await?;
//! assert_eq!(builds::list::<Skill>(&store)?.len(), 1);
//! let registry = Registry::builder().build()?;
//! let reference = format!("{}/me/pdf:1.0.0", server.addr());
//! registry.push(&store, &built.index_digest, &reference, &PushOptions::default()).await?;
//!
//! let other = Store::open(root.path().join("other"))?;
//! registry.pull(&other, &reference, &PullOptions::default()).await?;
//! assert_eq!(reader::read_config::<Skill>(&other, &reference)?.name, "pdf");
//! assert_eq!(verify::<Skill>(&other, &reference, &skill, &())?.verdict, Verdict::Exact);
//! let found = reader::read::<Skill>(&other, &reference)?;
//! assert_eq!(found.index_digest, Some(built.index_digest));
//! extract::<Skill>(&other, &found, &root.path().join("out"), &ExtractOptions::default(), &())?;
//! assert!(root.path().join("out/SKILL.md").is_file());
//! # server.shutdown().await;
//! # Ok(())
//! # })
//! # }
//! # #[cfg(not(feature = "registry"))]
//! # fn main() {}
//! ```
//!
//! The crate `toolhive-plugins` does the same for plugins, and mirrors this one file for file.

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

pub use config::SkillConfig;
pub use kind::Skill;
pub use packager::Packager;

// The manifest, as far as it goes into the artifact.
pub use agent_plugin::manifest::skill as metadata;
// What a program needs beside the modules above, so that this is its one dependency.
pub use oci_artifact::{
    Descriptor, Digest, Encoder, Epoch, Threads, builds, digest, extract, observer, platform,
    reader, reference, verify,
};
