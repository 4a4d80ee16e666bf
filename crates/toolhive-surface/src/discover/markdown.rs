// SPDX-License-Identifier: Apache-2.0
//! Markdown files with frontmatter: skills, commands, agents, output styles.

use oci_artifact::json::{self, Kind, Value};

use super::builder::Builder;
use super::{comments, grants, yaml};
use crate::inventory::{Component, ComponentType, Severity};
use crate::text::is_invisible;

/// A Markdown file.
pub(super) struct Markdown<'f> {
    /// The frontmatter as JSON.
    json: Vec<u8>,
    /// The text below the frontmatter.
    pub(super) body: &'f [u8],
    /// The line that the body starts in.
    pub(super) body_line: usize,
}

impl<'f> Markdown<'f> {
    /// Reads a file; what is wrong with it is noted. `None` if it is not there or too large.
    pub(super) fn read(builder: &mut Builder<'f>, path: &str) -> Option<Self> {
        let bytes = builder.content(path)?;
        builder.dropped(path);
        let lost = lost_link(builder, path, bytes);
        unseen(builder, path, bytes);
        let text = match bytes.strip_prefix(b"\xef\xbb\xbf") {
            Some(text) => {
                let message = "the file starts with a byte order mark";
                builder.warn_at(Severity::Info, "bom", message, path, Some(1), None);
                text
            }
            None => bytes,
        };
        let split = match toolhive_frontmatter::split(text) {
            Ok(split) => split,
            Err(problem) => {
                let (severity, code) = match problem.rule {
                    "no-frontmatter" => (Severity::Warning, "no-frontmatter"),
                    _ => (Severity::Error, "frontmatter"),
                };
                if lost == Lost::No {
                    builder.warn_at(severity, code, problem.message, path, Some(1), None);
                }
                return Some(Self::of_body(text, 1));
            }
        };
        let body = text.get(split.closing.end..).unwrap_or_default();
        let body_line = 1 + newlines(text.get(..split.closing.end).unwrap_or_default());
        let parsed = toolhive_frontmatter::parse(text, split.yaml);
        let json = match (parsed.problems.first(), parsed.document.root()) {
            (None, None) => Some(b"{}".to_vec()),
            (None, Some(root)) => yaml::to_json(root),
            (Some(_), _) => None,
        };
        let Some(json) = json else {
            let (message, line) = match parsed.problems.into_iter().next() {
                Some(problem) => {
                    let before = text.get(..problem.span.start).unwrap_or_default();
                    (problem.message, Some(1 + newlines(before)))
                }
                None => {
                    let message =
                        "the frontmatter is not a mapping, or too large with all its aliases";
                    (message.to_owned(), Some(1))
                }
            };
            builder.warn_at(Severity::Error, "frontmatter", message, path, line, None);
            return Some(Self::of_body(body, body_line));
        };
        Some(Self { json, body, body_line })
    }

    /// A text without frontmatter, which starts in that line of its file.
    pub(super) fn of_body(body: &'f [u8], body_line: usize) -> Self {
        Self { json: b"{}".to_vec(), body, body_line }
    }

    /// The frontmatter.
    pub(super) fn fields(&self) -> Option<Value<'_>> {
        json::parse(&self.json).ok()
    }

    /// A field's text.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        let value = self.fields()?.get(key)?;
        match value.kind() {
            Kind::String => value.as_string(),
            Kind::Number | Kind::Bool => Some(value.preview()),
            _ => None,
        }
    }

    /// A field that is on or off (S-15).
    pub(super) fn switch(&self, key: &str) -> Option<bool> {
        match self.text(key)?.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Some(true),
            "false" | "no" | "off" | "0" => Some(false),
            _ => None,
        }
    }

    /// Fills in what the frontmatter of a skill or command says.
    pub(super) fn describe(&self, component: &mut Component) {
        self.count_comments(component);
        let Some(fields) = self.fields() else { return };
        let granted = match component.kind {
            ComponentType::Agent => "tools",
            _ => "allowed-tools",
        };
        let removed = match component.kind {
            ComponentType::Agent => "disallowedTools",
            _ => "disallowed-tools",
        };
        component.grants = fields.get(granted).and_then(grants::of);
        component.disallowed_tools = fields.get(removed).map(grants::tools).unwrap_or_default();
        component.model = self.text("model");
        component.context = self.text("context");
        component.disable_model_invocation =
            self.switch("disable-model-invocation").unwrap_or(false);
        component.user_invocable = self.switch("user-invocable");
    }

    /// Counts what a rendered page does not show (S-73).
    pub(super) fn count_comments(&self, component: &mut Component) {
        component.html_comments = comments::count(&String::from_utf8_lossy(self.body));
    }
}

/// Whether a file is a link that some tool wrote out as text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lost {
    Yes,
    No,
}

/// A link that some tool wrote out as text (S-9).
fn lost_link(builder: &mut Builder<'_>, path: &str, bytes: &[u8]) -> Lost {
    let Ok(text) = std::str::from_utf8(bytes) else { return Lost::No };
    let text = text.trim();
    let is_path = text.len() < 1_024
        && text.ends_with(".md")
        && text.contains('/')
        && !text.contains(|c: char| c.is_whitespace() || matches!(c, '(' | '[' | '<' | ':'));
    if !is_path {
        return Lost::No;
    }
    let message = format!("its whole content is the path {text}: a link was written out as text");
    builder.warn(Severity::Warning, "link-as-text", message, path);
    Lost::Yes
}

/// Text that a reader cannot see (S-73).
fn unseen(builder: &mut Builder<'_>, path: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    // A byte order mark at the start is said elsewhere; emoji are joined by U+200D.
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\x0c');
    let (mut count, mut first) = (0_usize, None);
    let mut line = 1;
    for (at, c) in text.char_indices() {
        line += usize::from(c == '\n');
        if (control(c) || is_invisible(c))
            && !matches!((at, c), (0, '\u{feff}') | (_, '\u{200d}' | '\u{ad}'))
        {
            count += 1;
            first.get_or_insert((line, c));
        }
    }
    if let Some((line, c)) = first {
        let message = format!(
            "{count} characters that a reader cannot see; the first is U+{:04X}",
            u32::from(c)
        );
        builder.warn_at(Severity::Warning, "invisible-text", message, path, Some(line), None);
    }
}

fn newlines(text: &[u8]) -> usize {
    text.iter().filter(|b| **b == b'\n').count()
}

/// The paths of Markdown files that a named path stands for: itself, or all below it.
pub(super) fn files_at(builder: &Builder<'_>, path: &str) -> Vec<String> {
    if builder.files.get(path).is_some() {
        return vec![path.to_owned()];
    }
    let below = builder.files.below(path).map(|(path, _)| path.to_owned());
    below.filter(|path| path.ends_with(".md")).collect()
}
