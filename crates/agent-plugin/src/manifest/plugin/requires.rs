// SPDX-License-Identifier: Apache-2.0
//! The needs of a plugin (PR-1 to PR-3), and what of them is lost (BUG-14).

use std::collections::BTreeMap;

use oci_artifact::Diagnostic;
use oci_artifact::json::{Kind, Value};

use super::problems::Problems;

/// The two keys that say it.
pub(crate) const KEYS: [&str; 2] = ["requires", "dependencies"];

/// Merges both lists into one, sorted by bytes and without repetition. `None` if `requires` is no list and
/// `dependencies` adds nothing.
pub(super) fn requires(document: Value<'_>, warnings: &mut Problems) -> Option<Vec<String>> {
    let mut list = |key| list(key, document.get_folded(key)?, warnings);
    let [requires, dependencies] = KEYS.map(&mut list);
    let dependencies = dependencies.unwrap_or_default();
    if requires.is_none() && dependencies.is_empty() {
        return None;
    }
    let mut all = requires.unwrap_or_default();
    all.extend(dependencies);
    all.sort_unstable();
    all.dedup();
    Some(all)
}

/// Returns the list in one value (PR-1); `null` counts as absent.
fn list(key: &str, value: Value<'_>, warnings: &mut Problems) -> Option<Vec<String>> {
    match value.kind() {
        Kind::Null => None,
        Kind::Array => elements(key, value, warnings),
        Kind::Object => values(key, value, warnings),
        kind => {
            warnings.add(|| ignored(key, value, kind, "it"));
            None
        }
    }
}

/// Returns the strings of an array, a `null` as an empty one.
fn elements(key: &str, array: Value<'_>, warnings: &mut Problems) -> Option<Vec<String>> {
    if let Some(other) = array.elements().find(|element| !is_text(*element)) {
        warnings.add(|| ignored(key, other, other.kind(), "an entry"));
        return None;
    }
    let list: Vec<_> = array.elements().map(text).collect();
    for (element, _) in array.elements().zip(&list).filter(|(_, text)| text.is_empty()) {
        warnings.add(|| {
            let message = format!("an entry of {key} is empty, and stays in the list");
            element.diagnostic(message).with_rule("dependency-empty").with_help("remove it")
        });
    }
    Some(list)
}

/// Returns the values of an object that are not empty; of equal keys, the last one's.
fn values(key: &str, object: Value<'_>, warnings: &mut Problems) -> Option<Vec<String>> {
    if let Some(other) = object.members().find(|member| !is_text(member.value)) {
        warnings.add(|| ignored(key, other.value, other.value.kind(), "an entry"));
        return None;
    }
    let mut values = BTreeMap::new();
    for member in object.members() {
        let text = text(member.value);
        if text.is_empty() {
            warnings.add(|| {
                let message = format!("this entry of {key} is empty, and is dropped");
                let help = "give it a reference, or remove it";
                member.diagnostic(message).with_rule("dependency-empty").with_help(help)
            });
        }
        values.insert(member.key, text);
    }
    if !values.is_empty() {
        warnings.add(|| {
            let message = format!("the keys of {key} are lost: only its values are kept");
            object.diagnostic(message).with_rule("dependency-keys-lost").with_help(HELP)
        });
    }
    Some(values.into_values().filter(|text| !text.is_empty()).collect())
}

const HELP: &str = "write an array of references, such as [\"ghcr.io/org/plugin:v1\"]";

fn ignored(key: &str, value: Value<'_>, kind: Kind, what: &str) -> Diagnostic {
    let message = format!("{key} is ignored as a whole: {what} is {kind}");
    value.diagnostic(message).with_rule("dependencies-ignored").with_help(HELP)
}

fn is_text(value: Value<'_>) -> bool {
    matches!(value.kind(), Kind::String | Kind::Null)
}

fn text(value: Value<'_>) -> String {
    value.as_string().unwrap_or_default()
}
