// SPDX-License-Identifier: Apache-2.0
//! Discovers agents (S-14).

use super::builder::Builder;
use super::manifest::{Field, Manifest};
use super::markdown::{Markdown, files_at};
use super::place::{self, Found, Named};
use super::{hooks, mcp};
use crate::check::component::IGNORED;
use crate::inventory::ComponentType;
use crate::path;

const DEFAULT: &str = "agents";

/// Finds the plugin's agents.
pub(super) fn discover(builder: &mut Builder<'_>, manifest: &Manifest<'_>) {
    place::replacing(builder, manifest, ("agents", DEFAULT), scan, named);
}

/// Agents that a field names.
fn named<'f>(builder: &mut Builder<'_>, field: &Field<'f>) -> Vec<Named<'f>> {
    let named = place::named(builder, field);
    for place in &named {
        let found = place.found();
        if builder.files.get(&found.path).is_some() && found.path.ends_with(".md") {
            add(builder, "", &found);
            continue;
        }
        let message = format!("{} is not a .md file, so the host refuses it", found.path);
        place.field.warn(builder, "agents-dir", message);
        scan(builder, &Found { why_not: Some("agents-dir"), ..found });
    }
    named
}

fn scan(builder: &mut Builder<'_>, place: &Found) {
    for file in files_at(builder, &place.path) {
        let below = path::parent(&file).strip_prefix(&place.path).unwrap_or_default();
        let parts = below.split('/').filter(|part| !part.is_empty());
        let prefix: String = parts.map(|part| format!("{part}:")).collect();
        add(builder, &prefix, &place.at(file));
    }
}

fn add(builder: &mut Builder<'_>, prefix: &str, file: &Found) {
    if !builder.is_new(ComponentType::Agent, &file.path) {
        return;
    }
    let stem = path::name(&file.path).strip_suffix(".md").unwrap_or(&file.path);
    let markdown = Markdown::read(builder, &file.path);
    let own = markdown.as_ref().and_then(|markdown| markdown.text("name"));
    let own = own.filter(|name| !name.is_empty());
    let name = format!("{prefix}{}", own.as_deref().unwrap_or(stem));
    let mut agent = builder.of_file(ComponentType::Agent, &name, file);
    if let Some(markdown) = markdown {
        markdown.describe(&mut agent);
        markdown.check(builder, &agent);
        let fields = markdown.fields();
        for field in IGNORED {
            if fields.is_some_and(|fields| fields.get(field).is_some()) {
                let message = format!("{field} has no effect in an agent of a plugin");
                builder.warn("agent-field-ignored", message, &file.path);
                agent.ignored.push(field.to_owned());
            }
        }
        // S-10: another host, or the next version of this one, may read them.
        hooks::of_component(builder, &agent, &markdown);
        if let Some(servers) = fields.and_then(|fields| fields.get("mcpServers")) {
            mcp::ignored_in_agent(builder, &agent, servers);
        }
    }
    builder.component(agent);
}
