// SPDX-License-Identifier: Apache-2.0
//! Monitors (S-63): shell commands that stay, whose every line goes to the model.

use std::collections::BTreeSet;

use oci_artifact::json::{Kind, Value};

use super::builder::Builder;
use super::manifest::{Field, Manifest};
use super::place::{self, Found, Named};
use super::typed;
use crate::command::env;
use crate::document;
use crate::inventory::{ComponentType, Launch, LaunchKind, Trigger, What};

const DEFAULT: &str = "monitors/monitors.json";
const FIELDS: [&str; 4] = ["name", "command", "description", "when"];
/// Fields that every monitor has, and that are not empty.
const NEEDED: [&str; 3] = ["name", "command", "description"];
/// Before the name of a skill: the monitor starts with that.
const ON_SKILL: &str = "on-skill-invoke:";

/// Finds the plugin's monitors; a field of the manifest replaces the default file.
pub(super) fn discover(builder: &mut Builder<'_>, manifest: &Manifest<'_>) {
    let Some(field) = manifest.get("monitors") else {
        file(builder, &Found::by_default(DEFAULT, None));
        declared(builder, manifest.beside("monitors"));
        return;
    };
    let named = declared(builder, Some(field));
    if place::default_ignored(builder, "monitors", &named) {
        file(builder, &Found::by_default(DEFAULT, Some("default-ignored")));
    }
    declared(builder, manifest.beside("monitors"));
}

/// Returns a field: the path of a file, or an array.
fn declared<'f>(builder: &mut Builder<'_>, field: Option<Field<'f>>) -> Vec<Named<'f>> {
    let Some(field) = field else { return Vec::new() };
    if field.value.kind() != Kind::String {
        list(builder, &field);
        return Vec::new();
    }
    let named = place::named(builder, &field);
    named.iter().for_each(|place| file(builder, &place.found()));
    named
}

fn file(builder: &mut Builder<'_>, found: &Found) {
    let Some(field) = Field::of_file(builder, "monitors", found) else { return };
    // Seen in the wild, though no host reads it.
    let wrapped = field.value.get("monitors").filter(|inner| inner.kind() == Kind::Array);
    let Some(inner) = wrapped else { return list(builder, &field) };
    let message = "the monitors must be an array at the top level, not below \"monitors\"";
    builder.warn("monitor-shape", message, &found.path);
    list(builder, &field.part(inner, "/monitors").not_loading(Some("monitor-shape")));
}

fn list(builder: &mut Builder<'_>, field: &Field<'_>) {
    if field.value.kind() != Kind::Array {
        let message = format!("monitors are an array, not {}", field.value.kind());
        field.warn(builder, "monitor-shape", message);
        field.refuse_inline(builder);
        return;
    }
    // One that is wrong makes the host skip all of a list.
    let mut wrong = None;
    let mut names = BTreeSet::new();
    for element in field.value.elements() {
        let Some(message) = fault(element, &mut names) else { continue };
        builder.warn_of("monitor-shape", message, field.file, element);
        wrong = Some("monitor-shape");
    }
    if wrong.is_some() {
        field.refuse_inline(builder);
    }
    for monitor in field.clone().not_loading(wrong).elements() {
        if builder.has_no_room(LaunchKind::Monitor) {
            return;
        }
        one(builder, &monitor);
    }
}

/// Returns the fault of a monitor, if it has one; `names` are those of the ones before.
fn fault(monitor: Value<'_>, names: &mut BTreeSet<String>) -> Option<String> {
    if let Some(member) = typed::unknown(monitor, &[], &FIELDS).next() {
        return Some(format!("no host knows the field {:?} of a monitor", member.key));
    }
    let text = |key: &str| document::text(monitor, key);
    if let Some(key) = NEEDED.iter().find(|key| text(key).is_none_or(|text| text.is_empty())) {
        return Some(format!("a monitor needs a {key}"));
    }
    let when = monitor.get("when").map(|when| when.as_string().unwrap_or_default());
    let is_known = |when: &String| {
        when == "always" || when.strip_prefix(ON_SKILL).is_some_and(|skill| !skill.is_empty())
    };
    if when.as_ref().is_some_and(|when| !is_known(when)) {
        return Some(format!("no host knows the occasion {:?}", when.unwrap_or_default()));
    }
    let name = text("name").unwrap_or_default();
    names.replace(name).map(|name| format!("there are two monitors {name:?}"))
}

fn one(builder: &mut Builder<'_>, monitor: &Field<'_>) {
    let text = |key: &str| document::text(monitor.value, key).filter(|text| !text.is_empty());
    let Some(command) = text("command") else { return };
    let name = text("name").unwrap_or_default();
    let id = format!("monitor/{name}");
    if !env::options_of(&command).is_empty() {
        let message = "${user_config.…} makes a shell command fail";
        let at = monitor.at(builder);
        builder.warn_at("user-config-shell", message, monitor.file, at, Some(&id));
    }
    let when = text("when").unwrap_or_else(|| "always".to_owned());
    let skill = when.strip_prefix(ON_SKILL).map(|skill| format!("skill {skill}"));
    builder.component(monitor.component(ComponentType::Monitor, &name));
    let launch = Launch {
        trigger: if skill.is_some() { Trigger::OnInvoke } else { Trigger::Automatic },
        component: Some(skill.unwrap_or(format!("monitor {name}"))),
        ..monitor.launch(builder, What::Monitor, id)
    };
    builder.shell(launch, &command, builder.place());
}
