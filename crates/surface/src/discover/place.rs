// SPDX-License-Identifier: Apache-2.0
//! Where components of a type are: at the default place, or where the manifest says (S-7, S-12).

use oci_artifact::json::{Kind, Value};

use super::builder::Builder;
use super::manifest::PATH;
use crate::inventory::Severity;
use crate::path;

/// A path that the manifest names, from the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) path: String,
    /// The place of the text in the manifest.
    pub(super) pointer: String,
    pub(super) line: Option<usize>,
    /// Why nothing below it loads, if so.
    pub(super) why_not: Option<&'static str>,
}

/// The paths in a string or an array of strings. What is wrong with them is noted; a path whose text
/// is refused is still looked at where it can be (S-10).
pub(super) fn named(builder: &mut Builder<'_>, value: Value<'_>, pointer: &str) -> Vec<Named> {
    let mut texts = Vec::new();
    match value.kind() {
        Kind::String => texts.push((value, pointer.to_owned())),
        Kind::Array => {
            for (index, element) in value.elements().enumerate() {
                texts.push((element, format!("{pointer}/{index}")));
            }
        }
        _ => {}
    }
    texts.into_iter().filter_map(|(value, pointer)| one(builder, value, pointer)).collect()
}

/// One path.
pub(super) fn one(builder: &mut Builder<'_>, value: Value<'_>, pointer: String) -> Option<Named> {
    let text = value.as_string()?;
    let line = builder.line(value);
    let is_root = text == "." && pointer.starts_with("/skills");
    let (path, why_not) = match path::component(if is_root { "./" } else { &text }) {
        Ok(path) => (path, None),
        Err((code, why)) => {
            let message = format!("the path {text:?} {why}");
            builder.warn_at(Severity::Error, code, message, PATH, line, None);
            (path::join("", &text)?, Some(code))
        }
    };
    if builder.files.get(&path).is_none() && !builder.files.is_directory(&path) {
        let message = format!("there is nothing at {text:?}");
        builder.warn_at(Severity::Error, "path-missing", message, PATH, line, None);
        return None;
    }
    Some(Named { path, pointer, line, why_not })
}

/// Warns where a field replaces a default directory that holds files (S-12).
pub(super) fn default_ignored(builder: &mut Builder<'_>, directory: &str, named: &[Named]) -> bool {
    let inside = |path: &str| path == directory || path.starts_with(&format!("{directory}/"));
    let ignored = builder.files.below(directory).next().is_some()
        && !named.iter().any(|named| inside(&named.path));
    if ignored {
        let message = format!("{directory}/ is not read, since the manifest names other places");
        builder.warn(Severity::Warning, "default-ignored", message, directory);
    }
    ignored
}
