// SPDX-License-Identifier: Apache-2.0
//! Components that Codex alone reads (S-19): apps, which are references to connectors that run elsewhere.

use super::builder::Builder;
use super::manifest::{Field, Manifest};
use super::{hooks, mcp, place, skills};
use crate::document;
use crate::inventory::{Component, ComponentType, Connector, Source};

const DEFAULT: &str = ".app.json";

/// Finds what the plugin brings to Codex.
pub(super) fn discover(builder: &mut Builder<'_>, manifest: &Manifest<'_>) {
    skills::discover(builder, manifest);
    skills::unreached(builder);
    mcp::discover(builder, manifest);
    hooks::discover(builder, manifest);
    match manifest.get("apps") {
        None => file(builder, DEFAULT, Source::Default),
        Some(field) => named(builder, &field),
    }
    builder.inventory.behaviour.connectors.sort();
}

fn named(builder: &mut Builder<'_>, field: &Field<'_>) {
    for place in place::named(builder, field) {
        file(builder, &place.path, field.source);
    }
}

/// A file of apps: `{"apps": {key: {"id"}}}`.
fn file(builder: &mut Builder<'_>, path: &str, source: Source) {
    if builder.files.get(path).is_none() {
        return;
    }
    let Some(value) = builder.document(path) else { return };
    for member in value.get("apps").into_iter().flat_map(|apps| apps.members()) {
        if builder.is_full(builder.inventory.behaviour.connectors.len(), "connectors") {
            return;
        }
        let name = member.key.into_owned();
        let id = document::text(member.value, "id").filter(|id| !id.is_empty());
        let component = Component::new(ComponentType::App, &name, path, source);
        builder.component(component.not_loading(id.is_none().then_some("app-id")));
        match id {
            Some(id) => builder.inventory.behaviour.connectors.push(Connector { name, id }),
            None => {
                let message = format!("the app {name:?} has no id");
                let line = builder.line(member.value);
                builder.warn_at("app-id", message, path, line, None);
            }
        }
    }
}
