// SPDX-License-Identifier: Apache-2.0
//! Findings for people: the message, the file and the place in it, the line there, the rule, how much it
//! matters, and what to do.
//!
//! ```
//! use toolhive_diagnostics::{Diagnostic, Remedy};
//!
//! let text = b"name: demo\nversoin: 1";
//! let found = Diagnostic::new("there is no field \"versoin\"")
//!     .at_path("SKILL.md")
//!     .at(text, 11..18)
//!     .with_help("did you mean `version`?");
//! assert_eq!(found.to_string(), "SKILL.md:2:1: there is no field \"versoin\"");
//!
//! // What a program can do about it, every program says in words of its own.
//! let help = Remedy::CollectGarbage.help("{} removes it");
//! assert_eq!(help.to_string(), "collecting garbage removes it");
//! assert_eq!(help.worded(|_| "`store gc`".into()), "`store gc` removes it");
//! ```

mod diagnostic;
mod help;
mod severity;

pub use diagnostic::{Diagnostic, Excerpt, Position};
pub use help::{Help, Remedy};
pub use severity::Severity;
