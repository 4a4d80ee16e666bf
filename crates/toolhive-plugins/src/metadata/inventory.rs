// SPDX-License-Identifier: Apache-2.0
//! Components that a plugin has and its inventory does not tell (DEV-3).

use std::collections::BTreeMap;

use oci_artifact::Diagnostic;

use super::{MANIFEST_PATH, PluginManifest};

/// A warning if the inventory is empty although some of the packaged files, given by their paths,
/// lie where components are found without being declared (plugin-surface.md, 1.2).
///
/// Only the manifest's keys are counted (PC-3), so that is the case of most plugins: what lists them
/// by their inventory shows nothing.
pub fn missing_inventory(
    manifest: &PluginManifest,
    files: impl IntoIterator<Item = impl AsRef<str>>,
) -> Option<Diagnostic> {
    if manifest.components.is_some() {
        return None;
    }
    // By key: how many, and the first one's path as the key's value would have it.
    let mut found = BTreeMap::<&str, (usize, String)>::new();
    for path in files {
        if let Some((key, component)) = component(path.as_ref()) {
            found.entry(key).or_insert((0, component.to_owned())).0 += 1;
        }
    }
    let (key, (_, path)) = found.first_key_value()?;
    let help = format!("list them in the manifest, such as \"{key}\": [\"./{path}\"]");
    let counts: Vec<_> = found.iter().map(|(key, (count, _))| format!("{key}: {count}")).collect();
    let message = format!(
        "the inventory of components is empty, although the plugin has some ({})",
        counts.join(", ")
    );
    let warning = Diagnostic::new(message).with_rule("inventory-empty").with_help(help);
    Some(warning.at_path(MANIFEST_PATH))
}

/// The key under which a file's component would be declared, and the component's path.
fn component(path: &str) -> Option<(&'static str, &str)> {
    match path {
        ".mcp.json" => return Some(("mcpServers", path)),
        "hooks/hooks.json" => return Some(("hooks", path)),
        "SKILL.md" => return Some(("skills", "")),
        _ => (),
    }
    let (directory, rest) = path.split_once('/')?;
    match directory {
        "agents" if rest.ends_with(".md") => Some(("agents", path)),
        "commands" if rest.ends_with(".md") => Some(("commands", path)),
        "skills" => {
            let name = rest.strip_suffix("/SKILL.md")?;
            let is_one_level = !name.is_empty() && !name.contains('/');
            is_one_level.then_some(("skills", path.strip_suffix("/SKILL.md")?))
        }
        _ => None,
    }
}
