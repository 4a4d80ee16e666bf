// SPDX-License-Identifier: Apache-2.0
//! Whether what an artifact says of itself is what its files say. Labels and annotations are made
//! from the manifest file when it is packaged; anyone can push others.

use std::collections::BTreeMap;

use oci_artifact::artifact::Stored;
use oci_artifact::directory::Tree;
use oci_artifact::encoder::Encoder;
use oci_artifact::kind::Description;
use surface::Files;
use surface::files::Content;
use surface::inventory::{Severity, Warning};

use crate::kind::Kind;

/// The most characters of a value that a finding repeats.
const SHOWN: usize = 60;

/// Where labels or annotations and content disagree.
pub(super) fn check<K: Kind>(stored: &Stored, files: &Files) -> Vec<Warning> {
    let Some(Content::Bytes(manifest)) = files.content(K::MANIFEST_PATH) else {
        let message = format!("the artifact has no {}, or one that is too large", K::MANIFEST_PATH);
        return vec![warning::<K>(message)];
    };
    let manifest = match K::read_manifest(&mut &*manifest, manifest.len() as u64) {
        Ok(manifest) => manifest,
        Err(error) => {
            let message = format!("the labels cannot come from this manifest: {error}");
            return vec![warning::<K>(message)];
        }
    };
    let paths: Vec<&str> = files.iter().map(|entry| entry.path.as_str()).collect();
    let Description { labels, annotations, .. } =
        K::describe(manifest, &paths, &Tree::default(), Encoder::default());

    let config = stored.config.config().as_ref();
    let stored_labels = config.and_then(|config| config.labels().clone()).unwrap_or_default();
    let stored_labels: BTreeMap<String, String> = stored_labels.into_iter().collect();
    let mut found = Vec::new();
    let sides =
        [("label", &labels, &stored_labels), ("annotation", &annotations, &stored.annotations)];
    for (what, computed, said) in sides {
        for (key, value) in computed {
            let value = String::from_utf8_lossy(value);
            let said = said.get(*key).map_or("", String::as_str);
            if said != value {
                let (said, value) = (shortened(said), shortened(&value));
                found.push(warning::<K>(format!(
                    "the {what} {key} says {said:?}, the files say {value:?}"
                )));
            }
        }
    }
    found
}

fn warning<K: Kind>(message: String) -> Warning {
    Warning {
        severity: Severity::Warning,
        code: "label-mismatch",
        message,
        path: Some(K::MANIFEST_PATH.to_owned()),
        line: None,
        reference: None,
    }
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
