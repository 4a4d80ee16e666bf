// SPDX-License-Identifier: Apache-2.0
//! MCP servers (S-45 to S-55): which there are. [`server`] says what each is.

mod server;
mod bundle;

use server::Server;

use std::collections::{BTreeMap, BTreeSet};

use oci_artifact::json::{Kind, Value};

use super::builder::Builder;
use super::manifest::{Field, Manifest};
use super::{case, place};
use crate::document;
use crate::files::is_bundle;
use crate::inventory::{Component, ComponentType, Launch, LaunchKind, Source, Transport, Trigger};

const DEFAULT: &str = ".mcp.json";
/// Names that the host keeps for itself (S-47).
const RESERVED: [&str; 5] =
    ["workspace", "claude-in-chrome", "computer-use", "Claude Preview", "Claude Browser"];

/// The place of a map of servers.
#[derive(Clone, Debug)]
struct Map<'a> {
    file: &'a str,
    pointer: String,
    source: Source,
    lines: Lines,
    /// The bundle that it was read from.
    bundle: Option<&'a str>,
    why_not: Option<&'static str>,
}

/// Whether the lines of a map's values are those of its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lines {
    Own,
    /// Lines that are lost, because the text was converted or unpacked.
    Lost,
}

/// Finds the plugin's MCP servers: `.mcp.json`, then the manifest's values; later ones win (S-46).
pub(super) fn discover(builder: &mut Builder<'_>, manifest: &Manifest<'_>) {
    let replaced = manifest.replaces_default(builder.host, "mcpServers");
    let mut seen = BTreeSet::new();
    if replaced.is_none() {
        seen.insert(DEFAULT.to_owned());
        default(builder, None);
    }
    for field in manifest.all("mcpServers").flat_map(|field| field.elements()) {
        declared(builder, &field, &mut seen);
    }
    if replaced.is_some() && !seen.contains(DEFAULT) {
        default(builder, replaced);
    }
    shadow(builder);
    collide(builder);
}

/// Servers in an agent's frontmatter, which a plugin's agent may not have (S-14).
pub(super) fn ignored_in_agent(builder: &mut Builder<'_>, agent: &Component, value: Value<'_>) {
    let map = Map {
        file: &agent.path,
        pointer: "/mcpServers".to_owned(),
        source: Source::Frontmatter,
        lines: Lines::Lost,
        bundle: None,
        why_not: Some("agent-field-ignored"),
    };
    for member in value.members() {
        add(builder, &member.key, member.value, &map);
    }
}

fn default(builder: &mut Builder<'_>, why_not: Option<&'static str>) {
    for path in case::variants(builder, DEFAULT) {
        file(builder, &path, Source::Default, Some("file-case"));
    }
    if builder.files.get(DEFAULT).is_some() {
        file(builder, DEFAULT, Source::Default, why_not);
    }
}

/// A server of `mcp.json`, and why it does not load, if so.
pub(super) fn of_agent_plugin(
    builder: &mut Builder<'_>,
    name: &str,
    value: Value<'_>,
    file: &str,
    why_not: Option<&'static str>,
) {
    let pointer = "/mcpServers".to_owned();
    add(builder, name, value, &Map::in_file(file, pointer, Source::Default, why_not));
}

/// Reads one value of a field: a file, a bundle, or a map.
fn declared(builder: &mut Builder<'_>, field: &Field<'_>, seen: &mut BTreeSet<String>) {
    if field.value.kind() == Kind::Object {
        servers(builder, field.value, &Map::of(field));
        return;
    }
    let Some(text) = field.value.as_string() else { return };
    if builder.has_no_room(LaunchKind::McpServer) {
        return;
    }
    let is_url = text.starts_with("https://") || text.starts_with("http://");
    if is_url && is_bundle(text.split(['?', '#']).next().unwrap_or_default()) {
        bundle::of_url(builder, &text, field);
        return;
    }
    let Some(named) = place::one(builder, field) else { return };
    if !seen.insert(named.path.clone()) {
        return;
    }
    if is_bundle(&named.path) {
        bundle::of_file(builder, &named.path, &Field { why_not: named.why_not, ..field.clone() });
    } else {
        file(builder, &named.path, field.source, named.why_not);
    }
}

/// A file of servers: wrapped or bare (S-45).
fn file(builder: &mut Builder<'_>, path: &str, source: Source, why_not: Option<&'static str>) {
    let Some((value, marked)) = builder.strict_document(path) else { return };
    let mut map = Map::in_file(path, String::new(), source, why_not.or(marked));
    if !matches!(value.kind(), Kind::Object | Kind::Array) {
        let message = format!("servers are an object, not {}", value.kind());
        builder.warn("mcp-entry", message, path);
    }
    let wrapped = value.get("mcpServers");
    let wrapped = wrapped.filter(|inner| matches!(inner.kind(), Kind::Object | Kind::Array));
    let others = value.members().any(|member| {
        !matches!(member.key.as_ref(), "mcpServers" | "$schema")
            && member.value.kind() == Kind::Object
            && (member.value.get("command").is_some() || member.value.get("url").is_some())
    });
    match wrapped {
        Some(inner) => {
            if others {
                let message = "servers next to \"mcpServers\" are not read";
                builder.warn("mcp-beside", message, path);
                let beside = Map { why_not: Some("mcp-beside"), ..map.clone() };
                for member in value.members().filter(|member| member.key != "mcpServers") {
                    if member.value.get("command").is_some() || member.value.get("url").is_some() {
                        add(builder, &member.key, member.value, &beside);
                    }
                }
            }
            map.pointer = "/mcpServers".to_owned();
            servers(builder, inner, &map);
        }
        None => servers(builder, value, &map),
    }
}

/// Every member is a server; what is no object does not load (S-10).
fn servers(builder: &mut Builder<'_>, value: Value<'_>, map: &Map<'_>) {
    // The host takes a list for an object whose keys are numbers [observed].
    for (index, element) in value.elements().enumerate() {
        match element.kind() {
            Kind::Object => add(builder, &index.to_string(), element, map),
            _ => no_server(builder, &index.to_string(), element, map),
        }
    }
    for member in value.members() {
        if member.value.kind() == Kind::Object {
            add(builder, &member.key, member.value, map);
        } else {
            no_server(builder, &member.key, member.value, map);
        }
    }
}

/// An entry that is no object, which the host drops.
fn no_server(builder: &mut Builder<'_>, name: &str, value: Value<'_>, map: &Map<'_>) {
    if builder.has_no_room(LaunchKind::McpServer) {
        return;
    }
    let line = (map.lines == Lines::Own).then(|| builder.line(value)).flatten();
    let message = format!("the server {name:?} is {}, not an object", value.kind());
    let id = format!("mcp/{name}");
    builder.warn_at("mcp-entry", message, map.file, line, Some(&id));
    let map = Map { why_not: map.why_not.or(Some("mcp-entry")), ..map.clone() };
    let mut server = Server::new(name, Transport::Unknown, &map);
    server.launch.declared_in.pointer = Some(format!("{}{}", map.pointer, document::pointer(name)));
    server.launch.declared_in.at = line;
    server.own.bundle = value.as_string().filter(|text| is_bundle(text));
    let component = Component::new(ComponentType::McpServer, name, map.file, map.source);
    builder.component(component.not_loading(map.why_not));
    builder.push(server.done());
}

fn add(builder: &mut Builder<'_>, name: &str, value: Value<'_>, map: &Map<'_>) {
    if builder.has_no_room(LaunchKind::McpServer) {
        return;
    }
    if RESERVED.contains(&name) {
        let message = format!("the host reserves the name {name:?}");
        builder.warn("mcp-reserved", message, map.file);
    }
    let server = server::read(builder, name, value, map);
    builder.push(server);
}

/// Removes all but the last of the servers with one name (S-46).
fn shadow(builder: &mut Builder<'_>) {
    let mut last: BTreeMap<String, String> = BTreeMap::new();
    let mut replaced = Vec::new();
    let servers = builder.inventory.launches.iter_mut().rev();
    for server in servers.filter(|one| one.server().is_some() && one.loads.is_ok()) {
        let (name, file) = (server.name().to_owned(), server.declared_in.file.clone());
        if let Some(by) = last.insert(name.clone(), file.clone()) {
            server.stop("mcp-shadow");
            replaced.push((name, server.id.clone(), file, by));
        }
    }
    for (name, id, file, by) in replaced.into_iter().rev() {
        let component = builder.inventory.components.iter_mut().find(|component| {
            component.kind == ComponentType::McpServer
                && component.name == name
                && component.path == file
                && component.loads.is_ok()
        });
        if let Some(component) = component {
            component.loads = Err("mcp-shadow");
        }
        let message = format!("the server {name:?} is replaced by the one in {by}");
        builder.warn_at("mcp-shadow", message, &file, None, Some(&id));
    }
}

/// Names whose tools would be called alike (S-47).
fn collide(builder: &mut Builder<'_>) {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    let mut messages = Vec::new();
    let servers: Vec<&Launch> = builder.inventory.mcp_servers();
    for server in servers.into_iter().filter(|server| server.loads.is_ok()) {
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
        let tool: String = server.name().chars().map(plain).collect();
        if let Some(other) = seen.insert(tool, server.name().to_owned()) {
            messages.push((
                format!("the tools of {other:?} and {:?} have the same names", server.name()),
                server.declared_in.file.clone(),
                server.id.clone(),
            ));
        }
    }
    for (message, file, id) in messages {
        builder.warn_at("mcp-names", message, &file, None, Some(&id));
    }
}

impl<'a> Map<'a> {
    fn of(field: &Field<'a>) -> Self {
        let Field { file, pointer, source, why_not, .. } = field.clone();
        Self::in_file(file, pointer, source, why_not)
    }

    fn in_file(
        file: &'a str,
        pointer: String,
        source: Source,
        why_not: Option<&'static str>,
    ) -> Self {
        Self { file, pointer, source, lines: Lines::Own, bundle: None, why_not }
    }

    fn trigger(&self) -> Trigger {
        match self.source {
            Source::Frontmatter => Trigger::OnInvoke,
            _ => Trigger::Automatic,
        }
    }
}
