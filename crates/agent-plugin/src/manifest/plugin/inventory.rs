// SPDX-License-Identifier: Apache-2.0
//! Components that a plugin has and its inventory does not tell (DEV-3).

use std::collections::BTreeMap;

use oci_artifact::directory::Tree;
use toolhive_diagnostics::Diagnostic;

use super::{MANIFEST_PATH, PluginManifest};

/// Returns a note if the inventory is empty although some of the packaged files, given by their
/// paths, lie where components are found without being declared (plugin-surface.md, 1.2).
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
    let mut found = BTreeMap::<&str, usize>::new();
    for path in files {
        if let Some(key) = component(path.as_ref()) {
            *found.entry(key).or_default() += 1;
        }
    }
    found.first_key_value()?;
    // Advice to list one would replace the default directory, and hide the others (S-12).
    let help = "nothing needs to be done: hosts find them in their places";
    let counts: Vec<_> = found.iter().map(|(key, count)| format!("{key}: {count}")).collect();
    let message = format!(
        "the label of components is empty, since it counts only what the manifest lists; the \
         plugin has some ({})",
        counts.join(", ")
    );
    let warning = Diagnostic::new(message).with_rule("inventory-empty").with_help(help);
    Some(warning.at_path(MANIFEST_PATH))
}

/// Returns a warning for each hidden file that hosts read components from and the artifact lacks (BUG-12, S-75).
pub fn lost_components(tree: &Tree) -> Vec<Diagnostic> {
    const ELSEWHERE: &str = "distribute it in another way for that host";
    const LOST: [(&str, &str, &str); 4] = [
        (
            ".lsp.json",
            "the host then gets no language server from it",
            "put the servers into the manifest, under \"lspServers\"",
        ),
        (".app.json", "Codex then gets no connector from it", ELSEWHERE),
        (".codex-plugin/", "for Codex it is then not a plugin", ELSEWHERE),
        (".cursor-plugin/", "for Cursor it is then not a plugin", ELSEWHERE),
    ];
    let is_omitted = |path: &str| tree.omitted.iter().any(|omitted| omitted == path.as_bytes());
    let lost = LOST.into_iter().filter(|(path, ..)| is_omitted(path));
    let warning = |(path, what, help): (&str, &str, &str)| {
        let message = format!("{path} is left out of the artifact: {what}");
        let warning = Diagnostic::new(message).with_rule("dropped-by-packer");
        warning.at_path(path).with_help(help)
    };
    lost.map(warning).collect()
}

/// Returns the key under which a file's component would be declared.
fn component(path: &str) -> Option<&'static str> {
    match path {
        ".mcp.json" => return Some("mcpServers"),
        "hooks/hooks.json" => return Some("hooks"),
        "SKILL.md" => return Some("skills"),
        _ => (),
    }
    let (directory, rest) = path.split_once('/')?;
    let is_markdown = rest.to_ascii_lowercase().ends_with(".md");
    match directory {
        "agents" if is_markdown => Some("agents"),
        "commands" if is_markdown => Some("commands"),
        "skills" => {
            let name = rest.strip_suffix("/SKILL.md")?;
            (!name.is_empty() && !name.contains('/')).then_some("skills")
        }
        _ => None,
    }
}
