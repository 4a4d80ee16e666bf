// SPDX-License-Identifier: Apache-2.0
//! MCP servers (S-45 to S-55): which there are. [`server`] says what each is.

mod server;
mod bundle;

use server::Server;

use std::collections::{BTreeMap, BTreeSet};

use oci_artifact::json::{Kind, Value};

use super::builder::Builder;
use super::manifest::{Field, Manifest};
use super::place::{self, Found};
use crate::document;
use crate::files::is_bundle;
use crate::inventory::{Component, ComponentType, Launch, LaunchKind, Source, Transport};

const DEFAULT: &str = ".mcp.json";
/// Names that the host keeps for itself (S-47).
const RESERVED: [&str; 5] =
    ["workspace", "claude-in-chrome", "computer-use", "Claude Preview", "Claude Browser"];

/// Finds the plugin's MCP servers: `.mcp.json`, then the manifest's values; later ones win (S-46).
pub(super) fn discover(builder: &mut Builder<'_>, manifest: &Manifest<'_>) {
    place::default_and_named(
        builder,
        manifest,
        ("mcpServers", DEFAULT),
        file,
        |builder, field, seen| {
            field.elements().for_each(|one| declared(builder, &one, seen));
        },
    );
    shadow(builder);
    collide(builder);
}

/// Servers in an agent's frontmatter, which a plugin's agent may not have (S-14).
pub(super) fn ignored_in_agent(builder: &mut Builder<'_>, agent: &Component, value: Value<'_>) {
    let field = Field::new(value, "mcpServers", &agent.path, "/mcpServers", Source::Frontmatter);
    let field = field.not_loading(Some("agent-field-ignored"));
    for member in value.members() {
        add(builder, &member.key, &field.member(&member));
    }
}

/// Reads one value of a field: a file, a bundle, or a map.
fn declared(builder: &mut Builder<'_>, field: &Field<'_>, seen: &mut BTreeSet<String>) {
    if field.value.kind() == Kind::Object {
        return servers(builder, field);
    }
    let Some(text) = field.value.as_string() else { return };
    if builder.has_no_room(LaunchKind::McpServer) {
        return;
    }
    let is_url = text.starts_with("https://") || text.starts_with("http://");
    if is_url && is_bundle(text.split(['?', '#']).next().unwrap_or_default()) {
        return bundle::of_url(builder, &text, field);
    }
    let Some(named) = place::one(builder, field) else { return };
    if !seen.insert(named.path.clone()) {
        return;
    }
    if is_bundle(&named.path) {
        bundle::of_file(builder, &named.path, &named.field);
    } else {
        file(builder, &named.found());
    }
}

/// A file of servers: wrapped or bare (S-45).
fn file(builder: &mut Builder<'_>, found: &Found) {
    let path = found.path.as_str();
    let Some((value, marked)) = builder.strict_document(path) else { return };
    let field = Field::in_file(value, "mcpServers", found).not_loading(marked);
    if !matches!(value.kind(), Kind::Object | Kind::Array) {
        builder.warn("mcp-entry", format!("servers are an object, not {}", value.kind()), path);
    }
    let wrapped = value.get("mcpServers");
    let wrapped = wrapped.filter(|inner| matches!(inner.kind(), Kind::Object | Kind::Array));
    let Some(inner) = wrapped else { return servers(builder, &field) };
    let is_server =
        |value: Value<'_>| ["command", "url"].iter().any(|key| value.get(key).is_some());
    let mut others = value.members().filter(|member| is_server(member.value));
    if others.any(|member| !matches!(member.key.as_ref(), "mcpServers" | "$schema")) {
        builder.warn("mcp-beside", "servers next to \"mcpServers\" are not read", path);
        let beside = Field { why_not: Some("mcp-beside"), ..field.clone() };
        for member in value.members().filter(|one| one.key != "mcpServers" && is_server(one.value))
        {
            add(builder, &member.key, &beside.member(&member));
        }
    }
    servers(builder, &field.part(inner, "/mcpServers"));
}

/// Every member is a server; what is no object does not load (S-10).
fn servers(builder: &mut Builder<'_>, field: &Field<'_>) {
    // The host takes a list for an object whose keys are numbers [observed].
    let elements = field.value.elements().enumerate();
    let elements = elements.map(|(index, value)| (index.to_string(), value));
    let members = field.value.members().map(|member| (member.key.into_owned(), member.value));
    for (name, value) in elements.chain(members) {
        let server = field.part(value, &document::pointer(&name));
        match value.kind() {
            Kind::Object => add(builder, &name, &server),
            _ => no_server(builder, &name, &server),
        }
    }
}

/// An entry that is no object, which the host drops.
fn no_server(builder: &mut Builder<'_>, name: &str, field: &Field<'_>) {
    if builder.has_no_room(LaunchKind::McpServer) {
        return;
    }
    let mut server = Server::new(builder, name, Transport::Unknown, field);
    let message = format!("the server {name:?} is {}, not an object", field.value.kind());
    server.refuse("mcp-entry", message);
    server.own.bundle = field.value.as_string().filter(|text| is_bundle(text));
    server.finish(builder, field);
    builder.push(server.done());
}

/// Lists a server.
pub(super) fn add(builder: &mut Builder<'_>, name: &str, field: &Field<'_>) {
    if builder.has_no_room(LaunchKind::McpServer) {
        return;
    }
    if RESERVED.contains(&name) {
        let message = format!("the host reserves the name {name:?}");
        builder.warn("mcp-reserved", message, field.file);
    }
    let (server, _) = server::found(builder, name, field);
    builder.push(server.done());
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
