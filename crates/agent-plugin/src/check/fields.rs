// SPDX-License-Identifier: Apache-2.0
//! The manifest's fields and their types (plugin-surface.md, S-4 to S-6).

use crate::manifest::fields::{FIELDS, of_manifest};
use crate::manifest::plugin::{self, MANIFEST_PATH};
use crate::{Files, Findings};
use oci_artifact::Diagnostic;
use oci_artifact::json::{self, Kind, Value};

/// The most entries of a group of components that ToolHive takes.
const MAX_GROUP: usize = 100;

/// Checks the manifest's fields.
pub(crate) fn check(document: Value<'_>, findings: &mut Findings) {
    if let Some(twice) = json::duplicate_key_ignoring_case(document) {
        let bytes = document.document();
        let first = Diagnostic::new("").at(bytes, twice.first).position;
        let line = first.map_or(0, |position| position.line);
        let message = format!(
            "the key {:?} is here and in line {line}; readers disagree about which one counts",
            twice.key
        );
        let diagnostic = Diagnostic::new(message).with_rule("json-duplicate-key");
        add(diagnostic.at(bytes, twice.second).with_help("keep one"), findings);
    }
    for member in document.members() {
        let key = member.key.as_ref();
        let Some(wanted) = of_manifest(key) else {
            // The packaging itself reports another spelling of a key that it accepts (PJ-7).
            if !is_packaged(&member) {
                let diagnostic = member.diagnostic(format!("nothing reads {key:?}"));
                let help = "remove it, or keep it under \"metadata\"";
                add(diagnostic.with_rule("unknown-field").with_help(help), findings);
            }
            continue;
        };
        let kind = member.value.kind();
        if !wanted.kinds().contains(&kind) {
            let message = format!("{key} is {kind}, not {}", words(wanted.kinds()));
            let (rule, help) = if wanted.is_harmless(key) {
                (
                    "field-ignored",
                    "the host ignores it: remove it, or write what it should be".to_owned(),
                )
            } else if kind == Kind::Null {
                ("field-type", "remove it: because of it the host refuses the plugin".to_owned())
            } else {
                ("field-type", help_for(key, wanted.kinds(), member.value))
            };
            add(member.value.diagnostic(message).with_rule(rule).with_help(help), findings);
        }
        if matches!(key, "themes" | "monitors") {
            let message = format!("{key} is at the top level, where hosts will stop reading it");
            let help = format!("move it: \"experimental\": {{\"{key}\": …}}");
            add(member.diagnostic(message).with_rule("experimental-top").with_help(help), findings);
        }
    }
    listing(document, findings);
    elements(document, findings);
}

/// Whether the packaging takes that key, however it is spelled.
fn is_packaged(member: &json::Member<'_>) -> bool {
    let known = plugin::TEXT_KEYS.iter().chain(&plugin::components::KEYS);
    known.chain(&plugin::requires::KEYS).any(|known| member.is(known))
}

/// The advice for a value of another type: what to write instead.
fn help_for(key: &str, wanted: &[Kind], value: Value<'_>) -> String {
    let example = match key {
        "author" => return format!("write {}", author(value)),
        "repository" => return "write its URL".to_owned(),
        "dependencies" => {
            return "write a list of plugins, such as [\"other-plugin\"]; npm packages belong in \
                    package.json"
                .to_owned();
        }
        "defaultEnabled" => return "write true or false".to_owned(),
        _ => match (wanted.first(), value.as_string()) {
            (Some(Kind::Array), Some(text)) => format!("[{}]", quoted(&text)),
            (Some(Kind::Array), None) => "a list, such as [\"…\"]".to_owned(),
            (Some(Kind::Object), _) => "an object, such as {\"…\": …}".to_owned(),
            (Some(Kind::Bool), _) => "true or false".to_owned(),
            _ => "a text in quotes".to_owned(),
        },
    };
    format!("write {example}: because of this the host refuses the whole plugin")
}

/// Returns an author as it should be written: with the name and the e-mail address, if a text has them as
/// `NAME <ADDRESS>`.
fn author(value: Value<'_>) -> String {
    let Some(text) = value.as_string() else { return "{\"name\": \"…\"}".to_owned() };
    let (name, rest) = text.split_once('<').unwrap_or((&text, ""));
    let address = rest.split_once('>').map(|(address, _)| address.trim());
    let name = match name.trim() {
        "" => "…",
        name => name,
    };
    match address.filter(|address| !address.is_empty()) {
        Some(address) => {
            format!("{{\"name\": {}, \"email\": {}}}", quoted(name), quoted(address))
        }
        None => format!("{{\"name\": {}}}", quoted(name)),
    }
}

/// A text as JSON has it; its start, if it is long.
fn quoted(text: &str) -> String {
    const LONGEST: usize = 80;
    let start: String = text.chars().take(LONGEST).collect();
    let start = if start.len() < text.len() { start + "…" } else { start };
    serde_json::Value::from(start).to_string()
}

/// Checks what a catalogue shows: version, description, author, homepage.
fn listing(document: Value<'_>, findings: &mut Findings) {
    for (key, rule, help) in [
        ("version", "missing-version", "without one, every commit counts as another version"),
        ("description", "missing-description", "say in one sentence what it is for"),
        ("author", "missing-author", "write {\"name\": \"…\"}"),
    ] {
        let value = document.get(key);
        let is_empty = value.and_then(Value::as_string).is_some_and(|text| text.trim().is_empty());
        if value.is_none() || is_empty {
            let start = document.span().start;
            let span = value.map_or(start..start + 1, Value::span);
            let message = format!("the plugin has no {key}");
            let diagnostic = Diagnostic::new(message).with_rule(rule).at(document.document(), span);
            add(diagnostic.with_help(help), findings);
        }
    }
    if let Some(author) = document.get("author").filter(|author| author.kind() == Kind::Object) {
        let name = author.get("name").and_then(Value::as_string);
        if name.is_none_or(|name| name.is_empty()) {
            let diagnostic = author.diagnostic("the author has no name").with_rule("author-name");
            add(diagnostic.with_help("write {\"name\": \"…\"}"), findings);
        }
    }
    if let Some(homepage) = document.get("homepage")
        && homepage.as_str().is_some_and(|text| !is_url(&text))
    {
        let diagnostic = homepage.diagnostic("the homepage is not a URL").with_rule("homepage-url");
        add(diagnostic.with_help("write a complete one, such as https://example.com/"), findings);
    }
}

/// Whether a text is a URL with a scheme and, where there should be one, a host.
fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.trim().split_once(':') else { return false };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let host = rest.trim_start_matches('/');
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    let has_host = !host.is_empty() || !matches!(scheme, "http" | "https");
    is_scheme && has_host && !rest.is_empty() && !host.contains(char::is_whitespace)
}

/// Elements of lists: their types, and ToolHive's own ideas of them.
fn elements(document: Value<'_>, findings: &mut Findings) {
    let fields = FIELDS.iter().flat_map(|(wanted, keys)| keys.iter().map(|key| (*key, *wanted)));
    for (key, wanted) in fields {
        let kinds = wanted.elements();
        let list = document.get(key).into_iter().flat_map(Value::elements);
        for element in list.filter(|one| !kinds.is_empty() && !kinds.contains(&one.kind())) {
            let message = format!("an entry of {key} is {}, not {}", element.kind(), words(kinds));
            let help = "because of this the host refuses the whole plugin";
            add(element.diagnostic(message).with_rule("field-type").with_help(help), findings);
        }
    }
    for key in ["commands", "agents", "skills", "hooks"] {
        let Some(value) = document.get(key) else { continue };
        let is_path = |element: Value<'_>| {
            element.as_str().is_some_and(|text| text.starts_with("./") || text == ".")
        };
        let wrong = match value.kind() {
            Kind::Array => value.elements().find(|element| !is_path(*element)),
            _ => Some(value),
        };
        if let Some(wrong) = wrong {
            let message = format!("ToolHive refuses {key} unless it is an array of paths");
            let help = format!("write \"{key}\": [\"./…\"]; hosts accept that, too");
            let diagnostic = wrong.diagnostic(message).with_rule("thv-array-fields");
            add(diagnostic.with_help(help), findings);
        }
        let count = value.elements().count();
        if count > MAX_GROUP {
            let message = format!("{key} has {count} entries; ToolHive accepts {MAX_GROUP}");
            let diagnostic = value.diagnostic(message).with_rule("thv-limits");
            add(diagnostic.with_help("name directories instead of single files"), findings);
        }
    }
}

/// Reports entries of `skills` that are not skills themselves, as ToolHive requires.
pub(crate) fn skill_entries(document: Value<'_>, files: &Files, findings: &mut Findings) {
    let Some(skills) = document.get("skills") else { return };
    for value in std::iter::once(skills).chain(skills.elements()) {
        let Some(text) = value.as_string() else { continue };
        let parts = text.split('/').filter(|part| !part.is_empty() && *part != ".");
        let path = parts.collect::<Vec<_>>().join("/");
        let own = if path.is_empty() { "SKILL.md".to_owned() } else { format!("{path}/SKILL.md") };
        if files.is_directory(&path) && files.get(&own).is_none() {
            let message = format!("{text:?} is not itself a skill, as ToolHive requires");
            let diagnostic = value.diagnostic(message).with_rule("thv-skill-entry");
            add(diagnostic.with_help("name each skill's own directory"), findings);
        }
    }
}

fn words(kinds: &[Kind]) -> String {
    kinds.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}

fn add(diagnostic: Diagnostic, findings: &mut Findings) {
    findings.add(diagnostic.at_path(MANIFEST_PATH));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_another_type_is_said_how_to_be_written_s_4() {
        for (member, help) in [
            (r#""author": "Me""#, r#"write {"name": "Me"}"#),
            (r#""author": "Me <me@x.org>""#, r#"write {"name": "Me", "email": "me@x.org"}"#),
            (r#""author": "Me <me@x.org> (x)""#, r#"write {"name": "Me", "email": "me@x.org"}"#),
            (r#""author": "<me@x.org>""#, r#"write {"name": "…", "email": "me@x.org"}"#),
            (r#""author": "a\"b""#, r#"write {"name": "a\"b"}"#),
            (r#""author": "<>""#, r#"write {"name": "…"}"#),
            (r#""author": ["Me"]"#, r#"write {"name": "…"}"#),
            (r#""author": {}"#, r#"write {"name": "…"}"#),
            (r#""keywords": "a, b""#, r#"write ["a, b"]: because of this the host refuses"#),
            (
                r#""keywords": {}"#,
                r#"write a list, such as ["…"]: because of this the host refuses"#,
            ),
            (r#""homepage": ["x"]"#, "write a text in quotes: because of this the host refuses"),
            (r#""repository": {"url": "x"}"#, "write its URL"),
        ] {
            let text = format!("{{\"name\": \"p\", {member}}}");
            let document = json::parse(text.as_bytes()).expect("JSON");
            let mut findings = Findings::new(crate::Profile::Claude);
            check(document, &mut findings);
            let helps: Vec<String> = findings
                .into_report()
                .findings
                .iter()
                .filter_map(|one| one.diagnostic.help.as_ref().map(ToString::to_string))
                .collect();
            assert!(helps.iter().any(|found| found.starts_with(help)), "{member}: {helps:?}");
        }
    }

    #[test]
    fn homepage_url() {
        for url in ["https://example.com", "http://x/y?z#a b", "https://localhost:1/", "mailto:a@b"]
        {
            assert!(is_url(url), "{url}");
        }
        for text in ["", "example.com", "https://", "http:", "https:// x", "github", "/docs"] {
            assert!(!is_url(text), "{text}");
        }
    }
}
