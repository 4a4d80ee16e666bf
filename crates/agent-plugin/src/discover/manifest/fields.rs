// SPDX-License-Identifier: Apache-2.0
//! Unknown and ill-typed fields (S-5, S-6, S-93).

use oci_artifact::json::{Kind, Value};

use super::{Document, Origin};
use crate::discover::builder::Builder;
use crate::discover::parts;

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
    /// A text for a catalogue; the host does not look.
    Shown,
    /// Whatever it likes.
    Any,
}

/// The fields that are known (S-6).
const FIELDS: [(&str, Type); 35] = [
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
    ("icon", Type::Shown),
    ("documentationUrl", Type::Shown),
    ("supportUrl", Type::Shown),
    ("privacyPolicyUrl", Type::Shown),
    ("termsOfServiceUrl", Type::Shown),
    ("defaultEnabled", Type::Bool),
    ("dependencies", Type::Array),
    ("settings", Type::Object),
    ("userConfig", Type::Object),
    ("types", Type::Text),
    ("network", Type::Object),
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

/// The fields that a catalogue's entry has besides (S-93).
const ENTRY_FIELDS: [(&str, Type); 7] = [
    ("source", Type::TextOrObject),
    ("category", Type::Text),
    ("tags", Type::Texts),
    ("strict", Type::Bool),
    ("relevance", Type::Any),
    ("headers", Type::Object),
    ("headersHelper", Type::Text),
];

/// Notes them.
pub(super) fn check(builder: &mut Builder<'_>, document: &Document<'_>) {
    let own: &[(&str, Type)] = match document.origin {
        Origin::Entry => &ENTRY_FIELDS,
        Origin::Manifest => &[],
    };
    for member in document.value.members() {
        let line = builder.line(member.value);
        let known = own.iter().chain(&FIELDS).find(|(name, _)| *name == member.key);
        let Some((name, wanted)) = known else {
            let message = format!("no host knows the field {:?}", member.key);
            let code = "unknown-field";
            builder.warn_at(code, message, document.file, line, None);
            continue;
        };
        if matches!(*name, "themes" | "monitors") {
            let message = format!("{name} belongs below \"experimental\"");
            let code = "experimental-top";
            builder.warn_at(code, message, document.file, line, None);
        }
        if fits(member.value, *wanted) {
            if document.origin == Origin::Manifest {
                parts::check(builder, name, member.value, document.file);
            }
            continue;
        }
        let code = match (*name, *wanted) {
            ("experimental" | "metadata" | "network", _) | (_, Type::Shown) => "field-ignored",
            _ => "field-type",
        };
        let message = format!("{name} may not be {}", member.value.kind());
        builder.warn_at(code, message, document.file, line, None);
    }
}

fn fits(value: Value<'_>, wanted: Type) -> bool {
    let text = |value: Value<'_>| value.kind() == Kind::String;
    let texts = |value: Value<'_>| value.kind() == Kind::Array && value.elements().all(text);
    match wanted {
        Type::Text | Type::Shown => text(value),
        Type::Bool => value.kind() == Kind::Bool,
        Type::Object => value.kind() == Kind::Object,
        Type::Texts => texts(value),
        Type::TextOrObject => text(value) || value.kind() == Kind::Object,
        Type::Paths => text(value) || texts(value),
        Type::Mixed => matches!(value.kind(), Kind::String | Kind::Object | Kind::Array),
        Type::Array => value.kind() == Kind::Array,
        Type::Any => true,
    }
}
