// SPDX-License-Identifier: Apache-2.0
//! Discovers commands (S-13).

use super::builder::Builder;
use super::manifest::{Field, Manifest};
use super::markdown::{Markdown, files_at};
use super::place::{self, Found, Named};
use super::typed::{self, Is};
use super::{grants, hooks, inline};
use crate::document;
use crate::inventory::{Component, ComponentType};
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
fn named<'f>(builder: &mut Builder<'_>, field: &Field<'f>) -> Vec<Named<'f>> {
    for member in field.value.members() {
        by_name(builder, &member.key, &field.member(&member));
    }
    let named = place::named(builder, field);
    for place in &named {
        let found = found(builder, place);
        scan(builder, &found);
    }
    named
}

/// Returns the place that is named; a file of another kind does not load.
fn found(builder: &mut Builder<'_>, named: &Named<'_>) -> Found {
    let path = &named.path;
    let is_other = builder.files.get(path).is_some() && !path.ends_with(".md");
    if is_other {
        let message = format!("{path} does not end with .md, so it is not a command");
        named.field.warn(builder, "named-file", message);
    }
    named.found().not_loading(is_other.then_some("named-file"))
}

/// Whether a file among commands stands for its directory: the host compares without case there.
fn is_skill(file: &str) -> bool {
    path::name(file).eq_ignore_ascii_case(SKILL)
}

/// A file, or all Markdown files below a directory.
fn scan(builder: &mut Builder<'_>, place: &Found) {
    let base = place.path.as_str();
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
        if let Some(of) = of {
            let message = format!("{of} is the only command that the host reads here");
            builder.warn("command-shadowed", message, file);
        }
        let below = file.strip_prefix(base).unwrap_or(file).trim_start_matches('/');
        let below = if below.is_empty() { path::name(file) } else { below };
        let name = match below {
            _ if is_skill(below) && below.contains('/') => path::parent(below),
            _ if is_skill(below) && base != file => path::name(base),
            _ => below.strip_suffix(".md").unwrap_or(below),
        };
        let found = place.at(file).not_loading(of.map(|_| "command-shadowed"));
        add(builder, &name.replace('/', ":"), &found);
    }
}

/// A command of the map form: exactly one of `source` and `content`.
fn by_name(builder: &mut Builder<'_>, name: &str, field: &Field<'_>) {
    let value = field.value;
    for fault in typed::faults(value, &FIELDS) {
        field.warn(builder, "field-type", format!("in the command {name:?}, {fault}"));
    }
    match (value.get("source"), value.get("content")) {
        (Some(source), None) => {
            let Some(named) = place::one(builder, &field.part(source, "/source")) else { return };
            let found = found(builder, &named);
            if builder.files.get(&found.path).is_none() {
                return scan(builder, &found);
            }
            add(builder, name, &found);
            // The manifest grants as well as the file.
            let is_it =
                |one: &&mut Component| one.kind == ComponentType::Command && one.path == found.path;
            let mut components = builder.inventory.components.iter_mut();
            if let Some(more) = value.get("allowedTools").and_then(grants::of)
                && let Some(command) = components.rfind(is_it)
            {
                command.grants = grants::both(command.grants.take(), more);
            }
        }
        (None, Some(content)) => {
            let mut command = field.component(ComponentType::Command, name);
            command.grants = value.get("allowedTools").and_then(grants::of);
            command.model = document::text(value, "model");
            let text = content.as_string().unwrap_or_default();
            command.bytes = Some(text.len() as u64);
            let body = Markdown::of_body(text.as_bytes(), builder.line(content).line);
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

fn add(builder: &mut Builder<'_>, name: &str, found: &Found) {
    let file = found.path.as_str();
    if !builder.is_new(ComponentType::Command, file) {
        return;
    }
    if matches!(path::name(file), "README.md" | "CLAUDE.md" | "CHANGELOG.md") {
        let message = format!("{file} becomes the command {name:?}; is that intended?");
        builder.warn("command-readme", message, file);
    }
    let mut command = builder.of_file(ComponentType::Command, name, found);
    if let Some(markdown) = Markdown::read(builder, file) {
        markdown.describe(&mut command);
        markdown.check(builder, &command);
        inline::discover(builder, &command, &markdown);
        hooks::of_component(builder, &command, &markdown);
    }
    builder.component(command);
}
