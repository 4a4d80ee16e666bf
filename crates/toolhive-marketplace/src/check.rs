// SPDX-License-Identifier: Apache-2.0
//! A catalogue that somebody wrote: what the host refuses in it, and which plugins lie beside it (S-91 to
//! S-95, S-112).

use std::collections::BTreeSet;

use oci_artifact::json::{self, Kind, Value};
use toolhive_diagnostics::Diagnostic;
use toolhive_findings::{Findings, name};

/// The keys at the top (S-92).
const TOP: [&str; 9] = [
    "$schema",
    "name",
    "owner",
    "plugins",
    "description",
    "version",
    "metadata",
    "forceRemoveDeletedPlugins",
    "allowCrossMarketplaceDependenciesOn",
];
/// Keys at the top, and of entries, that no list names but hosts know.
const ALSO: [&str; 1] = ["renames"];
/// The keys that each type of source needs (S-94).
const SOURCES: [(&str, &[&str]); 7] = [
    ("github", &["repo"]),
    ("url", &["url"]),
    ("git", &["url"]),
    ("git-subdir", &["url", "path"]),
    ("npm", &["package"]),
    ("archive", &["url"]),
    ("command", &["command"]),
];

/// A plugin that lies below the catalogue's root.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Local {
    /// What the entry calls it.
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
    let document = match json::parse_trimmed(text) {
        Ok(document) => document,
        Err(problem) => {
            check.findings.add(problem.with_rule("json-syntax").at_path(path));
            return Vec::new();
        }
    };
    if let Some(twice) = json::duplicate_key(document) {
        let problem = Diagnostic::new(format!("the key {:?} stands here again", twice.key));
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
            if !TOP.contains(&member.key.as_ref()) && !ALSO.contains(&member.key.as_ref()) {
                let message = format!("no host knows the field {:?}", member.key);
                self.tell("unknown-field", member.value, message);
            }
        }
        match document.get("name").map(|value| (value, value.as_string())) {
            Some((value, Some(name))) => {
                if let Err(error) = crate::name::check(&name) {
                    self.tell("catalogue-name", value, error.to_string());
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
        let text = |value: Value<'_>| value.get("description").and_then(Value::as_string);
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
        let name = entry.get("name").and_then(Value::as_string).unwrap_or_default();
        if name.is_empty() {
            self.tell("catalogue-entry", entry, "the entry has no name");
        } else if !name::is_installable(&name) {
            self.tell("name-install", entry, format!("the name {name:?} cannot be installed"));
        } else if !names.insert(name.clone()) {
            let value = entry.get("name").unwrap_or(entry);
            self.tell("catalogue-twice", value, format!("there are two entries {name:?}"));
        }
        let Some(source) = entry.get("source") else {
            self.tell("catalogue-entry", entry, format!("the entry {name:?} has no source"));
            return None;
        };
        let version = entry.get("version").and_then(Value::as_string);
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

    /// The directory that a relative source names.
    fn local(&mut self, source: Value<'_>, text: &str, root: Option<&str>) -> Option<String> {
        let is_bare = !text.contains('/') && !matches!(text, "." | "..") && root.is_some();
        let full = match root.filter(|_| is_bare) {
            Some(root) => format!("{}/{text}", root.trim_end_matches('/')),
            None => text.to_owned(),
        };
        let begins = full.starts_with("./") || full == ".";
        if !begins || full.contains('\\') || full.split('/').any(|part| part == "..") {
            let message = format!("the source {text:?} is no path that begins with ./ and stays");
            self.tell("catalogue-source", source, message);
            return None;
        }
        let parts = full.split('/').filter(|part| !part.is_empty() && *part != ".");
        Some(parts.collect::<Vec<_>>().join("/"))
    }

    /// A source elsewhere: its type, what that needs, and how firmly it is pinned.
    fn remote(&mut self, source: Value<'_>) {
        let text = |key: &str| source.get(key).and_then(Value::as_string);
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
        if let Some(value) = source.get("sha") {
            let sha = value.as_string().unwrap_or_default();
            let is_hex = |c: char| c.is_ascii_digit() || matches!(c, 'a'..='f');
            if sha.len() != 40 || !sha.chars().all(is_hex) {
                self.tell(
                    "catalogue-source",
                    value,
                    "sha is a commit: 40 small hexadecimal digits",
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
mod tests {
    use toolhive_findings::Profile;

    use super::*;

    fn told(text: &str) -> (Vec<&'static str>, Vec<String>) {
        let mut findings = Findings::new(Profile::Claude);
        let locals = check(text.as_bytes(), "m.json", &mut findings);
        let report = findings.into_report();
        let codes = report.findings.iter().map(|finding| finding.code()).collect();
        (codes, locals.into_iter().map(|local| local.directory).collect())
    }

    fn with(plugins: &str) -> (Vec<&'static str>, Vec<String>) {
        told(&format!(
            r#"{{"name":"mm","owner":{{"name":"x"}},"description":"d","plugins":[{plugins}]}}"#
        ))
    }

    #[test]
    fn what_the_host_refuses_of_a_catalogue_s_112() {
        assert_eq!(with(""), (vec![], vec![]));
        assert_eq!(
            told(r#"{"name":"mm","plugins":[]}"#).0,
            ["catalogue-description", "catalogue-shape"]
        );
        assert_eq!(told("[]").0, ["catalogue-shape"]);
        assert_eq!(told("{").0, ["json-syntax"]);
        assert_eq!(with("5").0, ["catalogue-entry"]);
        assert_eq!(with(r#"{"name":"p"}"#).0, ["catalogue-entry"]);
        let twice = r#"{"name":"p","source":"./p"},{"name":"p","source":"./q"}"#;
        assert_eq!(with(twice).0, ["catalogue-twice"]);
        for source in [
            "\"/p\"",
            "\"../p\"",
            "\"p\"",
            "\"./a/../b\"",
            "{\"source\":\"foo\"}",
            "{\"source\":\"npm\"}",
            "{\"source\":\"github\",\"repo\":\"a/b\",\"sha\":\"zz\"}",
        ] {
            let found = with(&format!(r#"{{"name":"p","source":{source}}}"#));
            assert_eq!(found, (vec!["catalogue-source"], vec![]), "{source}");
        }
        let moving = r#"{"name":"p","source":{"source":"github","repo":"a/b"}}"#;
        assert_eq!(with(moving).0, ["catalogue-moving"]);
    }

    #[test]
    fn local_plugins_are_found_s_112() {
        let (codes, locals) = with(r#"{"name":"a","source":"./"},{"name":"b","source":"./x/b"}"#);
        assert_eq!((codes, locals), (vec![], vec![String::new(), "x/b".to_owned()]));
    }
}
