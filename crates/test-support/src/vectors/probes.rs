// SPDX-License-Identifier: Apache-2.0
//! The probes: small directories, each made to notice one rule of format.md that the other vectors
//! do not, with what the reference made of it and, where we decided otherwise, what we make.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Artifact, Vector, materialise, outcome};

/// A directory, and the members of [`Artifact`] that are known of it, or an error's class.
pub type Probe = Vector<Outcome>;

/// The members of [`Artifact`] that are known, by their names; or `error`.
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
    mut package: impl FnMut(&Probe, &Path) -> Result<Artifact, String>,
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
    fn differences(&self, made: &Result<Artifact, String>) -> Vec<String> {
        let error = self.0.get("error").and_then(Value::as_str);
        outcome::differences(error.map_or(Ok(&self.0), Err), made)
    }
}
