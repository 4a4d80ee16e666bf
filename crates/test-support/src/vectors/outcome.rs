// SPDX-License-Identifier: Apache-2.0
//! Outcomes of a vector's directory here, compared with what the reference made of it. It is plain
//! data, so that this crate needs to know no other.

use serde_json::Value;

use super::{Expect, Vector};

/// An artifact, as much of it as a vector knows.
#[derive(Clone, Debug)]
pub struct Made {
    /// The digest of the index.
    pub index_digest: String,
    /// The digest of the first platform's manifest.
    pub manifest_digest: String,
    /// The digest of the first platform's config.
    pub config_digest: String,
    /// The digest of the compressed layer.
    pub layer_digest: String,
    /// The digest of the uncompressed layer.
    pub diff_id: String,
    /// The number of bytes of the compressed layer.
    pub layer_size: u64,
    /// The number of bytes of the uncompressed layer.
    pub tar_size: u64,
    /// The plugin's or skill's config.
    pub config: Value,
    /// The first platform's config, byte for byte.
    pub config_json: Vec<u8>,
    /// The first platform's manifest, byte for byte.
    pub manifest_json: Vec<u8>,
    /// The index, byte for byte.
    pub index_json: Vec<u8>,
}

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
    mut package: impl FnMut(&Vector, &std::path::Path) -> Result<Made, String>,
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
    pub fn differences(&self, made: &Result<Made, String>) -> Vec<String> {
        let (expected, made) = match (&self.expect, made) {
            (Expect::Artifact(expected), Ok(made)) => (expected, made),
            (Expect::Artifact(_), Err(class)) => return vec![format!("refused: {class}")],
            (Expect::Error { error }, Ok(_)) => return vec![format!("not refused: {error}")],
            (Expect::Error { error }, Err(class)) if error == class => return Vec::new(),
            (Expect::Error { error }, Err(class)) => return vec![format!("{class}, not {error}")],
        };
        let mut found = Vec::new();
        let mut compare = |what: &str, ours: &str, theirs: &str| {
            if ours != theirs {
                found.push(format!("{what}: {ours}, not {theirs}"));
            }
        };
        compare("tar size", &made.tar_size.to_string(), &expected.tar_size.to_string());
        compare("diff ID", &made.diff_id, &expected.diff_id);
        compare("layer size", &made.layer_size.to_string(), &expected.layer_size.to_string());
        compare("layer", &made.layer_digest, &expected.layer_digest);
        compare("plugin or skill", &made.config.to_string(), &expected.config.to_string());
        let texts = [
            ("config text", &made.config_json, &expected.config_json),
            ("manifest text", &made.manifest_json, &expected.manifest_json),
            ("index text", &made.index_json, &expected.index_json),
        ];
        for (what, ours, theirs) in texts {
            if let Some(theirs) = theirs {
                compare(what, &String::from_utf8_lossy(ours), theirs);
            }
        }
        compare("config", &made.config_digest, &expected.config_digest);
        compare("manifest", &made.manifest_digest, &expected.manifest_digest);
        compare("index", &made.index_digest, &expected.index_digest);
        found
    }
}

impl Deviation {
    /// Returns the differences from our decision; empty if there are none.
    fn differences(&self, made: &Result<Made, String>) -> Vec<String> {
        match (self.instead, made) {
            (Instead::Accepted, Ok(_)) => Vec::new(),
            (Instead::Refused(wanted), Err(class)) if class == wanted => Vec::new(),
            (wanted, Ok(_)) => vec![format!("{}: accepted, not {wanted:?}", self.rule)],
            (wanted, Err(class)) => vec![format!("{}: {class}, not {wanted:?}", self.rule)],
        }
    }
}
