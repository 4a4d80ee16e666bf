// SPDX-License-Identifier: Apache-2.0
//! A text with frontmatter: its keys and values, and what is wrong with the form.

use std::ops::Range;

use toolhive_frontmatter::{
    Close, Content, Decoder, Document, Keys, Kind, Node, Problem, Reading, Source, quoted,
};

use crate::document::without_mark;
use crate::finding::Findings;

/// A file with frontmatter.
pub(crate) struct Markdown<'t> {
    path: &'t str,
    source: Source<'t>,
    document: Option<Document>,
    /// Where the frontmatter begins, for what is missing in it.
    opening: Range<usize>,
}

/// A key of the frontmatter and its value, aliases followed.
#[derive(Clone, Copy)]
pub(crate) struct Entry<'d> {
    pub(crate) key: &'d str,
    pub(crate) key_node: Node<'d>,
    pub(crate) value: Node<'d>,
}

/// What becomes of problems with the form of the frontmatter.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// They are told here.
    Told,
    /// The packaging tells them, more strictly.
    Known,
}

impl<'t> Markdown<'t> {
    /// Reads the frontmatter of a file, as far as it can be read.
    pub(crate) fn read(path: &'t str, text: &'t [u8], form: Form, findings: &mut Findings) -> Self {
        let unmarked = without_mark(text);
        let source = Source::new(unmarked);
        let mut markdown = Self { path, source, document: None, opening: 0..0 };
        if unmarked.len() < text.len() && form == Form::Told {
            let help = "save the file as UTF-8 without it";
            let message = "the file begins with a byte order mark";
            let problem = Problem::new("bom", message, 0..0).with_help(help);
            markdown.add(problem, findings);
        }
        let split = match toolhive_frontmatter::split(markdown.source.text()) {
            Ok(_)
                if form == Form::Told
                    && !toolhive_frontmatter::begins_as_host(markdown.source.text()) =>
            {
                let message = "the file does not start with frontmatter";
                let problem = Problem::new("no-frontmatter", message, 0..3);
                let help = "start it with YAML frontmatter between two lines `---`";
                markdown.add(problem.with_help(help), findings);
                return markdown;
            }
            Ok(split) => split,
            Err(problem) => {
                if let Some(target) = link(text) {
                    let message = format!(
                        "the file holds nothing but {}: it was a symbolic link, which some tool \
                         wrote out as text",
                        quoted(target)
                    );
                    let problem = Problem::new("link-as-text", message, 0..target.len())
                        .with_help("put the text itself here");
                    markdown.add(problem, findings);
                } else if form == Form::Told {
                    markdown.add(problem, findings);
                }
                return markdown;
            }
        };
        markdown.opening = split.opening.clone();
        let reading =
            toolhive_frontmatter::read_as_host(markdown.source.text(), split.yaml.clone());
        if form == Form::Told {
            if split.close == Close::InsideLine {
                let message = "the frontmatter ends at this `---` in the middle of a line";
                markdown.add(Problem::new("frontmatter-cut", message, split.closing), findings);
            }
            for mut problem in reading.problems().iter().cloned() {
                if matches!(reading, Reading::Repaired(..)) {
                    problem.rule = "frontmatter-repaired";
                    problem.help.get_or_insert_with(|| "put the value between quotes".to_owned());
                }
                markdown.add(problem, findings);
            }
        }
        let document = match reading {
            Reading::AsWritten(document) | Reading::Repaired(document, _) => document,
            _ => return markdown,
        };
        let mut decoder = Decoder::new();
        if let Some(root) = document.root().filter(|root| root.kind() == Kind::Mapping) {
            decoder.fields(root, Keys::All);
        }
        if form == Form::Told {
            decoder.into_problems().into_iter().for_each(|problem| markdown.add(problem, findings));
        }
        markdown.document = Some(document);
        markdown
    }

    /// Whether there is frontmatter that can be read.
    pub(crate) fn is_readable(&self) -> bool {
        self.document.is_some()
    }

    /// The entries of the frontmatter, those whose keys are texts.
    pub(crate) fn entries(&self) -> Vec<Entry<'_>> {
        let root = self.document.as_ref().and_then(Document::root);
        let Some(Content::Mapping(pairs)) = root.map(Node::content) else { return Vec::new() };
        let mut entries = Vec::new();
        for (key_node, value) in pairs.iter() {
            if let Content::Scalar(key, _) = key_node.content() {
                entries.push(Entry { key, key_node, value: value.target() });
            }
        }
        entries
    }

    /// Tells a finding about those bytes of the file.
    pub(crate) fn tell(
        &self,
        rule: &'static str,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
        findings: &mut Findings,
    ) {
        self.add(Problem::new(rule, message, span).with_help(help), findings);
    }

    /// Where to point for what is not there.
    pub(crate) fn opening(&self) -> Range<usize> {
        self.opening.clone()
    }

    fn add(&self, problem: Problem, findings: &mut Findings) {
        findings.add(self.source.diagnostic(problem).at_path(self.path));
    }
}

/// The text of a scalar that is no null.
pub(crate) fn text(node: Node<'_>) -> Option<&str> {
    match node.content() {
        Content::Scalar(text, _) if !toolhive_frontmatter::is_null(node) => Some(text),
        _ => None,
    }
}

/// The path that is all of a text (S-9): one line, relative, to a Markdown file.
fn link(text: &[u8]) -> Option<&str> {
    const LONGEST: usize = 4_096;
    if text.len() > LONGEST {
        return None;
    }
    let line = std::str::from_utf8(text).ok()?.trim_end_matches(['\r', '\n']);
    let is_path = line.ends_with(".md")
        && line.contains('/')
        && !line.contains(char::is_whitespace)
        && !line.starts_with('/')
        && !line.contains("://");
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
