// SPDX-License-Identifier: Apache-2.0
//! Findings as SARIF 2.1.0, which shows them on the line where they are.

use std::path::{Component, Path};

use agent_plugin::{Finding, Report, Severity};
use serde::Serialize;

use super::advice;

/// A log with one run.
#[derive(Serialize)]
pub(crate) struct Sarif<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool,
    column_kind: &'static str,
    results: Vec<RunResult<'a>>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<RuleJson>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RuleJson {
    id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    short_description: Option<Text<&'static str>>,
    properties: Properties,
}

#[derive(Serialize)]
struct Properties {
    tags: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RunResult<'a> {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Text<String>,
    locations: [Location<'a>; 1],
}

#[derive(Serialize)]
struct Text<T> {
    text: T,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    physical_location: PhysicalLocation<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation<'a> {
    artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region<'a>>,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region<'a> {
    start_line: usize,
    start_column: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    snippet: Option<Text<&'a str>>,
}

impl<'a> Sarif<'a> {
    /// The findings of a report. Their paths are below `base`, a relative path; those without a path
    /// are about the file at `manifest`.
    pub(crate) fn new(report: &'a Report, base: &Path, manifest: &str) -> Self {
        let mut rules: Vec<&Finding> = Vec::new();
        let mut results = Vec::new();
        for finding in &report.findings {
            let known = rules.iter().position(|other| other.code() == finding.code());
            let rule_index = known.unwrap_or_else(|| {
                rules.push(finding);
                rules.len() - 1
            });
            results.push(result(finding, rule_index, base, manifest));
        }
        let driver = Driver {
            name: env!("CARGO_PKG_NAME"),
            semantic_version: env!("CARGO_PKG_VERSION"),
            rules: rules.into_iter().map(rule).collect(),
        };
        Self {
            schema: "https://json.schemastore.org/sarif-2.1.0.json",
            version: "2.1.0",
            runs: [Run { tool: Tool { driver }, column_kind: "unicodeCodePoints", results }],
        }
    }
}

fn rule(finding: &Finding) -> RuleJson {
    let number = finding.rule.map(|rule| rule.number).filter(|number| !number.is_empty());
    RuleJson {
        id: finding.code(),
        short_description: finding.rule.map(|rule| Text { text: rule.summary }),
        properties: Properties {
            tags: finding.checkers().iter().map(|checker| checker.as_str()).collect(),
            number,
        },
    }
}

fn result<'a>(
    finding: &'a Finding,
    rule_index: usize,
    base: &Path,
    manifest: &str,
) -> RunResult<'a> {
    let diagnostic = &finding.diagnostic;
    let text = match &diagnostic.help {
        Some(help) => format!("{} ({})", diagnostic.message, advice(help)),
        None => diagnostic.message.clone(),
    };
    let path = diagnostic.path.as_deref().unwrap_or(Path::new(manifest));
    let region = diagnostic.position.map(|position| {
        let excerpt = diagnostic.excerpt.as_ref();
        let meant = excerpt.and_then(|excerpt| excerpt.text.get(excerpt.span.clone()));
        let length = meant.map(|meant| meant.chars().count()).filter(|length| *length > 0);
        Region {
            start_line: position.line,
            start_column: position.column,
            end_column: length.map(|length| position.column + length),
            snippet: meant.filter(|meant| !meant.is_empty()).map(|text| Text { text }),
        }
    });
    RunResult {
        rule_id: finding.code(),
        rule_index,
        level: match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "note",
        },
        message: Text { text },
        locations: [Location {
            physical_location: PhysicalLocation {
                artifact_location: ArtifactLocation { uri: uri(&base.join(path)) },
                region,
            },
        }],
    }
}

/// A relative path as a URI reference (RFC 3986).
fn uri(path: &Path) -> String {
    let mut parts: Vec<String> = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => parts.push(escaped(name.as_encoded_bytes())),
            Component::ParentDir if parts.last().is_some_and(|last| last != "..") => {
                parts.pop();
            }
            Component::ParentDir => parts.push("..".to_owned()),
            _ => {}
        }
    }
    parts.join("/")
}

fn escaped(name: &[u8]) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let escape = |byte: &u8| match *byte {
        byte if is_plain(byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    name.iter().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_are_relative_and_escaped() {
        for (path, wanted) in [
            ("a/b.md", "a/b.md"),
            ("./a/../b c.md", "b%20c.md"),
            ("../x/é#?.md", "../x/%C3%A9%23%3F.md"),
            ("a:b/c", "a%3Ab/c"),
        ] {
            assert_eq!(uri(Path::new(path)), wanted);
        }
    }
}
