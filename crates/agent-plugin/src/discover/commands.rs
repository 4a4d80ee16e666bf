// SPDX-License-Identifier: Apache-2.0
//! Discovers commands (S-13).

use std::collections::BTreeSet;

use super::builder::Builder;
use super::manifest::{Field, Manifest};
use super::markdown::{Markdown, files_at};
use super::place::{self, Named};
use super::typed::{self, Is};
use super::{grants, hooks, inline};
use crate::document;
use crate::inventory::{Component, ComponentType, Source};
use crate::path;

const DEFAULT: &str = "commands";
const SKILL: &str = "SKILL.md";
/// The types of what the map form says of a command.
const FIELDS: [(&str, Is); 6] = [
    ("source", Is::Text),
    ("content", Is::Text),
    ("description", Is::Text),
    ("argumentHint", Is::Text),
    ("model", Is::Text),
    ("allowedTools", Is::Texts),
];

/// Finds the plugin's commands.
pub(super) fn discover(builder: &mut Builder<'_>, manifest: &Manifest<'_>) {
    place::replacing(builder, manifest, ("commands", DEFAULT), scan, named);
}

/// Commands that a field names: by paths, or a map.
fn named<'f>(
    builder: &mut Builder<'_>,
    field: &Field<'f>,
    seen: &mut BTreeSet<String>,
) -> Vec<Named<'f>> {
    for member in field.value.members() {
        let field = field.part(member.value, &document::pointer(&member.key));
        by_name(builder, &member.key, &field, seen);
    }
    let named = place::named(builder, field);
    for place in &named {
        let mut why_not = place.why_not;
        if builder.files.get(&place.path).is_some() && !place.path.ends_with(".md") {
            let message = format!("{} does not end with .md, so it is not a command", place.path);
            place.field.warn(builder, "named-file", message);
            why_not = why_not.or(Some("named-file"));
        }
        scan(builder, &place.path, place.field.source, why_not, seen);
    }
    named
}

/// Whether a file among commands stands for its directory: the host compares without case there.
fn is_skill(file: &str) -> bool {
    path::name(file).eq_ignore_ascii_case(SKILL)
}

/// A file, or all Markdown files below a directory.
fn scan(
    builder: &mut Builder<'_>,
    base: &str,
    source: Source,
    why_not: Option<&'static str>,
    seen: &mut BTreeSet<String>,
) {
    let files = files_at(builder, base);
    for file in &files {
        // S-106: a directory with a SKILL.md is one command, whatever else lies in it.
        let of = files.iter().find(|other| {
            is_skill(other)
                && *other != file
                && file
                    .strip_prefix(path::parent(other))
                    .is_some_and(|rest| rest.starts_with('/') || path::parent(other).is_empty())
        });
        let mut why_not = why_not;
        if let Some(of) = of {
            let message = format!("{of} is the only command that the host reads here");
            builder.warn("command-shadowed", message, file);
            why_not = why_not.or(Some("command-shadowed"));
        }
        let below = file.strip_prefix(base).unwrap_or(file).trim_start_matches('/');
        let below = if below.is_empty() { path::name(file) } else { below };
        let name = match below {
            _ if is_skill(below) && below.contains('/') => path::parent(below),
            _ if is_skill(below) && base != file => path::name(base),
            _ => below.strip_suffix(".md").unwrap_or(below),
        };
        add(builder, &name.replace('/', ":"), file, source, why_not, seen);
    }
}

/// A command of the map form: exactly one of `source` and `content`.
fn by_name(builder: &mut Builder<'_>, name: &str, field: &Field<'_>, seen: &mut BTreeSet<String>) {
    let value = field.value;
    for fault in typed::faults(value, &FIELDS) {
        field.warn(builder, "field-type", format!("in the command {name:?}, {fault}"));
    }
    match (value.get("source"), value.get("content")) {
        (Some(source), None) => {
            if let Some(named) = place::one(builder, &field.part(source, "/source")) {
                if builder.files.get(&named.path).is_none() {
                    scan(builder, &named.path, field.source, named.why_not, seen);
                    return;
                }
                let mut why_not = named.why_not;
                if !named.path.ends_with(".md") {
                    let message =
                        format!("{} does not end with .md, so it is not a command", named.path);
                    named.field.warn(builder, "named-file", message);
                    why_not = why_not.or(Some("named-file"));
                }
                add(builder, name, &named.path, field.source, why_not, seen);
                // The manifest grants as well as the file.
                let components = builder.inventory.components.iter_mut().rev();
                let is_it = |one: &&mut Component| {
                    one.kind == ComponentType::Command && one.path == named.path
                };
                if let Some(more) = value.get("allowedTools").and_then(grants::of)
                    && let Some(command) = { components }.find(is_it)
                {
                    command.grants = grants::both(command.grants.take(), more);
                }
            }
        }
        (None, Some(content)) => {
            let kind = ComponentType::Command;
            let mut command = Component::new(kind, name, field.file, field.source);
            command = command.not_loading(field.why_not);
            command.grants = value.get("allowedTools").and_then(grants::of);
            command.model = document::text(value, "model");
            let text = content.as_string().unwrap_or_default();
            command.bytes = Some(text.len() as u64);
            let line = builder.line(content).map_or(1, |at| at.line);
            let body = Markdown::of_body(text.as_bytes(), line);
            body.count_comments(&mut command);
            inline::discover(builder, &command, &body);
            builder.component(command);
        }
        _ => {
            let message = format!("the command {name:?} needs exactly one of source and content");
            field.warn(builder, "field-type", message);
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
        let message = format!("{file} becomes the command {name:?}; is that intended?");
        builder.warn("command-readme", message, file);
    }
    let mut command = Component::new(ComponentType::Command, name, file, source);
    builder.measure(&mut command);
    command = command.not_loading(why_not);
    if let Some(markdown) = Markdown::read(builder, file) {
        markdown.describe(&mut command);
        markdown.check(builder, &command);
        inline::discover(builder, &command, &markdown);
        hooks::of_component(builder, &command, &markdown);
    }
    builder.component(command);
}
