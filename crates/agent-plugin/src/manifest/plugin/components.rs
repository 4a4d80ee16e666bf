// SPDX-License-Identifier: Apache-2.0
//! The number of components that a manifest declares (PC-1 to PC-3). Only the shape of each value counts:
//! neither files nor default directories are looked at (BUG-13).

use std::collections::{BTreeMap, BTreeSet};

use oci_artifact::json::{Kind, Value};

use super::problems::Problems;

/// The number of components of each type that a plugin's manifest declares, by the type's key (PC-1 to PC-3).
pub type ComponentInventory = BTreeMap<String, i64>;

/// The types of components.
pub(crate) const KEYS: [&str; 6] =
    ["agents", "commands", "hooks", "lspServers", "mcpServers", "skills"];

/// Returns the inventory; `None` if it would be empty.
pub(super) fn inventory(
    document: Value<'_>,
    warnings: &mut Problems,
) -> Option<ComponentInventory> {
    let mut inventory = ComponentInventory::new();
    for key in KEYS {
        let Some(value) = document.get_folded(key) else { continue };
        let count = count(value);
        if count > 0 {
            inventory.insert(key.to_owned(), i64::try_from(count).unwrap_or(i64::MAX));
        }
        if count == 0 {
            warnings.add(|| {
                let message = format!("{key} is declared but empty, so it does not count");
                let help = format!("remove it, or list the {key}");
                value.diagnostic(message).with_rule("component-empty").with_help(help)
            });
        } else if !names_something(value) {
            warnings.add(|| {
                let message = format!("{key} counts as one component, but names none");
                let help = "write a path, an array of paths, or an object";
                value.diagnostic(message).with_rule("component-shape").with_help(help)
            });
        }
    }
    Some(inventory).filter(|inventory| !inventory.is_empty())
}

/// Returns the number of components that a value declares.
pub(crate) fn count(value: Value<'_>) -> usize {
    match value.kind() {
        Kind::Null => 0,
        Kind::Array => value.elements().count(),
        Kind::Object => value.members().map(|member| member.key).collect::<BTreeSet<_>>().len(),
        Kind::String | Kind::Number | Kind::Bool => 1,
    }
}

fn names_something(value: Value<'_>) -> bool {
    match value.kind() {
        Kind::String => value.as_str().is_some_and(|text| !text.is_empty()),
        kind => matches!(kind, Kind::Array | Kind::Object),
    }
}
