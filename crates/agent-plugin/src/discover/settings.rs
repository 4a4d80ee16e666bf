// SPDX-License-Identifier: Apache-2.0
//! `settings.json` and the manifest's `settings` (S-65).

use std::collections::BTreeSet;

use oci_artifact::json::Value;

use super::builder::Builder;
use super::hooks;
use super::manifest::{Field, Manifest};
use crate::document;
use crate::inventory::{ComponentType, Launch, Source, What};

const DEFAULT: &str = "settings.json";
/// The keys that act.
const KEYS: [&str; 2] = ["agent", "subagentStatusLine"];

/// Finds the settings that act; the file wins if it sets any.
pub(super) fn discover(builder: &mut Builder<'_>, manifest: &Manifest<'_>) {
    let file = builder.optional_document(DEFAULT);
    let acts = |value: Value<'_>| KEYS.iter().any(|key| value.get(key).is_some());
    if let Some(value) = file {
        read(builder, Field::new(value, "settings", DEFAULT, "", Source::Default));
    }
    let file_acts = file.is_some_and(acts);
    for field in manifest.all("settings") {
        read(builder, field.not_loading(file_acts.then_some("settings-shadow")));
    }
}

/// Notes what a setting would run or allow, if it had an effect: another host, or the next version of this one, may
/// read it (S-10).
fn tried(builder: &mut Builder<'_>, key: &str, setting: Field<'_>) {
    let setting = setting.not_loading(Some("settings-ignored"));
    let value = setting.value;
    let what = match key {
        "hooks" => return hooks::events(builder, &setting, None, &BTreeSet::new()),
        "statusLine" => document::text(value, "command"),
        key if key.ends_with("Helper") || key.ends_with("Refresh") || key.ends_with("Export") => {
            value.as_string()
        }
        "env" => {
            let names: Vec<String> = value.members().map(|one| one.key.into_owned()).collect();
            let message = format!("it would set {} for the whole session", names.join(", "));
            return setting.warn(builder, "settings-tried", message);
        }
        "permissions" => {
            let message = "it would change what runs without asking";
            return setting.warn(builder, "settings-tried", message);
        }
        _ => None,
    };
    let Some(text) = what else { return };
    let id = builder.id(format!("setting/{key}"));
    let launch = Launch {
        component: Some(format!("setting {key}")),
        loads: Err("settings-ignored"),
        ..setting.launch(builder, What::Statusline, id)
    };
    builder.shell(launch, &text, builder.place());
}

fn read(builder: &mut Builder<'_>, field: Field<'_>) {
    let mut ignored = Vec::new();
    for member in field.value.members() {
        let key = member.key.as_ref();
        if key == "$schema" {
            continue;
        }
        let setting = field.member(&member);
        if !KEYS.contains(&key) {
            tried(builder, key, setting);
            ignored.push(key.to_owned());
            continue;
        }
        builder.component(setting.component(ComponentType::Setting, key));
        let message = format!("later hosts will ignore the setting {key} of a plugin");
        setting.warn(builder, "setting-deprecated", message);
        if key == "agent" {
            let agent = member.value.as_string().filter(|_| setting.why_not.is_none());
            let Some(agent) = agent else { continue };
            let message = format!("the session's main thread becomes the agent {agent:?}");
            setting.warn(builder, "settings-agent", message);
            builder.inventory.behaviour.main_agent = Some(agent);
        } else if let Some(text) = document::text(member.value, "command") {
            let launch = Launch {
                component: Some(format!("setting {key}")),
                ..setting.launch(builder, What::Statusline, "statusline/subagentStatusLine")
            };
            builder.shell(launch, &text, builder.place());
        }
    }
    if !ignored.is_empty() {
        let message = format!("these settings of a plugin have no effect: {}", ignored.join(", "));
        builder.warn("settings-ignored", message, field.file);
    }
}
