// SPDX-License-Identifier: Apache-2.0
//! YAML frontmatter of Markdown files, with scalars kept as they were written.
//!
//! [`Source`] takes as much of a file as is needed, [`split`](split::split) finds the
//! frontmatter, [`parse`] reads its YAML into a tree of [`Node`]s, and a [`Decoder`] makes texts,
//! lists and fields of them. Every problem knows its bytes, and none of them stops the search for
//! others if that can be helped.
//!
//! ```
//! use toolhive_frontmatter::{Decoder, Keys, Source};
//!
//! let source = Source::new(b"---\nname: demo\nversion: 1.0\n---\n# Demo\n");
//! let yaml = toolhive_frontmatter::split(source.text())?.yaml;
//! let parsed = toolhive_frontmatter::parse(source.text(), yaml);
//! let root = parsed.document.root().expect("it is not empty");
//! let mut decoder = Decoder::new();
//! let fields = decoder.fields(root, Keys::Known(&["name", "version"]));
//! let version = decoder.field_text(&fields[1]);
//! assert_eq!(version.expect("is text"), "1.0");
//! assert!(parsed.problems.is_empty() && decoder.into_problems().is_empty());
//! # Ok::<(), toolhive_frontmatter::Problem>(())
//! ```

mod problem;
mod source;
mod split;
mod yaml;
mod host;
mod node;
mod text;
mod decode;

pub use decode::{Decoder, Field, Keys, is_null, is_plain_text};
pub use host::{Reading, read_as_host};
pub use node::{Content, Document, Kind, Mapping, Node, Sequence, Style};
pub use problem::{Problem, quoted};
pub use source::Source;
pub use split::{Close, DELIMITER, MAX_SIZE, Split, split};
pub use text::Text;
pub use yaml::{Parsed, parse};
