// SPDX-License-Identifier: Apache-2.0
//! A catalogue that somebody wrote: what the host refuses in it, and which plugins lie beside it (S-91 to
//! S-95, S-112).

use std::collections::BTreeSet;

use crate::Findings;
use crate::check::name;
use crate::document::{self, without_mark};
use crate::manifest::fields::{Type, of_entry};
use oci_artifact::json::{self, Kind, Member, Value};
use toolhive_diagnostics::Diagnostic;

/// The keys at the top (S-92), and the kinds of those values that are not looked at by themselves.
const TOP: [(&str, Option<Kind>); 10] = [
    ("$schema", Some(Kind::String)),
    ("name", None),
    ("owner", None),
    ("plugins", None),
    ("description", None),
    ("version", Some(Kind::String)),
    ("metadata", Some(Kind::Object)),
    ("forceRemoveDeletedPlugins", Some(Kind::Bool)),
    ("allowCrossMarketplaceDependenciesOn", Some(Kind::Array)),
    ("renames", Some(Kind::Object)),
];
/// Fields of an entry that the host ignores where they are of another kind.
const LENIENT: [&str; 4] = ["metadata", "types", "network", "experimental"];
/// The keys that each type of source needs (S-94).
const SOURCES: [(&str, &[&str]); 6] = [
    ("github", &["repo"]),
    ("url", &["url"]),
    ("git-subdir", &["url", "path"]),
    ("npm", &["package"]),
    ("archive", &["url"]),
    ("command", &["command"]),
];

/// A plugin that lies below the catalogue's root.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Local {
    /// The name in the entry.
    pub name: String,
    /// The version in the entry.
    pub version: Option<String>,
    /// Its directory, from the root; empty for the root itself.
    pub directory: String,
}

/// Checks the text of a catalogue at `path`; its local plugins, in order. Whether they are there is for
/// who has the directory.
pub fn check(text: &[u8], path: &str, findings: &mut Findings) -> Vec<Local> {
    let mut check = Check { path, findings };
    // The host takes a byte order mark for nothing.
    let text = without_mark(text);
    let document = match json::parse_trimmed(text) {
        Ok(document) => document,
        Err(problem) => {
            check.findings.add(problem.with_rule("json-syntax").at_path(path));
            return Vec::new();
        }
    };
    if let Some(twice) = json::duplicate_key(document) {
        let problem = Diagnostic::new(format!("the key {:?} is repeated here", twice.key));
        let problem = problem.with_rule("json-duplicate-key").at(text, twice.second);
        check.findings.add(problem.at_path(path));
    }
    if document.kind() != Kind::Object {
        check.tell("catalogue-shape", document, "a catalogue is an object");
        return Vec::new();
    }
    check.top(document);
    let Some(plugins) = document.get("plugins").filter(|list| list.kind() == Kind::Array) else {
        check.tell("catalogue-shape", document, "the catalogue has no list \"plugins\"");
        return Vec::new();
    };
    if plugins.elements().next().is_none() {
        check.tell("catalogue-empty", plugins, "the catalogue has no plugins");
    }
    check.renames(document, plugins);
    let metadata = document.get("metadata");
    let root = metadata.and_then(|metadata| metadata.get("pluginRoot")?.as_string());
    let mut names = BTreeSet::new();
    let mut locals = Vec::new();
    for entry in plugins.elements() {
        locals.extend(check.entry(entry, root.as_deref(), &mut names));
    }
    locals
}

struct Check<'a> {
    path: &'a str,
    findings: &'a mut Findings,
}

impl Check<'_> {
    fn tell(&mut self, rule: &'static str, value: Value<'_>, message: impl Into<String>) {
        self.findings.add(value.diagnostic(message).with_rule(rule).at_path(self.path));
    }

    fn top(&mut self, document: Value<'_>) {
        for member in document.members() {
            if !TOP.iter().any(|(known, _)| *known == member.key) {
                let message = format!("no host knows the field {:?}", member.key);
                self.tell("unknown-field", member.value, message);
            }
        }
        for (key, kind) in TOP.into_iter().filter_map(|(key, kind)| Some((key, kind?))) {
            if let Some(value) = document.get(key).filter(|value| value.kind() != kind) {
                let message = format!("{key} is {}, not {kind}", value.kind());
                self.tell("catalogue-shape", value, message);
            }
        }
        match document.get("name").map(|value| (value, value.as_string())) {
            Some((value, Some(name))) => {
                if let Some(problem) = super::name::refused(&name) {
                    self.tell("catalogue-name", value, format!("the name {name:?} {problem}"));
                } else if let Err(error) = super::name::check(&name) {
                    self.tell("catalogue-name-kept", value, error.to_string());
                }
            }
            found => {
                let value = found.map_or(document, |(value, _)| value);
                self.tell("catalogue-shape", value, "the catalogue has no name");
            }
        }
        let owner = document.get("owner");
        let named = owner.and_then(|owner| owner.get("name")?.as_string());
        if named.is_none_or(|name| name.is_empty()) {
            let value = owner.unwrap_or(document);
            self.tell("catalogue-shape", value, "the catalogue has no owner with a name");
        }
        let text = |value: Value<'_>| document::text(value, "description");
        let described = text(document).or_else(|| text(document.get("metadata")?));
        if described.is_none_or(|text| text.is_empty()) {
            self.tell("catalogue-description", document, "the catalogue has no description");
        }
    }

    fn entry(
        &mut self,
        entry: Value<'_>,
        root: Option<&str>,
        names: &mut BTreeSet<String>,
    ) -> Option<Local> {
        if entry.kind() != Kind::Object {
            self.tell("catalogue-entry", entry, "an entry is an object");
            return None;
        }
        self.fields(entry);
        let name = document::text(entry, "name").unwrap_or_default();
        if name::is_reserved(&name) {
            let message = format!("the name {name:?} is reserved for the host's vendor");
            self.tell("name-reserved", entry, message);
        }
        if name.is_empty() {
            self.tell("catalogue-entry", entry, "the entry has no name");
        } else if !name::is_installable(&name) {
            self.tell("catalogue-entry", entry, format!("the name {name:?} cannot be installed"));
        } else if !names.insert(name.clone()) {
            let value = entry.get("name").unwrap_or(entry);
            self.tell("catalogue-twice", value, format!("there are two entries {name:?}"));
        }
        let Some(source) = entry.get("source") else {
            self.tell("catalogue-entry", entry, format!("the entry {name:?} has no source"));
            return None;
        };
        let version = document::text(entry, "version");
        match source.as_string() {
            Some(text) => {
                let directory = self.local(source, &text, root)?;
                Some(Local { name, version, directory })
            }
            None => {
                self.remote(source);
                None
            }
        }
    }

    /// The fields of an entry: known ones, of their kinds.
    fn fields(&mut self, entry: Value<'_>) {
        for member in entry.members() {
            let (key, value) = (member.key.as_ref(), member.value);
            // Some fields of a manifest an entry does not have.
            let is_own =
                |wanted: &Type| *wanted != Type::Shown && !matches!(key, "monitors" | "requires");
            match of_entry(key).filter(is_own).map(Type::kinds) {
                Some([kind]) if value.kind() != *kind && !LENIENT.contains(&key) => {
                    let message = format!("{key} is {}, not {kind}", value.kind());
                    self.tell("catalogue-entry", value, message);
                }
                None => {
                    let message = format!("no host knows the field {key:?} of an entry");
                    self.tell("unknown-field", value, message);
                }
                _ => {}
            }
        }
        let homepage = document::text(entry, "homepage");
        if homepage.is_some_and(|url| !url.contains("://") && !url.starts_with("mailto:")) {
            self.tell("catalogue-entry", entry, "the homepage is not a URL");
        }
        let author = document::object(entry, "author");
        if author.is_some_and(|author| document::text(author, "name").is_none()) {
            self.tell("catalogue-entry", entry, "the author has no name");
        }
        let parts = |key: &str| document::object(entry, key).into_iter().flat_map(Value::members);
        for Member { key, value, .. } in parts("mcpServers") {
            if value.get("command").or(value.get("type")).is_none() {
                let message = format!("the server {key:?} is not a valid one");
                self.tell("catalogue-entry", value, message);
            }
        }
        for Member { key, value, .. } in parts("lspServers") {
            if value.get("command").is_none() || value.get("extensionToLanguage").is_none() {
                let message = format!("the language server {key:?} is not a valid one");
                self.tell("catalogue-entry", value, message);
            }
        }
        for Member { key, value, .. } in parts("hooks") {
            if !crate::is_event(&key) {
                self.tell("catalogue-entry", value, format!("no host knows the event {key:?}"));
            }
        }
    }

    /// Old names: each leads to a plugin, to another old name that does, or to nothing.
    fn renames(&mut self, document: Value<'_>, plugins: Value<'_>) {
        let Some(renames) = document.get("renames") else { return };
        let names = plugins.elements().filter_map(|entry| document::text(entry, "name"));
        let names: BTreeSet<String> = names.collect();
        let old: BTreeSet<String> = renames.members().map(|one| one.key.into_owned()).collect();
        for member in renames.members() {
            let leads = match member.value.as_string() {
                Some(target) => {
                    names.contains(&target) || (old.contains(&target) && target != member.key)
                }
                None => member.value.is_null(),
            };
            if !leads {
                let message = format!("the old name {:?} leads to no plugin", member.key);
                self.tell("catalogue-shape", member.value, message);
            }
        }
    }

    /// Returns the directory that a relative source names.
    fn local(&mut self, source: Value<'_>, text: &str, root: Option<&str>) -> Option<String> {
        let is_bare = !text.contains('/') && !matches!(text, "." | "..") && root.is_some();
        if is_bare && root.is_some_and(|root| root.starts_with('/') || root.contains("..")) {
            let message = "metadata.pluginRoot must be a path within the catalogue's root";
            self.tell("catalogue-source", source, message);
            return None;
        }
        let full = match root.filter(|_| is_bare) {
            Some(root) => format!("{}/{text}", root.trim_end_matches('/')),
            None => text.to_owned(),
        };
        let begins = full.starts_with("./") || full == ".";
        if !begins || full.contains('\\') || full.split('/').any(|part| part == "..") {
            let message = format!(
                "the source {text:?} is not a path that begins with ./ and stays within the \
                 catalogue"
            );
            self.tell("catalogue-source", source, message);
            return None;
        }
        let parts = full.split('/').filter(|part| !part.is_empty() && *part != ".");
        Some(parts.collect::<Vec<_>>().join("/"))
    }

    /// A source elsewhere: its type, what that needs, and how firmly it is pinned.
    fn remote(&mut self, source: Value<'_>) {
        let text = |key: &str| document::text(source, key);
        let kind = text("source").unwrap_or_default();
        let Some((_, needed)) = SOURCES.iter().find(|(known, _)| *known == kind) else {
            self.tell("catalogue-source", source, format!("no host knows the source {kind:?}"));
            return;
        };
        for key in *needed {
            if text(key).is_none_or(|text| text.is_empty()) {
                let message = format!("a source of type {kind} needs {key:?}");
                self.tell("catalogue-source", source, message);
            }
        }
        let mut wrong = |value: Value<'_>, message: &str| {
            self.tell("catalogue-source", value, message);
        };
        for key in ["repo", "url", "path", "package", "ref", "version", "command", "mode"] {
            if let Some(value) = source.get(key).filter(|value| value.kind() != Kind::String) {
                wrong(value, &format!("{key} is a text"));
            }
        }
        let path = text("path").unwrap_or_default();
        if kind == "git-subdir" && path.split('/').any(|part| part == "..") {
            wrong(source, "the path leads out of the repository");
        }
        let is_web = |url: &str| url.starts_with("https://") || url.starts_with("http://");
        if kind == "npm" && text("registry").is_some_and(|registry| !is_web(&registry)) {
            wrong(source, "the registry is not a URL");
        }
        if kind == "archive" {
            if text("url").is_some_and(|url| !url.starts_with("https://")) {
                wrong(source, "an archive must be fetched over https");
            }
            let is_digest =
                |text: &str| text.len() == 64 && text.chars().all(|c| c.is_ascii_hexdigit());
            if source.get("sha256").is_some() && !text("sha256").is_some_and(|one| is_digest(&one))
            {
                wrong(source, "sha256 is a digest: 64 hexadecimal digits");
            }
        }
        if kind == "command" {
            let command = text("command").unwrap_or_default();
            let is_plain = command.chars().all(|c| c == ' ' || c.is_ascii_graphic());
            if !is_plain || command.contains("    ") {
                wrong(
                    source,
                    "a command has only ASCII characters, and at most three spaces in a row",
                );
            }
            if source.get("timeout").is_some_and(|one| one.as_integer().is_none_or(|one| one < 1)) {
                wrong(source, "the timeout is a number of seconds above 0");
            }
            if text("mode")
                .is_some_and(|mode| !matches!(mode.as_str(), "copy" | "in-place" | "link"))
            {
                wrong(source, "no host knows the mode");
            }
        }
        if let Some(value) = source.get("sha") {
            let sha = value.as_string().unwrap_or_default();
            let is_hex = |c: char| c.is_ascii_digit() || matches!(c, 'a'..='f');
            if sha.len() != 40 || !sha.chars().all(is_hex) {
                self.tell(
                    "catalogue-source",
                    value,
                    "sha is a commit: 40 lower-case hexadecimal digits",
                );
            }
        } else if !matches!(kind.as_str(), "npm" | "command") && source.get("sha256").is_none() {
            let message =
                format!("the source of type {kind} is not pinned: what is fetched may change");
            self.tell("catalogue-moving", source, message);
        }
    }
}

#[cfg(test)]
mod tests;
