// SPDX-License-Identifier: Apache-2.0
//! `settings.json` and the manifest's `settings` (S-65).

use oci_artifact::json::Value;

use super::builder::Builder;
use super::manifest::{Field, Manifest};
use crate::document;
use crate::inventory::{Component, ComponentType, Declared, Launch, Source, What};

const DEFAULT: &str = "settings.json";
/// The keys that act.
const KEYS: [&str; 2] = ["agent", "subagentStatusLine"];

/// Finds the settings that act; the file wins if it sets any.
pub(super) fn discover(builder: &mut Builder<'_>, manifest: &Manifest<'_>) {
    let file = match builder.files.get(DEFAULT) {
        Some(_) => builder.optional_document(DEFAULT),
        None => None,
    };
    let acts = |value: Value<'_>| KEYS.iter().any(|key| value.get(key).is_some());
    let file_acts = file.is_some_and(acts);
    if let Some(value) = file {
        let (pointer, source) = (String::new(), Source::Default);
        let all = Field { value, name: "settings", file: DEFAULT, pointer, source, why_not: None };
        read(builder, all);
    }
    for field in manifest.all("settings") {
        read(builder, field.not_loading(file_acts.then_some("settings-shadow")));
    }
}

/// Notes what a setting would run or allow, if it had an effect: another host, or the next version of this one, may
/// read it (S-10).
fn tried(builder: &mut Builder<'_>, key: &str, value: Value<'_>, field: &Field<'_>) {
    let why = Some("settings-ignored");
    let line = builder.line(value);
    let part = field.part(value, &format!("/{key}")).not_loading(why);
    let what = match key {
        "hooks" => return super::hooks::of_settings(builder, &part),
        "statusLine" => document::text(value, "command"),
        key if key.ends_with("Helper") || key.ends_with("Refresh") || key.ends_with("Export") => {
            value.as_string()
        }
        "env" => {
            let names: Vec<String> = value.members().map(|one| one.key.into_owned()).collect();
            let message = format!("it would set {} for the whole session", names.join(", "));
            return builder.warn_at("settings-tried", message, field.file, line, None);
        }
        "permissions" => {
            let message = "it would change what runs without asking";
            return builder.warn_at("settings-tried", message, field.file, line, None);
        }
        _ => None,
    };
    let Some(text) = what else { return };
    let id = builder.id(format!("setting/{key}"));
    let launch = Launch {
        component: Some(format!("setting {key}")),
        loads: Err("settings-ignored"),
        ..Launch::new(What::Statusline, id, Declared::json(field.file, part.pointer, line))
    };
    builder.shell(launch, &text, builder.place());
}

fn read(builder: &mut Builder<'_>, field: Field<'_>) {
    let Field { value, file, ref pointer, source, why_not, .. } = field;
    let mut ignored = Vec::new();
    for member in value.members() {
        let key = member.key.as_ref();
        if key == "$schema" {
            continue;
        }
        if !KEYS.contains(&key) {
            tried(builder, key, member.value, &field);
            ignored.push(key.to_owned());
            continue;
        }
        let component = Component::new(ComponentType::Setting, key, file, source);
        builder.component(component.not_loading(why_not));
        let line = builder.line(member.value);
        let message = format!("later hosts will ignore the setting {key} of a plugin");
        builder.warn_at("setting-deprecated", message, file, line, None);
        if key == "agent" {
            let Some(agent) = member.value.as_string().filter(|_| why_not.is_none()) else {
                continue;
            };
            let message = format!("the session's main thread becomes the agent {agent:?}");
            builder.warn_at("settings-agent", message, file, line, None);
            builder.inventory.behaviour.main_agent = Some(agent);
        } else if let Some(text) = document::text(member.value, "command") {
            let declared = Declared::json(file, format!("{pointer}/{key}"), line);
            let launch = Launch {
                component: Some(format!("setting {key}")),
                loads: why_not.map_or(Ok(()), Err),
                ..Launch::new(What::Statusline, "statusline/subagentStatusLine", declared)
            };
            builder.shell(launch, &text, builder.place());
        }
    }
    if !ignored.is_empty() {
        let message = format!("these settings of a plugin have no effect: {}", ignored.join(", "));
        builder.warn("settings-ignored", message, file);
    }
}
