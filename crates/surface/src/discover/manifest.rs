// SPDX-License-Identifier: Apache-2.0
//! The manifest, `.claude-plugin/plugin.json` (S-3 to S-6, S-18).

use std::collections::BTreeSet;

use oci_artifact::json::{Kind, Value};

use super::builder::Builder;
use crate::document;
use crate::inventory::Severity;

/// Where it lies.
pub(super) const PATH: &str = ".claude-plugin/plugin.json";

/// What a field may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    Text,
    Bool,
    Object,
    Texts,
    TextOrObject,
    /// A path, or several.
    Paths,
    /// A path, an object, or an array of both.
    Mixed,
    /// An array of anything.
    Array,
}

/// The fields that are known (S-6).
const FIELDS: [(&str, Type); 34] = [
    ("$schema", Type::Text),
    ("name", Type::Text),
    ("displayName", Type::Text),
    ("version", Type::Text),
    ("description", Type::Text),
    ("author", Type::TextOrObject),
    ("homepage", Type::Text),
    ("repository", Type::TextOrObject),
    ("license", Type::Text),
    ("keywords", Type::Texts),
    ("metadata", Type::Object),
    ("icon", Type::Text),
    ("documentationUrl", Type::Text),
    ("supportUrl", Type::Text),
    ("privacyPolicyUrl", Type::Text),
    ("termsOfServiceUrl", Type::Text),
    ("defaultEnabled", Type::Bool),
    ("dependencies", Type::Array),
    ("settings", Type::Object),
    ("userConfig", Type::Object),
    ("types", Type::Text),
    ("channels", Type::Array),
    ("skills", Type::Paths),
    ("commands", Type::Mixed),
    ("agents", Type::Paths),
    ("hooks", Type::Mixed),
    ("mcpServers", Type::Mixed),
    ("lspServers", Type::Mixed),
    ("outputStyles", Type::Paths),
    ("workflows", Type::Paths),
    ("experimental", Type::Object),
    ("themes", Type::Paths),
    ("monitors", Type::Mixed),
    // No host's, but ToolHive's own.
    ("requires", Type::Mixed),
];

/// The keys that a reader of manifests counts (S-18).
const COUNTED: [&str; 6] = ["agents", "commands", "hooks", "lspServers", "mcpServers", "skills"];

/// What the manifest says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Manifest<'f> {
    value: Option<Value<'f>>,
}

impl<'f> Manifest<'f> {
    /// Reads it and checks its fields.
    pub(super) fn read(builder: &mut Builder<'f>) -> Self {
        if builder.files.get(PATH).is_none() {
            let message =
                format!("there is no {PATH}; components at their default places still load");
            builder.warn(Severity::Info, "manifest-missing", message, PATH);
            return Self::default();
        }
        let Some(value) = builder.document(PATH) else { return Self::default() };
        builder.inventory.subject.manifest = Some(PATH.to_owned());
        if value.kind() != Kind::Object {
            let message = format!("expected an object, found {}", value.kind());
            builder.warn(Severity::Error, "field-type", message, PATH);
            return Self::default();
        }
        match document::text(value, "name").filter(|name| !name.is_empty()) {
            Some(name) => builder.inventory.subject.name = name,
            None => builder.warn(Severity::Error, "name-missing", "the plugin has no name", PATH),
        }
        builder.inventory.subject.version = document::text(value, "version");
        fields(builder, value);
        counts(builder, value);
        requires(builder, value);
        Self { value: Some(value) }
    }

    /// A field's value; `null` is none.
    pub(super) fn get(&self, field: &str) -> Option<Value<'f>> {
        self.value?.get(field).filter(|value| !value.is_null())
    }

    /// A field that moved below `experimental`; the old place still counts.
    pub(super) fn experimental(&self, field: &str) -> Option<(Value<'f>, String)> {
        let moved = self.get("experimental").and_then(|value| value.get(field));
        match moved.filter(|value| !value.is_null()) {
            Some(value) => Some((value, format!("/experimental/{field}"))),
            None => Some((self.get(field)?, format!("/{field}"))),
        }
    }
}

/// Unknown and ill-typed fields (S-5).
fn fields(builder: &mut Builder<'_>, manifest: Value<'_>) {
    for member in manifest.members() {
        let line = builder.line(member.value);
        let Some((name, wanted)) = FIELDS.iter().find(|(name, _)| *name == member.key) else {
            let message = format!("no host knows the field {:?}", member.key);
            builder.warn_at(Severity::Warning, "unknown-field", message, PATH, line, None);
            continue;
        };
        if matches!(*name, "themes" | "monitors") {
            let message = format!("{name} belongs below \"experimental\"");
            builder.warn_at(Severity::Warning, "experimental-top", message, PATH, line, None);
        }
        if fits(member.value, *wanted) {
            continue;
        }
        let severity = match *name {
            "experimental" | "metadata" => Severity::Warning,
            _ => Severity::Error,
        };
        let message = format!("{name} may not be {}", member.value.kind());
        builder.warn_at(severity, "field-type", message, PATH, line, None);
    }
}

fn fits(value: Value<'_>, wanted: Type) -> bool {
    let text = |value: Value<'_>| value.kind() == Kind::String;
    let texts = |value: Value<'_>| value.kind() == Kind::Array && value.elements().all(text);
    match wanted {
        Type::Text => text(value),
        Type::Bool => value.kind() == Kind::Bool,
        Type::Object => value.kind() == Kind::Object,
        Type::Texts => texts(value),
        Type::TextOrObject => text(value) || value.kind() == Kind::Object,
        Type::Paths => text(value) || texts(value),
        Type::Mixed => matches!(value.kind(), Kind::String | Kind::Object | Kind::Array),
        Type::Array => value.kind() == Kind::Array,
    }
}

/// What a reader of manifest keys would count (S-18).
fn counts(builder: &mut Builder<'_>, manifest: Value<'_>) {
    for key in COUNTED {
        let Some(value) = manifest.get_folded(key) else { continue };
        let count = match value.kind() {
            Kind::Null => 0,
            Kind::Array => value.elements().count(),
            Kind::Object => value.members().map(|member| member.key).collect::<BTreeSet<_>>().len(),
            _ => 1,
        };
        if count > 0 {
            builder.inventory.declared_counts.insert(key, count);
        }
    }
}

/// References of artifacts that ToolHive's `requires` names.
fn requires(builder: &mut Builder<'_>, manifest: Value<'_>) {
    let Some(value) = manifest.get_folded("requires") else { return };
    let mut list = match value.kind() {
        Kind::Object => value.members().filter_map(|member| member.value.as_string()).collect(),
        _ => document::texts(value).unwrap_or_default(),
    };
    list.sort();
    list.dedup();
    builder.inventory.behaviour.requires = list;
}
