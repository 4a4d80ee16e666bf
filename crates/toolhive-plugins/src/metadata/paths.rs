// SPDX-License-Identifier: Apache-2.0
//! Where a plugin's texts with frontmatter are: by default, and where the manifest says
//! (plugin-surface.md, 1.2, S-7, S-13 to S-15).

use std::collections::{BTreeMap, BTreeSet};

use oci_artifact::directory::FoundKind;
use oci_artifact::json::{Kind, Value};
use toolhive_findings::Findings;
use toolhive_findings::component::ComponentKind;
use toolhive_findings::tree::Tree;

use super::MANIFEST_PATH;

/// The file that makes a directory a skill.
const SKILL: &str = "SKILL.md";

/// The texts that a host loads, by path.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// Skills: the file, with its directory's name unless that is the plugin's root.
    pub(crate) skills: BTreeMap<String, Option<String>>,
    /// Agents and commands.
    pub(crate) others: BTreeMap<String, ComponentKind>,
    /// Configuration files: JSON.
    pub(crate) configs: BTreeSet<String>,
}

/// The paths that a field has, each with its value.
fn texts<'d>(document: Option<Value<'d>>, key: &str) -> Vec<(Value<'d>, String)> {
    let Some(value) = document.and_then(|document| document.get(key)) else { return Vec::new() };
    let all = std::iter::once(value).chain(value.elements());
    all.filter_map(|value| Some((value, value.as_string()?))).collect()
}

/// Finds the texts, and tells what is wrong with the manifest's paths.
pub(crate) fn find(document: Option<Value<'_>>, tree: &Tree, findings: &mut Findings) -> Places {
    let mut places = Places::default();
    let mut search = Search { tree, findings, places: &mut places };
    let is_set = |key: &str| document.is_some_and(|document| document.get(key).is_some());

    search.skills_below("skills");
    for (value, text) in texts(document, "skills") {
        search.skill_entry(value, &text);
    }
    if !tree.is_directory("skills") && !is_set("skills") && tree.get(SKILL).is_some() {
        search.places.skills.insert(SKILL.to_owned(), None);
    }
    for (key, kind) in [("commands", ComponentKind::Command), ("agents", ComponentKind::Agent)] {
        if !is_set(key) {
            search.texts_below(key, kind);
        }
        for (value, text) in texts(document, key) {
            search.text_entry(value, &text, key, kind);
        }
    }
    let commands = document.and_then(|document| document.get("commands"));
    for command in commands.into_iter().flat_map(Value::members) {
        if let Some(source) = command.value.get("source")
            && let Some(text) = source.as_string()
        {
            search.text_entry(source, &text, "commands", ComponentKind::Command);
        }
    }
    for (key, default) in [
        ("hooks", Some("hooks/hooks.json")),
        ("mcpServers", Some(".mcp.json")),
        ("lspServers", Some(".lsp.json")),
    ] {
        search.places.configs.extend(default.map(str::to_owned));
        for (value, text) in texts(document, key) {
            if !text.contains("://")
                && let Some(path) = search.resolve(value, &text)
                && path.ends_with(".json")
            {
                search.places.configs.insert(path);
            }
        }
    }
    search.places.configs.extend(["monitors/monitors.json", "settings.json"].map(str::to_owned));
    for key in ["outputStyles", "workflows", "themes"] {
        for (value, text) in texts(document, key) {
            search.resolve(value, &text);
        }
    }
    places.configs.retain(|path| tree.get(path).is_some_and(|found| found.file().is_some()));
    places
}

struct Search<'a> {
    tree: &'a Tree,
    findings: &'a mut Findings,
    places: &'a mut Places,
}

impl Search<'_> {
    /// The skills that are directories in that one.
    fn skills_below(&mut self, directory: &str) {
        for path in self.tree.below(directory) {
            let rest = path.strip_prefix(directory).unwrap_or(path).trim_start_matches('/');
            if let Some((name, SKILL)) = rest.split_once('/') {
                self.places.skills.insert(path.to_owned(), Some(name.to_owned()));
            }
        }
    }

    fn skill_entry(&mut self, value: Value<'_>, text: &str) {
        let Some(path) = self.resolve(value, text) else { return };
        if !self.tree.is_directory(&path) {
            let message = format!("{text:?} is a file; a skill is a directory with {SKILL}");
            let help = "name the directory";
            self.tell("skills-file", value, message, help);
            return;
        }
        let own = if path.is_empty() { SKILL.to_owned() } else { format!("{path}/{SKILL}") };
        if self.tree.get(&own).is_some() {
            let name = path.rsplit('/').next().filter(|name| !name.is_empty());
            self.places.skills.insert(own, name.map(str::to_owned));
        } else {
            let message = format!("{text:?} is no skill itself, which ToolHive wants");
            let help = "name each skill's own directory";
            self.tell("thv-skill-entry", value, message, help);
            self.skills_below(&path);
        }
    }

    /// All Markdown files below a directory.
    fn texts_below(&mut self, directory: &str, kind: ComponentKind) {
        for path in self.tree.below(directory).filter(|path| path.ends_with(".md")) {
            self.places.others.insert(path.to_owned(), kind);
        }
    }

    fn text_entry(&mut self, value: Value<'_>, text: &str, key: &str, kind: ComponentKind) {
        let Some(path) = self.resolve(value, text) else { return };
        let is_text = path.ends_with(".md");
        if kind == ComponentKind::Agent && !is_text {
            let message = format!("{text:?} is no Markdown file, so the host refuses it");
            let help = "name each file, or leave the field out: `agents/` is read anyway";
            self.tell("agents-dir", value, message, help);
        } else if self.tree.is_directory(&path) {
            self.texts_below(&path, kind);
        } else if is_text {
            self.places.others.insert(path, kind);
        } else {
            let message = format!("{text:?} is neither a Markdown file nor a directory");
            let help = format!("name what holds the {key}");
            self.tell("path-missing", value, message, &help);
        }
    }

    /// The path from the root, if it can be followed and leads to something (S-7).
    fn resolve(&mut self, value: Value<'_>, text: &str) -> Option<String> {
        let fault = if text.contains('\\') {
            Some(("path-backslash", "has a backslash", "write `/`"))
        } else if text.starts_with('/') || text.split('/').any(|part| part == "..") {
            let help = "copy what is needed into the plugin";
            Some(("path-escape", "does not stay in the plugin", help))
        } else if text != "." && !text.starts_with("./") {
            Some(("path-prefix", "does not begin with `./`", "write `./` before it"))
        } else {
            None
        };
        if let Some((rule, what, help)) = fault {
            self.tell(
                rule,
                value,
                format!("the path {text:?} {what}, so the host refuses it"),
                help,
            );
            return None;
        }
        let parts: Vec<&str> =
            text.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        let path = parts.join("/");
        let found = self.tree.get(&path);
        if found.is_none() && !self.tree.is_directory(&path) {
            let message = format!("the path {text:?} leads to nothing");
            let help = if text.contains('*') {
                "patterns are not expanded: name the directory"
            } else {
                "mend the path, or remove it"
            };
            self.tell("path-missing", value, message, help);
            return None;
        }
        // A link is told as such.
        (found.is_none_or(|found| found.kind == FoundKind::File)).then_some(path)
    }

    fn tell(&mut self, rule: &'static str, value: Value<'_>, message: String, help: &str) {
        debug_assert_eq!(value.kind(), Kind::String);
        let diagnostic = value.diagnostic(message).with_rule(rule).with_help(help);
        self.findings.add(diagnostic.at_path(MANIFEST_PATH));
    }
}
