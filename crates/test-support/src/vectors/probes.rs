// SPDX-License-Identifier: Apache-2.0
//! The probes: small directories, each made to notice one rule of format.md that the other vectors
//! do not, with what the reference made of it and, where we decided otherwise, what we make.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Made, Vector, materialise};

/// A directory, and the members of [`Made`] that are known of it, or an error's class.
pub type Probe = Vector<Outcome>;

/// The members of [`Made`] that are known, by their names; or `error`.
#[derive(Clone, Debug, Deserialize)]
pub struct Outcome(Map<String, Value>);

#[derive(Deserialize)]
struct Probes {
    vectors: Vec<Decided>,
}

/// A probe, and our decision where it is another than the reference's.
#[derive(Deserialize)]
struct Decided {
    #[serde(flatten)]
    probe: Probe,
    strict: Option<Outcome>,
}

/// Packages every probe of `kind` with `package`, which is given the probe and where its directory
/// is and returns the artifact or the class of the error, and checks that all are as they should
/// be. Returns how many there were.
///
/// # Panics
/// If one is not, or if the file cannot be read.
pub fn check_probes(
    kind: &str,
    mut package: impl FnMut(&Probe, &Path) -> Result<Made, String>,
) -> usize {
    let text = fs::read(crate::testdata("vectors/artifacts-probes.json")).expect("can be read");
    let Probes { vectors } = serde_json::from_slice(&text).expect("is as documented");
    let parent = tempfile::tempdir().expect("a directory can be made");
    let (mut count, mut failures) = (0, Vec::new());
    for (number, Decided { probe, strict }) in vectors.into_iter().enumerate() {
        if probe.kind != kind {
            continue;
        }
        count += 1;
        let root = parent.path().join(format!("c{number:04}"));
        materialise(&probe, &root);
        let wrong = strict.as_ref().unwrap_or(&probe.expect).differences(&package(&probe, &root));
        failures.extend(wrong.into_iter().map(|what| format!("{}: {what}", probe.name)));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    count
}

impl Outcome {
    fn differences(&self, made: &Result<Made, String>) -> Vec<String> {
        let made = match (self.0.get("error").and_then(Value::as_str), made) {
            (None, Ok(made)) => made,
            (None, Err(class)) => return vec![format!("refused: {class}")],
            (Some(error), Ok(_)) => return vec![format!("not refused: {error}")],
            (Some(error), Err(class)) if error == class => return Vec::new(),
            (Some(error), Err(class)) => return vec![format!("{class}, not {error}")],
        };
        let known = self.0.iter().filter_map(|(name, theirs)| {
            let ours = match name.as_str() {
                "index_digest" => Value::from(made.index_digest.as_str()),
                "manifest_digest" => made.manifest_digest.as_str().into(),
                "config_digest" => made.config_digest.as_str().into(),
                "layer_digest" => made.layer_digest.as_str().into(),
                "diff_id" => made.diff_id.as_str().into(),
                "config" => made.config.clone(),
                other => return Some(format!("nothing is known of {other}")),
            };
            (ours != *theirs).then(|| format!("{name}: {ours}, not {theirs}"))
        });
        known.collect()
    }
}
