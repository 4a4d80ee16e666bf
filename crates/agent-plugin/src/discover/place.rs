// SPDX-License-Identifier: Apache-2.0
//! Places of components of a type: the default one, or those that the manifest names (S-7, S-12).

use std::collections::BTreeSet;

use oci_artifact::json::Kind;

use super::builder::Builder;
use super::manifest::{Field, Manifest};
use crate::inventory::Source;
use crate::path;

/// A path that a field names, from the root.
#[derive(Clone, Debug)]
pub(super) struct Named<'f> {
    pub(super) path: String,
    /// The field that holds the text of the path.
    pub(super) field: Field<'f>,
    /// The rule by which nothing below it loads, if so.
    pub(super) why_not: Option<&'static str>,
}

/// Returns the paths in a string or an array of strings, each once. What is wrong with them is noted; a path whose
/// text is refused is still looked at where it can be (S-10).
pub(super) fn named<'f>(builder: &mut Builder<'_>, field: &Field<'f>) -> Vec<Named<'f>> {
    if !matches!(field.value.kind(), Kind::String | Kind::Array) {
        return Vec::new();
    }
    let mut seen = BTreeSet::new();
    let elements = field.elements();
    let named = elements.iter().filter_map(|field| one(builder, field));
    named.filter(|named| seen.insert(named.path.clone())).collect()
}

/// Returns the endings that the paths in a field have to have.
fn extensions(field: &str) -> &'static [&'static str] {
    match field {
        "hooks" | "lspServers" | "monitors" => &[".json"],
        "mcpServers" => &[".json", ".mcpb", ".dxt"],
        _ => &[],
    }
}

/// Reads a field that names one path.
pub(super) fn one<'f>(builder: &mut Builder<'_>, field: &Field<'f>) -> Option<Named<'f>> {
    let text = field.value.as_string()?;
    let is_root = text == "." && field.name == "skills";
    let (path, why_not) = match path::component(if is_root { "./" } else { &text }) {
        Ok(path) => (path, field.why_not),
        Err((code, why)) => {
            field.warn(builder, code, format!("the path {text:?} {why}"));
            (path::join("", &text)?, field.why_not.or(Some(code)))
        }
    };
    let wanted = extensions(field.name);
    let mut why_not = why_not;
    if !wanted.is_empty() && !wanted.iter().any(|end| text.ends_with(end)) {
        let message = format!("the path {text:?} does not end with any of {}", wanted.join(", "));
        field.warn(builder, "path-extension", message);
        why_not = why_not.or(Some("path-extension"));
    }
    if builder.files.get(&path).is_none() && !builder.files.is_directory(&path) {
        let message = format!("there is nothing at {text:?}");
        field.warn(builder, "path-missing", message);
        return None;
    }
    Some(Named { path, field: field.clone(), why_not })
}

/// Scans a directory, or takes a file.
pub(super) type Scan =
    fn(&mut Builder<'_>, &str, Source, Option<&'static str>, &mut BTreeSet<String>);
/// Takes what a field names.
pub(super) type Take =
    for<'f> fn(&mut Builder<'_>, &Field<'f>, &mut BTreeSet<String>) -> Vec<Named<'f>>;

/// Finds components of which the manifest's field replaces the default directory (S-12), and those
/// that the entry's adds (S-16).
pub(super) fn replacing(
    builder: &mut Builder<'_>,
    manifest: &Manifest<'_>,
    (name, directory): (&'static str, &str),
    scan: Scan,
    take: Take,
) {
    let mut seen = BTreeSet::new();
    match manifest.get(name) {
        None => scan(builder, directory, Source::Default, None, &mut seen),
        Some(field) => {
            let named = take(builder, &field, &mut seen);
            let before = seen.len();
            let ignored = default_ignored(builder, directory, &named);
            let why_not = Some(if ignored { "default-ignored" } else { "default-hides" });
            // What was named is known already; the rest is hidden by the list.
            scan(builder, directory, Source::Default, why_not, &mut seen);
            let hidden = seen.len().saturating_sub(before);
            if hidden > 0 && !ignored {
                let message = format!("the list hides the other files in {directory}/: {hidden}");
                field.warn(builder, "default-hides", message);
            }
        }
    }
    if let Some(field) = manifest.beside(name) {
        take(builder, &field, &mut seen);
    }
}

/// Warns where a field replaces a default directory that holds files (S-12).
pub(super) fn default_ignored(
    builder: &mut Builder<'_>,
    directory: &str,
    named: &[Named<'_>],
) -> bool {
    let inside = |path: &str| path == directory || path.starts_with(&format!("{directory}/"));
    let ignored = builder.files.below(directory).next().is_some()
        && !named.iter().any(|named| inside(&named.path));
    if ignored {
        let message = format!("{directory}/ is not read, since the manifest names other places");
        builder.warn("default-ignored", message, directory);
    }
    ignored
}
