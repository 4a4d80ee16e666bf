// SPDX-License-Identifier: Apache-2.0
//! Artifacts that are one thing for one reader and another for another: `testdata/hostile/artifacts.json`,
//! which says of each what is wrong with it, and nothing else is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::testdata;

/// The reason for which every reader has to refuse an artifact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// A document can be read in two ways.
    Ambiguous,
    /// Its platforms are not one content, or not all there.
    Divided,
    /// An artifact of another kind.
    Foreign,
}

/// One document or layer of an artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// The role of the blob: `layer`, `config amd64`, `manifest amd64`, `index`.
    pub name: String,
    /// Its digest, with the algorithm.
    pub digest: String,
    /// The bytes of the blob.
    pub bytes: Vec<u8>,
}

/// An artifact that a test can alter. Its plugin is `{"name":"x"}` and nothing else.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// Its name, which can be a tag.
    pub name: String,
    /// The reason for the refusal; the harmless one has none.
    pub class: Option<Class>,
    /// All that there is of it: what others refer to first, the index last.
    pub blobs: Vec<Blob>,
}

#[derive(Deserialize)]
struct File {
    blobs: BTreeMap<String, String>,
    base: BTreeMap<String, String>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    class: Class,
    changes: Vec<Change>,
    documents: BTreeMap<String, String>,
    missing: Vec<String>,
}

#[derive(Deserialize)]
struct Change {
    documents: Vec<String>,
    from: String,
    to: String,
}

/// Returns all of them. The first one, `harmless`, is what the others were made of.
pub fn artifacts() -> Vec<Artifact> {
    let text = fs::read(testdata("hostile/artifacts.json")).expect("can be read");
    let file: File = serde_json::from_slice(&text).expect("is as documented");
    let mut all = vec![artifact("harmless", None, &file, &file.base, &[])];
    for case in &file.cases {
        let mut templates = file.base.clone();
        templates.extend(case.documents.clone());
        for Change { documents, from, to } in &case.changes {
            for name in documents {
                let text = templates.get_mut(name).expect("is a document");
                assert!(text.contains(from.as_str()), "{}: {name} has no {from}", case.name);
                *text = text.replacen(from.as_str(), to, 1);
            }
        }
        all.push(artifact(&case.name, Some(case.class), &file, &templates, &case.missing));
    }
    all
}

fn artifact(
    name: &str,
    class: Option<Class>,
    file: &File,
    templates: &BTreeMap<String, String>,
    missing: &[String],
) -> Artifact {
    let mut blobs = Vec::new();
    for (name, path) in &file.blobs {
        let bytes = fs::read(testdata(path)).expect("can be read");
        blobs.push(blob(name, bytes));
    }
    // The names happen to be in the order of what refers to what, but for the index.
    let (index, others): (Vec<_>, Vec<_>) =
        templates.iter().partition(|(name, _)| *name == "index");
    for (name, template) in others.into_iter().chain(index) {
        let mut text = template.clone();
        for Blob { name, digest, bytes } in &blobs {
            let reference = format!("\"digest\":\"{digest}\",\"size\":{}", bytes.len());
            text = text.replace(&format!("{{{{{name}}}}}"), &reference);
        }
        assert!(!text.contains("{{"), "a document that does not exist: {text}");
        blobs.push(blob(name, text.into_bytes()));
    }
    blobs.retain(|blob| !missing.contains(&blob.name));
    // What no document mentions is no part of it.
    let text: Vec<String> =
        blobs.iter().map(|blob| String::from_utf8_lossy(&blob.bytes).into_owned()).collect();
    let used: BTreeSet<String> = blobs
        .iter()
        .filter(|one| one.name == "index" || text.iter().any(|text| text.contains(&one.digest)))
        .map(|one| one.name.clone())
        .collect();
    blobs.retain(|blob| used.contains(&blob.name));
    Artifact { name: name.to_owned(), class, blobs }
}

/// Returns a document or layer with its digest.
pub fn blob(name: &str, bytes: Vec<u8>) -> Blob {
    let hash = Sha256::digest(&bytes);
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    Blob { name: name.to_owned(), digest: format!("sha256:{hex}"), bytes }
}

impl Artifact {
    /// Returns the index.
    pub fn root(&self) -> &Blob {
        self.blobs.last().expect("it has an index")
    }
}

/// Writes an image layout with these artifacts, each under the tag that `tag` makes of its name: as a
/// program does that checks nothing.
pub fn write_layout<'a>(
    root: &Path,
    artifacts: impl IntoIterator<Item = &'a Artifact>,
    tag: impl Fn(&str) -> String,
) {
    let blobs = root.join("blobs/sha256");
    fs::create_dir_all(&blobs).expect("a directory");
    let mut entries = Vec::new();
    for artifact in artifacts {
        for blob in &artifact.blobs {
            let hex = blob.digest.trim_start_matches("sha256:");
            fs::write(blobs.join(hex), &blob.bytes).expect("a blob");
        }
        let Blob { digest, bytes, .. } = artifact.root();
        entries.push(serde_json::json!({
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "digest": digest,
            "size": bytes.len(),
            "annotations": {"org.opencontainers.image.ref.name": tag(&artifact.name)},
        }));
    }
    let index = serde_json::json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": entries,
    });
    fs::write(root.join("index.json"), index.to_string()).expect("an index");
    fs::write(root.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).expect("a layout");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_harmless_one_is_the_fixture_of_the_specification() {
        let artifacts = artifacts();
        let found: Vec<&str> = artifacts[0].blobs.iter().map(|blob| blob.name.as_str()).collect();
        let expected =
            ["layer", "config amd64", "config arm64", "manifest amd64", "manifest arm64", "index"];
        assert_eq!(found, expected);
        let index = "sha256:72f4cc199c5d39f7a4a02af1c0274b72d8d18093c130e1cc855e93a1dc3da422";
        assert_eq!(artifacts[0].root().digest, index, "format.md, appendix A, F3");
        let roots: BTreeSet<&str> =
            artifacts.iter().map(|artifact| artifact.root().digest.as_str()).collect();
        // What lacks a part has the harmless one's index.
        let lacking = artifacts.iter().filter(|one| one.blobs.len() < 6).count();
        assert_eq!(roots.len(), artifacts.len() - lacking, "each is another artifact");
    }
}
