// SPDX-License-Identifier: Apache-2.0
//! The names that may stand for an artifact: the tags of the store and the starts of its digests.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap_complete::engine::{CompletionCandidate, PathCompleter, ValueCompleter as _};
use oci_artifact::store::Store;
use toolhive_plugins::Plugin;
use toolhive_skills::Skill;

use crate::kind::Kind as _;

/// The characters of a digest that is offered: as many as `inspect` shows of one.
const SHOWN: usize = 12;
/// The most names that are offered.
const MOST: usize = 1_000;

/// Whether a directory may stand there, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Directories {
    Too,
    No,
}

/// The store whose names are offered.
#[derive(Clone, Debug)]
pub(super) struct References {
    root: Option<PathBuf>,
}

impl References {
    /// Of the store that the words name, or of the kind's own.
    pub(super) fn new(kind: &str, words: &[OsString]) -> Self {
        let own = || match kind {
            "skill" => Skill::default_store_root().ok(),
            _ => Plugin::default_store_root().ok(),
        };
        Self { root: named(words).or_else(own) }
    }

    /// The names that begin so: tags, directories if they may stand there, digests once one is begun.
    pub(super) fn begin_with(
        &self,
        begun: &OsStr,
        directories: Directories,
    ) -> Vec<CompletionCandidate> {
        let mut found = match begun.to_str() {
            Some(begun) => self.names(begun).into_iter().map(CompletionCandidate::new).collect(),
            None => Vec::new(),
        };
        if directories == Directories::Too {
            found.extend(PathCompleter::dir().complete(begun));
        }
        found
    }

    fn names(&self, begun: &str) -> BTreeSet<String> {
        let store = self.root.as_deref().and_then(|root| Store::open_existing(root).ok());
        let Some(listed) = store.and_then(|store| store.listed().ok()) else {
            return BTreeSet::new();
        };
        let mut names = BTreeSet::new();
        for one in listed {
            let hex = one.digest.hex();
            let start = hex.get(..SHOWN).unwrap_or(&hex);
            let digests = [start.to_owned(), format!("sha256:{start}")];
            let digests = digests.into_iter().filter(|_| !begun.is_empty());
            names.extend(one.tag.into_iter().chain(digests).filter(|name| name.starts_with(begun)));
            if names.len() >= MOST {
                break;
            }
        }
        names
    }
}

/// The store that a command line names.
fn named(words: &[OsString]) -> Option<PathBuf> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == "--store" {
            return words.next().map(PathBuf::from);
        }
        if let Some(root) = word.to_str().and_then(|word| word.strip_prefix("--store=")) {
            return Some(PathBuf::from(root));
        }
    }
    None
}
