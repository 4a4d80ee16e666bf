// SPDX-License-Identifier: Apache-2.0
//! Discovers agents (S-14).

use std::collections::BTreeSet;

use super::builder::Builder;
use super::manifest::{Field, Manifest};
use super::markdown::{Markdown, files_at};
use super::place::{self, Named};
use super::{hooks, mcp};
use crate::check::component::IGNORED;
use crate::inventory::{Component, ComponentType, Source};
use crate::path;

const DEFAULT: &str = "agents";

/// Finds the plugin's agents.
pub(super) fn discover(builder: &mut Builder<'_>, manifest: &Manifest<'_>) {
    place::replacing(builder, manifest, ("agents", DEFAULT), scan, named);
}

/// Agents that a field names.
fn named<'f>(
    builder: &mut Builder<'_>,
    field: &Field<'f>,
    seen: &mut BTreeSet<String>,
) -> Vec<Named<'f>> {
    let named = place::named(builder, field);
    for Named { path, field, why_not } in &named {
        if builder.files.get(path).is_some() && path.ends_with(".md") {
            add(builder, path, "", field.source, *why_not, seen);
            continue;
        }
        let message = format!("{path} is not a .md file, so the host refuses it");
        field.warn(builder, "agents-dir", message);
        scan(builder, path, field.source, Some("agents-dir"), seen);
    }
    named
}

fn scan(
    builder: &mut Builder<'_>,
    base: &str,
    source: Source,
    why_not: Option<&'static str>,
    seen: &mut BTreeSet<String>,
) {
    for file in files_at(builder, base) {
        let below = path::parent(&file).strip_prefix(base).unwrap_or_default();
        let prefix: String = below
            .split('/')
            .filter(|part| !part.is_empty())
            .map(|part| format!("{part}:"))
            .collect();
        add(builder, &file, &prefix, source, why_not, seen);
    }
}

fn add(
    builder: &mut Builder<'_>,
    file: &str,
    prefix: &str,
    source: Source,
    why_not: Option<&'static str>,
    seen: &mut BTreeSet<String>,
) {
    if !seen.insert(file.to_owned()) {
        return;
    }
    let stem = path::name(file).strip_suffix(".md").unwrap_or(file).to_owned();
    let mut agent = Component::new(ComponentType::Agent, stem, file, source).not_loading(why_not);
    builder.measure(&mut agent);
    if let Some(markdown) = Markdown::read(builder, file) {
        if let Some(name) = markdown.text("name").filter(|name| !name.is_empty()) {
            agent.name = name;
        }
        agent.name.insert_str(0, prefix);
        markdown.describe(&mut agent);
        markdown.check(builder, &agent);
        let fields = markdown.fields();
        for field in IGNORED {
            if fields.is_some_and(|fields| fields.get(field).is_some()) {
                let message = format!("{field} has no effect in an agent of a plugin");
                builder.warn("agent-field-ignored", message, file);
                agent.ignored.push(field.to_owned());
            }
        }
        // S-10: another host, or the next version of this one, may read them.
        hooks::of_component(builder, &agent, &markdown);
        if let Some(servers) = fields.and_then(|fields| fields.get("mcpServers")) {
            mcp::ignored_in_agent(builder, &agent, servers);
        }
    } else {
        agent.name.insert_str(0, prefix);
    }
    builder.component(agent);
}
