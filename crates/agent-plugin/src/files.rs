// SPDX-License-Identifier: Apache-2.0
//! The input: a set of entries (S-1), from a directory or from a layer.
//!
//! Every file is read once, in whatever order it comes. Its digest and its first bytes are kept; its
//! content is kept only where discovery can need it (the module `interest`), and only so much altogether.

mod collector;
mod directory;
mod head;
mod interest;
mod links;

use std::collections::BTreeMap;

use crate::limits::Limits;
use crate::path;

pub use collector::Collector;
pub(crate) use collector::hexadecimal;
pub use head::Head;
pub(crate) use interest::{LOCK_FILES, OTHER_LOCK_FILES, TOOL_CONFIG, is_bundle};
pub use links::{Link, LinkState};

/// The files of a plugin or skill.
#[derive(Debug, Default)]
pub struct Files {
    /// Sorted by the bytes of their paths.
    entries: Vec<Entry>,
    /// Every path that leads to a regular file, through links of the tree as well.
    paths: BTreeMap<String, usize>,
    links: Vec<Link>,
    dropped: Vec<String>,
    specials: Vec<String>,
    limits: Limits,
    truncated: bool,
}

/// A regular file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// Its path below the root, `/` between components; what is not UTF-8 shows as U+FFFD.
    pub path: String,
    /// The path below the root, as the bytes that it is.
    pub raw_path: Vec<u8>,
    /// The nine permission bits.
    pub mode: u32,
    /// The size in bytes.
    pub size: u64,
    /// Its digest in hexadecimal digits.
    pub sha256: String,
    /// The kind of the file by its first bytes.
    pub head: Head,
    /// Whether an artifact has it; only a directory's entries may not be [`Packed::Dropped`].
    pub packed: Packed,
    /// Whether its first lines name packages that it needs (`# /// script`, as `uv run` reads it).
    pub(crate) names_packages: bool,
    /// The digest's bytes.
    pub(crate) digest: [u8; 32],
    content: Option<Vec<u8>>,
}

/// Whether the packager takes a file (S-75).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Packed {
    /// The file is in the artifact.
    #[default]
    Kept,
    /// The file is left out of the artifact.
    Dropped,
}

/// The content of a file, as far as it is at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content<'f> {
    /// The whole content.
    Bytes(&'f [u8]),
    /// The file is larger than the limits allow.
    TooLarge,
}

impl Files {
    /// Returns all regular files, sorted by the bytes of their paths.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Returns the file at that path, through links of the tree.
    pub fn get(&self, path: &str) -> Option<&Entry> {
        self.entries.get(*self.paths.get(path)?)
    }

    /// Returns the paths below a directory (empty: the root), with what they lead to, in byte
    /// order.
    pub fn below<'f>(&'f self, directory: &str) -> impl Iterator<Item = (&'f str, &'f Entry)> {
        let prefix = path::child(directory, "");
        let from = self.paths.range(prefix.clone()..);
        let found = from.take_while(move |(path, _)| path.starts_with(&prefix));
        found.filter_map(|(path, at)| Some((path.as_str(), self.entries.get(*at)?)))
    }

    /// Whether there is a directory at that path (empty: the root), which only is if it holds files.
    pub fn is_directory(&self, path: &str) -> bool {
        path.is_empty() || self.below(path).next().is_some()
    }

    /// Returns the content of the file at that path, if it is there.
    pub fn content(&self, path: &str) -> Option<Content<'_>> {
        Some(match &self.get(path)?.content {
            Some(bytes) => Content::Bytes(bytes),
            None => Content::TooLarge,
        })
    }

    /// Returns the content of a file; `None` if there is none, or it is too large to be looked at.
    pub fn bytes(&self, path: &str) -> Option<&[u8]> {
        self.get(path)?.content.as_deref()
    }

    /// Returns the links, sorted by path.
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// Returns the paths that the packager leaves out; a directory ends with `/`.
    pub fn dropped(&self) -> &[String] {
        &self.dropped
    }

    /// Devices, sockets and the like, which are never opened.
    pub fn specials(&self) -> &[String] {
        &self.specials
    }

    /// Whether there were more entries than the limits allow.
    pub fn is_truncated(&self) -> bool {
        self.truncated
    }

    /// Returns the limits that hold.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }
}

impl Entry {
    /// Whether someone may execute it.
    pub fn is_executable(&self) -> bool {
        self.mode & 0o111 != 0
    }

    /// Returns the mode that git would give it: `0755` or `0644`.
    pub fn git_mode(&self) -> &'static str {
        if self.is_executable() { "0755" } else { "0644" }
    }
}
