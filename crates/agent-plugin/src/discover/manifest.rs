// SPDX-License-Identifier: Apache-2.0
//! The plugin's own words: the manifest (S-3 to S-6, S-18), and the entry of a catalogue
//! that stands for it or adds to it (S-16).

use std::collections::BTreeSet;

use oci_artifact::json::{Kind, Member, Value};

use super::builder::Builder;
use super::place::Found;
use super::{entry, parts};
use crate::catalogue::CatalogueEntry;
use crate::document;
use crate::files::Files;
use crate::host::Host;
use crate::inventory::{
    At, Component, ComponentType, Declared, Launch, RuleCode, Source, Trigger, What,
};
use crate::manifest::fields::{of_entry, of_manifest};
use crate::manifest::plugin::components;

/// The path of Claude Code's manifest.
pub(super) const PATH: &str = Host::Claude.manifest();

/// The manifest, or the entry in its stead.
#[derive(Clone, Debug, Default)]
pub(super) struct Manifest<'f> {
    /// The manifest, or the entry if there is none.
    own: Option<Document<'f>>,
    /// The entry beside a manifest.
    entry: Option<Document<'f>>,
    /// Whether the skills that the entry lists are all that load (S-16).
    pub(super) only_listed_skills: bool,
}

/// An object with fields.
#[derive(Clone, Debug)]
pub(super) struct Document<'f> {
    value: Value<'f>,
    file: &'f str,
    /// The place of the object in the file.
    pointer: String,
    source: Source,
}

/// A field's value, or a part of it, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Field<'f> {
    pub(super) value: Value<'f>,
    /// The name of the whole field.
    pub(super) name: &'static str,
    pub(super) file: &'f str,
    pub(super) pointer: String,
    pub(super) source: Source,
    /// The bundle that it was read from (S-53).
    pub(super) bundle: Option<&'f str>,
    /// The rule by which nothing of it loads, if so.
    pub(super) why_not: Option<RuleCode>,
}

impl<'f> Manifest<'f> {
    /// Reads the host's manifest and the entry, and checks their fields.
    pub(super) fn read(
        builder: &mut Builder<'f>,
        host: Host,
        entry: Option<&'f CatalogueEntry>,
    ) -> Self {
        let path = host.manifest();
        let entry = entry.and_then(|entry| entry::document(builder, entry));
        let only_listed_skills = entry.as_ref().is_some_and(entry::only_listed_skills);
        if builder.files.get(path).is_none() {
            let (code, rest) = match (&entry, host) {
                (Some(entry), _) => {
                    ("manifest-missing", format!("the entry in {} is used instead", entry.file))
                }
                (None, Host::Claude) => {
                    ("manifest-missing", "components at their default places still load".to_owned())
                }
                (None, host) => ("host-manifest", format!("for {host} this is not a plugin")),
            };
            builder.warn(code, format!("there is no {path}; {rest}"), path);
            entry.iter().for_each(|entry| entry.describe(builder));
            return Self { own: entry, entry: None, only_listed_skills };
        }
        let own = builder.document(path).and_then(|value| {
            builder.inventory.subject.manifest = Some(path.to_owned());
            if value.kind() == Kind::Object {
                let (pointer, source) = (String::new(), Source::Manifest);
                return Some(Document { value, file: path, pointer, source });
            }
            let message = format!("expected an object, found {}", value.kind());
            builder.warn_at("field-type", message, path, Some(At::line(1)), None);
            None
        });
        if let Some(own) = &own {
            if host == Host::Claude {
                own.check(builder);
                counts(builder, own.value);
                requires(builder, own.value);
            }
            own.describe(builder);
        }
        let manifest = Self { own, entry, only_listed_skills };
        if let Some(entry) = &manifest.entry {
            entry::beside(builder, entry);
        }
        manifest
    }

    /// Returns the file that speaks for the plugin.
    pub(super) fn file(&self) -> &'f str {
        self.own.as_ref().map_or(PATH, |own| own.file)
    }

    /// Notes what the entry contradicts (S-16).
    pub(super) fn conflict(&self, builder: &mut Builder<'_>) {
        if let Some(entry) = &self.entry {
            entry::conflict(builder, entry);
        }
    }

    /// Returns a field of the manifest; `null` counts as absent.
    pub(super) fn get(&self, name: &'static str) -> Option<Field<'f>> {
        self.own.as_ref()?.field(name)
    }

    /// Returns the rule by which the file at the default place does not load: Codex reads it only where no field
    /// names another, or itself.
    pub(super) fn replaces_default(&self, host: Host, name: &'static str) -> Option<&'static str> {
        (host == Host::Codex && self.get(name).is_some()).then_some("default-ignored")
    }

    /// Returns a field of the entry beside a manifest; it adds to the manifest's, if it loads
    /// (S-16).
    pub(super) fn beside(&self, name: &'static str) -> Option<Field<'f>> {
        let mut field = self.entry.as_ref()?.field(name)?;
        field.why_not = (!entry::APPENDED.contains(&name)).then_some("entry-ignored");
        Some(field)
    }

    /// Returns the manifest's field and the entry's, for what combines all there is.
    pub(super) fn all(&self, name: &'static str) -> impl Iterator<Item = Field<'f>> {
        self.get(name).into_iter().chain(self.beside(name))
    }

    /// Returns the events whose handlers in the manifest those of the entry replace (S-16).
    pub(super) fn replaced_events(&self) -> BTreeSet<String> {
        let hooks = self.beside("hooks").filter(|hooks| hooks.value.kind() == Kind::Object);
        let events = hooks.iter().flat_map(|hooks| hooks.value.members());
        events.map(|member| member.key.into_owned()).collect()
    }
}

/// Returns the plugin's name in a host's manifest.
pub(super) fn name(files: &Files, host: Host) -> Option<String> {
    let value = document::parse_quietly(files.bytes(host.manifest())?, files.limits())?;
    document::text(value, "name").filter(|name| !name.is_empty())
}

impl<'f> Document<'f> {
    /// Returns the entry of a catalogue.
    pub(super) fn of_entry(value: Value<'f>, file: &'f str, pointer: String) -> Self {
        Self { value, file, pointer, source: Source::Entry }
    }

    /// Returns a field's value; `null` counts as absent. A field that moved below `experimental`
    /// counts at its old place too.
    pub(super) fn field(&self, name: &'static str) -> Option<Field<'f>> {
        let get = |value: Value<'f>, key| value.get(key).filter(|value| !value.is_null());
        let moved = matches!(name, "themes" | "monitors")
            .then(|| get(get(self.value, "experimental")?, name))
            .flatten();
        let (value, place) = match moved {
            Some(value) => (value, format!("/experimental/{name}")),
            None => (get(self.value, name)?, format!("/{name}")),
        };
        Some(Field::new(value, name, self.file, format!("{}{place}", self.pointer), self.source))
    }

    /// Notes unknown and ill-typed fields (S-5, S-6, S-93).
    pub(super) fn check(&self, builder: &mut Builder<'_>) {
        let of = if self.source == Source::Entry { of_entry } else { of_manifest };
        for member in self.value.members() {
            let (name, value) = (member.key.as_ref(), member.value);
            let Some(wanted) = of(name) else {
                let message = format!("no host knows the field {name:?}");
                builder.warn_of("unknown-field", message, self.file, value);
                continue;
            };
            if matches!(name, "themes" | "monitors") {
                let message = format!("{name} belongs below \"experimental\"");
                builder.warn_of("experimental-top", message, self.file, value);
            }
            if !wanted.fits(value) {
                let code = if wanted.is_harmless(name) { "field-ignored" } else { "field-type" };
                let message = format!("{name} may not be {}", value.kind());
                builder.warn_of(code, message, self.file, value);
            } else if self.source == Source::Manifest {
                parts::check(builder, name, value, self.file);
            }
        }
    }

    /// The plugin's name and version.
    fn describe(&self, builder: &mut Builder<'_>) {
        match document::text(self.value, "name").filter(|name| !name.is_empty()) {
            Some(name) => builder.inventory.subject.name = name,
            None => {
                let message = "the plugin has no name";
                let value = self.value.get("name").unwrap_or(self.value);
                builder.warn_of("name-missing", message, self.file, value);
            }
        }
        builder.inventory.subject.version = document::text(self.value, "version");
    }
}

impl<'f> Field<'f> {
    /// Creates a field that loads.
    pub(super) fn new(
        value: Value<'f>,
        name: &'static str,
        file: &'f str,
        pointer: impl Into<String>,
        source: Source,
    ) -> Self {
        Self { value, name, file, pointer: pointer.into(), source, bundle: None, why_not: None }
    }

    /// Returns the whole of a file, as what a field names.
    pub(super) fn in_file(value: Value<'f>, name: &'static str, file: &'f Found) -> Self {
        Self::new(value, name, &file.path, "", file.source).not_loading(file.why_not)
    }

    /// Returns the whole of a file that the host passes over if it is no JSON; `None` if it is not there.
    pub(super) fn of_file<'b: 'f>(
        builder: &mut Builder<'b>,
        name: &'static str,
        file: &'f Found,
    ) -> Option<Self> {
        let value = builder.optional_document(&file.path)?;
        let is_marked = builder.is_marked(&file.path, "json-unread");
        Some(Self::in_file(value, name, file).not_loading(is_marked.then_some("json-unread")))
    }

    /// Returns a field of a part of the value.
    pub(super) fn part(&self, value: Value<'f>, pointer: &str) -> Self {
        Self { value, pointer: format!("{}{pointer}", self.pointer), ..self.clone() }
    }

    /// Returns a member of the value.
    pub(super) fn member(&self, member: &Member<'f>) -> Self {
        self.part(member.value, &document::pointer(&member.key))
    }

    /// Returns the field, which does not load for that reason unless it had one before.
    pub(super) fn not_loading(self, why: Option<RuleCode>) -> Self {
        Self { why_not: self.why_not.or(why), ..self }
    }

    /// Returns the elements of an array, or the value itself.
    pub(super) fn elements(self) -> impl Iterator<Item = Self> {
        let itself = (self.value.kind() != Kind::Array).then(|| self.clone());
        let elements = self.value.elements().enumerate();
        elements.map(move |(index, value)| self.part(value, &format!("/{index}"))).chain(itself)
    }

    /// Returns its place in the file; that of what was converted or unpacked is not known.
    pub(super) fn at(&self, builder: &mut Builder<'_>) -> Option<At> {
        let is_known = self.bundle.is_none() && self.source != Source::Frontmatter;
        is_known.then(|| builder.line(self.value))
    }

    /// Returns the component that it declares.
    pub(super) fn component(&self, kind: ComponentType, name: &str) -> Component {
        Component::new(kind, name, self.file, self.source).not_loading(self.why_not)
    }

    /// Returns what runs because of it.
    pub(super) fn launch(
        &self,
        builder: &mut Builder<'_>,
        what: What,
        id: impl Into<String>,
    ) -> Launch {
        let declared = Declared::json(self.file, &*self.pointer, self.at(builder));
        Launch {
            trigger: match self.source {
                Source::Frontmatter => Trigger::OnInvoke,
                _ => Trigger::Automatic,
            },
            loads: self.why_not.map_or(Ok(()), Err),
            ..Launch::new(what, id, declared)
        }
    }

    /// Notes that something wrong in the manifest itself stops the plugin (S-110); of a file that it names,
    /// only that file is passed over.
    pub(super) fn refuse_inline(&self, builder: &mut Builder<'_>) {
        if self.source == Source::Manifest && self.file == PATH {
            let message =
                format!("the host refuses the plugin because of what is in {}", self.name);
            self.warn(builder, "inline-refused", message);
        }
    }

    /// Notes a finding about it.
    pub(super) fn warn(
        &self,
        builder: &mut Builder<'_>,
        code: RuleCode,
        message: impl Into<String>,
    ) {
        let at = self.at(builder);
        builder.warn_at(code, message, self.file, at, None);
    }
}

/// Counts what a reader of manifest keys would (S-18).
fn counts(builder: &mut Builder<'_>, manifest: Value<'_>) {
    for key in components::KEYS {
        let count = manifest.get_folded(key).map_or(0, components::count);
        if count > 0 {
            builder.inventory.declared_counts.insert(key, count);
        }
    }
}

/// References of artifacts that ToolHive's `requires` names.
fn requires(builder: &mut Builder<'_>, manifest: Value<'_>) {
    let Some(value) = manifest.get_folded("requires") else { return };
    let mut list: Vec<String> = match value.kind() {
        Kind::Object => value.members().filter_map(|member| member.value.as_string()).collect(),
        _ => document::texts(value).unwrap_or_default(),
    };
    list.sort();
    list.dedup();
    builder.inventory.behaviour.requires = list;
}
