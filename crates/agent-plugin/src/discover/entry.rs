// SPDX-License-Identifier: Apache-2.0
//! The entry of a catalogue (S-16): it stands for the manifest, adds to it, or contradicts it; and
//! it may run commands of its own (S-72).

use super::builder::Builder;
use super::manifest::{Document, Field};
use crate::catalogue::CatalogueEntry;
use crate::document;
use crate::inventory::{Launch, LaunchKind, What};
use crate::path;

/// Fields that add to the manifest's; those of `hooks` replace them, event by event.
pub(super) const APPENDED: [&str; 6] =
    ["commands", "agents", "skills", "outputStyles", "themes", "hooks"];
/// Other fields that bring something where the entry is the manifest.
const IGNORED: [&str; 9] = [
    "mcpServers",
    "lspServers",
    "userConfig",
    "channels",
    "monitors",
    "workflows",
    "settings",
    "dependencies",
    "types",
];
/// The rule by which nothing loads.
const CONFLICT: &str = "entry-conflict";

/// Returns the entry's object, and what is wrong with it.
pub(super) fn document<'f>(
    builder: &mut Builder<'f>,
    entry: &'f CatalogueEntry,
) -> Option<Document<'f>> {
    builder.inventory.subject.entry_considered = true;
    let (value, file) = (entry.value()?, entry.file());
    if let Some(fault) = document::twice(value) {
        builder.fault(file, fault);
    }
    let found = Document::of_entry(value, file, entry.pointer());
    found.check(builder);
    commands(builder, &found);
    Some(found)
}

/// Whether the skills that it lists are all that load: so it is with an entry whose source is the catalogue's root.
pub(super) fn only_listed_skills(entry: &Document<'_>) -> bool {
    let source = entry.field("source").and_then(|source| source.value.as_string());
    let at_root = source.is_some_and(|source| path::join("", &source).as_deref() == Some(""));
    at_root && entry.field("skills").is_some()
}

/// Notes what of an entry beside a manifest has no effect, or too much.
pub(super) fn beside(builder: &mut Builder<'_>, entry: &Document<'_>) {
    let ignored: Vec<Field<'_>> = IGNORED.iter().filter_map(|name| entry.field(name)).collect();
    for field in ignored {
        let message =
            format!("{} in an entry is not read if the plugin has a manifest", field.name);
        field.warn(builder, "entry-ignored", message);
    }
    let own = builder.inventory.subject.version.clone();
    let version = entry.field("version").and_then(|field| Some((field.value.as_string()?, field)));
    if let (Some(own), Some((version, field))) = (own, version)
        && own != version
    {
        let message =
            format!("the entry has version {version:?}, the manifest {own:?}, which counts");
        field.warn(builder, "entry-version", message);
    }
}

/// A conflict, because of which nothing loads: `strict` is false, there is a manifest, and the entry
/// has components all the same.
pub(super) fn conflict(builder: &mut Builder<'_>, entry: &Document<'_>) {
    let strict = entry.field("strict").and_then(|strict| strict.value.as_bool());
    let fields: Vec<Field<'_>> = APPENDED.iter().filter_map(|name| entry.field(name)).collect();
    let (Some(false), Some(first)) = (strict, fields.first()) else { return };
    let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
    let message = format!(
        "strict is false and the plugin has a manifest, but the entry has {}: the host loads nothing",
        names.join(", ")
    );
    first.warn(builder, CONFLICT, message);
    // The catalogue's own commands run before the host knows of the conflict.
    builder.inventory.load_nothing(CONFLICT, LaunchKind::CatalogueCommand);
    let behaviour = &mut builder.inventory.behaviour;
    behaviour.main_agent = None;
    behaviour.forced_output_style = None;
    behaviour.channels.clear();
}

/// Commands that run before any file of the plugin is there (S-72).
fn commands(builder: &mut Builder<'_>, entry: &Document<'_>) {
    if let Some(source) = entry.field("source")
        && let Some(value) = source.value.get("command")
    {
        let why_not = match document::text(source.value, "source").as_deref() {
            Some("command") => None,
            _ => Some("entry-source"),
        };
        command(builder, "catalogue/command", &Field { why_not, ..source.part(value, "/command") });
    }
    if let Some(helper) = entry.field("headersHelper") {
        command(builder, "catalogue/headers-helper", &helper);
    }
}

fn command(builder: &mut Builder<'_>, id: &str, field: &Field<'_>) {
    let Some(text) = field.value.as_string() else { return };
    let launch = Launch {
        component: Some(format!("catalogue {}", field.name)),
        shell: Some("sh".to_owned()),
        ..field.launch(builder, What::CatalogueCommand, id)
    };
    builder.shell(launch, &text, builder.place());
}
