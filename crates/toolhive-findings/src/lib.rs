// SPDX-License-Identifier: Apache-2.0
//! What is wrong with a plugin or a skill: all findings at once, each with its rule, its place, and
//! what would mend it.
//!
//! [`rules`](rule::RULES), the one table of all views, say what is checked and who else checks it; a [`Profile`] says whose rules
//! a plugin has to pass; [`Findings`] gathers. What both kinds have is checked here: the tree
//! ([`tree`]), a skill's own file ([`skill`]), the other texts with frontmatter ([`component`]). What
//! only one kind has is checked in its crate.
//!
//! ```
//! use toolhive_findings::{Findings, Profile, Severity, skill};
//!
//! let mut findings = Findings::new(Profile::Claude);
//! let text = b"---\nname: My Skill\ndescription: What it is for.\n---\n# Text\n";
//! skill::check(&skill::SkillFile::alone("SKILL.md", text, Some("my-skill")), &mut findings);
//! let report = findings.into_report();
//! assert_eq!(report.findings[0].code(), "skill-name");
//! assert_eq!(report.findings[0].severity, Severity::Warning);
//! assert!(report.is_valid());
//! ```
//!
//! `RULES.md` in this crate says which test proves which rule.

pub mod finding;
pub mod name;
pub mod tree;
pub mod portable;
mod markdown;
mod unseen;
pub mod skill;
pub mod component;
pub mod inventory;

pub use finding::{Finding, Findings, Report};
pub use toolhive_surface::inventory::Severity;
pub use toolhive_surface::profile::{self, Checker, Profile};
pub use toolhive_surface::rule::{self, Rule};
