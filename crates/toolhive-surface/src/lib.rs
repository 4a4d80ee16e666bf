// SPDX-License-Identifier: Apache-2.0
//! What a plugin or a skill would bring and run, read from its files alone: nothing is started,
//! nothing is fetched, no link is followed out of the tree (S-1).
//!
//! entries → [`Files`] → [`Inventory`] → JSON, text, or the difference of two.
//!
//! ```
//! use toolhive_surface::{Collector, Inventory, Limits, Packed, Root};
//!
//! let mut files = Collector::new(Limits::default());
//! let hooks = br#"{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "say done"}]}]}}"#;
//! files.file(b"hooks/hooks.json", 0o644, hooks.len() as u64, Packed::Kept, &hooks[..])?;
//! let inventory = Inventory::of(&files.finish(), &Root::plugin("demo"));
//! assert_eq!(inventory.hooks[0].cadence, "every answer");
//! assert!(inventory.render().contains("say done"));
//! # Ok::<(), oci_artifact::Error>(())
//! ```
//!
//! The rules S-1 to S-90 are those of the specification of a plugin's surface; `SURFACE.md` in this
//! crate says which test proves which.

pub mod limits;
pub mod text;
pub mod unseen;
mod path;
mod shell;
mod document;
mod command;
pub mod files;
mod catalogue;
mod host;
mod bundle;
pub mod inventory;
pub mod profile;
pub mod rule;
mod discover;
pub mod section;
mod render;
pub mod diff;

pub use catalogue::CatalogueEntry;
pub use diff::Difference;
pub use discover::Root;
pub use files::{Collector, Entry, Files, Packed};
pub use host::Host;
pub use inventory::Inventory;
pub use limits::Limits;
pub use render::LAST;
