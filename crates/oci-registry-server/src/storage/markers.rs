// SPDX-License-Identifier: Apache-2.0
//! Markers of the blobs in each repository: an empty file for each. Making one and removing one is a
//! single step of the file system, so no two requests or processes get in each other's way.

use std::collections::BTreeSet;

use oci_artifact::Digest;
use oci_artifact::Result;
use oci_artifact::store::Annex;

use crate::name::Repository;

/// The directory of a repository's markers. Its underscore keeps it apart from repositories: none has a
/// component that starts with one.
const BLOBS: &str = "_blobs";
/// The depth to which repositories are looked for: a name has at most 128 components.
const MAX_DEPTH: usize = 128;

/// The markers of a store.
pub(super) struct Markers(Annex);

impl Markers {
    pub(super) fn new(annex: Annex) -> Self {
        Self(annex)
    }

    pub(super) fn has_repository(&self, repository: &Repository) -> Result<bool> {
        self.0.has_directory(&blobs(repository))
    }

    pub(super) fn has(&self, repository: &Repository, digest: &Digest) -> Result<bool> {
        self.0.has_file(&marker(repository, digest))
    }

    /// Puts a blob into a repository, durably.
    pub(super) fn add(&self, repository: &Repository, digest: &Digest) -> Result<()> {
        self.0.add_file(&marker(repository, digest))
    }

    /// Takes a blob out of a repository; `false` if it is not in it.
    pub(super) fn remove(&self, repository: &Repository, digest: &Digest) -> Result<bool> {
        self.0.remove_file(&marker(repository, digest))
    }

    /// Returns all repositories that ever had a blob.
    pub(super) fn repositories(&self) -> Result<BTreeSet<Repository>> {
        let mut found = BTreeSet::new();
        let mut open = vec![(String::new(), 0)];
        while let Some((name, depth)) = open.pop() {
            for part in self.0.directories(&name)? {
                if part == BLOBS {
                    found.extend(Repository::parse(&name));
                } else if depth < MAX_DEPTH {
                    let below = if name.is_empty() { part } else { format!("{name}/{part}") };
                    open.push((below, depth + 1));
                }
            }
        }
        Ok(found)
    }
}

/// A repository's name is a relative path without dots by its grammar.
fn blobs(repository: &Repository) -> String {
    format!("{repository}/{BLOBS}")
}

fn marker(repository: &Repository, digest: &Digest) -> String {
    format!("{}/{}/{}", blobs(repository), digest.algorithm().as_str(), digest.hex())
}
