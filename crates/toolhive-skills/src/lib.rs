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
//!     result.index_digest.as_ref(),
//!     "sha256:573be6332ab2a9d3822ce02768ded43f53bc92c9c3de177c856ed603c127227b"
//! );
//! # Ok(())
//! # }
//! ```
//!
//! The crate `toolhive-plugins` does the same for plugins, and mirrors this one file for file.

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

pub use config::SkillConfig;
pub use kind::Skill;
pub use packager::Packager;
