// SPDX-License-Identifier: Apache-2.0
//! JSON as the artifact needs it: a writer whose bytes get a digest (format.md, 6.1), and a reader
//! that takes exactly what the reference takes (PJ-1 to PJ-5) and knows where everything stands.
//!
//! [`parse`] checks a document once, without recursion and without building a tree. What it returns
//! is a [`Value`]: a view that decodes what is asked for, and nothing else.
//!
//! ```
//! use oci_layout::json;
//!
//! let document = json::parse(br#"{"name": "caf\u00e9", "tags": ["a", null]}"#)?;
//! let name = document.get("name").and_then(|name| name.as_string());
//! assert_eq!(name.as_deref(), Some("café"));
//! let tags = document.get("tags").into_iter().flat_map(|tags| tags.elements());
//! assert_eq!(tags.map(|tag| tag.kind()).collect::<Vec<_>>(), [json::Kind::String, json::Kind::Null]);
//!
//! let problem = json::parse(b"{\"name\": \"x\",}").expect_err("a trailing comma");
//! assert_eq!(problem.message, "trailing comma before '}'");
//! # Ok::<(), Box<oci_layout::Diagnostic>>(())
//! ```

mod writer;
mod scan;
mod reader;
mod complaint;
mod value;
mod text;
mod key;

pub use key::{
    Duplicate, duplicate_key, duplicate_key_folded, duplicate_key_ignoring_case, equal_fold, fold,
};
pub use reader::{MAX_DEPTH, parse, parse_trimmed};
pub(crate) use scan::plain;
pub(crate) use text::preview;
pub use value::{Kind, Member, Value};
pub use writer::Writer;

#[cfg(test)]
mod tests;
