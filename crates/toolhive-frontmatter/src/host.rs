// SPDX-License-Identifier: Apache-2.0
//! Frontmatter as the host Claude Code reads it (S-105): where the YAML cannot be read as it stands,
//! once more with every value between quotes that has a character of YAML's own.
//!
//! So `description: Use this when: asked` hides no grant from who looks for grants, and names no field
//! that the host would not see. What neither way can be read is *unread*, never empty.

use std::ops::Range;

use crate::node::Document;
use crate::yaml;
use crate::{Kind, Problem};

/// Characters for whose sake the host puts a value between quotes, besides `: `.
const SPECIAL: [char; 13] = ['{', '}', '[', ']', '*', '&', '#', '!', '|', '>', '%', '@', '`'];

/// The result of reading a frontmatter.
#[derive(Debug)]
#[non_exhaustive]
pub enum Reading {
    /// The YAML as it stands.
    AsWritten(Document),
    /// The document that the host makes of it, though it is no YAML; and the reason why it is not
    /// one.
    Repaired(Document, Vec<Problem>),
    /// Frontmatter whose fields no reader can know. Why.
    Unread(Vec<Problem>),
}

impl Reading {
    /// Returns the fields, if they can be read.
    pub fn document(&self) -> Option<&Document> {
        match self {
            Self::AsWritten(document) | Self::Repaired(document, _) => Some(document),
            Self::Unread(_) => None,
        }
    }

    /// Returns the reasons for which the YAML cannot be read as it stands; empty if it can.
    pub fn problems(&self) -> &[Problem] {
        match self {
            Self::AsWritten(_) => &[],
            Self::Repaired(_, problems) | Self::Unread(problems) => problems,
        }
    }
}

/// Whether the host takes the start of a text for that of frontmatter: its first line is three hyphens, and
/// blanks.
pub fn begins_as_host(text: &[u8]) -> bool {
    let Some(rest) = text.strip_prefix(b"---") else { return false };
    let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
    line.iter().all(u8::is_ascii_whitespace) && line.len() < rest.len()
}

/// Reads the YAML text at those bytes of `file` as the host does. Positions are bytes of `file`; in
/// what was repaired they are those of the line that was.
pub fn read_as_host(file: &[u8], yaml: Range<usize>) -> Reading {
    let strict = yaml::parse(file, yaml.clone());
    let mut problems = strict.problems;
    let text = file.get(yaml.clone()).unwrap_or_default();
    // Line ends of YAML 1.1, characters that cannot be printed, tabs before a line: nothing to the host.
    let characters = without_controls(text);
    let tabs = without_tabs(characters.as_deref().unwrap_or(text));
    let mut document = None;
    if problems.is_empty() && characters.is_none() {
        document = Some((strict.document, strict.rest));
    }
    for text in [characters, tabs].into_iter().flatten() {
        if document.is_none() {
            let parsed = yaml::parse(&placed(file, &yaml, &text), yaml.clone());
            document = parsed.problems.is_empty().then_some((parsed.document, parsed.rest));
        }
    }
    if let Some((document, rest)) = document {
        let refused = rest.map(behind).or_else(|| at_margin(file, &document));
        match (refused, is_mapping(&document)) {
            (None, true) if problems.is_empty() => return Reading::AsWritten(document),
            (None, true) => return Reading::Repaired(document, problems),
            (None, false) => return Reading::Unread(vec![no_mapping(&document)]),
            (Some(problem), _) => problems.insert(0, problem),
        }
    }
    let Ok(text) = std::str::from_utf8(text) else { return Reading::Unread(problems) };
    let (repaired, lines) = repair(text, yaml.start);
    let repaired = without_controls(repaired.as_bytes()).unwrap_or(repaired.into_bytes());
    let repaired = without_tabs(&repaired).unwrap_or(repaired);
    let again = yaml::parse(&repaired, 0..repaired.len());
    let mut document = again.document;
    let is_read = again.problems.is_empty() && again.rest.is_none() && is_mapping(&document);
    if problems.is_empty() {
        let message = "the frontmatter has a character that the host does not treat as a line end";
        problems.push(Problem::new("frontmatter-yaml", message, yaml.start..yaml.start));
    }
    if !is_read || at_margin(&repaired, &document).is_some() {
        return Reading::Unread(problems);
    }
    for node in &mut document.nodes {
        node.span = original(&lines, node.span.start)..original(&lines, node.span.end);
    }
    Reading::Repaired(document, problems)
}

/// A file up to the end of its frontmatter, with another text of the same length there.
fn placed(file: &[u8], yaml: &Range<usize>, text: &[u8]) -> Vec<u8> {
    let mut copy = file.get(..yaml.start).unwrap_or_default().to_vec();
    copy.extend_from_slice(text);
    copy
}

/// A text with an underscore for each byte of what the host takes for no line end and no fault; `None` if it has none.
fn without_controls(text: &[u8]) -> Option<Vec<u8>> {
    let is_other = |c: char| {
        (c.is_control() && !matches!(c, '\0' | '\t' | '\n' | '\r'))
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}')
    };
    let text = std::str::from_utf8(text).ok().filter(|text| text.contains(is_other))?;
    let mut out = Vec::with_capacity(text.len());
    for c in text.chars() {
        let mut bytes = [0; 4];
        let bytes = c.encode_utf8(&mut bytes).as_bytes();
        match is_other(c) {
            true => out.extend(bytes.iter().map(|_| b'_')),
            false => out.extend_from_slice(bytes),
        }
    }
    Some(out)
}

/// Returns a text with blanks for tabs before its lines; `None` if it has none there.
fn without_tabs(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = text.to_vec();
    let mut changed = false;
    for line in out.split_mut(|byte| *byte == b'\n') {
        let is_blank = line.iter().all(u8::is_ascii_whitespace);
        for byte in line.iter_mut().take_while(|byte| **byte == b'\t' || is_blank) {
            changed |= *byte == b'\t';
            *byte = if *byte == b'\t' { b' ' } else { *byte };
        }
    }
    changed.then_some(out)
}

/// Text that stands behind the end of the mapping, where the host's reader stops.
fn behind(rest: Range<usize>) -> Problem {
    let message = "the frontmatter ends before this line, whose indentation differs";
    let problem = Problem::new("frontmatter-yaml", message, rest);
    problem.with_help("begin all keys in the same column")
}

/// Returns a text between quotes, or a list or mapping in brackets inside of another, that goes on at the margin,
/// where the host's reader stops.
fn at_margin(file: &[u8], document: &Document) -> Option<Problem> {
    let bytes = |node: &crate::node::NodeData| file.get(node.span.clone()).unwrap_or_default();
    let is_root =
        |node: &crate::node::NodeData| document.root().is_some_and(|root| root.span() == node.span);
    let root_is_flow =
        document.nodes.iter().any(|node| is_root(node) && bytes(node).first() == Some(&b'{'));
    let goes_on = |node: &&crate::node::NodeData| {
        let text = bytes(node);
        let stops: &[u8] = match text.first() {
            Some(b'"' | b'\'') => b"",
            Some(b'[' | b'{') if !root_is_flow && !is_root(node) => b"]}#\r",
            _ => return false,
        };
        let mut lines = text.split(|byte| *byte == b'\n').skip(1);
        let is_text = |byte: &u8| !byte.is_ascii_whitespace() && !stops.contains(byte);
        lines.any(|line| line.first().is_some_and(is_text))
    };
    let node = document.nodes.iter().find(goes_on)?;
    let message = "a text in quotes or brackets continues at the start of a line";
    let problem = Problem::new("frontmatter-yaml", message, node.span.clone());
    Some(problem.with_help("begin its other lines with spaces"))
}

/// Whether a document is a mapping, or nothing at all.
fn is_mapping(document: &Document) -> bool {
    let Some(root) = document.root() else { return true };
    root.kind() == Kind::Mapping || crate::is_null(root)
}

fn no_mapping(document: &Document) -> Problem {
    let span = document.root().map_or(0..0, crate::Node::span);
    Problem::new("frontmatter-yaml", "the frontmatter is not a mapping", span)
        .with_help("write lines `key: value`, a space after each colon")
}

/// The place where a line of the repaired text begins, and the line that it stands for.
struct Line {
    start: usize,
    original: Range<usize>,
}

/// Returns the text with values between quotes, and which line is which.
fn repair(text: &str, offset: usize) -> (String, Vec<Line>) {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut lines = Vec::new();
    let mut at = offset;
    for line in text.split_inclusive('\n') {
        let plain = line.strip_suffix('\n').unwrap_or(line);
        lines.push(Line { start: out.len(), original: at..at + plain.len() });
        at += line.len();
        match special(plain) {
            Some((key, value)) => {
                out.push_str(key);
                out.push_str(": \"");
                for c in value.chars() {
                    if matches!(c, '\\' | '"') {
                        out.push('\\');
                    }
                    out.push(c);
                }
                out.push('"');
            }
            None => out.push_str(plain),
        }
        out.push_str(line.get(plain.len()..).unwrap_or_default());
    }
    (out, lines)
}

/// Returns the key and value of a line whose value the host puts between quotes.
fn special(line: &str) -> Option<(&str, &str)> {
    let (key, rest) = line.split_once(':')?;
    let is_key = |c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '-');
    if key.is_empty() || !key.chars().all(is_key) || !rest.starts_with(char::is_whitespace) {
        return None;
    }
    let value = rest.trim_start();
    // What the host calls a line ends at these.
    if value.is_empty() || value.contains(['\r', '\u{2028}', '\u{2029}']) {
        return None;
    }
    let quoted = |quote: char| value.starts_with(quote) && value.ends_with(quote);
    let is_special = value.contains(SPECIAL) || value.contains(": ") || value.starts_with(',');
    (is_special && !quoted('"') && !quoted('\'')).then_some((key, value))
}

/// Returns the place in the file of a place in the repaired text.
fn original(lines: &[Line], at: usize) -> usize {
    let index = lines.partition_point(|line| line.start <= at).saturating_sub(1);
    let Some(line) = lines.get(index) else { return at };
    let inside = at.saturating_sub(line.start);
    line.original.start.saturating_add(inside).min(line.original.end)
}
