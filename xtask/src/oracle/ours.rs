// SPDX-License-Identifier: Apache-2.0
//! The verdict of the binary on a plugin, in the words of the host.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::Verdict;
use crate::Result;

/// The types that the host lists, by our name for them.
const KINDS: [(&str, &str); 9] = [
    ("skill", "skills"),
    ("command", "commands"),
    ("agent", "agents"),
    ("mcp-server", "mcpServers"),
    ("lsp-server", "lspServers"),
    ("monitor", "monitors"),
    ("output-style", "outputStyles"),
    ("theme", "themes"),
    ("workflow", "workflows"),
];

/// Asks `validate` and `inspect` for their verdict on the plugin in a directory.
pub(super) fn verdict(binary: &Path, plugin: &Path) -> Result<Verdict> {
    let found = document(binary, "validate", plugin)?;
    let mut errors = Vec::new();
    let mut facts = Vec::new();
    let all = ["errors", "warnings", "notes"].into_iter();
    for finding in all.flat_map(|list| found[list].as_array().into_iter().flatten()) {
        let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        facts.push((text("rule"), text("hosts")));
    }
    for error in found["errors"].as_array().into_iter().flatten() {
        let by_host = error["source"]
            .as_array()
            .is_none_or(|all| all.iter().any(|checker| checker == "claude"));
        // What only others check, the host cannot refuse.
        if by_host {
            let text = |key: &str| error[key].as_str().unwrap_or_default().to_owned();
            errors.push(format!("{}: {}", text("rule"), text("message")));
        }
    }
    let surface = document(binary, "inspect", plugin)?;
    let mut provides: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut add = |kind: &str, name: String| {
        provides.entry(kind.to_owned()).or_default().insert(name);
    };
    for component in surface["components"].as_array().into_iter().flatten() {
        let text = |key: &str| component[key].as_str().unwrap_or_default();
        if component["loads"] != true {
            continue;
        }
        match text("type") {
            "module" => add("modules", text("path").to_owned()),
            "bin" => add("bin", text("name").to_owned()),
            kind => {
                if let Some((_, theirs)) = KINDS.iter().find(|(ours, _)| *ours == kind) {
                    let name = text("name");
                    add(theirs, bundle(&surface, kind, name).unwrap_or_else(|| name.to_owned()));
                }
            }
        }
    }
    for hook in surface["hooks"].as_array().into_iter().flatten() {
        let text = |key: &str| hook[key].as_str().unwrap_or_default();
        if hook["loads"] == true && hook.get("component").is_none() {
            add("hooks", format!("{} {}", text("event"), text("type")));
        }
    }
    Ok(Verdict { accepts: errors.is_empty(), provides: Some(provides), errors, facts })
}

/// Returns the bundle that a server comes from: the host's validator opens none, and names the
/// file.
fn bundle(surface: &Value, kind: &str, name: &str) -> Option<String> {
    let servers = surface["mcp_servers"].as_array().filter(|_| kind == "mcp-server")?;
    let server = servers.iter().find(|server| server["name"] == name && server["loads"] == true)?;
    let bundle = server["bundle"].as_str()?;
    Some(if bundle.contains("://") { bundle.to_owned() } else { format!("./{bundle}") })
}

fn document(binary: &Path, verb: &str, plugin: &Path) -> Result<Value> {
    let mut command = Command::new(binary);
    command.args(["plugin", verb, "--format", "json"]).arg(plugin);
    let output = command.output()?;
    serde_json::from_slice(&output.stdout).map_err(|error| {
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        format!("{verb} {}: {error}: {told}", plugin.display()).into()
    })
}
