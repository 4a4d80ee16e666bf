// SPDX-License-Identifier: Apache-2.0
//! A plugin's manifest, `.claude-plugin/plugin.json` (format.md, 2).
//!
//! Names, versions and references go into the artifact as they are written: nothing is trimmed, and
//! nothing but an empty name is refused (PJ-10).

mod problems;
pub(crate) mod components;
pub(crate) mod requires;
mod inventory;

use oci_artifact::json::{self, Kind, Value};
use oci_artifact::{Diagnostic, Error, ErrorKind, Result, limits};

use crate::host::Host;
use problems::Problems;

pub use components::ComponentInventory;
pub use inventory::{lost_components, missing_inventory};

/// The file that makes a directory a plugin.
pub const MANIFEST_PATH: &str = Host::Claude.manifest();

/// The keys whose values are text (PJ-6).
pub(crate) const TEXT_KEYS: [&str; 4] = ["name", "description", "version", "license"];

/// A manifest, as far as it goes into the artifact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PluginManifest {
    /// The name; never empty.
    pub name: String,
    /// The description; empty if the manifest has none.
    pub description: String,
    /// The version; empty if the manifest does not say.
    pub version: String,
    /// The licence; empty if the manifest does not say.
    pub license: String,
    /// The number of components of each type that it declares; `None` if it declares none (PC-1 to PC-3).
    pub components: Option<ComponentInventory>,
    /// The plugin's needs: sorted, without repetition; `None` if there is no list (PR-1 to PR-3).
    pub requires: Option<Vec<String>>,
    /// Warnings of what is accepted, but lost or probably not meant (DEV-3), in the order of the text; at most
    /// 50. Each has a rule: `key-spelling`, `duplicate-key`, `component-empty`, `component-shape`,
    /// `dependencies-ignored`, `dependency-keys-lost`, `dependency-empty`.
    pub warnings: Vec<Diagnostic>,
}

/// Reads a manifest (PJ-1 to PJ-10).
///
/// # Errors
/// [`ErrorKind::InvalidManifest`] if it has more than
/// [`MAX_MANIFEST_FILE_SIZE`](limits::MAX_MANIFEST_FILE_SIZE) bytes (PD-3), is not JSON, is not an
/// object, has no name, or has a name, description, version or license that is not text. All
/// problems are reported at once (at most 50), with their places.
pub fn parse(plugin_json: &[u8]) -> Result<PluginManifest> {
    let size = plugin_json.len();
    if size as u64 > limits::MAX_MANIFEST_FILE_SIZE {
        let limit = limits::MAX_MANIFEST_FILE_SIZE;
        let message = format!("the manifest has {size} bytes; it can have at most {limit}");
        let problem = Diagnostic::new(message)
            .with_rule("manifest-size")
            .with_help("move long texts to files of their own");
        return Err(invalid(problem));
    }
    // The host reads it without the mark.
    let is_marked = plugin_json.starts_with("\u{feff}".as_bytes());
    let rule = if is_marked { "manifest-bom" } else { "json-syntax" };
    let syntax = |problem: Diagnostic| invalid(problem.with_rule(rule));
    let document = json::parse_trimmed(plugin_json).map_err(syntax)?;
    if !matches!(document.kind(), Kind::Object | Kind::Null) {
        let problem = document.diagnostic(format!("expected an object, found {}", document.kind()));
        let problem = problem.with_rule("field-type");
        return Err(invalid(problem.with_help("write {\"name\": \"my-plugin\"}")));
    }

    let mut problems = Problems::default();
    let [name, description, version, license] =
        TEXT_KEYS.map(|key| text(document, key, &mut problems));
    if name.is_empty()
        && let Some(problem) = missing_name(document)
    {
        problems.add(|| problem);
    }
    if !problems.is_empty() {
        return Err(Error::from_diagnostics(ErrorKind::InvalidManifest, problems.in_order()));
    }
    let mut warnings = Problems::default();
    let components = components::inventory(document, &mut warnings);
    let requires = requires::requires(document, &mut warnings);
    check_keys(document, &mut warnings);
    let warnings = warnings.in_order();
    Ok(PluginManifest { name, description, version, license, components, requires, warnings })
}

/// Returns the text of a key: that of its last occurrence that is not `null` (PJ-8, PJ-9).
fn text(document: Value<'_>, key: &str, problems: &mut Problems) -> String {
    let mut text = String::new();
    for member in document.members().filter(|member| member.is(key)) {
        match (member.value.kind(), member.value.as_string()) {
            (Kind::Null, _) => (),
            (_, Some(string)) => text = string,
            (kind, None) => problems.add(|| {
                let problem = format!("{key} must be a string, found {kind}");
                member.value.diagnostic(problem).with_rule("field-type").with_help(match kind {
                    Kind::Number | Kind::Bool => {
                        format!("put it between double quotes: \"{}\"", member.value.preview())
                    }
                    _ => format!("write one string: \"{key}\": \"...\""),
                })
            }),
        }
    }
    text
}

/// Returns the reason for which there is no name, unless that was said already.
fn missing_name(document: Value<'_>) -> Option<Diagnostic> {
    let problem = match document.get_folded("name") {
        Some(name) if !matches!(name.kind(), Kind::Null | Kind::String) => return None,
        Some(name) => name.diagnostic("the name is empty"),
        None if document.is_null() => document.diagnostic("the plugin has no name"),
        None => {
            let brace = document.span().start..document.span().start + 1;
            Diagnostic::new("the plugin has no name").at(document.document(), brace)
        }
    };
    let problem = problem.with_rule("name-missing");
    Some(problem.with_help("give it one: \"name\": \"my-plugin\""))
}

/// Warns of known keys that are written twice, or in a way that only this format takes (PJ-7, PJ-8).
fn check_keys(document: Value<'_>, warnings: &mut Problems) {
    for known in TEXT_KEYS.iter().chain(&components::KEYS).chain(&requires::KEYS) {
        for (nth, member) in document.members().filter(|member| member.is(known)).enumerate() {
            if member.key != *known {
                let help = format!("write \"{known}\": others compare keys letter by letter");
                warnings.add(|| {
                    let warning = member.diagnostic(format!("this key counts as {known}"));
                    warning.with_rule("key-spelling").with_help(help)
                });
            }
            if nth > 0 {
                warnings.add(|| {
                    let message = format!("{known} is declared again; the last one counts");
                    member.diagnostic(message).with_rule("duplicate-key").with_help("keep one")
                });
            }
        }
    }
}

fn invalid(problem: Diagnostic) -> Error {
    Error::from_diagnostics(ErrorKind::InvalidManifest, vec![problem]).at_path(MANIFEST_PATH)
}

#[cfg(test)]
mod tests;
