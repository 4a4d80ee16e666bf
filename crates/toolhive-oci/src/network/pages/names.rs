// SPDX-License-Identifier: Apache-2.0
//! Names and descriptions for lists and the search: what an artifact's first document says of it.

use oci_artifact::document::Document;
use oci_artifact::kind::ArtifactKind;
use oci_artifact::reader::ContentSource as _;
use oci_artifact::{Descriptor, Digest, Result};
use oci_registry_server::OneRepository;
use toolhive_plugins::Plugin;
use toolhive_skills::Skill;

use crate::output::harmless;

/// The most characters of a text.
const LONGEST: usize = 300;

/// The texts of an artifact about itself, harmless and short. They need not be true: its page shows what is in it.
#[derive(Default)]
pub(super) struct Known {
    /// `plugin` or `skill`, or what else its type says.
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) description: String,
}

impl Known {
    /// Reads the document with that digest.
    pub(super) fn of(source: &OneRepository, digest: &Digest) -> Result<(Self, usize)> {
        let bytes = source.document(&Descriptor::new("", 0, *digest))?;
        let document = Document::parse(&bytes, None)?;
        let known = match document.kind().unwrap_or_default() {
            Plugin::ARTIFACT_TYPE => Self::of_kind::<Plugin>(&document),
            Skill::ARTIFACT_TYPE => Self::of_kind::<Skill>(&document),
            other => {
                let said = |key| text(&document, &[key]);
                Self {
                    kind: short(other),
                    name: said("org.opencontainers.image.title"),
                    version: said("org.opencontainers.image.version"),
                    description: said("org.opencontainers.image.description"),
                }
            }
        };
        let texts = [&known.kind, &known.name, &known.version, &known.description];
        let bytes = texts.iter().map(|text| text.len()).sum::<usize>() + 200;
        Ok((known, bytes))
    }

    fn of_kind<K: ArtifactKind>(document: &Document) -> Self {
        Self {
            kind: K::NAME.to_owned(),
            name: text(document, &[K::LABEL_NAME, "org.opencontainers.image.title"]),
            version: text(document, &[K::LABEL_VERSION, "org.opencontainers.image.version"]),
            description: text(
                document,
                &[K::LABEL_DESCRIPTION, "org.opencontainers.image.description"],
            ),
        }
    }

    /// Whether all words, in small letters, are in what is said here or in the repository's name.
    pub(super) fn has(&self, repository: &str, words: &[String]) -> bool {
        let all = [repository, &self.name, &self.description, &self.kind].join("\n").to_lowercase();
        words.iter().all(|word| all.contains(word))
    }
}

/// The first of these annotations that is there.
fn text(document: &Document, keys: &[&str]) -> String {
    let found = keys.iter().find_map(|key| document.annotations.get(*key));
    found.map(|text| short(text)).unwrap_or_default()
}

fn short(text: &str) -> String {
    match text.char_indices().nth(LONGEST).and_then(|(at, _)| text.get(..at)) {
        Some(start) => format!("{}…", harmless(start)),
        None => harmless(text),
    }
}
