// SPDX-License-Identifier: Apache-2.0
//! Places of components of a type: the default one, or those that the manifest names (S-7, S-12).

use std::collections::BTreeSet;

use oci_artifact::json::Kind;

use super::builder::Builder;
use super::case;
use super::manifest::{Field, Manifest};
use crate::inventory::{RuleCode, Source};
use crate::path;

/// A file or a directory where components are found.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) path: String,
    pub(super) source: Source,
    /// The rule by which nothing of it loads, if so.
    pub(super) why_not: Option<RuleCode>,
}

impl Found {
    /// Returns a place where the host looks by itself.
    pub(super) fn by_default(path: &str, why_not: Option<RuleCode>) -> Self {
        Self { path: path.to_owned(), source: Source::Default, why_not }
    }

    /// Returns another place, which is found in the same way.
    pub(super) fn at(&self, path: impl Into<String>) -> Self {
        Self { path: path.into(), ..self.clone() }
    }

    /// Returns the place, of which nothing loads for that reason unless it had one before.
    pub(super) fn not_loading(self, why: Option<RuleCode>) -> Self {
        Self { why_not: self.why_not.or(why), ..self }
    }
}

/// A path that a field names, from the root.
#[derive(Clone, Debug)]
pub(super) struct Named<'f> {
    pub(super) path: String,
    /// The field that holds the text of the path.
    pub(super) field: Field<'f>,
}

impl Named<'_> {
    /// Returns what it names.
    pub(super) fn found(&self) -> Found {
        let Field { source, why_not, .. } = self.field;
        Found { path: self.path.clone(), source, why_not }
    }
}

/// Returns the paths in a string or an array of strings, each once. What is wrong with them is noted; a path whose
/// text is refused is still looked at where it can be (S-10).
pub(super) fn named<'f>(builder: &mut Builder<'_>, field: &Field<'f>) -> Vec<Named<'f>> {
    if !matches!(field.value.kind(), Kind::String | Kind::Array) {
        return Vec::new();
    }
    let mut seen = BTreeSet::new();
    let named = field.clone().elements().filter_map(|field| one(builder, &field));
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
    let mut field = field.clone();
    let path = match path::component(if is_root { "./" } else { &text }) {
        Ok(path) => path,
        Err((code, why)) => {
            field.warn(builder, code, format!("the path {text:?} {why}"));
            field = field.not_loading(Some(code));
            path::join("", &text)?
        }
    };
    let wanted = extensions(field.name);
    if !wanted.is_empty() && !wanted.iter().any(|end| text.ends_with(end)) {
        let message = format!("the path {text:?} does not end with any of {}", wanted.join(", "));
        field.warn(builder, "path-extension", message);
        field = field.not_loading(Some("path-extension"));
    }
    if builder.files.get(&path).is_none() && !builder.files.is_directory(&path) {
        let message = format!("there is nothing at {text:?}");
        field.warn(builder, "path-missing", message);
        return None;
    }
    Some(Named { path, field })
}

/// Reads the file at a default place, also under a name that only some systems take for it (S-107), and what the
/// manifest's field names or holds (S-21, S-46). Returns the files; `seen` are those so far.
pub(super) fn default_and_named<'f>(
    builder: &mut Builder<'_>,
    manifest: &Manifest<'f>,
    (name, default): (&'static str, &'static str),
    file: impl Fn(&mut Builder<'_>, &Found),
    field: impl Fn(&mut Builder<'_>, Field<'f>, &mut BTreeSet<String>),
) -> BTreeSet<String> {
    let ignored = manifest.replaces_default(builder.host, name);
    let read_default = |builder: &mut Builder<'_>| {
        for path in case::variants(builder, default) {
            file(builder, &Found::by_default(&path, Some(case::code(default))));
        }
        if builder.files.get(default).is_some() {
            file(builder, &Found::by_default(default, ignored));
        }
    };
    let mut seen = BTreeSet::new();
    if ignored.is_none() {
        seen.insert(default.to_owned());
        read_default(builder);
    }
    for one in manifest.all(name) {
        field(builder, one, &mut seen);
    }
    if ignored.is_some() && !seen.contains(default) {
        read_default(builder);
    }
    seen
}

/// Scans a directory, or takes a file.
pub(super) type Scan = fn(&mut Builder<'_>, &Found);
/// Takes what a field names.
pub(super) type Take = for<'f> fn(&mut Builder<'_>, &Field<'f>) -> Vec<Named<'f>>;

/// Finds components of which the manifest's field replaces the default directory (S-12), and those
/// that the entry's adds (S-16).
pub(super) fn replacing(
    builder: &mut Builder<'_>,
    manifest: &Manifest<'_>,
    (name, directory): (&'static str, &str),
    scan: Scan,
    take: Take,
) {
    match manifest.get(name) {
        None => scan(builder, &Found::by_default(directory, None)),
        Some(field) => {
            let named = take(builder, &field);
            let before = builder.seen.len();
            let ignored = default_ignored(builder, directory, &named);
            let why_not = if ignored { "default-ignored" } else { "default-hides" };
            // What was named is known already; the rest is hidden by the list.
            scan(builder, &Found::by_default(directory, Some(why_not)));
            let hidden = builder.seen.len().saturating_sub(before);
            if hidden > 0 && !ignored {
                let message = format!("the list hides the other files in {directory}/: {hidden}");
                field.warn(builder, "default-hides", message);
            }
        }
    }
    if let Some(field) = manifest.beside(name) {
        take(builder, &field);
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
