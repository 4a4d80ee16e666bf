// SPDX-License-Identifier: Apache-2.0
//! A plugin or a skill: what it is, what it would bring and run, and what is wrong with it, read from its files
//! alone: nothing is started, nothing is fetched, no link is followed out of the tree (S-1).
//!
//! entries → [`Files`] → [`Inventory`], the one model → JSON, text, findings, or the difference of two.
//!
//! ```
//! use agent_plugin::{Collector, Inventory, Limits, Packed, Root};
//!
//! let mut files = Collector::new(Limits::default());
//! let hooks = br#"{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "say done"}]}]}}"#;
//! files.file(b"hooks/hooks.json", 0o644, hooks.len() as u64, Packed::Kept, &hooks[..])?;
//! let inventory = Inventory::of(&files.finish(), &Root::plugin("demo"));
//! assert_eq!(inventory.hooks()[0].hook().map(|hook| hook.cadence()), Some("every answer"));
//! assert!(inventory.render().contains("say done"));
//! # Ok::<(), oci_artifact::Error>(())
//! ```
//!
//! [`RULES`](rule::RULES), the one table of all views, says what is checked and who else checks it; a
//! [`Profile`] says whose rules a plugin has to pass; [`Findings`] gathers.
//!
//! ```
//! use agent_plugin::{Collector, Findings, Inventory, Limits, Packed, Profile, Root, Severity, check};
//!
//! let mut files = Collector::new(Limits::default());
//! let text = b"---\nname: My Skill\ndescription: What it is for.\n---\n# Text\n";
//! files.file(b"SKILL.md", 0o644, text.len() as u64, Packed::Kept, &text[..])?;
//! let files = files.finish();
//! let mut findings = Findings::new(Profile::Claude);
//! check::skill::check(&files, Some("my-skill"), &mut findings);
//! let report = findings.into_report();
//! assert_eq!(report.findings[0].code(), "skill-name");
//! assert_eq!(report.findings[0].severity, Severity::Warning);
//! assert!(report.is_valid());
//! # Ok::<(), oci_artifact::Error>(())
//! ```
//!
//! The rules S-1 to S-115 are those of the specification of a plugin's surface; `SURFACE.md` and
//! `RULES.md` in this crate say which test proves which.

pub mod limits;
pub mod text;
pub mod unseen;
mod path;
pub mod profile;
pub mod rule;
pub mod finding;
pub mod manifest;
pub mod files;
pub mod tree;
mod shell;
mod document;
mod markdown;
mod command;
mod catalogue;
mod host;
mod bundle;
pub mod inventory;
mod discover;
pub mod check;
pub mod section;
mod render;
pub mod diff;
pub mod marketplace;

pub use catalogue::CatalogueEntry;
pub use diff::Difference;
pub use discover::{Root, is_event};
pub use files::{Collector, Entry, Files, Packed};
pub use finding::{Finding, Findings, Report};
pub use host::Host;
pub use inventory::{Inventory, Severity};
pub use limits::Limits;
pub use profile::{Checker, Profile};
pub use render::LAST;
pub use rule::Rule;
