// SPDX-License-Identifier: Apache-2.0
//! Outcomes of a vector's directory here, compared with what the reference made of it. It is plain
//! data, so that this crate needs to know no other.

use serde_json::{Map, Value};

use super::{Artifact, Expect, Vector};

/// A vector for which we decided otherwise than the reference: format.md has the reason.
#[derive(Clone, Copy, Debug)]
pub struct Deviation {
    /// The vector's name.
    pub vector: &'static str,
    /// The decision's number.
    pub rule: &'static str,
    /// The outcome that the vector has to have instead.
    pub instead: Instead,
}

/// An outcome that a vector has instead.
#[derive(Clone, Copy, Debug)]
pub enum Instead {
    /// We accept it and make an artifact.
    Accepted,
    /// An error of that class, in kebab case.
    Refused(&'static str),
}

/// Packages every one of `vectors` with `package`, which is given the vector and where its
/// directory is and returns the artifact or the class of the error, and checks that all agree with
/// the reference but for `deviations`.
///
/// # Panics
/// If one does not agree, or if a deviation is none.
pub fn check_all(
    vectors: &[Vector],
    deviations: &[Deviation],
    mut package: impl FnMut(&Vector, &std::path::Path) -> Result<Artifact, String>,
) {
    let parent = tempfile::tempdir().expect("a directory can be made");
    let mut failures = Vec::new();
    for (number, vector) in vectors.iter().enumerate() {
        let root = parent.path().join(format!("c{number:04}"));
        super::materialise(vector, &root);
        let made = package(vector, &root);
        let as_reference = vector.differences(&made);
        let wrong = match deviations.iter().find(|deviation| deviation.vector == vector.name) {
            None => as_reference,
            Some(deviation) if as_reference.is_empty() => {
                vec![format!("{} is no deviation: it is as the reference has it", deviation.rule)]
            }
            Some(deviation) => deviation.differences(&made),
        };
        failures.extend(
            wrong.into_iter().map(|what| format!("{} {}: {what}", vector.kind, vector.name)),
        );
        if root.is_dir() {
            std::fs::remove_dir_all(&root).expect("can be removed");
        }
    }
    for deviation in deviations {
        let known = vectors.iter().any(|vector| vector.name == deviation.vector);
        assert!(known, "{}: there is no such vector", deviation.vector);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

impl Vector {
    /// Returns the differences from what the reference made; empty if there are none.
    pub fn differences(&self, made: &Result<Artifact, String>) -> Vec<String> {
        match &self.expect {
            Expect::Error { error } => differences(Err(error), made),
            Expect::Artifact(expected) => {
                differences(Ok(serde_json::json!(expected).as_object().expect("is one")), made)
            }
        }
    }
}

/// Returns the differences from the members of an [`Artifact`] that are known, or from an error's class.
pub(super) fn differences(
    expected: Result<&Map<String, Value>, &str>,
    made: &Result<Artifact, String>,
) -> Vec<String> {
    let (expected, made) = match (expected, made) {
        (Ok(expected), Ok(made)) => (expected, serde_json::json!(made)),
        (Ok(_), Err(class)) => return vec![format!("refused: {class}")],
        (Err(error), Ok(_)) => return vec![format!("not refused: {error}")],
        (Err(error), Err(class)) if error == class => return Vec::new(),
        (Err(error), Err(class)) => return vec![format!("{class}, not {error}")],
    };
    let differing = expected.iter().filter(|(name, theirs)| made.get(name) != Some(theirs));
    differing.map(|(name, theirs)| format!("{name}: {}, not {theirs}", made[name])).collect()
}

impl Deviation {
    /// Returns the differences from our decision; empty if there are none.
    fn differences(&self, made: &Result<Artifact, String>) -> Vec<String> {
        match (self.instead, made) {
            (Instead::Accepted, Ok(_)) => Vec::new(),
            (Instead::Refused(wanted), Err(class)) if class == wanted => Vec::new(),
            (wanted, Ok(_)) => vec![format!("{}: accepted, not {wanted:?}", self.rule)],
            (wanted, Err(class)) => vec![format!("{}: {class}, not {wanted:?}", self.rule)],
        }
    }
}
