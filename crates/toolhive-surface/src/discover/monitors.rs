// SPDX-License-Identifier: Apache-2.0
//! Monitors (S-63): shell commands that stay, whose every line goes to the model.

use oci_artifact::json::Kind;

use super::builder::Builder;
use super::manifest::{Field, Manifest};
use super::place::{self, Named};
use crate::command::{self, env};
use crate::document;
use crate::inventory::{Component, ComponentType, Declared, Run, RunKind, Source, Trigger};

const DEFAULT: &str = "monitors/monitors.json";
const FIELDS: [&str; 4] = ["name", "command", "description", "when"];

/// Finds the plugin's monitors; a field of the manifest replaces the default file.
pub(super) fn discover(builder: &mut Builder<'_>, manifest: &Manifest<'_>) {
    let Some(field) = manifest.get("monitors") else {
        file(builder, DEFAULT, Source::Default, None);
        declared(builder, manifest.beside("monitors"));
        return;
    };
    let named = declared(builder, Some(field));
    if place::default_ignored(builder, "monitors", &named) {
        file(builder, DEFAULT, Source::Default, Some("default-ignored"));
    }
    declared(builder, manifest.beside("monitors"));
}

/// A field: the path of a file, or an array.
fn declared<'f>(builder: &mut Builder<'_>, field: Option<Field<'f>>) -> Vec<Named<'f>> {
    let Some(field) = field else { return Vec::new() };
    if field.value.kind() != Kind::String {
        list(builder, &field);
        return Vec::new();
    }
    let named = place::named(builder, &field);
    for place in &named {
        file(builder, &place.path, field.source, place.why_not);
    }
    named
}

fn file(builder: &mut Builder<'_>, path: &str, source: Source, why_not: Option<&'static str>) {
    if builder.files.get(path).is_none() {
        return;
    }
    let Some(value) = builder.document(path) else { return };
    let pointer = String::new();
    let field = Field { value, name: "monitors", file: path, pointer, source, why_not };
    // Seen in the wild, though no host reads it.
    let wrapped = value.get("monitors").filter(|inner| inner.kind() == Kind::Array);
    let Some(inner) = wrapped else { return list(builder, &field) };
    let message = "the monitors are an array at the top, not below \"monitors\"";
    builder.warn("monitor-shape", message, path);
    list(builder, &field.part(inner, "/monitors").not_loading(Some("monitor-shape")));
}

fn list(builder: &mut Builder<'_>, field: &Field<'_>) {
    if field.value.kind() != Kind::Array {
        let message = format!("monitors are an array, not {}", field.value.kind());
        let line = builder.line(field.value);
        builder.warn_at("monitor-shape", message, field.file, line, None);
        return;
    }
    // One that is wrong makes the host skip all of a list.
    let mut wrong = None;
    for element in field.value.elements() {
        let unknown = element.members().find(|member| !FIELDS.contains(&member.key.as_ref()));
        let message = match unknown {
            Some(member) => format!("no host knows the field {:?} of a monitor", member.key),
            None if document::text(element, "description").is_none() => {
                "a monitor needs a description".to_owned()
            }
            None => continue,
        };
        let line = builder.line(element);
        builder.warn_at("monitor-shape", message, field.file, line, None);
        wrong = Some("monitor-shape");
    }
    let field = &field.clone().not_loading(wrong);
    for (index, element) in field.value.elements().enumerate() {
        if builder.is_full(builder.inventory.runs.len(), "runs") {
            return;
        }
        one(builder, field.part(element, &format!("/{index}")));
    }
}

fn one(builder: &mut Builder<'_>, monitor: Field<'_>) {
    let Field { value, file, pointer, source, mut why_not, .. } = monitor;
    let line = builder.line(value);
    let text = |key: &str| document::text(value, key).filter(|text| !text.is_empty());
    let (name, command) = (text("name"), text("command"));
    if name.is_none() || command.is_none() {
        let message = "a monitor needs a name and a command";
        builder.warn_at("monitor-shape", message, file, line, None);
        why_not = why_not.or(Some("monitor-shape"));
    }
    let Some(command) = command else { return };
    let name = name.unwrap_or_default();
    let analysis = command::shell(&command, builder.place());
    let id = format!("monitor/{name}");
    if !analysis.options.is_empty() {
        let message = "${user_config.…} makes a shell command fail";
        builder.warn_at("user-config-shell", message, file, line, Some(&id));
    }
    builder.uses(&id, &analysis, file, line);
    let when = text("when").unwrap_or_else(|| "always".to_owned());
    let skill = when.strip_prefix("on-skill-invoke:").map(|skill| format!("skill {skill}"));
    let trigger = if skill.is_some() { Trigger::OnInvoke } else { Trigger::Automatic };
    let component = Component::new(ComponentType::Monitor, &name, file, source);
    builder.component(component.not_loading(why_not));
    builder.inventory.runs.push(Run {
        trigger,
        component: Some(skill.unwrap_or(format!("monitor {name}"))),
        plugin_files: analysis.usage.plugin_files,
        fetches: analysis.usage.fetches,
        loads: why_not.is_none(),
        why_not,
        ..Run::new(RunKind::Monitor, id, env::redact(&command), Declared::json(file, pointer, line))
    });
}
