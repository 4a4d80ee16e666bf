// SPDX-License-Identifier: Apache-2.0
//! What a document says of itself, in short: for lists of very many (LS-36).

use std::collections::{BTreeMap, BTreeSet};

use oci_spec::image::Digest;

use crate::document::Document;
use crate::json;

/// The ends of the keys of annotations that are kept: what lists show.
const SHOWN: [&str; 3] = [".name", ".description", ".version"];

/// How a line starts of what is attached to nothing.
const ATTACHED_TO_NOTHING: &str = r#"{"subjects":[],"#;

/// What lists show of a document, which follows from its digest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Its artifact type, where it has one.
    pub artifact_type: Option<String>,
    /// The annotations that are [shown](is_shown).
    pub annotations: BTreeMap<String, String>,
    /// What it, and all documents that it lists, are attached to; `None` if that was not looked at.
    pub subjects: Option<BTreeSet<String>>,
}

/// Whether annotations of that key are kept.
pub fn is_shown(key: &str) -> bool {
    SHOWN.iter().any(|end| key.ends_with(end))
}

impl Summary {
    /// The summary of a document by itself.
    pub fn of(document: &Document) -> Self {
        let shown = document.annotations.iter().filter(|(key, _)| is_shown(key));
        let own: BTreeSet<_> =
            document.subject.iter().map(|subject| subject.digest.to_string()).collect();
        Self {
            artifact_type: document.artifact_type.clone(),
            annotations: shown.map(|(key, text)| (key.clone(), text.clone())).collect(),
            subjects: document.manifests.is_empty().then_some(own),
        }
    }

    /// As one line of JSON.
    pub fn to_line(&self) -> String {
        let mut json = json::Writer::new();
        json.object(|json| {
            // What most say, to be seen at the start.
            if let Some(subjects) = &self.subjects {
                json.key("subjects").strings(subjects);
            }
            if let Some(text) = &self.artifact_type {
                json.key("type").string(text);
            }
            json.key("annotations").object(|json| {
                self.annotations.iter().for_each(|(key, text)| json.key(key).string(text));
            });
        });
        String::from_utf8(json.into_bytes()).unwrap_or_default()
    }

    /// Reads what [`to_line`](Self::to_line) wrote; `None` for anything else.
    pub fn from_line(line: &str) -> Option<Self> {
        let value = json::parse(line.as_bytes()).ok()?;
        let mut summary = Self::default();
        for member in value.members() {
            match &*member.key {
                "type" => summary.artifact_type = Some(member.value.as_string()?),
                "annotations" => {
                    let texts = member.value.members();
                    let texts =
                        texts.map(|one| Some((one.key.into_owned(), one.value.as_string()?)));
                    summary.annotations = texts.collect::<Option<_>>()?;
                }
                "subjects" => {
                    let texts = member.value.elements().map(json::Value::as_string);
                    summary.subjects = Some(texts.collect::<Option<_>>()?);
                }
                _ => return None,
            }
        }
        Some(summary)
    }

    /// Whether what a line is about may have to do with a subject, without reading all of the line.
    pub fn may_refer(line: &str, subject: &Digest) -> bool {
        if line.starts_with(ATTACHED_TO_NOTHING) {
            return false;
        }
        // A digest has no character that is written in another way.
        !line.contains("\"subjects\":[") || line.contains(subject.as_ref())
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
            r#","annotations":{"a.version":"","b.description":"\\"}"#,
        ] {
            let summary = Summary::of(&document(members));
            let line = summary.to_line();
            assert!(!line.contains('\n') && !line.contains("\"y\""), "{line}");
            assert_eq!(Summary::from_line(&line).as_ref(), Some(&summary), "{line}");
        }
        for line in
            ["", "{", "[]x", r#"{"type":1}"#, r#"{"annotations":{"a":[]}}"#, r#"{"other":1}"#]
        {
            assert_eq!(Summary::from_line(line), None, "{line}");
        }
    }

    #[test]
    fn a_line_that_does_not_say_what_it_is_attached_to_may_be_attached_to_anything_ls_36() {
        let (one, other) = (crate::digest::sha256(b"1"), crate::digest::sha256(b"2"));
        let subjects = Some(BTreeSet::from([one.to_string()]));
        let line = Summary { subjects, ..Summary::default() }.to_line();
        assert!(Summary::may_refer(&line, &one));
        let nothing = Summary { subjects: Some(BTreeSet::new()), ..Summary::default() }.to_line();
        assert!(nothing.starts_with(ATTACHED_TO_NOTHING) && !Summary::may_refer(&nothing, &one));
        assert!(!Summary::may_refer(&line, &other));
        assert!(Summary::may_refer(&Summary::default().to_line(), &other));
        let hidden = r#"{"annotations":{"x.name":"\"subjects\":["}}"#;
        assert!(Summary::may_refer(hidden, &other), "no text can hide it");
    }
}
