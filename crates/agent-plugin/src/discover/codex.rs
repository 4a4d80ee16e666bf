// SPDX-License-Identifier: Apache-2.0
//! Components that Codex alone reads (S-19): apps, which are references to connectors that run elsewhere.

use super::builder::Builder;
use super::manifest::{Field, Manifest};
use super::place::{self, Found};
use super::{hooks, mcp, skills};
use crate::document;
use crate::inventory::{ComponentType, Connector};

const DEFAULT: &str = ".app.json";

/// Finds what the plugin brings to Codex.
pub(super) fn discover(builder: &mut Builder<'_>, manifest: &Manifest<'_>) {
    skills::discover(builder, manifest);
    skills::unreached(builder);
    mcp::discover(builder, manifest);
    hooks::discover(builder, manifest);
    match manifest.get("apps") {
        None => file(builder, &Found::by_default(DEFAULT, None)),
        Some(field) => {
            let named = place::named(builder, &field);
            named.iter().for_each(|place| file(builder, &place.found()));
        }
    }
    builder.inventory.behaviour.connectors.sort();
}

/// A file of apps: `{"apps": {key: {"id"}}}`.
fn file(builder: &mut Builder<'_>, found: &Found) {
    let Some(value) = builder.document(&found.path) else { return };
    let Some(apps) = value.get("apps") else { return };
    let all = Field::new(apps, "apps", &found.path, "/apps", found.source);
    for member in apps.members() {
        if builder.is_full(builder.inventory.behaviour.connectors.len(), "connectors") {
            return;
        }
        let id = document::text(member.value, "id").filter(|id| !id.is_empty());
        let app = all.member(&member).not_loading(id.is_none().then_some("app-id"));
        builder.component(app.component(ComponentType::App, &member.key));
        let name = member.key.into_owned();
        match id {
            Some(id) => builder.inventory.behaviour.connectors.push(Connector { name, id }),
            None => app.warn(builder, "app-id", format!("the app {name:?} has no id")),
        }
    }
}
