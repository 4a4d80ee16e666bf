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

/// The fields that are known (S-6), each with its type; ToolHive's own stands last.
pub(crate) const FIELDS: [(&str, Type); 35] = [
    ("$schema", Type::Text),
    ("name", Type::Text),
    ("displayName", Type::Text),
    ("version", Type::Text),
    ("description", Type::Text),
    ("author", Type::Object),
    ("homepage", Type::Text),
    ("repository", Type::Text),
    ("license", Type::Text),
    ("keywords", Type::Texts),
    ("metadata", Type::Object),
    ("icon", Type::Shown),
    ("documentationUrl", Type::Shown),
    ("supportUrl", Type::Shown),
    ("privacyPolicyUrl", Type::Shown),
    ("termsOfServiceUrl", Type::Shown),
    ("defaultEnabled", Type::Bool),
    ("dependencies", Type::Plugins),
    ("settings", Type::Object),
    ("userConfig", Type::Object),
    ("types", Type::Text),
    ("network", Type::Object),
    ("channels", Type::Objects),
    ("skills", Type::Paths),
    ("commands", Type::Commands),
    ("agents", Type::Paths),
    ("hooks", Type::Mixed),
    ("mcpServers", Type::Mixed),
    ("lspServers", Type::Mixed),
    ("outputStyles", Type::Paths),
    ("workflows", Type::Paths),
    ("experimental", Type::Object),
    ("themes", Type::Paths),
    ("monitors", Type::List),
    ("requires", Type::Requires),
];

/// The fields that a catalogue's entry has besides (S-93).
pub(crate) const ENTRY_FIELDS: [(&str, Type); 7] = [
    ("source", Type::TextOrObject),
    ("category", Type::Text),
    ("tags", Type::Texts),
    ("strict", Type::Bool),
    ("relevance", Type::Any),
    ("headers", Type::Object),
    ("headersHelper", Type::Text),
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
    FIELDS.iter().find(|(known, _)| *known == name).map(|(_, wanted)| *wanted)
}

/// Returns the type of an entry's field, which is a manifest's or its own.
pub(crate) fn of_entry(name: &str) -> Option<Type> {
    let own = ENTRY_FIELDS.iter().find(|(known, _)| *known == name);
    own.map(|(_, wanted)| *wanted).or_else(|| of_manifest(name))
}
