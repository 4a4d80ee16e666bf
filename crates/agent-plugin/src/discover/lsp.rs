// SPDX-License-Identifier: Apache-2.0
//! Language servers (S-56).

use std::collections::{BTreeMap, BTreeSet};

use oci_artifact::json::{Kind, Value};

use super::builder::Builder;
use super::manifest::{Field, Manifest};
use super::place;
use super::typed::{self, Is};
use crate::command::{self, env};
use crate::document;
use crate::inventory::{Component, ComponentType, Declared, Launch, LaunchKind, Source, What};

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
        file(builder, DEFAULT, Source::Default, None);
    }
    for field in manifest.all("lspServers").flat_map(|field| field.elements()) {
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
        file(builder, &named.path, field.source, named.why_not);
    }
}

fn file(builder: &mut Builder<'_>, path: &str, source: Source, why_not: Option<&'static str>) {
    let Some(value) = builder.optional_document(path) else { return };
    let why_not = why_not.or(builder.is_marked(path).then_some("json-unread"));
    let pointer = String::new();
    let field = Field { value, name: "lspServers", file: path, pointer, source, why_not };
    let wrapped = value
        .get("lspServers")
        .filter(|inner| inner.kind() == Kind::Object && inner.get("command").is_none());
    let Some(inner) = wrapped else { return servers(builder, &field) };
    let message = "the servers belong at the top level, not below \"lspServers\"";
    builder.warn("lsp-wrapped", message, path);
    servers(builder, &field.part(inner, "/lspServers").not_loading(Some("lsp-wrapped")));
}

/// A map of servers; one that is wrong makes the host skip all of a file.
fn servers(builder: &mut Builder<'_>, field: &Field<'_>) {
    let mut wrong = None;
    for member in field.value.members() {
        if let Some((code, message)) = fault(&member.key, member.value) {
            let line = builder.line(member.value);
            builder.warn_at(code, message, field.file, line, None);
            wrong = wrong.or(Some(code));
        }
    }
    if wrong.is_some() {
        field.refuse_inline(builder);
    }
    for member in field.value.members() {
        if member.value.kind() == Kind::Object && !builder.has_no_room(LaunchKind::LspServer) {
            let server = field.part(member.value, &document::pointer(&member.key));
            add(builder, &member.key, server.not_loading(wrong));
        }
    }
}

fn fault(name: &str, value: Value<'_>) -> Option<(&'static str, String)> {
    if value.kind() != Kind::Object {
        return Some(("lsp-field", format!("{name} is an object, not {}", value.kind())));
    }
    let is_known = |key: &str| ANY.contains(&key) || TYPES.iter().any(|(known, _)| *known == key);
    if let Some(member) = value.members().find(|member| !is_known(&member.key)) {
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

fn add(builder: &mut Builder<'_>, name: &str, server: Field<'_>) {
    let Field { value, file, pointer, source, why_not, .. } = server;
    let command = document::text(value, "command").unwrap_or_default();
    let args = value.get("args").and_then(document::texts).unwrap_or_default();
    let mut analysis = command::exec(&command, &args, builder.place());
    let members = value.get("env").into_iter().flat_map(|object| object.members());
    let mut settings = Vec::new();
    for member in members {
        let text = member.value.as_string().unwrap_or_default();
        env::argument_reads(&text, &mut analysis);
        settings.push(env::setting(&member.key, &text));
    }
    let id = format!("lsp/{name}");
    let line = builder.line(value);
    for effect in settings.iter().filter_map(|setting| Some((setting.effect?, &setting.name))) {
        let message = format!("{name} is started with {}, {}", effect.1, effect.0.as_str());
        builder.warn_at(effect.0.code(), message, file, line, Some(&id));
    }
    let given = ["initializationOptions", "settings"].into_iter().filter_map(|key| value.get(key));
    let options = given.map(document::shown).collect::<Vec<_>>().join("\n");
    let map = value.get("extensionToLanguage");
    let extensions = map.into_iter().flat_map(|map| map.members());
    let extensions = extensions.map(|member| member.key.into_owned()).collect();
    let component = Component::new(ComponentType::LspServer, name, file, source);
    builder.component(component.not_loading(why_not));
    let launch = Launch {
        command: Some(env::redact(&command)),
        args: Some(args.iter().map(|text| env::redact(text)).collect()),
        env: settings,
        input: Some(options).filter(|options| !options.is_empty()),
        loads: why_not.map_or(Ok(()), Err),
        ..Launch::new(What::LspServer(extensions), id, Declared::json(file, pointer, line))
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
