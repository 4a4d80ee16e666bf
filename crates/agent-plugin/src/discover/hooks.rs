// SPDX-License-Identifier: Apache-2.0
//! Hooks (S-20 to S-23): files, inline maps, frontmatter → groups → handlers.

mod handler;
mod matcher;

pub(crate) use handler::duration;

use std::collections::BTreeSet;

use oci_artifact::json::Kind;

use super::builder::Builder;
use super::manifest::{Field, Manifest};
use super::markdown::Markdown;
use super::place::{self, Found};
use super::typed::{self, Is};
use crate::document;
use crate::inventory::{Component, ComponentType, Source, event};

pub(super) const DEFAULT: &str = "hooks/hooks.json";

/// Finds the plugin's hooks: the default file, files and maps that the manifest names (S-21). Gives the
/// files.
pub(super) fn discover(builder: &mut Builder<'_>, manifest: &Manifest<'_>) -> BTreeSet<String> {
    let (none, replaced) = (BTreeSet::new(), manifest.replaced_events());
    let default = |builder: &mut Builder<'_>, found: &Found| file(builder, found, &none);
    place::default_and_named(
        builder,
        manifest,
        ("hooks", DEFAULT),
        default,
        |builder, field, seen| {
            let is_entry = field.source == Source::Entry;
            let is_wrong = is_entry && field.value.kind() != Kind::Object;
            if is_wrong {
                let message = "the hooks of an entry must be a map of events, not a path";
                field.warn(builder, "entry-hooks", message);
            }
            let replaced = if is_entry { &none } else { &replaced };
            for element in field.not_loading(is_wrong.then_some("entry-hooks")).elements() {
                declared(builder, &element, replaced, seen);
            }
        },
    )
}

/// Reads one value of a field: a path or a map. `replaced` are the events whose handlers do not
/// count, since the entry has its own (S-16).
fn declared(
    builder: &mut Builder<'_>,
    field: &Field<'_>,
    replaced: &BTreeSet<String>,
    seen: &mut BTreeSet<String>,
) {
    if field.value.kind() == Kind::Object {
        let Some(inner) = document::object(field.value, "hooks") else {
            return events(builder, field, None, replaced);
        };
        let message = "a map of events in the manifest has no \"hooks\" around it";
        field.warn(builder, "hooks-inline-wrapped", message);
        let inner = field.part(inner, "/hooks").not_loading(Some("hooks-inline-wrapped"));
        return events(builder, &inner, None, replaced);
    }
    let Some(named) = place::one(builder, field) else { return };
    if named.path == DEFAULT && seen.contains(&named.path) {
        let message = "the manifest names the default file again: hosts up to 2.1.197 refuse the plugin because of it, newer ones read it once";
        field.warn(builder, "hooks-twice", message);
    }
    if !seen.insert(named.path.clone()) {
        return;
    }
    if builder.files.get(&named.path).is_none() {
        field.warn(builder, "path-missing", format!("{} is not a hooks file", named.path));
        return;
    }
    file(builder, &named.found(), replaced);
}

/// A file of hooks: an object with `hooks`, `modules`, or both (S-20).
fn file(builder: &mut Builder<'_>, found: &Found, replaced: &BTreeSet<String>) {
    let path = found.path.as_str();
    let Some((value, marked)) = builder.strict_document(path) else { return };
    let field = Field::in_file(value, "hooks", found).not_loading(marked);
    for fault in typed::faults(value, &[("description", Is::Text)]) {
        builder.warn("field-type", format!("in this file, {fault}"), path);
    }
    match value.get("hooks") {
        Some(hooks) if hooks.kind() == Kind::Object => {
            events(builder, &field.part(hooks, "/hooks"), None, replaced);
        }
        Some(hooks) => {
            let message = format!("\"hooks\" is a map of events, not {}", hooks.kind());
            builder.warn_of("hooks-unwrapped", message, path, hooks);
        }
        None if value.get("modules").is_some_and(|list| list.elements().next().is_some()) => {}
        None => {
            let bare = value.members().any(|member| event::find(&member.key).is_some());
            let message = match bare {
                true => "the map of events has to be below \"hooks\"",
                false => "there is neither \"hooks\" nor \"modules\"",
            };
            builder.warn("hooks-unwrapped", message, path);
            if bare {
                let field = Field { why_not: Some("hooks-unwrapped"), ..field };
                events(builder, &field, None, replaced);
            }
        }
    }
}

/// The hooks in a component's frontmatter (S-23); a plugin's agent may not have any (S-14).
pub(super) fn of_component(
    builder: &mut Builder<'_>,
    component: &Component,
    markdown: &Markdown<'_>,
) {
    let Some(hooks) = markdown.fields().and_then(|fields| fields.get("hooks")) else { return };
    let why_not = match component.kind {
        ComponentType::Agent => Some("agent-field-ignored"),
        _ => component.loads.err(),
    };
    let field = Field::new(hooks, "hooks", &component.path, "/hooks", Source::Frontmatter);
    events(builder, &field.not_loading(why_not), Some(component), &BTreeSet::new());
}

/// A map of events (S-22), in the frontmatter of a component if there is one. Of those that are `replaced`, other
/// handlers count (S-16).
pub(super) fn events(
    builder: &mut Builder<'_>,
    field: &Field<'_>,
    component: Option<&Component>,
    replaced: &BTreeSet<String>,
) {
    if field.value.kind() != Kind::Object {
        let message = format!("hooks are a map of events, not {}", field.value.kind());
        return shape(builder, "", field, message);
    }
    for member in field.value.members() {
        let event = member.key.as_ref();
        let is_replaced = replaced.contains(event).then_some("entry-replaces");
        let mut groups = field.member(&member).not_loading(is_replaced);
        if groups.value.kind() != Kind::Array {
            let message = format!("{event} needs an array of groups, not {}", groups.value.kind());
            shape(builder, event, &groups, message);
            // S-10: a group without its array, or handlers below another name.
            groups.why_not = Some("hooks-shape");
        }
        for element in groups.elements() {
            group(builder, event, element, component);
        }
    }
}

/// A group: a matcher and its handlers.
fn group(
    builder: &mut Builder<'_>,
    event: &str,
    mut group: Field<'_>,
    component: Option<&Component>,
) {
    let value = group.value;
    if value.kind() != Kind::Object {
        if group.why_not.is_none() {
            let message = format!("a group of {event} is an object, not {}", value.kind());
            shape(builder, event, &group, message);
        }
        return;
    }
    if let Some(wrong) = value.get("matcher").filter(|matcher| matcher.kind() != Kind::String) {
        let message = format!("a matcher is a string, not {}", wrong.kind());
        shape(builder, event, &group.part(wrong, "/matcher"), message);
        group = group.not_loading(Some("hooks-shape"));
    }
    let matcher = document::text(value, "matcher");
    let add = |handler: &Field<'_>, builder: &mut Builder<'_>| {
        handler::add(builder, event, matcher.as_deref(), handler, component);
    };
    match value.get("hooks") {
        Some(hooks) if hooks.kind() == Kind::Array => {
            group.part(hooks, "/hooks").elements().for_each(|one| add(&one, builder));
        }
        other => {
            if group.why_not.is_none() {
                let message = match other {
                    Some(other) => {
                        format!("\"hooks\" of a group is an array, not {}", other.kind())
                    }
                    None => format!("a group of {event} has no \"hooks\""),
                };
                shape(builder, event, &group, message);
            }
            group.why_not = Some("hooks-shape");
            // Handlers at a wrong place: the group itself, or below another key than `hooks` (S-10).
            if is_handler(&group) {
                return add(&group, builder);
            }
            let parts = value.members().flat_map(|member| group.member(&member).elements());
            parts.filter(is_handler).for_each(|one| add(&one, builder));
        }
    }
}

/// Whether it looks like a handler.
fn is_handler(field: &Field<'_>) -> bool {
    let mut keys = ["command", "url", "prompt", "tool"].into_iter();
    keys.any(|key| document::text(field.value, key).is_some())
}

fn shape(builder: &mut Builder<'_>, event: &str, field: &Field<'_>, message: String) {
    field.warn(builder, "hooks-shape", message);
    if is_guarded(event, field) {
        field.warn(builder, "hook-guard", guard(event));
    }
}

/// Whether what cannot be loaded at that event stops the whole plugin: of a component's hooks, nobody
/// looks before it is used.
fn is_guarded(event: &str, field: &Field<'_>) -> bool {
    field.why_not.is_none()
        && field.source != Source::Frontmatter
        && event::find(event).is_some_and(event::Event::guards)
}

/// Returns the reason for which something that does not load at such an event stops the plugin
/// (S-110).
fn guard(event: &str) -> String {
    format!(
        "it may be the check that keeps a tool from running at {event}, so without it nothing \
             loads"
    )
}
