// SPDX-License-Identifier: Apache-2.0
//! Summaries of documents, in their own words: for lists of very many (LS-36).

use std::borrow::Cow;

use crate::document::Document;
use crate::json;

/// The ends of the keys of annotations that are kept: what lists show.
const SHOWN: [&str; 3] = [".name", ".description", ".version"];

/// The prefix of the keys of annotations that are not kept, whatever their ends: they repeat the others.
const REPEATING: &str = "org.opencontainers.";

/// The facts of a document that lists show, which follow from its digest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary<'a> {
    /// Its artifact type, where it has one.
    pub artifact_type: Option<Cow<'a, str>>,
    /// Key and text of the annotations that are [shown](is_shown).
    pub annotations: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

/// Whether annotations of that key are kept.
pub fn is_shown(key: &str) -> bool {
    SHOWN.iter().any(|end| key.ends_with(end)) && !key.starts_with(REPEATING)
}

impl<'a> Summary<'a> {
    /// Returns the summary of a document.
    pub fn of(document: &'a Document) -> Self {
        let shown = document.annotations.iter().filter(|(key, _)| is_shown(key));
        Self {
            artifact_type: document.artifact_type.as_deref().map(Cow::Borrowed),
            annotations: shown.map(|(key, text)| (key.into(), text.into())).collect(),
        }
    }

    /// Returns the text of the annotation with that key.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        let mut found = self.annotations.iter().filter(|(own, _)| own == key);
        found.next().map(|(_, text)| text.as_ref())
    }

    /// Writes the summary as one line of JSON: a list of the artifact type, then key and text of
    /// each annotation.
    pub fn to_line(&self) -> String {
        let mut json = json::Writer::new();
        let texts = self.annotations.iter().flat_map(|(key, text)| [key, text]);
        json.strings(self.artifact_type.iter().chain(texts).map(|text| text.as_ref()));
        let line = String::from_utf8(json.into_bytes()).unwrap_or_default();
        if self.artifact_type.is_some() { line } else { format!("-{line}") }
    }

    /// Reads what [`to_line`](Self::to_line) wrote; `None` for what is no list of as many texts.
    pub fn from_line(line: &'a str) -> Option<Self> {
        let list = line.strip_prefix('-');
        // A line that is none of ours may give any texts, but no more than that.
        let mut texts = json::Value::checked(list.unwrap_or(line).as_bytes()).elements();
        let artifact_type = match list {
            Some(_) => None,
            None => Some(texts.next()?.as_str()?),
        };
        let mut annotations = Vec::new();
        while let Some(key) = texts.next() {
            annotations.push((key.as_str()?, texts.next()?.as_str()?));
        }
        Some(Self { artifact_type, annotations })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_the_summary_says_ls_36() {
        let document = |members: &str| {
            let text = format!(r#"{{"schemaVersion":2,"manifests":[]{members}}}"#);
            Document::parse(text.as_bytes(), None).expect("is one")
        };
        for members in [
            "",
            r#","artifactType":"a/b","annotations":{"x.name":"line\nline \u0022\u2028","y":"z"}"#,
            r#","annotations":{"a.version":"","b.description":"\\","org.opencontainers.image.version":"y"}"#,
        ] {
            let document = document(members);
            let summary = Summary::of(&document);
            let line = summary.to_line();
            assert!(!line.contains('\n') && !line.contains("\"y\""), "{line}");
            assert_eq!(Summary::from_line(&line).as_ref(), Some(&summary), "{line}");
        }
        for line in ["", "{", "-", "[1]", r#"["a","b"]"#, r#"-["a",[]]"#, "[", "-[,"] {
            let read = Summary::from_line(line);
            assert!(read.is_none_or(|summary| summary.annotations.is_empty()), "{line}");
        }
    }
}
