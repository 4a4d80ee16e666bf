// SPDX-License-Identifier: Apache-2.0
//! Hosts that the tree has a manifest for (S-2, S-19), and what no host loads (S-75, S-76).

use oci_artifact::json::Value;

use super::Root;
use super::builder::Builder;
use super::manifest::PATH;
use crate::document;
use crate::host::Host;
use crate::marketplace::PATH as CATALOGUE;
use crate::path;

/// Manifests of other hosts.
const OTHERS: [(&str, &str); 4] = [
    (Host::Codex.as_str(), Host::Codex.manifest()),
    ("cursor", ".cursor-plugin/plugin.json"),
    ("copilot", ".github/plugin/plugin.json"),
    ("gemini", "gemini-extension.json"),
];
/// Default places of components: with one of them a directory is a plugin without a manifest.
const PLACES: [&str; 9] = [
    "agents",
    "bin",
    "commands",
    "hooks",
    "monitors",
    "output-styles",
    "skills",
    "themes",
    "workflows",
];
const PLACE_FILES: [&str; 4] = [".lsp.json", ".mcp.json", "SKILL.md", "settings.json"];

/// Notes which hosts the tree has a manifest for. An entry of a catalogue makes any tree a plugin.
pub(super) fn detect(builder: &mut Builder<'_>, root: &Root) {
    let mut found = Vec::new();
    let is_plugin = builder.files.get(PATH).is_some() || has_components(builder);
    if is_plugin || root.entry.is_some() {
        found.push((Host::Claude.as_str(), PATH));
    }
    let agent_plugin = Host::AgentPlugins.manifest();
    let is_agent_plugin = builder
        .quietly(agent_plugin)
        .is_some_and(|value| value.get("$schema").is_some() && value.get("name").is_some());
    if is_agent_plugin {
        found.push((Host::AgentPlugins.as_str(), agent_plugin));
    }
    found.extend(OTHERS.into_iter().filter(|(_, file)| builder.files.get(file).is_some()));
    for (format, file) in found.iter().copied().filter(|(format, _)| *format != root.host.as_str())
    {
        let message =
            format!("the directory is also a plugin for {format}, which was not examined");
        builder.warn("other-format", message, file);
        builder.dropped(file);
    }
    builder.inventory.subject.formats = found.into_iter().map(|(format, _)| format).collect();
}

/// Whether this is a catalogue and no plugin.
pub(super) fn is_only_a_catalogue(builder: &mut Builder<'_>) -> bool {
    if builder.files.get(CATALOGUE).is_none() {
        return false;
    }
    let plugin = builder.files.get(PATH).is_some() || has_components(builder);
    let message = match plugin {
        true => "a catalogue lies next to the plugin; it was not considered",
        false => "this is a catalogue of plugins, not a plugin",
    };
    let code = if plugin { "catalogue-beside" } else { "marketplace" };
    builder.warn(code, message, CATALOGUE);
    let text = |value: Value<'_>| document::text(value, "description");
    let described = builder
        .quietly(CATALOGUE)
        .and_then(|value| text(value).or_else(|| text(value.get("metadata")?)));
    if described.is_none_or(|text| text.is_empty()) {
        builder.warn("catalogue-description", "the catalogue has no description", CATALOGUE);
    }
    !plugin
}

fn has_components(builder: &Builder<'_>) -> bool {
    PLACES.iter().any(|place| builder.files.is_directory(place))
        || PLACE_FILES.iter().any(|file| builder.files.get(file).is_some())
}

/// Notes what looks like a component and is none (S-76).
pub(super) fn not_surface(builder: &mut Builder<'_>) {
    if builder.files.get("CLAUDE.md").is_some() {
        let message = "CLAUDE.md at the root of a plugin is not loaded";
        builder.warn("root-claude-md", message, "CLAUDE.md");
    }
    let below = builder.files.below(".claude-plugin");
    let inside = below.map(|(path, _)| path).find(|file| {
        let rest = file.strip_prefix(".claude-plugin/").unwrap_or_default();
        PLACES.contains(&rest.split('/').next().unwrap_or_default()) && rest.contains('/')
    });
    // Of a directory, what is below is not looked at.
    let dropped = builder.files.dropped().iter().filter_map(|path| {
        let path = path.strip_suffix('/').unwrap_or(path);
        let name = path.strip_prefix(".claude-plugin/")?;
        PLACES.contains(&name).then_some(path)
    });
    if let Some(file) = inside.or_else(|| dropped.into_iter().next()) {
        // The directory that lies there.
        let end = file.match_indices('/').nth(1).map_or(file.len(), |(at, _)| at);
        let file = file.get(..end).unwrap_or(file).to_owned();
        let message = "components inside .claude-plugin/ are not loaded";
        builder.warn("in-dot-claude-plugin", message, &file);
    }
    // S-75: what hosts read and the packager drops.
    for file in [".app.json", ".lsp.json"] {
        builder.dropped(file);
    }
    let empty = builder.inventory.components.is_empty();
    let name = path::name(&builder.inventory.subject.name).to_owned();
    let loads = builder.inventory.components.iter().any(|component| component.loads.is_ok());
    if builder.files.get(PATH).is_none() && !builder.inventory.subject.entry_considered && !loads {
        let message =
            format!("{name} has no manifest, and nothing where hosts look for components");
        builder.warn("not-a-plugin", message, PATH);
    }
    if empty {
        builder.warn("no-components", format!("{name} has no components"), PATH);
    }
}
