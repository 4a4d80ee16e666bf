// SPDX-License-Identifier: Apache-2.0
//! Agent Plugins 1.0 (S-19): skills and MCP servers, each at one place, and nothing else.

use oci_artifact::json::Value;

use super::builder::Builder;
use super::manifest::{Field, Manifest};
use super::{mcp, skills};
use crate::document;
use crate::host::Host;
use crate::inventory::Source;
use crate::path;

const SERVERS: &str = "mcp.json";
const STDIO: [&str; 5] = ["type", "command", "args", "env", "cwd"];
const REMOTE: [&str; 3] = ["type", "url", "headers"];

/// Finds what the plugin brings to a host of Agent Plugins. No field of the manifest names a place.
pub(super) fn discover(builder: &mut Builder<'_>, manifest: &Manifest<'_>) {
    if manifest.get("$schema").is_none() {
        let message = "the manifest of an Agent Plugin names its \"$schema\"";
        builder.warn("ap-schema", message, Host::AgentPlugins.manifest());
    }
    skills::discover(builder, &Manifest::default());
    skills::unreached(builder);
    if builder.files.get(SERVERS).is_none() {
        return;
    }
    let Some(value) = builder.document(SERVERS) else { return };
    let Some(servers) = document::object(value, "mcpServers") else {
        builder.warn("mcp-shape", "the servers belong below \"mcpServers\"", SERVERS);
        return;
    };
    let all = Field::new(servers, "mcpServers", SERVERS, "/mcpServers", Source::Default);
    for member in servers.members() {
        let server = all.member(&member);
        let fault = fault(member.value);
        if let Some(why) = &fault {
            server.warn(builder, "mcp-field", format!("{}: {why}", member.key));
        }
        mcp::add(builder, &member.key, &server.not_loading(fault.map(|_| "mcp-field")));
    }
}

/// Returns the fault by which the closed schema of a server refuses it.
fn fault(value: Value<'_>) -> Option<String> {
    let text = |key: &str| document::text(value, key).unwrap_or_default();
    let fields: &[&str] = match text("type").as_str() {
        "stdio" => &STDIO,
        "streamable-http" | "sse" => &REMOTE,
        other => return Some(format!("the type is stdio, streamable-http or sse, not {other:?}")),
    };
    if let Some(member) = value.members().find(|member| !fields.contains(&member.key.as_ref())) {
        return Some(format!("a server of its type has no field {:?}", member.key));
    }
    let command = text("command");
    let is_name = !command.contains(['/', '\\']);
    let is_own = command.starts_with("./") && path::join("", &command).is_some();
    if command.contains(char::is_whitespace) || !(is_name || is_own) {
        return Some("the command is one word, by itself or with ./ before it".to_owned());
    }
    let cwd = text("cwd");
    let places = ["./", "${PLUGIN_ROOT}", "${PLUGIN_DATA}"];
    if !cwd.is_empty() && !places.iter().any(|place| cwd.starts_with(place)) {
        return Some("the cwd is below ./, ${PLUGIN_ROOT} or ${PLUGIN_DATA}".to_owned());
    }
    let mut plain =
        document::members(value, "headers").filter_map(|member| member.value.as_string());
    let fixed = [command, text("url")].into_iter().any(|text| text.contains("${"));
    (fixed || plain.any(|text| text.contains("${")))
        .then(|| "placeholders are allowed only in args, env and cwd".to_owned())
}
