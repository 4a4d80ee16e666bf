// SPDX-License-Identifier: Apache-2.0
//! What is wrong with a plugin: everything at once, with what ToolHive refuses and what hosts do
//! (plugin-surface.md, 6.1).

use std::path::Path;

use oci_artifact::kind::ArtifactKind as _;
use oci_artifact::{Diagnostic, Result, json};
use toolhive_findings::component::{self, ComponentKind};
use toolhive_findings::skill::{self, SkillFile};
use toolhive_findings::tree::Tree;
use toolhive_findings::{Findings, Severity, inventory, portable, tree};
use toolhive_surface::files::Content;
use toolhive_surface::inventory::{Component, ComponentType};
use toolhive_surface::{Files, Inventory, Limits, Root};

use crate::kind::Plugin;
use crate::metadata::{self, MANIFEST_PATH, fields, names};

pub use toolhive_findings::{Checker, Finding, Profile, Report, Rule, rule};

/// The catalogue that a directory may hold instead of, or beside, a plugin.
const MARKETPLACE_PATH: &str = ".claude-plugin/marketplace.json";

/// The manifest of Agent Plugins.
const AGENT_PLUGIN_PATH: &str = "plugin.json";

/// Checks the plugin at `directory`, an absolute path, its bundled skills, agents and commands
/// included. What the packaging refuses is an error under every profile.
///
/// The tree is read once; which texts belong to the plugin, and what would run, is what its inventory
/// says.
///
/// # Errors
/// [`ErrorKind::InvalidDir`](crate::error::ErrorKind::InvalidDir) where there is no such directory.
pub fn validate(directory: &Path, profile: Profile) -> Result<Report> {
    Plugin::check_path(directory)?;
    let tree = Tree::open(directory, &Plugin::HIDDEN)?;
    let mut findings = Findings::new(profile);
    tree.check(MANIFEST_PATH, &mut findings);

    // What cannot be read is told by who looks at the tree.
    let files = Files::from_directory(directory, &Plugin::HIDDEN, Limits::default());
    let files = files.unwrap_or_else(|_| {
        findings.truncate();
        Files::default()
    });
    match content(&files, MANIFEST_PATH) {
        Some(manifest) => check_manifest(manifest, &tree, &files, &mut findings),
        None if tree.get(MANIFEST_PATH).is_none() => missing_manifest(&tree, &mut findings),
        None => {}
    }
    names::check_schema(content(&files, AGENT_PLUGIN_PATH), &mut findings);
    let root = Root::plugin(tree.name().unwrap_or_default());
    let found = Inventory::of(&files, &root);
    check_texts(&found, &files, &mut findings);
    inventory::check(&found, &files, &mut findings);
    portable::check(&tree, &mut findings);
    tree::check_packaging::<Plugin>(directory, &mut findings);
    Ok(findings.into_report())
}

/// The content of a file, if it is there and not too large to be looked at.
fn content<'f>(files: &'f Files, path: &str) -> Option<&'f [u8]> {
    match files.content(path)? {
        Content::Bytes(bytes) => Some(bytes),
        Content::TooLarge => None,
    }
}

fn check_manifest(manifest: &[u8], tree: &Tree, files: &Files, findings: &mut Findings) {
    match metadata::parse(manifest) {
        Ok(plugin) => {
            let silent = metadata::missing_inventory(&plugin, tree.below(""));
            plugin.warnings.into_iter().chain(silent).for_each(|warning| findings.add(warning));
        }
        Err(error) => findings.add_refusal(&error, "field-type"),
    }
    if let Ok(document) = json::parse_trimmed(manifest)
        && document.kind() == json::Kind::Object
    {
        names::check(document, tree.name(), findings);
        fields::check(document, findings);
        fields::skill_entries(document, files, findings);
    }
}

fn missing_manifest(tree: &Tree, findings: &mut Findings) {
    let is_marketplace = tree.get(MARKETPLACE_PATH).is_some();
    let diagnostic = if is_marketplace {
        Diagnostic::new("this is a catalogue of plugins, not a plugin")
            .with_rule("marketplace")
            .at_path(MARKETPLACE_PATH)
            .with_help("name the directory of one of its plugins")
    } else {
        Diagnostic::new(format!("there is no {MANIFEST_PATH}"))
            .with_rule("manifest-missing")
            .at_path(MANIFEST_PATH)
            .with_help(
                "hosts take a plugin without one, ToolHive does not: write {\"name\": \"…\"}",
            )
    };
    findings.add_as(Severity::Error, diagnostic);
}

/// Checks the bundled skills, and the agents and commands, as far as they load.
fn check_texts(inventory: &Inventory, files: &Files, findings: &mut Findings) {
    let of = |kind: ComponentType| {
        inventory.components.iter().filter(move |one| one.loads && one.kind == kind)
    };
    for found in of(ComponentType::Skill) {
        let Some(text) = content(files, &found.path) else { continue };
        let directory = found.path.strip_suffix("/SKILL.md");
        let directory = directory.map(|path| path.rsplit('/').next().unwrap_or(path));
        skill::check(&SkillFile::bundled(&found.path, text, directory), findings);
    }
    for (kind, is) in [
        (ComponentType::Agent, ComponentKind::Agent),
        (ComponentType::Command, ComponentKind::Command),
    ] {
        // A command can stand in the manifest.
        for found in of(kind).filter(|found| found.path != MANIFEST_PATH) {
            let Some(text) = content(files, &found.path) else { continue };
            component::check(is, &found.path, text, findings);
        }
    }
    for command in of(ComponentType::Command) {
        let same = |skill: &&Component| skill.name == command.name;
        if let Some(skill) = of(ComponentType::Skill).find(same) {
            let message = format!("the skill {} has the same name as this command", skill.path);
            let diagnostic = Diagnostic::new(message).with_rule("name-collision");
            let diagnostic = diagnostic.at_path(&command.path);
            findings.add(diagnostic.with_help("keep one, or rename it"));
        }
    }
}
