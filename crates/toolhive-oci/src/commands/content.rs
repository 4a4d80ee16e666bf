// SPDX-License-Identifier: Apache-2.0
//! The content of an entry: an artifact of a store, and all that the lock file says of it.

use agent_plugin::{Collector, Files, Limits};
use oci_artifact::kind::ArtifactKind;
use oci_artifact::reader::ContentSource as _;
use oci_artifact::reader::{self, Stored};
use oci_artifact::store::Store;
use oci_artifact::{Digest, Error, ErrorKind, Result, listing};
use toolhive_lockfile::content_digest::of_listing;
use toolhive_lockfile::{Entry, LockFile};

use super::inspect::agreement;
use crate::kind::Kind;

/// An artifact that was read to its last byte.
#[cfg_attr(not(feature = "network"), expect(dead_code, reason = "installing needs more than sync"))]
pub(crate) struct Content {
    pub(crate) stored: Stored,
    /// The name, on which manifest file and artifact agree.
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) content_digest: String,
    /// The references of what it needs.
    pub(crate) requires: Vec<String>,
    pub(crate) files: Files,
}

impl Content {
    /// Reads the artifact of that digest.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if the store has not all of it; [`ErrorKind::InvalidDocument`] if it is of another
    /// kind, or its manifest file says another name than it does.
    pub(crate) fn read<K: Kind>(store: &Store, digest: &str) -> Result<Self> {
        let stored = reader::read::<K>(store, digest)?;
        let mut files = Collector::new(Limits::default());
        let layer = store.stream(&stored.layer)?;
        let listed = listing::of_layer_with(layer, |file| files.layer_file(file))?;
        listing::check_diff_id(&listed.diff_id, &stored.diff_id)?;
        let files = files.finish();
        let own = agreement::own::<K>(&files).map_err(|warning| {
            Error::new(ErrorKind::InvalidDocument, format!("{digest}: {}", warning.message()))
        })?;
        let name = own.label(K::LABEL_NAME).into_owned();
        let said = stored.label(K::LABEL_NAME);
        if name != said {
            let (file, kind) = (K::MANIFEST_PATH, K::NAME);
            let message =
                format!("{file} calls this {kind} {name:?}, and its labels call it {said:?}");
            return Err(Error::new(ErrorKind::InvalidDocument, message)
                .with_help("somebody changed the artifact: do not install it"));
        }
        Ok(Self {
            version: stored.label(K::LABEL_VERSION).to_owned(),
            content_digest: of_listing(&listed.files)?,
            requires: K::requires(&stored, &files)?,
            name,
            stored,
            files,
        })
    }

    /// Checks that it is what an entry names: content, name, and the name in its repository (lock.md, 3.1).
    ///
    /// # Errors
    /// [`ErrorKind::DigestMismatch`] and [`ErrorKind::InvalidDocument`].
    pub(crate) fn check(&self, entry: &Entry) -> Result<()> {
        if self.content_digest != entry.content_digest {
            let (found, wanted) = (&self.content_digest, &entry.content_digest);
            let message = format!("its content digest is {found}, and the lock file says {wanted}");
            return Err(Error::new(ErrorKind::DigestMismatch, message)
                .with_help("the lock file was edited, or written for another artifact"));
        }
        check_name(&self.name, &entry.name, entry.resolved().as_ref().map(|one| one.repository()))
    }
}

/// Checks that the artifact, the entry and the repository have one name.
pub(crate) fn check_name(artifact: &str, entry: &str, repository: Option<&str>) -> Result<()> {
    let last = repository.and_then(|repository| repository.rsplit('/').next());
    if artifact == entry && last.is_none_or(|last| last == entry) {
        return Ok(());
    }
    let last = last.unwrap_or("none");
    let message = format!(
        "the artifact is called {artifact:?}, its entry {entry:?}, and its repository {last:?}"
    );
    Err(Error::new(ErrorKind::InvalidDocument, message)
        .with_help("all three must be the same, so that no artifact can pass for another"))
}

/// The content digest of an artifact in a store, whose layer is read for it; `None` if no lock file could name it: it
/// has no file, or one with a control character in its path (LK-10).
///
/// # Errors
/// Those of reading it.
pub(crate) fn content_digest<K: ArtifactKind>(
    store: &Store,
    digest: &Digest,
) -> Result<Option<String>> {
    let stored = reader::read::<K>(store, &digest.to_string())?;
    let listed = listing::of_layer(store.stream(&stored.layer)?)?;
    listing::check_diff_id(&listed.diff_id, &stored.diff_id)?;
    Ok(of_listing(&listed.files).ok())
}

/// The content digests of what a store has under a name.
pub(crate) fn stored_digests<K: Kind>(store: Option<&Store>, name: &str) -> Result<Vec<String>> {
    Ok(known::<K>(store, Some(name))?.into_iter().map(|known| known.content_digest).collect())
}

/// An artifact of the store that may have been placed.
pub(crate) struct InStore {
    pub(crate) name: String,
    pub(crate) tag: String,
    pub(crate) digest: String,
    pub(crate) content_digest: String,
    pub(crate) version: String,
}

/// The tagged artifacts of a kind that the store has, of one name or of all.
pub(crate) fn known<K: Kind>(store: Option<&Store>, name: Option<&str>) -> Result<Vec<InStore>> {
    let Some(store) = store else { return Ok(Vec::new()) };
    let mut found: Vec<InStore> = Vec::new();
    for listed in store.listed()? {
        let Some(tag) = listed.tag else { continue };
        let digest = listed.digest.to_string();
        if let Some(same) = found.iter().find(|known| known.digest == digest) {
            let (name, version) = (same.name.clone(), same.version.clone());
            let content_digest = same.content_digest.clone();
            found.push(InStore { name, tag, digest, content_digest, version });
            continue;
        }
        // What cannot be read here makes nothing known.
        let Ok(stored) = reader::read::<K>(store, &digest) else { continue };
        let own = stored.label(K::LABEL_NAME).to_owned();
        if name.is_some_and(|name| name != own) {
            continue;
        }
        let Ok(layer) = store.stream(&stored.layer) else { continue };
        let Ok(content_digest) =
            listing::of_layer(layer).and_then(|layer| of_listing(&layer.files))
        else {
            continue;
        };
        let version = stored.label(K::LABEL_VERSION).to_owned();
        found.push(InStore { name: own, tag, digest, content_digest, version });
    }
    Ok(found)
}

/// Whether two lock files have the same entries of a kind.
pub(crate) fn has_same_entries<K: Kind>(one: &LockFile, other: &LockFile) -> bool {
    K::locked(one) == K::locked(other)
}
