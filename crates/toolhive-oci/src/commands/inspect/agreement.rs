// SPDX-License-Identifier: Apache-2.0
//! Whether what an artifact says of itself is what its files say. Labels and annotations are made
//! from the manifest file when it is packaged; anyone can push others.

use std::borrow::Cow;

use agent_plugin::{Files, Finding};
use oci_artifact::Encoder;
use oci_artifact::config::TextMap;
use oci_artifact::directory::Tree;
use oci_artifact::kind::Description;
use oci_artifact::reader::Stored;

use crate::kind::Kind;

/// The most characters of a value that a finding repeats.
const SHOWN: usize = 60;

/// The labels that an artifact of these files gets when it is packaged.
pub(crate) struct Own {
    labels: TextMap,
    annotations: TextMap,
}

impl Own {
    /// A label of its config; empty if it has none.
    pub(crate) fn label(&self, key: &str) -> Cow<'_, str> {
        let found = self.labels.iter().find(|(name, _)| **name == key);
        found.map_or("".into(), |(_, text)| String::from_utf8_lossy(text))
    }
}

/// Reads the labels from the files.
///
/// # Errors
/// A finding where there is no manifest file, or none that can be read.
pub(crate) fn own<K: Kind>(files: &Files) -> Result<Own, Box<Finding>> {
    let Some(manifest) = files.bytes(K::MANIFEST_PATH) else {
        let message = format!("the artifact has no {}, or one that is too large", K::MANIFEST_PATH);
        return Err(Box::new(warning::<K>(message)));
    };
    let manifest = K::read_manifest(&mut &*manifest, manifest.len() as u64).map_err(|error| {
        Box::new(warning::<K>(format!("the labels cannot come from this manifest: {error}")))
    })?;
    let paths: Vec<&str> = files.iter().map(|entry| entry.path.as_str()).collect();
    let Description { labels, annotations, .. } =
        K::describe(manifest, &paths, &Tree::default(), Encoder::default());
    Ok(Own { labels, annotations })
}

/// The places where labels or annotations and content disagree.
pub(super) fn check<K: Kind>(stored: &Stored, own: &Result<Own, Box<Finding>>) -> Vec<Finding> {
    let own = match own {
        Ok(own) => own,
        Err(warning) => return vec![(**warning).clone()],
    };
    let mut found = Vec::new();
    for (what, computed) in [("label", &own.labels), ("annotation", &own.annotations)] {
        for (key, value) in computed {
            let said = if what == "label" { stored.label(key) } else { stored.annotation(key) };
            let value = String::from_utf8_lossy(value);
            if said != value {
                let (said, value) = (shortened(said), shortened(&value));
                found.push(warning::<K>(format!(
                    "the {what} {key} says {said:?}, and the files say {value:?}"
                )));
            }
        }
    }
    found
}

fn warning<K: Kind>(message: String) -> Finding {
    Finding::new("label-mismatch", message, K::MANIFEST_PATH)
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
