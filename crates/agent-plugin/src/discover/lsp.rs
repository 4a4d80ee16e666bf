// SPDX-License-Identifier: Apache-2.0
//! Language servers (S-56).

use std::collections::{BTreeMap, BTreeSet};

use oci_artifact::json::{Kind, Value};

use super::builder::Builder;
use super::manifest::{Field, Manifest};
use super::place::{self, Found};
use super::typed::{self, Is};
use crate::command::{self, Problem, env};
use crate::document;
use crate::inventory::{ComponentType, Launch, LaunchKind, RuleCode, What};

const DEFAULT: &str = ".lsp.json";
/// Fields that may be anything, or are looked at by themselves.
const ANY: [&str; 4] = ["command", "extensionToLanguage", "initializationOptions", "settings"];
const TYPES: [(&str, Is); 10] = [
    ("args", Is::Texts),
    ("transport", Is::OneOf(&["stdio", "socket"])),
    ("env", Is::TextMap),
    ("workspaceFolder", Is::Text),
    ("startupTimeout", Is::Whole),
    ("shutdownTimeout", Is::Whole),
    ("requestTimeout", Is::Whole),
    ("restartOnCrash", Is::Switch),
    ("maxRestarts", Is::Count),
    ("diagnostics", Is::Switch),
];

/// Finds the plugin's language servers.
pub(super) fn discover(builder: &mut Builder<'_>, manifest: &Manifest<'_>) {
    let mut seen = BTreeSet::from([DEFAULT.to_owned()]);
    if builder.files.get(DEFAULT).is_some() {
        file(builder, &Found::by_default(DEFAULT, None));
    }
    for field in manifest.all("lspServers").flat_map(Field::elements) {
        declared(builder, &field, &mut seen);
    }
    same_extension(builder);
}

fn declared(builder: &mut Builder<'_>, field: &Field<'_>, seen: &mut BTreeSet<String>) {
    if field.value.kind() == Kind::Object {
        servers(builder, field);
    } else if let Some(named) = place::one(builder, field)
        && seen.insert(named.path.clone())
    {
        file(builder, &named.found());
    }
}

fn file(builder: &mut Builder<'_>, found: &Found) {
    let Some(field) = Field::of_file(builder, "lspServers", found) else { return };
    let wrapped = document::object(field.value, "lspServers");
    let Some(inner) = wrapped.filter(|inner| inner.get("command").is_none()) else {
        return servers(builder, &field);
    };
    let message = "the servers belong at the top level, not below \"lspServers\"";
    builder.warn("lsp-wrapped", message, &found.path);
    servers(builder, &field.part(inner, "/lspServers").not_loading(Some("lsp-wrapped")));
}

/// A map of servers; one that is wrong makes the host skip all of a file.
fn servers(builder: &mut Builder<'_>, field: &Field<'_>) {
    let mut wrong = None;
    for member in field.value.members() {
        if let Some((code, message)) = fault(&member.key, member.value) {
            field.member(&member).warn(builder, code, message);
            wrong = wrong.or(Some(code));
        }
    }
    if wrong.is_some() {
        field.refuse_inline(builder);
    }
    for member in field.value.members() {
        if member.value.kind() == Kind::Object && !builder.has_no_room(LaunchKind::LspServer) {
            add(builder, &member.key, &field.member(&member).not_loading(wrong));
        }
    }
}

fn fault(name: &str, value: Value<'_>) -> Option<(RuleCode, String)> {
    if value.kind() != Kind::Object {
        return Some(("lsp-field", format!("{name} is an object, not {}", value.kind())));
    }
    if let Some(member) = typed::unknown(value, &TYPES, &ANY).next() {
        return Some(("lsp-field", format!("{name}: no host knows the field {:?}", member.key)));
    }
    if let Some(fault) = typed::faults(value, &TYPES).into_iter().next() {
        return Some(("lsp-field", format!("in {name}, {fault}")));
    }
    let command = document::text(value, "command").unwrap_or_default();
    if command.is_empty() || (command.contains(' ') && !command.starts_with('/')) {
        return Some(("lsp-command", format!("{name} needs a command without spaces")));
    }
    let extensions = value.get("extensionToLanguage");
    let fine = extensions.is_some_and(|map| {
        let is_full = |value: Value<'_>| value.as_string().is_some_and(|text| !text.is_empty());
        map.members().next().is_some()
            && map.members().all(|member| {
                member.key.starts_with('.') && member.key.len() > 1 && is_full(member.value)
            })
    });
    (!fine).then(|| {
        ("lsp-extensions", format!("{name} needs extensionToLanguage, with keys such as \".rs\""))
    })
}

fn add(builder: &mut Builder<'_>, name: &str, server: &Field<'_>) {
    let value = server.value;
    let command = document::text(value, "command").unwrap_or_default();
    let args = value.get("args").and_then(document::texts).unwrap_or_default();
    let mut analysis = command::exec(&command, &args, builder.place());
    let mut settings = Vec::new();
    for member in document::members(value, "env") {
        let text = member.value.as_string().unwrap_or_default();
        env::argument_reads(&text, &mut analysis);
        settings.push(env::setting(&member.key, &text));
    }
    for effect in settings.iter().filter_map(|setting| Some((setting.effect?, &setting.name))) {
        let message = format!("{name} is started with {}, {}", effect.1, effect.0.as_str());
        analysis.problems.push(Problem::new(effect.0.code(), message));
    }
    let given = ["initializationOptions", "settings"].into_iter().filter_map(|key| value.get(key));
    let options = given.map(document::shown).collect::<Vec<_>>().join("\n");
    let extensions = document::members(value, "extensionToLanguage");
    let extensions = extensions.map(|member| member.key.into_owned()).collect();
    builder.component(server.component(ComponentType::LspServer, name));
    let launch = Launch {
        command: Some(env::redact(&command)),
        args: Some(args.iter().map(|text| env::redact(text)).collect()),
        env: settings,
        input: Some(options).filter(|options| !options.is_empty()),
        ..server.launch(builder, What::LspServer(extensions), format!("lsp/{name}"))
    };
    builder.launch(launch, analysis);
}

/// Two servers for one extension: the first one wins.
fn same_extension(builder: &mut Builder<'_>) {
    let mut owner: BTreeMap<String, String> = BTreeMap::new();
    let mut messages = Vec::new();
    for server in builder.inventory.lsp_servers() {
        let What::LspServer(extensions) = &server.what else { continue };
        for extension in extensions.iter().filter(|_| server.loads.is_ok()) {
            match owner.get(extension) {
                Some(first) if first != server.name() => messages.push((
                    format!(
                        "{first} and {} both serve {extension}; the first one wins",
                        server.name()
                    ),
                    server.declared_in.file.clone(),
                )),
                Some(_) => {}
                None => drop(owner.insert(extension.clone(), server.name().to_owned())),
            }
        }
    }
    for (message, file) in messages {
        builder.warn("lsp-extensions", message, &file);
    }
}
