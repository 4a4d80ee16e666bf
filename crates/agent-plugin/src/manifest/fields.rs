// SPDX-License-Identifier: Apache-2.0
//! The fields of a manifest and of a catalogue's entry, as data (S-5, S-6, S-93): one table for all who look.

use oci_artifact::json::{Kind, Value};

/// The types that the value of a field may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    /// A value that is a text.
    Text,
    /// `true` or `false`.
    Bool,
    /// A value that is an object.
    Object,
    /// An array of texts.
    Texts,
    /// A text, or an object that says more.
    TextOrObject,
    /// A path, or several.
    Paths,
    /// A path, several, or an object.
    Commands,
    /// A path, an array of anything.
    List,
    /// A path, an object, or an array of both.
    Mixed,
    /// An array of texts and objects.
    Plugins,
    /// An array of objects.
    Objects,
    /// A text for a catalogue; the host does not look.
    Shown,
    /// References in a list, in an object, or one.
    Requires,
    /// A value of any type.
    Any,
}

/// The fields that are known (S-6), by their types; ToolHive's own stands last.
pub(crate) const FIELDS: &[(Type, &[&str])] = &[
    (Type::Text, &["$schema", "name", "displayName", "version", "description", "homepage"]),
    (Type::Text, &["repository", "license", "types"]),
    (Type::Object, &["author", "metadata", "settings", "userConfig", "network", "experimental"]),
    (Type::Texts, &["keywords"]),
    (Type::Shown, &["icon", "documentationUrl", "supportUrl", "privacyPolicyUrl"]),
    (Type::Shown, &["termsOfServiceUrl"]),
    (Type::Bool, &["defaultEnabled"]),
    (Type::Plugins, &["dependencies"]),
    (Type::Objects, &["channels"]),
    (Type::Paths, &["skills", "agents", "outputStyles", "workflows", "themes"]),
    (Type::Commands, &["commands"]),
    (Type::Mixed, &["hooks", "mcpServers", "lspServers"]),
    (Type::List, &["monitors"]),
    (Type::Requires, &["requires"]),
];

/// The fields that a catalogue's entry has besides (S-93).
const ENTRY_FIELDS: &[(Type, &[&str])] = &[
    (Type::TextOrObject, &["source"]),
    (Type::Text, &["category", "headersHelper"]),
    (Type::Texts, &["tags"]),
    (Type::Bool, &["strict"]),
    (Type::Any, &["relevance"]),
    (Type::Object, &["headers"]),
];

impl Type {
    /// Returns the kinds of values that it may be.
    pub(crate) fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Text | Self::Shown => &[Kind::String],
            Self::Bool => &[Kind::Bool],
            Self::Object => &[Kind::Object],
            Self::Texts | Self::Plugins | Self::Objects => &[Kind::Array],
            Self::TextOrObject => &[Kind::String, Kind::Object],
            Self::Paths | Self::List => &[Kind::String, Kind::Array],
            Self::Commands | Self::Mixed | Self::Requires => {
                &[Kind::String, Kind::Array, Kind::Object]
            }
            Self::Any => {
                &[Kind::String, Kind::Array, Kind::Object, Kind::Number, Kind::Bool, Kind::Null]
            }
        }
    }

    /// Returns the kinds of values that its elements may be, where it is an array of some; empty
    /// for any.
    pub(crate) fn elements(self) -> &'static [Kind] {
        match self {
            Self::Texts | Self::Paths | Self::Commands => &[Kind::String],
            Self::Mixed | Self::Plugins => &[Kind::String, Kind::Object],
            Self::Objects => &[Kind::Object],
            _ => &[],
        }
    }

    /// Whether a value is that, as far as the host looks at first: elements are looked at where they are read,
    /// but those of paths.
    pub(crate) fn fits(self, value: Value<'_>) -> bool {
        let texts = || value.elements().all(|element| element.kind() == Kind::String);
        self.kinds().contains(&value.kind())
            && (!matches!(self, Self::Texts | Self::Paths) || texts())
    }

    /// Whether a wrong value of that field does no harm (S-5).
    pub(crate) fn is_harmless(self, name: &str) -> bool {
        self == Self::Shown || matches!(name, "experimental" | "metadata" | "network")
    }
}

/// Returns the type of a manifest's field; `None` if no host knows it.
pub(crate) fn of_manifest(name: &str) -> Option<Type> {
    find(FIELDS, name)
}

/// Returns the type of an entry's field, which is a manifest's or its own.
pub(crate) fn of_entry(name: &str) -> Option<Type> {
    find(ENTRY_FIELDS, name).or_else(|| of_manifest(name))
}

fn find(fields: &[(Type, &[&str])], name: &str) -> Option<Type> {
    fields.iter().find(|(_, names)| names.contains(&name)).map(|(wanted, _)| *wanted)
}
