// SPDX-License-Identifier: Apache-2.0
//! Repositories as `index.json` lists them, read again when the file has changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock};

use oci_artifact::store::{IndexVersion, Store};
use oci_artifact::{Digest, Result};

use crate::name::{Reference, Repository};
use crate::{lock, manifest};

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
        let mut known = lock(&self.0);
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
        *lock(&self.0) = None;
    }
}

/// The repositories that one version of the file lists.
#[derive(Default)]
pub(crate) struct Catalog(BTreeMap<Repository, Contents>);

/// The entries that are listed for one repository.
#[derive(Default)]
pub(crate) struct Contents {
    /// Its tags and what they name.
    pub(crate) tags: BTreeMap<String, Digest>,
    /// The manifests that were pushed.
    pub(super) manifests: BTreeSet<Digest>,
    reached: OnceLock<Reached>,
}

/// The content that other programs' tags reach.
#[derive(Default)]
pub(super) struct Reached {
    pub(super) manifests: BTreeSet<Digest>,
    pub(super) blobs: BTreeSet<Digest>,
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
            let contents = catalog.0.entry(name).or_default();
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
        self.0.get(repository)
    }

    pub(super) fn repositories(&self) -> impl Iterator<Item = &Repository> {
        self.0.keys()
    }
}

impl Contents {
    /// Returns the content that other programs' tags reach; it is looked for once.
    pub(super) fn reached(&self, store: &Store) -> &Reached {
        self.reached.get_or_init(|| {
            let is_foreign = |digest: &&Digest| !self.manifests.contains(*digest);
            let mut open: Vec<Digest> = self.tags.values().filter(is_foreign).copied().collect();
            let mut reached = Reached::default();
            while let Some(digest) = open.pop() {
                if !reached.manifests.insert(digest) {
                    continue;
                }
                let document = store.get_manifest(&digest).ok();
                if let Some(document) = document.and_then(|bytes| manifest::parse(&bytes).ok()) {
                    open.extend(document.manifests.iter().map(|child| child.digest));
                    reached.blobs.extend(manifest::blobs(&document).map(|blob| blob.digest));
                }
            }
            reached
        })
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
