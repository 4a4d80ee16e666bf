// SPDX-License-Identifier: Apache-2.0
//! Repositories as `index.json` lists them, read again when the file has changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use oci_artifact::store::{IndexVersion, Store};
use oci_artifact::{Digest, Result};

use crate::manifest::Document;
use crate::name::{Reference, Repository};

/// Keeps the catalog of the file's latest version.
#[derive(Default)]
pub(super) struct Catalogs(Mutex<Option<Known>>);

struct Known {
    version: Option<IndexVersion>,
    catalog: Arc<Catalog>,
}

impl Catalogs {
    /// Returns the catalog as it is now.
    pub(super) fn current(&self, store: &Store) -> Result<Arc<Catalog>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let version = store.index_version()?;
        if let Some(Known { version: old, catalog }) = &*known
            && *old == version
            && version.is_some()
        {
            return Ok(catalog.clone());
        }
        // The file is looked at before it is read: a change in between makes the next look differ.
        let catalog = Arc::new(Catalog::read(store)?);
        *known = Some(Known { version, catalog: catalog.clone() });
        Ok(catalog)
    }

    /// Makes the next look read the file again.
    pub(super) fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// The repositories that one version of the file lists.
#[derive(Default)]
pub(crate) struct Catalog {
    repositories: BTreeMap<Repository, Contents>,
    /// The content that other programs' tags reach, by repository; made when needed.
    reached: Mutex<BTreeMap<Repository, Arc<Reached>>>,
}

/// The entries that are listed for one repository.
#[derive(Default)]
pub(crate) struct Contents {
    tags: BTreeMap<String, Digest>,
    manifests: BTreeSet<Digest>,
}

impl Contents {
    /// Returns its tags, in byte order.
    pub(crate) fn tags(&self) -> impl Iterator<Item = &str> {
        self.tags.keys().map(String::as_str)
    }

    /// Returns its tags and what they name, in byte order.
    pub(crate) fn tagged(&self) -> impl Iterator<Item = (&str, &Digest)> {
        self.tags.iter().map(|(tag, digest)| (tag.as_str(), digest))
    }
}

#[derive(Default)]
struct Reached {
    manifests: BTreeSet<Digest>,
    blobs: BTreeSet<Digest>,
}

impl Catalog {
    fn read(store: &Store) -> Result<Self> {
        let mut catalog = Self::default();
        for entry in store.entries()? {
            let digest = entry.descriptor.digest;
            let Some((name, reference)) = entry.tag.as_deref().and_then(split) else { continue };
            if !entry.is_present {
                continue;
            }
            let contents = catalog.repositories.entry(name).or_default();
            match reference {
                Reference::Tag(tag) => {
                    contents.tags.insert(tag, digest);
                }
                Reference::Digest(named) if named == digest => {
                    contents.manifests.insert(digest);
                }
                Reference::Digest(_) => {}
            }
        }
        Ok(catalog)
    }

    pub(crate) fn get(&self, repository: &Repository) -> Option<&Contents> {
        self.repositories.get(repository)
    }

    pub(super) fn repositories(&self) -> impl Iterator<Item = &Repository> {
        self.repositories.keys()
    }

    /// Returns the digest that a tag names.
    pub(super) fn tag(&self, repository: &Repository, tag: &str) -> Option<Digest> {
        self.get(repository)?.tags.get(tag).copied()
    }

    /// Returns the tags that name a manifest.
    pub(super) fn tags_of<'a>(
        &'a self,
        repository: &Repository,
        digest: &'a Digest,
    ) -> impl Iterator<Item = &'a str> {
        let tags = self.get(repository).into_iter().flat_map(|contents| &contents.tags);
        tags.filter(move |(_, named)| *named == digest).map(|(tag, _)| tag.as_str())
    }

    /// Returns the manifests that were pushed, in the order of their digests.
    pub(super) fn manifests(&self, repository: &Repository) -> impl Iterator<Item = &Digest> {
        self.get(repository).into_iter().flat_map(|contents| &contents.manifests)
    }

    /// Whether a manifest is in a repository.
    pub(super) fn has_manifest(
        &self,
        store: &Store,
        repository: &Repository,
        digest: &Digest,
    ) -> bool {
        let Some(contents) = self.get(repository) else { return false };
        contents.manifests.contains(digest)
            || self.reached(store, repository, contents).manifests.contains(digest)
    }

    /// Whether a blob can be reached from what another program tagged.
    pub(super) fn reaches_blob(
        &self,
        store: &Store,
        repository: &Repository,
        digest: &Digest,
    ) -> bool {
        let Some(contents) = self.get(repository) else { return false };
        self.reached(store, repository, contents).blobs.contains(digest)
    }

    fn reached(&self, store: &Store, repository: &Repository, contents: &Contents) -> Arc<Reached> {
        let mut all = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reached) = all.get(repository) {
            return reached.clone();
        }
        let is_foreign = |digest: &&Digest| !contents.manifests.contains(*digest);
        let mut open: Vec<Digest> = contents.tags.values().filter(is_foreign).copied().collect();
        let mut reached = Reached::default();
        while let Some(digest) = open.pop() {
            if !reached.manifests.insert(digest) {
                continue;
            }
            let document = store.get_manifest(&digest).ok();
            if let Some(document) = document.and_then(|bytes| Document::parse(&bytes).ok()) {
                open.extend(document.children().map(|child| child.digest));
                reached.blobs.extend(document.blobs().map(|blob| blob.digest));
            }
        }
        let reached = Arc::new(reached);
        all.insert(repository.clone(), reached.clone());
        reached
    }
}

/// Takes an entry's name apart: `<repository>@<digest>`, `<repository>:<tag>`. Other names are not
/// of a repository.
fn split(name: &str) -> Option<(Repository, Reference)> {
    let (repository, reference) = match name.split_once('@') {
        Some((repository, digest)) if digest.contains(':') => (repository, digest),
        Some(_) => return None,
        None => name.rsplit_once(':')?,
    };
    Some((Repository::parse(repository).ok()?, Reference::parse(reference).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_the_index_name_repositories() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let (name, reference) = split("ghcr.io/a/b:1.0").expect("is one");
        assert_eq!((name.as_str(), reference), ("ghcr.io/a/b", Reference::Tag("1.0".into())));
        let (name, reference) = split(&format!("a@{digest}")).expect("is one");
        assert_eq!((name.as_str(), reference.to_string()), ("a", digest));
        for other in ["demo", "a:", ":a", "localhost:5000/a:b", "A:b", "a@b", "a:b@c", "a:-"] {
            assert!(split(other).is_none(), "{other}");
        }
    }
}
