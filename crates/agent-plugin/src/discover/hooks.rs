// SPDX-License-Identifier: Apache-2.0
//! Hooks (S-20 to S-23): files, inline maps, frontmatter → groups → handlers.

mod handler;
mod matcher;

pub(crate) use handler::duration;

use std::collections::BTreeSet;

use oci_artifact::json::{Kind, Value};

use super::builder::Builder;
use super::manifest::{Field, Manifest};
use super::markdown::Markdown;
use super::typed::{self, Is};
use super::{case, place};
use crate::document;
use crate::inventory::{At, Component, ComponentType, Declared, Source, Trigger, event};
use crate::path;

pub(super) const DEFAULT: &str = "hooks/hooks.json";

/// The place of a map of events.
#[derive(Clone, Debug)]
struct Map<'a> {
    file: &'a str,
    pointer: String,
    source: Source,
    trigger: Trigger,
    /// The component that brings it, and the directory of a skill.
    component: Option<(String, Option<String>)>,
    /// Events of which other handlers count (S-16).
    replaced: &'a BTreeSet<String>,
    /// The rule by which nothing in it loads, if so.
    why_not: Option<&'static str>,
}

/// Finds the plugin's hooks: the default file, files and maps that the manifest names (S-21). Gives the
/// files.
pub(super) fn discover(builder: &mut Builder<'_>, manifest: &Manifest<'_>) -> BTreeSet<String> {
    let ignored = manifest.replaces_default(builder.host, "hooks");
    let mut seen = BTreeSet::new();
    if ignored.is_none() {
        seen.insert(DEFAULT.to_owned());
        default(builder, None);
    }
    let (none, replaced) = (BTreeSet::new(), manifest.replaced_events());
    for mut field in manifest.all("hooks") {
        let is_entry = field.source == Source::Entry;
        if is_entry && field.value.kind() != Kind::Object {
            let message = "the hooks of an entry must be a map of events, not a path";
            field.warn(builder, "entry-hooks", message);
            field.why_not = field.why_not.or(Some("entry-hooks"));
        }
        let replaced = if is_entry { &none } else { &replaced };
        for element in field.elements() {
            declared(builder, &element, replaced, &mut seen);
        }
    }
    if ignored.is_some() && !seen.contains(DEFAULT) {
        default(builder, ignored);
    }
    seen
}

fn default(builder: &mut Builder<'_>, why_not: Option<&'static str>) {
    for path in case::variants(builder, DEFAULT) {
        file(builder, &path, Source::Default, Some("hooks-case"), &BTreeSet::new());
    }
    if builder.files.get(DEFAULT).is_some() {
        file(builder, DEFAULT, Source::Default, why_not, &BTreeSet::new());
    }
}

/// Reads one value of a field: a path or a map. `replaced` are the events whose handlers do not
/// count, since the entry has its own (S-16).
fn declared(
    builder: &mut Builder<'_>,
    field: &Field<'_>,
    replaced: &BTreeSet<String>,
    seen: &mut BTreeSet<String>,
) {
    let Field { value, source, why_not, .. } = *field;
    if value.kind() == Kind::Object {
        let mut map = Map {
            file: field.file,
            pointer: field.pointer.clone(),
            source,
            trigger: Trigger::Automatic,
            component: None,
            replaced,
            why_not,
        };
        match value.get("hooks").filter(|inner| inner.kind() == Kind::Object) {
            None => events(builder, value, &map),
            Some(inner) => {
                let message = "a map of events in the manifest has no \"hooks\" around it";
                field.warn(builder, "hooks-inline-wrapped", message);
                map.pointer.push_str("/hooks");
                map.why_not = why_not.or(Some("hooks-inline-wrapped"));
                events(builder, inner, &map);
            }
        }
        return;
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
        let message = format!("{} is not a hooks file", named.path);
        field.warn(builder, "path-missing", message);
        return;
    }
    file(builder, &named.path, source, named.why_not, replaced);
}

/// The hooks in settings, which have no effect there.
pub(super) fn of_settings(builder: &mut Builder<'_>, field: &Field<'_>) {
    let map = Map {
        file: field.file,
        pointer: field.pointer.clone(),
        source: field.source,
        trigger: Trigger::Automatic,
        component: None,
        replaced: &BTreeSet::new(),
        why_not: field.why_not,
    };
    events(builder, field.value, &map);
}

/// A file of hooks: an object with `hooks`, `modules`, or both (S-20).
fn file(
    builder: &mut Builder<'_>,
    path: &str,
    source: Source,
    why_not: Option<&'static str>,
    replaced: &BTreeSet<String>,
) {
    let Some((value, marked)) = builder.strict_document(path) else { return };
    let mut map = Map {
        file: path,
        pointer: "/hooks".to_owned(),
        source,
        trigger: Trigger::Automatic,
        component: None,
        replaced,
        why_not: why_not.or(marked),
    };
    for fault in typed::faults(value, &[("description", Is::Text)]) {
        builder.warn("field-type", format!("in this file, {fault}"), path);
    }
    match value.get("hooks") {
        Some(hooks) if hooks.kind() == Kind::Object => events(builder, hooks, &map),
        Some(hooks) => {
            let line = builder.line(hooks);
            let message = format!("\"hooks\" is a map of events, not {}", hooks.kind());
            builder.warn_at("hooks-unwrapped", message, path, line, None);
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
                map.pointer = String::new();
                map.why_not = Some("hooks-unwrapped");
                events(builder, value, &map);
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
    let directory = path::parent(&component.path).to_owned();
    let kind = component.kind;
    let map = Map {
        file: &component.path,
        pointer: "/hooks".to_owned(),
        source: Source::Frontmatter,
        trigger: Trigger::OnInvoke,
        component: Some((component.label(), (kind == ComponentType::Skill).then_some(directory))),
        replaced: &BTreeSet::new(),
        why_not: match kind {
            ComponentType::Agent => Some("agent-field-ignored"),
            _ => component.loads.err(),
        },
    };
    events(builder, hooks, &map);
}

/// A map of events (S-22).
fn events(builder: &mut Builder<'_>, value: Value<'_>, map: &Map<'_>) {
    if value.kind() != Kind::Object {
        let message = format!("hooks are a map of events, not {}", value.kind());
        shape(builder, "", value, map, message);
        return;
    }
    for member in value.members() {
        let at = format!("{}{}", map.pointer, document::pointer(&member.key));
        let event = member.key.as_ref();
        let map = &match map.why_not {
            None if map.replaced.contains(event) => {
                Map { why_not: Some("entry-replaces"), ..map.clone() }
            }
            _ => map.clone(),
        };
        if member.value.kind() != Kind::Array {
            let message = format!("{event} needs an array of groups, not {}", member.value.kind());
            shape(builder, event, member.value, map, message);
            // S-10: a group without its array, or handlers below another name.
            group(
                builder,
                event,
                member.value,
                &at,
                &Map { why_not: Some("hooks-shape"), ..map.clone() },
            );
            continue;
        }
        for (index, element) in member.value.elements().enumerate() {
            group(builder, event, element, &format!("{at}/{index}"), map);
        }
    }
}

/// A group: a matcher and its handlers.
fn group(builder: &mut Builder<'_>, event: &str, value: Value<'_>, at: &str, map: &Map<'_>) {
    if value.kind() != Kind::Object {
        if map.why_not.is_none() {
            let message = format!("a group of {event} is an object, not {}", value.kind());
            shape(builder, event, value, map, message);
        }
        return;
    }
    let matcher = document::text(value, "matcher");
    let mut unmatched = map.clone();
    if let Some(wrong) = value.get("matcher").filter(|matcher| matcher.kind() != Kind::String) {
        let message = format!("a matcher is a string, not {}", wrong.kind());
        shape(builder, event, wrong, map, message);
        unmatched.why_not = unmatched.why_not.or(Some("hooks-shape"));
    }
    let map = &unmatched;
    match value.get("hooks") {
        Some(hooks) if hooks.kind() == Kind::Array => {
            for (index, element) in hooks.elements().enumerate() {
                let at = format!("{at}/hooks/{index}");
                handler::add(builder, event, matcher.as_deref(), element, at, map);
            }
        }
        other => {
            if map.why_not.is_none() {
                let message = match other {
                    Some(other) => {
                        format!("\"hooks\" of a group is an array, not {}", other.kind())
                    }
                    None => format!("a group of {event} has no \"hooks\""),
                };
                shape(builder, event, value, map, message);
            }
            let map = Map { why_not: Some("hooks-shape"), ..map.clone() };
            misplaced(builder, event, matcher.as_deref(), value, at, &map);
        }
    }
}

/// Handlers at a wrong place: the group itself, or below another key than `hooks` (S-10).
fn misplaced(
    builder: &mut Builder<'_>,
    event: &str,
    matcher: Option<&str>,
    group: Value<'_>,
    at: &str,
    map: &Map<'_>,
) {
    let is_handler = |value: Value<'_>| {
        ["command", "url", "prompt", "tool"]
            .iter()
            .any(|key| value.get(key).is_some_and(|value| value.kind() == Kind::String))
    };
    if is_handler(group) {
        handler::add(builder, event, matcher, group, at.to_owned(), map);
        return;
    }
    for member in group.members() {
        let at = format!("{at}{}", document::pointer(&member.key));
        if is_handler(member.value) {
            handler::add(builder, event, matcher, member.value, at, map);
        } else {
            for (index, element) in member.value.elements().enumerate() {
                if is_handler(element) {
                    handler::add(builder, event, matcher, element, format!("{at}/{index}"), map);
                }
            }
        }
    }
}

fn shape(builder: &mut Builder<'_>, event: &str, value: Value<'_>, map: &Map<'_>, message: String) {
    let line = map.line(builder, value);
    builder.warn_at("hooks-shape", message, map.file, line, None);
    if map.is_guarded(event) {
        builder.warn_at("hook-guard", guard(event), map.file, line, None);
    }
}

/// Returns the reason for which something that does not load at such an event stops the plugin
/// (S-110).
fn guard(event: &str) -> String {
    format!(
        "it may be the check that keeps a tool from running at {event}, so without it nothing \
             loads"
    )
}

impl Map<'_> {
    /// Returns the line of a value; frontmatter was converted, so its lines are not known.
    fn line(&self, builder: &mut Builder<'_>, value: Value<'_>) -> Option<At> {
        match self.source {
            Source::Frontmatter => None,
            _ => builder.line(value),
        }
    }

    /// Whether what cannot be loaded at that event stops the whole plugin: of a component's hooks, nobody
    /// looks before it is used.
    fn is_guarded(&self, event: &str) -> bool {
        self.why_not.is_none()
            && self.component.is_none()
            && event::find(event).is_some_and(event::Event::guards)
    }

    fn declared(&self, pointer: String, line: Option<At>) -> Declared {
        Declared::json(self.file, pointer, line)
    }
}
