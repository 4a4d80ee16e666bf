// SPDX-License-Identifier: Apache-2.0
//! Markdown files and their frontmatter: the one reader of skills, commands, agents and output styles, for what
//! they bring and for what is wrong with them (S-9, S-73, S-105).

use std::collections::BTreeSet;
use std::ops::Range;

use toolhive_frontmatter::{
    Close, Content, Decoder, Document, Keys, Kind, Node, Problem, Reading, Source, Split,
};

use crate::document::without_mark;
use crate::finding::Findings;
use crate::unseen;

/// A file with frontmatter, or without.
pub(crate) struct Markdown<'t> {
    source: Source<'t>,
    frontmatter: Frontmatter,
    /// The place of the frontmatter's beginning, for what is missing in it.
    opening: Range<usize>,
    /// The text below the frontmatter.
    pub(crate) body: &'t [u8],
    /// The line that the body starts in.
    pub(crate) body_line: usize,
    /// The faults of the form, with bytes of the text behind a byte order mark.
    pub(crate) problems: Vec<Problem>,
}

/// The frontmatter of a file.
#[derive(Debug)]
pub(crate) enum Frontmatter {
    /// A text without frontmatter, and so without fields.
    Absent,
    /// A frontmatter that can be read.
    Read(Document),
    /// A frontmatter whose fields cannot be known (S-105).
    Unread,
}

/// Whether files of a kind have frontmatter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    Frontmatter,
    /// No host complains of one that is not there, or that cannot be read.
    Nothing,
}

/// A key of the frontmatter and its value, aliases followed.
#[derive(Clone, Copy)]
pub(crate) struct Entry<'d> {
    pub(crate) key: &'d str,
    pub(crate) key_node: Node<'d>,
    pub(crate) value: Node<'d>,
}

impl<'t> Markdown<'t> {
    /// Reads a file, as far as it can be read.
    pub(crate) fn read(bytes: &'t [u8], needs: Needs) -> Self {
        let text = without_mark(bytes);
        let mut markdown = Self::of_body(text, 1);
        if text.len() < bytes.len() {
            let problem = Problem::new("bom", "the file starts with a byte order mark", 0..0);
            markdown.problems.push(problem.with_help("save the file as UTF-8 without it"));
        }
        for found in unseen::find(text) {
            let problem = Problem::new("text-unseen", found.message(), found.span);
            markdown.problems.push(problem.with_help("remove it, unless it is meant"));
        }
        match toolhive_frontmatter::split(text) {
            Ok(split) if toolhive_frontmatter::begins_as_host(text) => {
                markdown.split(text, &split, needs);
            }
            found => markdown.without(text, needs, found.err()),
        }
        markdown
    }

    /// Creates a text without frontmatter, which starts in that line of its file.
    pub(crate) fn of_body(body: &'t [u8], body_line: usize) -> Self {
        let (source, frontmatter) = (Source::new(body), Frontmatter::Absent);
        Self { source, frontmatter, opening: 0..0, body, body_line, problems: Vec::new() }
    }

    /// Takes the frontmatter apart.
    fn split(&mut self, text: &'t [u8], split: &Split, needs: Needs) {
        self.opening = split.opening.clone();
        self.body = text.get(split.closing.end..).unwrap_or_default();
        let above = text.get(..split.closing.end).unwrap_or_default();
        self.body_line = 1 + above.iter().filter(|byte| **byte == b'\n').count();
        let reading = toolhive_frontmatter::read_as_host(text, split.yaml.clone());
        if split.close == Close::InsideLine {
            let message = "the frontmatter ends at this `---` in the middle of a line";
            self.problems.push(Problem::new("frontmatter-cut", message, split.closing.clone()));
        }
        for mut problem in reading.problems().iter().cloned() {
            if matches!(reading, Reading::Repaired(..)) {
                problem.rule = "frontmatter-repaired";
                problem.help.get_or_insert_with(|| "put the value between quotes".to_owned());
            } else if needs == Needs::Nothing {
                problem.rule = "frontmatter-unread";
            }
            self.problems.push(problem);
        }
        self.frontmatter = match reading {
            Reading::AsWritten(document) | Reading::Repaired(document, _) => {
                let mut decoder = Decoder::new();
                if let Some(root) = document.root().filter(|root| root.kind() == Kind::Mapping) {
                    decoder.fields(root, Keys::All);
                }
                self.problems.extend(decoder.into_problems());
                Frontmatter::Read(document)
            }
            _ => Frontmatter::Unread,
        };
    }

    /// Notes why there is no frontmatter.
    fn without(&mut self, text: &[u8], needs: Needs, problem: Option<Problem>) {
        // What is not closed may be meant to have fields.
        if problem.as_ref().is_some_and(|problem| problem.rule != "no-frontmatter") {
            self.frontmatter = Frontmatter::Unread;
        }
        if let Some(target) = link(text) {
            let message =
                format!("its whole content is the path {target}: a link was written out as text");
            let problem = Problem::new("link-as-text", message, 0..target.len());
            self.problems.push(problem.with_help("put the content of that file here"));
            return;
        }
        let problem = problem.unwrap_or_else(|| {
            let message = "the file does not start with frontmatter";
            let help = "start it with YAML frontmatter between two lines `---`";
            Problem::new("no-frontmatter", message, 0..3).with_help(help)
        });
        if needs == Needs::Frontmatter || problem.rule != "no-frontmatter" {
            self.problems.push(problem);
        }
    }

    /// Returns the frontmatter of the text.
    pub(crate) fn frontmatter(&self) -> &Frontmatter {
        &self.frontmatter
    }

    /// Whether there is frontmatter that can be read.
    pub(crate) fn is_readable(&self) -> bool {
        matches!(self.frontmatter, Frontmatter::Read(_))
    }

    /// Returns the entries of the frontmatter, those whose keys are texts.
    pub(crate) fn entries(&self) -> Vec<Entry<'_>> {
        let Frontmatter::Read(document) = &self.frontmatter else { return Vec::new() };
        let mut entries = Vec::new();
        for (key_node, value) in document.root().map(fields).unwrap_or_default() {
            if let Content::Scalar(key, _) = key_node.content() {
                entries.push(Entry { key, key_node, value: value.target() });
            }
        }
        entries
    }

    /// Adds a finding about those bytes of the file at `path`.
    pub(crate) fn tell(&self, path: &str, problem: Problem, findings: &mut Findings) {
        findings.add(self.source.diagnostic(problem).at_path(path));
    }

    /// The place to point at for what is not there.
    pub(crate) fn opening(&self) -> Range<usize> {
        self.opening.clone()
    }
}

/// The most fields of a mapping, and steps to find them.
const MAX_FIELDS: usize = 20_000;

/// The way to a mapping: a list of some may stand behind `<<` alone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Mapping,
    Merged,
}

/// Returns the keys and values of a mapping, with those that `<<` merges into it as the host does: its own count
/// first, then those of the first that is merged (S-105).
pub(crate) fn fields(mapping: Node<'_>) -> Vec<(Node<'_>, Node<'_>)> {
    let mut fields = Vec::new();
    let mut own = BTreeSet::new();
    // The first of them last.
    let mut todo = vec![(mapping, Level::Mapping)];
    let mut steps = 0;
    while let Some((node, level)) = todo.pop() {
        steps += 1;
        match node.target().content() {
            Content::Mapping(pairs) => {
                let mut these = Vec::new();
                let mut merged = Vec::new();
                for (key, value) in pairs.iter() {
                    match key.target().content() {
                        Content::Scalar("<<", _) => merged.push((value, Level::Merged)),
                        Content::Scalar(text, _) if own.contains(text) => {}
                        Content::Scalar(text, _) => {
                            these.push(text);
                            fields.push((key, value));
                        }
                        _ => fields.push((key, value)),
                    }
                }
                // Of keys that one mapping has twice, the last counts.
                own.extend(these);
                todo.extend(merged.into_iter().rev());
            }
            Content::Sequence(items) if level == Level::Merged => {
                let items: Vec<Node<'_>> = items.iter().collect();
                todo.extend(items.into_iter().rev().map(|item| (item, Level::Mapping)));
            }
            _ => {}
        }
        if steps + fields.len() + todo.len() > MAX_FIELDS {
            break;
        }
    }
    fields
}

/// Returns the text of a scalar that is no null.
pub(crate) fn text(node: Node<'_>) -> Option<&str> {
    match node.content() {
        Content::Scalar(text, _) if !toolhive_frontmatter::is_null(node) => Some(text),
        _ => None,
    }
}

/// Returns the path that is all of a text (S-9): one line, relative, to a Markdown file.
fn link(text: &[u8]) -> Option<&str> {
    const LONGEST: usize = 4_096;
    if text.len() > LONGEST {
        return None;
    }
    let line = std::str::from_utf8(text).ok()?.trim_end_matches(['\r', '\n']);
    let is_path = line.ends_with(".md")
        && line.contains('/')
        && !line.starts_with('/')
        && !line.contains(|c: char| c.is_whitespace() || matches!(c, '(' | '[' | '<' | ':'));
    is_path.then_some(line)
}

#[cfg(test)]
mod tests {
    use super::link;

    #[test]
    fn links_that_were_written_out_s_9() {
        assert_eq!(link(b"../../other/SKILL.md"), Some("../../other/SKILL.md"));
        assert_eq!(link(b"x/README.md\n"), Some("x/README.md"));
        for text in ["# Title", "see ../a.md", "https://a/b.md", "/a/b.md", "", "notes.md"] {
            assert_eq!(link(text.as_bytes()), None, "{text}");
        }
    }
}
