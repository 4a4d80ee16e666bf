// SPDX-License-Identifier: Apache-2.0
//! Reports that people open: what a plugin would run, how two versions differ, or what is wrong with
//! one, as an HTML page or as Markdown.
//!
//! [`Inventory`](agent_plugin::Inventory), [`Difference`](agent_plugin::Difference) or
//! findings → [`Report`] → HTML, Markdown. The order is that of the terminal: the most dangerous first.
//!
//! A page is one file: no script, nothing loaded from anywhere (RP-1). Everything in a report is outside text, so
//! HTML is made by templates that escape by construction, and in Markdown outside text stands in code, where no
//! host makes a link, a mention or an image of it (RP-3).
//!
//! ```
//! use toolhive_report::Report;
//! use agent_plugin::{Collector, Inventory, Limits, Packed, Root};
//!
//! let mut files = Collector::new(Limits::default());
//! let hooks = br#"{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "say <b>done</b>"}]}]}}"#;
//! files.file(b"hooks/hooks.json", 0o644, hooks.len() as u64, Packed::Kept, &hooks[..])?;
//! let files = files.finish();
//! let report = Report::of(&Inventory::of(&files, &Root::plugin("demo")), &files);
//! assert!(report.to_html().contains("say &lt;b&gt;done&lt;/b&gt;"));
//! assert!(report.to_markdown().contains("`say <b>done</b>`"));
//! # Ok::<(), oci_artifact::Error>(())
//! ```

mod report;
mod source;
pub mod html;
mod markdown;

pub use markdown::LIMIT as MARKDOWN_LIMIT;
pub use report::{Item, Part, Report};
pub use source::Source;
