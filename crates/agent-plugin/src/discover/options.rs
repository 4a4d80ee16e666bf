// SPDX-License-Identifier: Apache-2.0
//! Demands of the manifest on the user and on others: options (S-69), channels (S-68), dependencies
//! (S-71).

use std::collections::BTreeSet;

use oci_artifact::json::{Kind, Value};

use super::builder::Builder;
use super::manifest::{Field, Manifest};
use super::typed::{self, Is};
use crate::document;
use crate::inventory::{ComponentType, Dependency, UserOption};
use crate::shell::is_name;

const TYPES: [&str; 5] = ["string", "number", "boolean", "directory", "file"];
/// The types of an option's fields.
const OPTION_TYPES: [(&str, Is); 6] = [
    ("title", Is::Text),
    ("description", Is::Text),
    ("required", Is::Switch),
    ("sensitive", Is::Switch),
    ("multiple", Is::Switch),
    ("options", Is::Texts),
];
/// Fields of an option that are looked at by themselves.
const OTHERS: [&str; 4] = ["type", "default", "min", "max"];
/// The fields of a channel, which is closed.
const CHANNEL: [(&str, Is); 3] =
    [("server", Is::FullText), ("displayName", Is::Text), ("userConfig", Is::Object)];
const DEPENDENCY: [(&str, Is); 2] = [("name", Is::FullText), ("marketplace", Is::Text)];

/// Discovers the options of a plugin.
pub(super) fn discover(builder: &mut Builder<'_>, manifest: &Manifest<'_>) {
    options(builder, manifest.get("userConfig"), manifest.file());
    channels(builder, manifest.get("channels"));
    dependencies(builder, manifest.get("dependencies"));
}

fn options(builder: &mut Builder<'_>, field: Option<Field<'_>>, file: &str) {
    let mut found = Vec::new();
    for member in field.iter().flat_map(|field| field.value.members()) {
        if found.len() >= builder.files.limits().items {
            break;
        }
        let option = member.value;
        let wrong = |builder: &mut Builder<'_>, message: String| {
            builder.warn_of("userconfig-schema", message, file, option);
        };
        let key = member.key.into_owned();
        if !is_name(&key) {
            wrong(builder, format!("{key:?} is not a valid name of an option"));
        }
        if option.kind() != Kind::Object {
            wrong(builder, format!("the option {key} is {}, not an object", option.kind()));
            continue;
        }
        let used_by = builder.options.get(&key).cloned().unwrap_or_default();
        let asked = asked(key, option, used_by.into_iter().collect());
        let UserOption { key, kind, .. } = &asked;
        if !TYPES.contains(&kind.as_str()) {
            wrong(builder, format!("the option {key} has the type {kind:?}"));
        }
        for field in ["title", "description"] {
            if document::text(option, field).is_none() {
                wrong(builder, format!("the option {key} has no {field}"));
            }
        }
        for fault in typed::faults(option, &OPTION_TYPES) {
            wrong(builder, format!("in the option {key}, {fault}"));
        }
        for bound in ["min", "max"] {
            if option.get(bound).is_some_and(|value| value.kind() != Kind::Number) {
                wrong(builder, format!("in the option {key}, {bound:?} must be a number"));
            }
        }
        let fits = |value: Value<'_>| {
            matches!(value.kind(), Kind::String | Kind::Number | Kind::Bool)
                || document::texts(value).is_some()
        };
        let choices = option.get("options").and_then(document::texts);
        let chosen = document::text(option, "default");
        let is_required = document::flag(option, "required");
        if choices.is_some_and(|all| !is_required && !chosen.is_some_and(|one| all.contains(&one)))
        {
            wrong(builder, format!("the option {key} needs a default among its options"));
        }
        if option.get("default").is_some_and(|value| !fits(value)) {
            wrong(builder, format!("the default of the option {key} is not a possible value"));
        }
        for unknown in typed::unknown(option, &OPTION_TYPES, &OTHERS) {
            wrong(builder, format!("the option {key} has an unknown field {:?}", unknown.key));
        }
        found.push(asked);
    }
    let used = builder.options.clone().into_iter();
    for (key, ids) in used.filter(|(key, _)| !found.iter().any(|option| option.key == *key)) {
        let server = ids.iter().find(|id| id.starts_with("mcp/"));
        let code = if server.is_some() { "userconfig-missing" } else { "userconfig-unknown" };
        let id = server.or(ids.first()).map(String::as_str);
        builder.warn_at(code, format!("no option {key:?} is declared"), file, None, id);
    }
    let options = &mut builder.inventory.behaviour.user_config;
    options.extend(found);
    options.sort_by(|a, b| (&a.key, &a.bundle).cmp(&(&b.key, &b.bundle)));
}

/// Returns an option, of which the value says what it is.
fn asked(key: String, value: Value<'_>, used_by: Vec<String>) -> UserOption {
    UserOption {
        kind: document::text(value, "type").unwrap_or_default(),
        sensitive: document::flag(value, "sensitive"),
        required: document::flag(value, "required"),
        bundle: None,
        used_by,
        key,
    }
}

/// The options that a bundle asks for (S-53), and those that its server uses without asking.
pub(super) fn of_bundle(
    builder: &mut Builder<'_>,
    manifest: Value<'_>,
    bundle: &str,
    id: &str,
    used: &BTreeSet<String>,
) {
    let members: Vec<_> = document::members(manifest, "user_config").collect();
    let declared: BTreeSet<&str> = members.iter().map(|member| member.key.as_ref()).collect();
    for key in used.iter().filter(|key| !declared.contains(key.as_str())) {
        let message = format!("the bundle declares no option {key:?}");
        builder.warn_at("userconfig-missing", message, bundle, None, Some(id));
    }
    for member in members {
        if builder.is_full(builder.inventory.behaviour.user_config.len(), "user_config") {
            return;
        }
        let key = member.key.into_owned();
        let used_by = used.contains(&key).then(|| id.to_owned()).into_iter().collect();
        let bundle = Some(bundle.to_owned());
        let option = UserOption { bundle, ..asked(key, member.value, used_by) };
        builder.inventory.behaviour.user_config.push(option);
    }
}

fn channels(builder: &mut Builder<'_>, field: Option<Field<'_>>) {
    let elements = field.filter(|field| field.value.kind() == Kind::Array);
    for element in elements.into_iter().flat_map(Field::elements) {
        if builder.is_full(builder.inventory.behaviour.channels.len(), "channels") {
            return;
        }
        if let Some(unknown) = typed::unknown(element.value, &CHANNEL, &[]).next() {
            let message = format!("a channel has no field {:?}", unknown.key);
            element.warn(builder, "field-type", message);
        }
        let mut faults = typed::faults(element.value, &CHANNEL);
        if element.value.kind() == Kind::Object && element.value.get("server").is_none() {
            faults.push("\"server\" is missing".to_owned());
        }
        for fault in faults {
            element.warn(builder, "field-type", format!("in a channel, {fault}"));
        }
        let server = document::text(element.value, "server").unwrap_or_default();
        let mut servers = builder.inventory.mcp_servers().into_iter();
        let declared = servers.any(|other| other.name() == server && other.loads.is_ok());
        let why_not = (!declared).then_some("channel-server");
        if !declared {
            let message = format!("the channel's server {server:?} is not declared");
            element.warn(builder, "channel-server", message);
        }
        builder.component(element.not_loading(why_not).component(ComponentType::Channel, &server));
        if declared {
            builder.inventory.behaviour.channels.push(server);
        }
    }
}

/// Plugins that are installed too. An object is that of an npm package, put into the wrong file.
fn dependencies(builder: &mut Builder<'_>, field: Option<Field<'_>>) {
    let all = field.filter(|field| field.value.kind() == Kind::Array);
    let mut found = Vec::new();
    for part in all.into_iter().flat_map(Field::elements).take(builder.files.limits().items) {
        let element = part.value;
        let mut faults = typed::faults(element, &DEPENDENCY);
        let name = match element.kind() {
            Kind::Object => element.get("name"),
            _ => Some(element),
        };
        let is_name = |text: &str| !text.is_empty() && !text.contains([' ', '/']);
        if !name.and_then(|name| name.as_string()).is_some_and(|name| is_name(&name)) {
            faults.push("the name is missing, or not one of a plugin".to_owned());
        }
        for fault in faults.into_iter().filter(|_| element.kind() != Kind::Number) {
            part.warn(builder, "field-type", format!("in a dependency, {fault}"));
        }
        let dependency = match element.kind() {
            Kind::String => {
                let text = element.as_string().unwrap_or_default();
                let (name, marketplace) = match text.split_once('@') {
                    Some((name, marketplace)) => (name.to_owned(), Some(marketplace.to_owned())),
                    None => (text, None),
                };
                Dependency { name, version: None, marketplace }
            }
            Kind::Object => Dependency {
                name: document::text(element, "name").unwrap_or_default(),
                version: document::text(element, "version"),
                marketplace: document::text(element, "marketplace"),
            },
            _ => continue,
        };
        found.push(dependency);
    }
    builder.inventory.behaviour.dependencies = found;
}
