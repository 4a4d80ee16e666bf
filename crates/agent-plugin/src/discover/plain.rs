// SPDX-License-Identifier: Apache-2.0
//! Components that are a file each: output styles (S-66), themes, workflows (S-67), `bin/` (S-64).

use oci_artifact::json::Kind;

use super::builder::Builder;
use super::manifest::Manifest;
use super::markdown::Markdown;
use super::place::{self, Found};
use crate::document;
use crate::inventory::{Component, ComponentType, Declared, Launch, Source, Trigger, What};
use crate::markdown::Needs;
use crate::path;

/// Commands that a file in `bin/` could be taken for.
const COMMON: [&str; 24] = [
    "awk", "bash", "cargo", "cat", "cp", "curl", "docker", "find", "gh", "git", "go", "grep", "ls",
    "make", "mv", "node", "npm", "npx", "pip", "python", "python3", "rm", "sed", "ssh",
];

/// The extension of output styles.
const MARKDOWN: &str = ".md";

/// Returns the files of a type: the manifest's, or those in the default directory; then the
/// entry's.
fn find(
    builder: &mut Builder<'_>,
    manifest: &Manifest<'_>,
    field: &'static str,
    directory: &str,
    extension: &str,
) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut add = |file: Found| {
        if !found.iter().any(|other| other.path == file.path) {
            found.push(file);
        }
    };
    let own = manifest.get(field);
    let mut ignored = None;
    for field in own.iter().chain(&manifest.beside(field)) {
        let named = place::named(builder, field);
        for place in &named {
            if builder.files.get(&place.path).is_none() {
                found_in(builder, &place.found(), extension).into_iter().for_each(&mut add);
                continue;
            }
            // Of themes alone any name will do [observed].
            let is_other = !place.path.ends_with(extension) && extension != ".json";
            if is_other {
                let message = format!("{} does not end with {extension}", place.path);
                place.field.warn(builder, "named-file", message);
            }
            add(place.found().not_loading(is_other.then_some("named-file")));
        }
        let replaces = own.as_ref().is_some_and(|own| own.source == field.source);
        if replaces && place::default_ignored(builder, directory, &named) {
            ignored = Some("default-ignored");
        }
    }
    if own.is_none() || ignored.is_some() {
        let default = Found::by_default(directory, ignored);
        found_in(builder, &default, extension).into_iter().for_each(&mut add);
    }
    found
}

/// Returns the files of a directory that have an extension. Markdown is looked for at any depth and
/// in any case, the others directly in it.
fn found_in(builder: &Builder<'_>, directory: &Found, extension: &str) -> Vec<Found> {
    let below = builder.files.below(&directory.path).map(|(path, _)| path);
    let own = |path: &&str| match extension {
        MARKDOWN => path::is_markdown(path),
        _ => path.ends_with(extension) && path::parent(path) == directory.path,
    };
    below.filter(own).map(|path| directory.at(path)).collect()
}

fn component(builder: &Builder<'_>, kind: ComponentType, found: &Found) -> Component {
    let name = path::name(&found.path);
    builder.of_file(kind, name.rsplit_once('.').map_or(name, |(stem, _)| stem), found)
}

/// Output styles, of which one may apply by itself.
pub(super) fn output_styles(builder: &mut Builder<'_>, manifest: &Manifest<'_>) {
    for found in find(builder, manifest, "outputStyles", "output-styles", MARKDOWN) {
        let mut style = component(builder, ComponentType::OutputStyle, &found);
        if let Some(markdown) = Markdown::read_with(builder, &found.path, Needs::Nothing) {
            if let Some(name) = markdown.script_text("name").filter(|name| !name.is_empty()) {
                style.name = name;
            }
            markdown.count_comments(&mut style);
            if markdown.switch("force-for-plugin") == Some(true) && style.loads.is_ok() {
                let message = format!("the style {:?} applies by itself", style.name);
                builder.warn("style-forced", message, &found.path);
                builder.inventory.behaviour.forced_output_style = Some(style.name.clone());
            }
        }
        builder.component(style);
    }
}

/// Discovers themes.
pub(super) fn themes(builder: &mut Builder<'_>, manifest: &Manifest<'_>) {
    for found in find(builder, manifest, "themes", "themes", ".json") {
        let mut theme = component(builder, ComponentType::Theme, &found);
        let value = builder.optional_document(&found.path);
        let is_object = value.is_some_and(|value| value.kind() == Kind::Object);
        if value.is_some() && !is_object {
            builder.warn("json-unread", "a theme is an object", &found.path);
        }
        if (!is_object || builder.is_marked(&found.path, "json-unread")) && theme.loads.is_ok() {
            theme = theme.not_loading(Some("json-unread"));
        }
        let name = value.and_then(|value| document::text(value, "name"));
        theme.title = name.filter(|name| *name != theme.name);
        builder.component(theme);
    }
}

/// Workflows: scripts that the host runs when they are invoked.
pub(super) fn workflows(builder: &mut Builder<'_>, manifest: &Manifest<'_>) {
    for found in find(builder, manifest, "workflows", "workflows", ".js") {
        let mut workflow = component(builder, ComponentType::Workflow, &found);
        let source = builder.content(&found.path).map(String::from_utf8_lossy);
        let meta = source.as_deref().and_then(meta);
        if let Some(name) = meta.and_then(|meta| property(meta, "name")) {
            workflow.name = name;
        }
        let described = meta.is_some_and(|meta| {
            property(meta, "name").is_some() && property(meta, "description").is_some()
        });
        if !described && workflow.loads.is_ok() {
            let message = "it does not export a `meta` with a name and a description, so it does \
                           not load";
            builder.warn("workflow-meta", message, &found.path);
            workflow = workflow.not_loading(Some("workflow-meta"));
        }
        let id = format!("workflow/{}", found.path);
        builder.names(&found.path, &id);
        builder.push(run(id, What::Workflow, Trigger::OnInvoke, &workflow));
        builder.component(workflow);
    }
}

/// Returns the object of `export const meta = {…}`.
fn meta(source: &str) -> Option<&str> {
    let after = source.split_once("export const meta")?.1.trim_start();
    let object = after.strip_prefix('=')?.trim_start().strip_prefix('{')?;
    object.split('}').next()
}

/// Returns the text of a property: `name: "…"`, its key between quotes or not.
fn property(object: &str, key: &str) -> Option<String> {
    object.match_indices(key).find_map(|(at, _)| {
        let before = object.get(..at)?.trim_end_matches(['"', '\'']).trim_end().chars().next_back();
        let rest = object.get(at + key.len()..)?.trim_start_matches(['"', '\'']).trim_start();
        let rest = rest.strip_prefix(':')?.trim_start();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
        let text = rest.get(1..)?.split(quote).next()?;
        let fits = !text.is_empty() && text.len() < 2_000;
        (fits && before.is_none_or(|c| matches!(c, ',' | '\n'))).then(|| text.to_owned())
    })
}

/// Files in `bin/`, which join the path of the Bash tool's shell.
pub(super) fn bin(builder: &mut Builder<'_>) {
    let files = builder.files;
    for (path, entry) in files.below("bin").filter(|(path, _)| path::parent(path) == "bin") {
        let name = path::name(path);
        if !entry.is_executable() {
            let message = format!("{path} is not executable, so it is not a command");
            builder.warn("bin-not-executable", message, path);
        }
        if COMMON.contains(&name) {
            let message = format!("{name} is the name of a common command");
            builder.warn("bin-common-name", message, path);
        }
        let mut found = Component::new(ComponentType::Bin, name, path, Source::Default);
        found.bytes = Some(entry.size);
        let id = format!("bin/{path}");
        builder.names(path, &id);
        builder.push(run(id, What::PathExecutable, Trigger::OnDemand, &found));
        builder.component(found);
    }
}

/// Returns the launch of a component's own file.
fn run(id: String, what: What, trigger: Trigger, component: &Component) -> Launch {
    Launch {
        trigger,
        component: Some(component.label()),
        command: Some(component.path.clone()),
        loads: component.loads,
        ..Launch::new(what, id, Declared::text(&component.path, None))
    }
}
