// SPDX-License-Identifier: Apache-2.0
//! What is wrong with a plugin: everything at once, with what ToolHive refuses and what hosts do
//! (plugin-surface.md, 6.1).

use std::collections::BTreeMap;
use std::path::Path;

use oci_artifact::kind::ArtifactKind as _;
use oci_artifact::{Diagnostic, Result, json, limits};
use toolhive_findings::component::{self, ComponentKind};
use toolhive_findings::skill::{self, SkillFile};
use toolhive_findings::tree::{MAX_TEXT_SIZE, Tree};
use toolhive_findings::{Findings, Severity, inventory, portable, tree};
use toolhive_surface::Root;

use crate::kind::Plugin;
use crate::metadata::{self, MANIFEST_PATH, fields, names, paths};

pub use toolhive_findings::{Checker, Finding, Profile, Report, Rule, rule};

/// Bytes of a configuration file that is looked at (S-82).
const MAX_CONFIG_SIZE: u64 = limits::MIB;

/// The catalogue that a directory may hold instead of, or beside, a plugin.
const MARKETPLACE_PATH: &str = ".claude-plugin/marketplace.json";

/// Checks the plugin at `directory`, an absolute path, its bundled skills, agents and commands
/// included. What the packaging refuses is an error under every profile.
///
/// # Errors
/// [`ErrorKind::InvalidDir`](crate::error::ErrorKind::InvalidDir) where there is no such directory.
pub fn validate(directory: &Path, profile: Profile) -> Result<Report> {
    Plugin::check_path(directory)?;
    let tree = Tree::open(directory, &Plugin::HIDDEN)?;
    let mut findings = Findings::new(profile);
    tree.check(MANIFEST_PATH, &mut findings);
    tree.check_walk(&Plugin::HIDDEN, MANIFEST_PATH, &mut findings);

    let manifest = tree.read(MANIFEST_PATH, MAX_CONFIG_SIZE);
    match &manifest {
        Some(manifest) => check_manifest(manifest, &tree, &mut findings),
        None if tree.get(MANIFEST_PATH).is_none() => missing_manifest(&tree, &mut findings),
        None => {}
    }
    let document = manifest.as_deref().and_then(|bytes| json::parse_trimmed(bytes).ok());
    names::check_schema(tree.read("plugin.json", MAX_CONFIG_SIZE).as_deref(), &mut findings);
    let places = paths::find(document, &tree, &mut findings);
    check_texts(&places, &tree, &mut findings);
    for path in &places.configs {
        check_config(path, &tree, &mut findings);
    }
    check_places(&places, &tree, &mut findings);
    let root = Root::plugin(tree.name().unwrap_or_default());
    inventory::check(directory, &Plugin::HIDDEN, &root, &mut findings);
    portable::check(&tree, &mut findings);
    tree::check_packaging::<Plugin>(directory, &mut findings);
    Ok(findings.into_report())
}

fn check_manifest(manifest: &[u8], tree: &Tree, findings: &mut Findings) {
    match metadata::parse(manifest) {
        Ok(plugin) => {
            let files = tree.below("");
            let silent = metadata::missing_inventory(&plugin, files);
            plugin.warnings.into_iter().chain(silent).for_each(|warning| findings.add(warning));
        }
        Err(error) => findings.add_refusal(&error, "field-type"),
    }
    if let Ok(document) = json::parse_trimmed(manifest)
        && document.kind() == json::Kind::Object
    {
        names::check(document, tree.name(), findings);
        fields::check(document, findings);
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
            .with_help(
                "hosts take a plugin without one, ToolHive does not: write {\"name\": \"…\"}",
            )
    };
    findings.add_as(Severity::Error, diagnostic);
}

/// Checks the bundled skills, and the agents and commands.
fn check_texts(places: &paths::Places, tree: &Tree, findings: &mut Findings) {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for (path, directory) in &places.skills {
        let Some(text) = tree.read(path, MAX_TEXT_SIZE) else { continue };
        let file = SkillFile::bundled(path, &text, directory.as_deref());
        if let Some(name) = skill::check(&file, findings).or_else(|| directory.clone()) {
            names.insert(name, path.clone());
        }
    }
    for (path, kind) in &places.others {
        let Some(text) = tree.read(path, MAX_TEXT_SIZE) else { continue };
        component::check(*kind, path, &text, findings);
        let Some(name) = path.strip_prefix("commands/").and_then(|rest| rest.strip_suffix(".md"))
        else {
            continue;
        };
        if *kind == ComponentKind::Command
            && let Some(skill) = names.get(&name.replace('/', ":"))
        {
            let message = format!("the skill {skill} has the same name as this command");
            let diagnostic = Diagnostic::new(message).with_rule("name-collision").at_path(path);
            findings.add(diagnostic.with_help("keep one, or rename it"));
        }
    }
}

fn check_config(path: &str, tree: &Tree, findings: &mut Findings) {
    let Some(text) = tree.read(path, MAX_CONFIG_SIZE) else { return };
    match json::parse_trimmed(&text) {
        Err(diagnostic) => findings.add(diagnostic.with_rule("json-syntax").at_path(path)),
        Ok(document) => {
            if let Some(twice) = json::duplicate_key(document) {
                let message = format!("the key {:?} stands here a second time", twice.key);
                let diagnostic = Diagnostic::new(message).with_rule("json-duplicate-key");
                let diagnostic = diagnostic.at(&text, twice.second).at_path(path);
                findings.add(diagnostic.with_help("keep one: readers disagree about which counts"));
            }
        }
    }
}

/// What lies where nothing finds it, or means something else.
fn check_places(places: &paths::Places, tree: &Tree, findings: &mut Findings) {
    let mut tell = |rule, path: &str, message: &str, help: &str| {
        let diagnostic = Diagnostic::new(message).with_rule(rule).at_path(path);
        findings.add(diagnostic.with_help(help));
    };
    if tree.get("CLAUDE.md").is_some() {
        let help = "make a skill of it, if users of the plugin need it";
        tell("root-claude-md", "CLAUDE.md", "the host does not load a plugin's CLAUDE.md", help);
    }
    for directory in ["agents", "commands", "hooks", "skills"] {
        let path = format!(".claude-plugin/{directory}");
        if tree.is_directory(&path) {
            let message = format!("{directory} lie in .claude-plugin, where nothing finds them");
            tell("in-dot-claude-plugin", &path, &message, "move the directory up, to the root");
        }
    }
    for path in tree.below("") {
        let Some(directory) = path.strip_suffix("/SKILL.md") else { continue };
        let is_hidden = path.split('/').any(|name| name.starts_with('.'));
        let in_skill = places.skills.keys().any(|skill| {
            let root = skill.strip_suffix("SKILL.md").unwrap_or(skill);
            path.starts_with(root)
        });
        if !is_hidden && !in_skill && !is_of_tests(directory) {
            let help = "move it to skills/<name>/SKILL.md, or name its directory in \"skills\"";
            tell("skill-unreached", path, "nothing finds a skill here", help);
        }
    }
    for (path, host) in [
        (".codex-plugin/plugin.json", "Codex"),
        (".cursor-plugin/plugin.json", "Cursor"),
        (".github/plugin/plugin.json", "Copilot"),
        ("gemini-extension.json", "Gemini"),
    ] {
        if tree.get(path).is_some() {
            let message = format!("the manifest for {host} is not checked");
            tell("other-format", path, &message, "check it with that host's own tools");
        }
    }
}

/// Whether a directory holds tests and examples of tests, which are no part of the plugin (S-76).
fn is_of_tests(directory: &str) -> bool {
    const NAMES: [&str; 7] =
        ["evals", "examples", "fixtures", "node_modules", "templates", "test", "tests"];
    directory.split('/').any(|name| NAMES.contains(&name))
}
