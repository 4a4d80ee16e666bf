// SPDX-License-Identifier: Apache-2.0
//! Rules of a plugin's name (plugin-surface.md, 6.1).

use crate::Findings;
use crate::check::name;
use crate::manifest::plugin::MANIFEST_PATH;
use oci_artifact::Diagnostic;
use oci_artifact::json::Value;

/// Checks the name in a manifest; `directory` is that of the plugin's directory.
pub(crate) fn check(document: Value<'_>, directory: Option<&str>, findings: &mut Findings) {
    let Some(value) = document.get("name") else { return };
    let Some(name) = value.as_string().filter(|name| !name.is_empty()) else { return };
    let mut tell = |rule, problem: &str, help: String| {
        let diagnostic = value.diagnostic(format!("the name {}", problem)).with_rule(rule);
        findings.add(diagnostic.at_path(MANIFEST_PATH).with_help(help));
    };
    let better = || match name::suggested(&name).filter(|better| *better != name) {
        Some(better) => format!("write \"{better}\""),
        None => "use lower-case letters, digits and single hyphens".to_owned(),
    };
    let characters = name::plugin_characters(&name);
    let kebab = name::kebab(&name);
    if let Some(problem) = characters {
        tell("name-chars", problem, better());
    } else if !name::is_installable(&name) {
        let problem = "cannot be installed from a catalogue: it has to begin with a letter or \
                       digit, followed by those and `.`, `_`, `-`";
        tell("name-install", problem, better());
    } else if let Some(problem) = kebab {
        tell("name-kebab", problem, better());
    }
    if name::is_reserved(&name) {
        let help = "begin with a word of your own".to_owned();
        tell("name-reserved", "is reserved for the host's vendor, and refused", help);
    }
    let words = name.to_ascii_lowercase().replace(['_', '.'], "-");
    if words.contains("claude-code") && !name::is_reserved(&name) {
        let help = "name it for what it does".to_owned();
        tell("name-like-vendor", "looks like one of the host's vendor", help);
    }
    let length = match name.len() {
        2..=64 => None,
        length => Some(format!("has {length} characters, not 2 to 64")),
    };
    if let Some(problem) = kebab.map(str::to_owned).or(length) {
        tell("thv-name", &format!("{problem}, which ToolHive refuses"), better());
    }
    if let Some(directory) = directory.filter(|directory| *directory != name) {
        let problem = format!("is not that of the directory, {directory:?}, as ToolHive requires");
        tell("thv-name-dir", &problem, "give both the same name".to_owned());
    }
    if !name::is_agent_plugin(&name) {
        tell("ap-name", "is not valid in Agent Plugins 1.0", better());
    }
}

/// Checks that the tree is one of Agent Plugins, under whose profile alone it counts.
pub(crate) fn check_schema(root_manifest: Option<&[u8]>, findings: &mut Findings) {
    let has_schema = root_manifest.is_some_and(|bytes| {
        let document = oci_artifact::json::parse_trimmed(bytes).ok();
        document.and_then(|document| document.get("$schema")?.as_string()).is_some()
    });
    if !has_schema {
        let message = "no plugin.json at the root names the schema of Agent Plugins";
        let help = "write one with \"$schema\" and \"name\"";
        let diagnostic = Diagnostic::new(message).with_rule("ap-schema").at_path("plugin.json");
        findings.add(diagnostic.with_help(help));
    }
}
