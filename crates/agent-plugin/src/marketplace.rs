// SPDX-License-Identifier: Apache-2.0
//! Catalogues of plugins, as hosts read them: `.claude-plugin/marketplace.json`
//! (plugin-surface.md, 7).
//!
//! ```
//! use agent_plugin::marketplace::{Catalogue, Entry, Owner};
//!
//! let entry = Entry::from_manifest(br#"{"name": "demo", "description": "Shows it."}"#)?;
//! let owner = Owner { name: "Someone".into(), ..Owner::default() };
//! let catalogue = Catalogue::new("my-plugins", owner, vec![entry])?;
//! assert!(catalogue.to_json().contains("\"source\": \"./plugins/demo\""));
//! # Ok::<(), oci_artifact::Error>(())
//! ```

/// The path of a catalogue.
pub const PATH: &str = ".claude-plugin/marketplace.json";

pub mod name;
pub mod entry;
pub mod catalogue;
pub mod check;

pub use catalogue::{Catalogue, Owner};
pub use entry::{Author, Entry};
