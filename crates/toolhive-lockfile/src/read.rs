// SPDX-License-Identifier: Apache-2.0
//! Bytes to a lock file: everything that is wrong with them at once, each with line and column.

mod entry;
mod kept;

use std::ops::Range;

use oci_artifact::{Error, ErrorKind, Result};
use toolhive_frontmatter::{Content, Document, Node, Problem, Sequence, Source, quoted};

use crate::graph;
use crate::model::{Entry, LockFile};
use entry::Read;

/// The most bytes of a lock file (lock.md, 2.4): as many entries as it may have, each with its provenance.
pub const MAX_SIZE: usize = 16 << 20;
/// The most entries of both lists together.
pub const MAX_ENTRIES: usize = 20_000;
/// The most problems that are reported.
const MAX_PROBLEMS: usize = 100;
/// The name that all refusals of this file have, but for those of YAML itself.
const RULE: &str = "lockfile-invalid";

/// Reads a lock file. Lists are sorted by name; one that is empty is `version: 1`.
///
/// # Errors
/// [`ErrorKind::InvalidDocument`] with all problems, each with its place; [`ErrorKind::TooLarge`]
/// past [`MAX_SIZE`] bytes or [`MAX_ENTRIES`] entries.
pub fn read(text: &[u8]) -> Result<LockFile> {
    if text.len() > MAX_SIZE {
        let message = format!("the lock file has more than {MAX_SIZE} bytes");
        return Err(Error::new(ErrorKind::TooLarge, message));
    }
    let parsed = toolhive_frontmatter::parse(text, 0..text.len());
    let mut reader = Reader::default();
    for mut problem in parsed.problems {
        problem.rule = "lockfile-yaml";
        reader.refuse(problem);
    }
    if let Some(rest) = parsed.rest {
        reader.refuse(Problem::new(RULE, "a lock file is one document", rest));
    }
    let lock = reader.document(&parsed.document)?;
    if reader.problems.is_empty() {
        return Ok(lock);
    }
    reader.problems.sort_by_key(|problem| problem.span.start);
    let source = Source::new(text);
    let diagnostics =
        reader.problems.into_iter().map(|problem| source.diagnostic(problem)).collect();
    Err(Error::from_diagnostics(ErrorKind::InvalidDocument, diagnostics))
}

/// The problems so far.
#[derive(Default)]
struct Reader {
    problems: Vec<Problem>,
    entries: usize,
}

impl Reader {
    fn refuse(&mut self, problem: Problem) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }

    fn wrong(&mut self, span: Range<usize>, message: impl Into<String>) {
        self.refuse(Problem::new(RULE, message, span));
    }

    /// Returns the kind of a node, unless it is an alias or has an anchor or a tag.
    fn content<'d>(&mut self, node: Node<'d>) -> Option<Content<'d>> {
        let content = node.content();
        let why = match content {
            Content::Alias(..) => "a lock file has no aliases",
            _ if node.anchor().is_some() => "a lock file has no anchors",
            _ if node.tag().is_some() => "a lock file has no tags",
            _ => return Some(content),
        };
        self.wrong(node.span(), why);
        None
    }

    fn document(&mut self, document: &Document) -> Result<LockFile> {
        let mut lock = LockFile::default();
        let Some(root) = document.root() else { return Ok(lock) };
        let Some(pairs) = self.mapping(root, "a lock file") else { return Ok(lock) };
        for pair in pairs {
            match pair.text {
                "version" => self.version(pair.value),
                "skills" => lock.skills = self.list(pair.value, "skills")?,
                "plugins" => lock.plugins = self.list(pair.value, "plugins")?,
                _ => lock.other.extend(self.kept_pair(&pair, 0)),
            }
        }
        Ok(lock)
    }

    fn version(&mut self, node: Node<'_>) {
        let Some(text) = self.text(node, "version") else { return };
        // 0 and nothing are what older writers left out.
        if !matches!(text.as_str(), "" | "0" | "1") {
            let message = format!("unsupported lock file version {}", quoted(&text));
            let problem = Problem::new(RULE, message, node.span());
            self.refuse(
                problem.with_help("this program reads version 1: a newer one may read that"),
            );
        }
    }

    /// Returns the items of a list; null has none.
    fn items<'d>(&mut self, node: Node<'d>, key: &str) -> Option<Sequence<'d>> {
        match self.content(node)? {
            Content::Sequence(items) => return Some(items),
            Content::Scalar(..) if toolhive_frontmatter::is_null(node) => {}
            _ => {
                let message = format!("`{key}` must be a list, but is {}", node.kind().as_str());
                self.wrong(node.span(), message);
            }
        }
        None
    }

    fn list(&mut self, node: Node<'_>, key: &str) -> Result<Vec<Entry>> {
        let mut all = Vec::new();
        for item in self.items(node, key).into_iter().flat_map(Sequence::iter) {
            self.entries = self.entries.saturating_add(1);
            if self.entries > MAX_ENTRIES {
                let message = format!("the lock file has more than {MAX_ENTRIES} entries");
                return Err(Error::new(ErrorKind::TooLarge, message));
            }
            all.extend(self.entry(item));
        }
        all.sort_by(|a: &Read, b| a.entry.name.cmp(&b.entry.name));
        for pair in all.windows(2) {
            if let [first, second] = pair
                && first.entry.name == second.entry.name
            {
                let (a, b) = (first.name.clone(), second.name.clone());
                let later = if a.start > b.start { a } else { b };
                let name = quoted(&second.entry.name);
                self.wrong(later, format!("{name} is in `{key}` twice"));
            }
        }
        let (entries, spans): (Vec<Entry>, Vec<Range<usize>>) =
            all.into_iter().map(|read| (read.entry, read.required_by)).unzip();
        // Without an entry that was refused, the graph would have holes.
        if self.problems.is_empty() {
            for (at, message) in graph::check(&entries) {
                self.wrong(spans.get(at).cloned().unwrap_or_default(), message);
            }
        }
        Ok(entries)
    }
}
