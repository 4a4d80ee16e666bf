// SPDX-License-Identifier: Apache-2.0
//! Commands (S-13).

use std::collections::BTreeSet;

use oci_artifact::json::{Kind, Value};

use super::builder::Builder;
use super::manifest::{Manifest, PATH};
use super::markdown::{Markdown, files_at};
use super::{grants, hooks, inline, place};
use crate::document;
use crate::inventory::{Component, ComponentType, Severity, Source};
use crate::path;

const DEFAULT: &str = "commands";

/// Finds the plugin's commands.
pub(super) fn discover(builder: &mut Builder<'_>, manifest: &Manifest<'_>) {
    let mut seen = BTreeSet::new();
    let Some(value) = manifest.get("commands") else {
        scan(builder, DEFAULT, Source::Default, None, &mut seen);
        return;
    };
    if value.kind() == Kind::Object {
        for member in value.members() {
            by_name(builder, &member.key, member.value, &mut seen);
        }
        if place::default_ignored(builder, DEFAULT, &[]) {
            scan(builder, DEFAULT, Source::Default, Some("default-ignored"), &mut seen);
        }
        return;
    }
    let named = place::named(builder, value, "/commands");
    for place in &named {
        scan(builder, &place.path, Source::Manifest, place.why_not, &mut seen);
    }
    if place::default_ignored(builder, DEFAULT, &named) {
        scan(builder, DEFAULT, Source::Default, Some("default-ignored"), &mut seen);
    }
}

/// A file, or all Markdown files below a directory.
fn scan(
    builder: &mut Builder<'_>,
    base: &str,
    source: Source,
    why_not: Option<&'static str>,
    seen: &mut BTreeSet<String>,
) {
    for file in files_at(builder, base) {
        let below = file.strip_prefix(base).unwrap_or(&file).trim_start_matches('/');
        let below = if below.is_empty() { path::name(&file) } else { below };
        let name = match path::name(below) {
            "SKILL.md" if below.contains('/') => path::parent(below),
            _ => below.strip_suffix(".md").unwrap_or(below),
        };
        add(builder, &name.replace('/', ":"), &file, source, why_not, seen);
    }
}

/// A command of the map form: exactly one of `source` and `content`.
fn by_name(builder: &mut Builder<'_>, name: &str, value: Value<'_>, seen: &mut BTreeSet<String>) {
    let pointer = format!("/commands{}", document::pointer(name));
    match (value.get("source"), value.get("content")) {
        (Some(source), None) => {
            if let Some(named) = place::one(builder, source, format!("{pointer}/source")) {
                add(builder, name, &named.path, Source::Manifest, named.why_not, seen);
            }
        }
        (None, Some(content)) => {
            let mut command = Component::new(ComponentType::Command, name, PATH, Source::Manifest);
            command.grants = value.get("allowedTools").and_then(grants::of);
            command.model = document::text(value, "model");
            let text = content.as_string().unwrap_or_default();
            command.bytes = Some(text.len() as u64);
            let line = builder.line(content).unwrap_or(1);
            let body = Markdown::of_body(text.as_bytes(), line);
            inline::discover(builder, &command, &body);
            builder.component(command);
        }
        _ => {
            let message = format!("the command {name:?} needs exactly one of source and content");
            let line = builder.line(value);
            builder.warn_at(Severity::Error, "field-type", message, PATH, line, None);
        }
    }
}

fn add(
    builder: &mut Builder<'_>,
    name: &str,
    file: &str,
    source: Source,
    why_not: Option<&'static str>,
    seen: &mut BTreeSet<String>,
) {
    if !seen.insert(file.to_owned()) {
        return;
    }
    if matches!(path::name(file), "README.md" | "CLAUDE.md" | "CHANGELOG.md") {
        let message = format!("{file} becomes the command {name:?}; is that meant?");
        builder.warn(Severity::Warning, "command-readme", message, file);
    }
    let mut command = Component::new(ComponentType::Command, name, file, source);
    command.bytes = builder.files.get(file).map(|entry| entry.size);
    command = command.not_loading(why_not);
    if let Some(markdown) = Markdown::read(builder, file) {
        markdown.describe(&mut command);
        inline::discover(builder, &command, &markdown);
        hooks::of_component(builder, &command, &markdown);
    }
    builder.component(command);
}
