// SPDX-License-Identifier: Apache-2.0
//! One plugin of a catalogue (S-93, S-99).

use oci_artifact::json::{self, Kind, Value};
use oci_artifact::{Diagnostic, Error, ErrorKind, Result};
use serde::Serialize;

use crate::manifest::plugin::MANIFEST_PATH;

/// An entry: what the plugin's own manifest says of it, and where it comes from. Components are never
/// repeated here: a host takes that for a conflict (S-16).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Entry {
    /// The plugin's name.
    pub name: String,
    /// Its name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The description of the plugin, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The version of the plugin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The author of the plugin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<Author>,
    /// The directory with the plugin, given by its path from the catalogue's root: begins with `./`, or is `.` (S-94,
    /// S-100). Hosts know no registry, so an artifact has to be extracted beside the catalogue.
    pub source: String,
    /// Words that one may search for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// Its home page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub homepage: Option<String>,
    /// The repository of its sources.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// The licence of the plugin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
}

/// A person or an organisation: the author of a plugin, or the owner of a catalogue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Author {
    /// The name.
    pub name: String,
    /// The address for mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The web page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl Entry {
    /// Returns the entry of a plugin with this manifest, whose files lie in `./plugins/<name>`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidManifest`] if a host would refuse the manifest or the entry: it is not JSON, a field that
    /// is copied has another type, or the name cannot be listed (S-92).
    pub fn from_manifest(manifest: &[u8]) -> Result<Self> {
        let invalid = |problem: Diagnostic| {
            let problem = problem.at_path(MANIFEST_PATH);
            Error::from_diagnostics(ErrorKind::InvalidManifest, vec![problem])
        };
        let document = json::parse_trimmed(manifest).map_err(invalid)?;
        read(document).map_err(invalid)
    }

    /// Returns the entry of a plugin whose files lie at that path from the catalogue's root; empty
    /// for the root itself.
    #[must_use]
    pub fn in_directory(self, path: &str) -> Self {
        let path = if path.is_empty() { ".".to_owned() } else { format!("./{path}") };
        Self { source: path, ..self }
    }

    /// Returns the path of its directory from the catalogue's root.
    pub fn directory(&self) -> Option<&str> {
        if self.source == "." { Some("") } else { self.source.strip_prefix("./") }
    }
}

#[allow(clippy::result_large_err, reason = "made once, on the way out")]
fn read(document: Value<'_>) -> Result<Entry, Diagnostic> {
    if document.kind() != Kind::Object {
        return Err(document.diagnostic("expected an object"));
    }
    let name =
        text(document, "name")?.ok_or_else(|| document.diagnostic("the plugin has no name"))?;
    if !crate::check::name::is_installable(&name) {
        let value = document.get("name").unwrap_or(document);
        let message = format!("a catalogue cannot list a plugin called {name:?}");
        let help = "use letters, digits, `.`, `_` and `-`, a letter or digit first";
        return Err(value.diagnostic(message).with_help(help));
    }
    Ok(Entry {
        display_name: text(document, "displayName")?,
        description: text(document, "description")?,
        version: text(document, "version")?,
        author: author(document)?,
        source: format!("./plugins/{name}"),
        keywords: keywords(document)?,
        homepage: text(document, "homepage")?,
        repository: text(document, "repository")?,
        license: text(document, "license")?,
        name,
    })
}

/// Returns a text that is there and not empty.
#[allow(clippy::result_large_err, reason = "made once, on the way out")]
fn text(object: Value<'_>, key: &str) -> Result<Option<String>, Diagnostic> {
    let Some(value) = object.get(key) else { return Ok(None) };
    match value.as_string() {
        Some(text) => Ok(Some(text).filter(|text| !text.is_empty())),
        None => Err(wrong(value, key, "a string")),
    }
}

#[allow(clippy::result_large_err, reason = "made once, on the way out")]
fn author(document: Value<'_>) -> Result<Option<Author>, Diagnostic> {
    let Some(value) = document.get("author") else { return Ok(None) };
    if value.kind() != Kind::Object {
        return Err(wrong(value, "author", "an object"));
    }
    let name = text(value, "name")?.ok_or_else(|| value.diagnostic("the author has no name"))?;
    Ok(Some(Author { name, email: text(value, "email")?, url: text(value, "url")? }))
}

#[allow(clippy::result_large_err, reason = "made once, on the way out")]
fn keywords(document: Value<'_>) -> Result<Vec<String>, Diagnostic> {
    let Some(value) = document.get("keywords") else { return Ok(Vec::new()) };
    if value.kind() != Kind::Array {
        return Err(wrong(value, "keywords", "an array"));
    }
    let keyword = |element: Value<'_>| {
        element.as_string().ok_or_else(|| wrong(element, "a keyword", "a string"))
    };
    value.elements().map(keyword).collect()
}

fn wrong(value: Value<'_>, what: &str, wanted: &str) -> Diagnostic {
    let message = format!("{what} is {}, not {wanted}", value.kind());
    value.diagnostic(message).with_help("because of this hosts refuse the whole plugin")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_manifest_says_is_copied_and_no_components_s_99() {
        let entry = Entry::from_manifest(
            r#"{"name": "demo", "displayName": "Demo", "version": "1.0.0", "license": "MIT",
                "author": {"name": "Jürgen", "email": "j@example.com"}, "keywords": ["a", "b"],
                "homepage": "", "hooks": {"Stop": []}, "skills": ["./skills/a"]}"#
                .as_bytes(),
        )
        .expect("is one");
        assert_eq!(
            serde_json::to_string(&entry).expect("JSON"),
            r#"{"name":"demo","displayName":"Demo","version":"1.0.0","author":{"name":"Jürgen","email":"j@example.com"},"source":"./plugins/demo","keywords":["a","b"],"license":"MIT"}"#
        );
        assert_eq!(entry.directory(), Some("plugins/demo"));
    }

    #[test]
    fn what_hosts_refuse_is_refused_s_99() {
        for (manifest, what) in [
            ("{", "closing"),
            ("[]", "expected an object"),
            ("{}", "no name"),
            (r#"{"name": "a b"}"#, "cannot list"),
            (r#"{"name": "a", "version": 1}"#, "version is a number"),
            (r#"{"name": "a", "author": "me"}"#, "author is a string"),
            (r#"{"name": "a", "author": {}}"#, "author has no name"),
            (r#"{"name": "a", "keywords": "x"}"#, "keywords is a string"),
            (r#"{"name": "a", "keywords": [1]}"#, "a keyword is a number"),
        ] {
            let error = Entry::from_manifest(manifest.as_bytes()).expect_err(manifest);
            assert_eq!(error.kind(), ErrorKind::InvalidManifest);
            let is_told = error.to_string().contains(what);
            assert!(is_told || what == "closing", "{manifest}: {error}");
        }
    }
}
