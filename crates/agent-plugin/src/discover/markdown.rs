// SPDX-License-Identifier: Apache-2.0
//! Markdown files with frontmatter: skills, commands, agents, output styles.

use oci_artifact::json::{self, Kind, Value};

use super::builder::Builder;
use super::{comments, grants, inline, yaml};
use crate::document;
use crate::inventory::{At, Component, ComponentType};
use crate::markdown::{self, Frontmatter, Needs};
use crate::path;

/// A Markdown file of a component.
pub(super) struct Markdown<'f> {
    /// The frontmatter as JSON.
    json: Vec<u8>,
    frontmatter: Reads,
    /// The text below the frontmatter.
    pub(super) body: &'f [u8],
    /// The line that the body starts in.
    pub(super) body_line: usize,
}

/// Whether the frontmatter is there and could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reads {
    Absent,
    Yes,
    /// A frontmatter whose fields cannot be known (S-105).
    No,
}

impl<'f> Markdown<'f> {
    /// Reads a file; what is wrong with it is noted. `None` if it is not there or too large.
    pub(super) fn read(builder: &mut Builder<'f>, path: &str) -> Option<Self> {
        Self::read_with(builder, path, Needs::Frontmatter)
    }

    /// Reads a file that may have no frontmatter.
    pub(super) fn read_with(builder: &mut Builder<'f>, path: &str, needs: Needs) -> Option<Self> {
        let file = markdown::Markdown::read(builder.content(path)?, needs);
        builder.dropped(path);
        for problem in &file.problems {
            builder.problem(path, problem);
        }
        let root = match file.frontmatter() {
            Frontmatter::Read(document) => document.root(),
            _ => None,
        };
        let root = root.filter(|root| !toolhive_frontmatter::is_null(*root));
        let json = root.map(yaml::to_json);
        if let Some(None) = json {
            let message = "the frontmatter is too large with all its aliases";
            builder.warn_at("frontmatter-alias", message, path, Some(At::line(1)), None);
        }
        let frontmatter = match (file.frontmatter(), &json) {
            (Frontmatter::Absent, _) => Reads::Absent,
            (Frontmatter::Unread, _) | (_, Some(None)) => Reads::No,
            _ => Reads::Yes,
        };
        let json = json.flatten().unwrap_or_else(|| b"{}".to_vec());
        Some(Self { json, frontmatter, body: file.body, body_line: file.body_line })
    }

    /// Creates a text without frontmatter, which starts in that line of its file.
    pub(super) fn of_body(body: &'f [u8], body_line: usize) -> Self {
        Self { json: b"{}".to_vec(), frontmatter: Reads::Absent, body, body_line }
    }

    /// Returns the fields of the frontmatter.
    pub(super) fn fields(&self) -> Option<Value<'_>> {
        json::parse(&self.json).ok()
    }

    /// Returns a field's text.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        let value = self.fields()?.get(key)?;
        match value.kind() {
            Kind::String => value.as_string(),
            Kind::Number | Kind::Bool => Some(value.preview()),
            _ => None,
        }
    }

    /// Returns a field's text, of which a list or a map is one too, as JavaScript writes it.
    pub(super) fn script_text(&self, key: &str) -> Option<String> {
        let value = self.fields()?.get(key)?;
        match value.kind() {
            Kind::Array => {
                let texts = value.elements().map(|one| one.as_string().unwrap_or_default());
                Some(texts.collect::<Vec<_>>().join(","))
            }
            Kind::Object => Some("[object Object]".to_owned()),
            _ => self.text(key),
        }
    }

    /// Returns a field that is on or off (S-15).
    pub(super) fn switch(&self, key: &str) -> Option<bool> {
        match self.text(key)?.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Some(true),
            "false" | "no" | "off" | "0" => Some(false),
            _ => None,
        }
    }

    /// Fields that the host refuses for their types.
    pub(super) fn check(&self, builder: &mut Builder<'f>, component: &Component) {
        let Some(fields) = self.fields() else { return };
        let mut warn = |code, key: &str, message: String| {
            let at = self.line_of(builder, &component.path, key);
            builder.warn_at(code, message, &component.path, at, None);
        };
        let mut tell = |key: &str, what: &str| {
            warn("frontmatter-field", key, format!("{key} must be {what}"));
        };
        let get = |key: &str| fields.get(key).filter(|value| !value.is_null());
        let is_collection = |value: &Value<'_>| matches!(value.kind(), Kind::Array | Kind::Object);
        if get("name").is_some_and(|value| value.kind() != Kind::String) {
            tell("name", "a text");
        }
        if get("description").is_some_and(|value| is_collection(&value)) {
            tell("description", "a text");
        }
        let tools = get("allowed-tools").filter(|value| value.kind() != Kind::String);
        if tools.is_some_and(|value| document::texts(value).is_none()) {
            tell("allowed-tools", "a text or a list of texts");
        }
        // A plugin's agent has no such field.
        let shell = get("shell").filter(|_| component.kind != ComponentType::Agent);
        if shell
            .is_some_and(|shell| !matches!(shell.as_str().as_deref(), Some("bash" | "powershell")))
        {
            tell("shell", "bash or powershell");
        }
        for key in tool_fields(component.kind) {
            let tools = fields.get(key).map(grants::tools).unwrap_or_default();
            let unknown: Vec<&str> =
                tools.iter().map(String::as_str).filter(|tool| !grants::is_known(tool)).collect();
            if !unknown.is_empty() {
                warn("tool-unknown", key, format!("the host has no tool {}", unknown.join(", ")));
            }
        }
        if component.kind != ComponentType::Agent {
            self.arguments_in_code(builder, &component.path);
        }
        if self.frontmatter == Reads::Yes && fields.get("description").is_none() {
            let kind = component.kind;
            let message = format!("the {kind} has no description, so nothing says when to use it");
            let at = Some(At::line(1));
            builder.warn_at("description-missing", message, &component.path, at, None);
        }
    }

    /// Notes the first `$1` in a block of code: the host puts an argument there, whatever the code meant.
    fn arguments_in_code(&self, builder: &mut Builder<'f>, path: &str) {
        let text = String::from_utf8_lossy(self.body);
        let mut fence: Option<(char, usize)> = None;
        for (number, line) in text.lines().enumerate() {
            match fence {
                Some((c, length)) if inline::closes(line, c, length) => fence = None,
                Some(_) if has_argument(line) => {
                    let at = Some(At::line(self.body_line + number));
                    let message = "the host replaces this `$1` by an argument, even in code";
                    return builder.warn_at("argument-in-code", message, path, at, None);
                }
                Some(_) => {}
                None => {
                    let opened = inline::opens(line).filter(|(_, _, info)| !info.starts_with('!'));
                    fence = opened.map(|(c, length, _)| (c, length));
                }
            }
        }
    }

    /// Returns the last line of the frontmatter that begins with a key.
    fn line_of(&self, builder: &Builder<'_>, path: &str, key: &str) -> Option<At> {
        let text = builder.files.bytes(path)?;
        let lines = text.split(|b| *b == b'\n').take(self.body_line).enumerate();
        let is_key = |line: &[u8]| {
            line.strip_prefix(key.as_bytes()).is_some_and(|rest| rest.starts_with(b":"))
        };
        lines.filter(|(_, line)| is_key(line)).last().map(|(at, _)| At::line(at + 1))
    }

    /// Fills in what the frontmatter of a skill or command says.
    pub(super) fn describe(&self, component: &mut Component) {
        self.count_comments(component);
        component.unread = self.frontmatter == Reads::No;
        let Some(fields) = self.fields() else { return };
        let [granted, removed] = tool_fields(component.kind);
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

/// Returns the fields with the tools that a component is granted, and with those that are taken from it.
fn tool_fields(kind: ComponentType) -> [&'static str; 2] {
    match kind {
        ComponentType::Agent => ["tools", "disallowedTools"],
        _ => ["allowed-tools", "disallowed-tools"],
    }
}

/// Whether a line has `$1` to `$9`, not escaped.
fn has_argument(line: &str) -> bool {
    line.match_indices('$').any(|(at, _)| {
        let after = line.get(at + 1..).and_then(|rest| rest.chars().next());
        let escaped = line.get(..at).is_some_and(|before| before.ends_with('\\'));
        !escaped && after.is_some_and(|c| matches!(c, '1'..='9'))
    })
}

/// Returns the paths of Markdown files that a named path stands for: itself, or all below it.
pub(super) fn files_at(builder: &Builder<'_>, path: &str) -> Vec<String> {
    if builder.files.get(path).is_some() {
        return vec![path.to_owned()];
    }
    let below = builder.files.below(path).map(|(path, _)| path.to_owned());
    below.filter(|path| path::is_markdown(path)).collect()
}
