// SPDX-License-Identifier: Apache-2.0
//! The check of a plugin: everything at once, with what ToolHive refuses and what hosts do
//! (plugin-surface.md, 6.1).

use std::path::Path;

use oci_artifact::kind::ArtifactKind;
use oci_artifact::{Diagnostic, Result, json};

use super::component;
use super::skill_md::{self, Form, SkillFile};
use super::{fields, plugin_name, portable, warnings};
use crate::host::Host;
use crate::inventory::{Component, ComponentType};
use crate::manifest::plugin::{self as manifest, MANIFEST_PATH};
use crate::marketplace;
use crate::rule;
use crate::tree::{self, Tree};
use crate::{Files, Findings, Inventory, Profile, Report, Root, Severity};

/// Checks the plugin at `directory`, which is packaged as a `K`, its bundled skills, agents and commands
/// included. What the packaging refuses is an error under every profile.
///
/// The tree is read once; which texts belong to the plugin, and what would run, is what its inventory
/// says.
///
/// # Errors
/// [`ErrorKind::InvalidDir`](oci_artifact::ErrorKind::InvalidDir) if there is no such directory.
pub fn validate<K: ArtifactKind>(directory: &Path, profile: Profile) -> Result<Report> {
    let tree = Tree::open(directory, &K::HIDDEN)?;
    let mut findings = Findings::new(profile);
    tree.check(MANIFEST_PATH, &mut findings);
    let root = Root::plugin(tree.name().unwrap_or_default());
    let found = Inventory::of(tree.files(), &root);
    check(&found, tree.files(), tree.name(), &mut findings);
    match tree.content(MANIFEST_PATH) {
        Some(manifest) => packaged_manifest(manifest, &tree, &mut findings),
        None if tree.get(MANIFEST_PATH).is_none() => missing_manifest(&found, &mut findings),
        None => {}
    }
    warnings::check(&found, tree.files(), &mut findings);
    listed(&tree, &found, &mut findings);
    portable::check(&tree, &mut findings);
    tree::check_packaging::<K>(directory, tree, &mut findings);
    Ok(findings.into_report())
}

/// Checks what a public directory demands besides (S-113).
fn listed(tree: &Tree, inventory: &Inventory, findings: &mut Findings) {
    let begins = |name: &str| {
        let at_root = tree.below("").filter(|path| !path.contains('/'));
        at_root.into_iter().any(|path| path.to_ascii_lowercase().starts_with(name))
    };
    let manifest = tree.content(MANIFEST_PATH).and_then(|text| json::parse_trimmed(text).ok());
    let says = |key: &str| {
        let value = manifest.and_then(|manifest| manifest.get(key)?.as_string());
        value.is_some_and(|text| !text.is_empty())
    };
    let icons = [".claude-plugin/icon.png", "assets/icon.png", "icon.png"];
    let has_icon = says("icon") || icons.iter().any(|path| tree.get(path).is_some());
    // A server or a hook that sends something to another machine.
    let mut loading = inventory.launches.iter().filter(|launch| launch.loads.is_ok());
    let is_private = loading.all(|launch| launch.url.is_none())
        || says("privacyPolicyUrl")
        || tree.content("README.md").is_some_and(|text| {
            String::from_utf8_lossy(text).to_ascii_lowercase().contains("privacy")
        });
    for (has, rule, what) in [
        (is_private, "directory-privacy", "no privacy policy"),
        (begins("readme"), "directory-readme", "no README"),
        (says("license") || begins("licen"), "directory-license", "no licence"),
        (has_icon, "directory-icon", "no icon"),
    ] {
        if !has {
            let diagnostic = Diagnostic::new(format!("the plugin has {what}")).with_rule(rule);
            let advice = rule::find(rule).map_or("", |rule| rule.advice);
            findings.add(diagnostic.at_path(MANIFEST_PATH).with_help(advice));
        }
    }
}

/// Checks what the inventory of a plugin's files does not: names, fields, and the texts that load;
/// `directory` is what theirs is called, if they lie in one. `inspect` and `validate` both ask this.
pub fn check(
    inventory: &Inventory,
    files: &Files,
    directory: Option<&str>,
    findings: &mut Findings,
) {
    if let Some(manifest) = files.bytes(MANIFEST_PATH)
        && let Ok(document) = json::parse_trimmed(manifest)
        && document.kind() == json::Kind::Object
    {
        plugin_name::check(document, directory, findings);
        fields::check(document, findings);
        fields::skill_entries(document, files, findings);
    }
    plugin_name::check_schema(files.bytes(Host::AgentPlugins.manifest()), findings);
    check_texts(inventory, files, findings);
}

/// Adds what the packaging says of the manifest.
fn packaged_manifest(manifest: &[u8], tree: &Tree, findings: &mut Findings) {
    match manifest::parse(manifest) {
        Ok(plugin) => {
            let silent = manifest::missing_inventory(&plugin, tree.below(""));
            plugin.warnings.into_iter().chain(silent).for_each(|warning| findings.add(warning));
        }
        Err(error) => findings.add_refusal(&error, "field-type"),
    }
}

fn missing_manifest(inventory: &Inventory, findings: &mut Findings) {
    let is_marketplace = inventory.warnings.iter().any(|one| one.code() == "marketplace");
    let diagnostic = if is_marketplace {
        Diagnostic::new("this is a catalogue of plugins, not a plugin")
            .with_rule("marketplace")
            .at_path(marketplace::PATH)
            .with_help("name the directory of one of its plugins")
    } else {
        Diagnostic::new(format!("there is no {MANIFEST_PATH}"))
            .with_rule("manifest-missing")
            .at_path(MANIFEST_PATH)
            .with_help(
                "hosts accept a plugin without one, ToolHive does not: write {\"name\": \"…\"}",
            )
    };
    findings.add_as(Severity::Error, diagnostic);
}

/// Checks the bundled skills, and the agents and commands, as far as they load.
fn check_texts(inventory: &Inventory, files: &Files, findings: &mut Findings) {
    let of = |kind: ComponentType| {
        inventory.components.iter().filter(move |one| one.loads.is_ok() && one.kind == kind)
    };
    for found in of(ComponentType::Skill) {
        let Some(text) = files.bytes(&found.path) else { continue };
        let directory = found.path.strip_suffix("/SKILL.md");
        let directory = directory.map(|path| path.rsplit('/').next().unwrap_or(path));
        let file = SkillFile { path: &found.path, text, directory, form: Form::Bundled };
        skill_md::check(&file, findings);
    }
    for kind in [ComponentType::Agent, ComponentType::Command] {
        // A command can stand in the manifest.
        for found in of(kind).filter(|found| found.path != MANIFEST_PATH) {
            let Some(text) = files.bytes(&found.path) else { continue };
            component::check(kind, &found.path, text, findings);
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
