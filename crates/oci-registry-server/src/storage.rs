// SPDX-License-Identifier: Apache-2.0
//! Many repositories over one image layout, which shares blobs between them and stays one that every
//! other tool can open.
//!
//! ```text
//! index.json                                  entries "<repository>:<tag>" and "<repository>@<digest>"
//! blobs/<algorithm>/<hex>                     the content of all repositories
//! registry/<repository>/_blobs/<algorithm>/<hex>    an empty file: that blob is in that repository
//! ```
//!
//! # What belongs to a repository
//!
//! - A manifest does if `index.json` lists it as `<repository>@<digest>`. Every manifest that is pushed
//!   gets this entry, whether it gets a tag or not, so that it outlives its tags and the store's
//!   garbage collection, like referrers must.
//! - A blob does if its marker is there: somebody pushed it into this repository, or mounted it
//!   out of one that they may read. That the store has it for another repository means nothing.
//! - What another program tagged as `<repository>:<tag>` does as long as the tag is there, with
//!   everything that can be reached from it: a store that `build` or `pull` filled can be served as
//!   it is. Nothing is written for that.
//!
//! # Crashes
//!
//! A blob is durable under its digest before its marker is made, a marker before the response.
//! A manifest's two entries appear in one edit of `index.json`, after all that it needs was there. What
//! a crash leaves is a blob without a marker, which garbage collection removes, or an upload's
//! file, which the store's own rules clean up. A marker whose blob is gone counts for nothing.

mod catalog;
mod markers;
mod parts;
mod referrers;
mod upload;

use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use oci_artifact::store::{Origin, Store};
use oci_artifact::{Digest, ErrorKind, digest};

use crate::name::{Reference, Repository};
use crate::refusal::{Code, Refusal};
use catalog::Catalogs;
use markers::Markers;
use parts::Parts;
use referrers::Subjects;

pub(crate) use catalog::Catalog;
pub(crate) use referrers::Referrer;
pub(crate) use upload::Upload;

/// Whether the registry takes anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Serves, and accepts writes.
    #[default]
    ReadWrite,
    /// Only serves what is in the store.
    ReadOnly,
}

/// The repositories in a store. All methods block.
pub(crate) struct Storage {
    store: Store,
    markers: Markers,
    catalogs: Catalogs,
    parts: Parts,
    subjects: Subjects,
}

/// A manifest as it was pushed.
pub(crate) struct Manifest {
    pub(crate) digest: Digest,
    pub(crate) bytes: Vec<u8>,
}

impl Storage {
    /// Opens the store, and makes one if there is none and it may.
    pub(crate) fn open(root: &Path, mode: Mode) -> oci_artifact::Result<Self> {
        let store = match mode {
            Mode::ReadWrite => Store::open(root)?,
            Mode::ReadOnly => Store::open_existing(root)?,
        };
        for warning in store.warnings() {
            tracing::warn!(%warning, "the store");
        }
        Ok(Self {
            markers: Markers::new(store.annex()),
            catalogs: Catalogs::default(),
            parts: Parts::default(),
            subjects: Subjects::default(),
            store,
        })
    }

    /// Returns the entries that `index.json` lists now.
    pub(crate) fn catalog(&self) -> Result<Arc<Catalog>, Refusal> {
        Ok(self.catalogs.current(&self.store)?)
    }

    /// Whether anything was ever pushed there.
    pub(crate) fn has_repository(&self, repository: &Repository) -> Result<bool, Refusal> {
        Ok(self.catalog()?.get(repository).is_some() || self.markers.has_repository(repository)?)
    }

    /// Returns the size of a blob, if it is in that repository.
    pub(crate) fn blob_size(
        &self,
        repository: &Repository,
        digest: &Digest,
    ) -> Result<Option<u64>, Refusal> {
        let Some(size) = self.store.blob_size(digest)? else { return Ok(None) };
        let is_here =
            self.markers.has(repository, digest)? || self.reaches_blob(repository, digest)?;
        Ok(is_here.then_some(size))
    }

    /// Whether a blob can be reached from what another program tagged.
    fn reaches_blob(&self, repository: &Repository, digest: &Digest) -> Result<bool, Refusal> {
        let catalog = self.catalog()?;
        let contents = catalog.get(repository);
        Ok(contents.is_some_and(|it| it.reached(&self.store).blobs.contains(digest)))
    }

    /// Returns a stream of a blob. The whole of it is verified on the way and fails at its end if
    /// it is not what its digest says; of a part nothing is delivered that is not verified (LS-35).
    /// For the first part of a blob, all of it is read.
    pub(crate) fn open_blob(
        &self,
        digest: &Digest,
        part: Option<Range<u64>>,
    ) -> Result<Box<dyn Read + Send>, Refusal> {
        let Some(part) = part else { return Ok(Box::new(self.store.open_blob(digest)?)) };
        let chunks = self.parts.chunks(&self.store, digest)?;
        // What was promised must be there.
        if part.end > chunks.size() {
            self.parts.forget(digest);
            return Err(Refusal::internal(&"a blob is shorter than it was"));
        }
        Ok(Box::new(self.store.open_part(&chunks, part)?))
    }

    /// Starts an upload of at most `limit` bytes.
    pub(crate) fn begin(&self, limit: u64) -> Result<Upload, Refusal> {
        Upload::begin(&self.store, limit)
    }

    /// Ends an upload: the blob is in the repository from now on.
    ///
    /// # Errors
    /// `DIGEST_INVALID` if the bytes have another digest; they are gone then.
    pub(crate) fn finish(
        &self,
        upload: Upload,
        repository: &Repository,
        digest: &Digest,
    ) -> Result<(), Refusal> {
        upload.finish(digest)?;
        Ok(self.markers.add(repository, digest)?)
    }

    /// Puts a blob of the store into a repository. `false` if the store does not have it.
    pub(crate) fn mount(&self, repository: &Repository, digest: &Digest) -> Result<bool, Refusal> {
        if self.store.blob_size(digest)?.is_none() {
            return Ok(false);
        }
        self.markers.add(repository, digest)?;
        Ok(true)
    }

    /// Returns a repository that has this blob, among those that `is_readable` lets pass.
    pub(crate) fn find_blob(
        &self,
        digest: &Digest,
        is_readable: impl Fn(&Repository) -> bool,
    ) -> Result<Option<Repository>, Refusal> {
        for repository in self.repositories()? {
            if is_readable(&repository) && self.blob_size(&repository, digest)?.is_some() {
                return Ok(Some(repository));
            }
        }
        Ok(None)
    }

    /// Takes a blob out of a repository; `false` if it is not in it. Others keep it, and the
    /// store's garbage collection removes what none has.
    ///
    /// # Errors
    /// `UNSUPPORTED` if it is there because of what another program tagged.
    pub(crate) fn remove_blob(
        &self,
        repository: &Repository,
        digest: &Digest,
    ) -> Result<bool, Refusal> {
        if self.blob_size(repository, digest)?.is_none() {
            return Ok(false);
        }
        if self.reaches_blob(repository, digest)? {
            let message = "another program's tag holds this blob; delete the tag first";
            return Err(Refusal::new(Code::Unsupported, message));
        }
        Ok(self.markers.remove(repository, digest)?)
    }

    /// Returns all repositories, in byte order.
    pub(crate) fn repositories(&self) -> Result<Vec<Repository>, Refusal> {
        let catalog = self.catalog()?;
        let mut all = self.markers.repositories()?;
        all.extend(catalog.repositories().cloned());
        Ok(all.into_iter().collect())
    }

    /// Returns the digest that a reference names in a repository.
    pub(crate) fn resolve(
        &self,
        repository: &Repository,
        reference: &Reference,
    ) -> Result<Option<Digest>, Refusal> {
        let catalog = self.catalog()?;
        let Some(contents) = catalog.get(repository) else { return Ok(None) };
        let has = |digest: &&Digest| {
            contents.manifests.contains(*digest)
                || contents.reached(&self.store).manifests.contains(*digest)
        };
        Ok(match reference {
            Reference::Tag(tag) => contents.tags.get(tag),
            Reference::Digest(digest) => Some(digest).filter(has),
        }
        .copied())
    }

    /// Returns the manifest that a reference names in a repository, verified.
    pub(crate) fn manifest(
        &self,
        repository: &Repository,
        reference: &Reference,
    ) -> Result<Option<Manifest>, Refusal> {
        let Some(digest) = self.resolve(repository, reference)? else { return Ok(None) };
        match self.store.get_manifest(&digest) {
            Ok(bytes) => Ok(Some(Manifest { digest, bytes })),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Stores a manifest, lists it, and moves these tags to it, all at once. The caller has checked
    /// it, and that it has this digest.
    pub(crate) fn put_manifest(
        &self,
        repository: &Repository,
        digest: &Digest,
        bytes: &[u8],
        tags: &[String],
    ) -> Result<(), Refusal> {
        let ingest = self.store.ingest()?;
        let mut writer = ingest.blob_writer();
        io::Write::write_all(&mut writer, bytes).map_err(|error| Refusal::internal(&error))?;
        writer.finish_expecting(digest, bytes.len() as u64)?;
        ingest.tag(digest, &format!("{repository}@{digest}"), Origin::Remote)?;
        for tag in tags {
            ingest.tag(digest, &format!("{repository}:{tag}"), Origin::Remote)?;
        }
        let committed = ingest.commit();
        self.catalogs.forget();
        match committed {
            Ok(_) => Ok(()),
            // Garbage collection or another process was faster than this.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Err(Refusal::new(Code::ManifestBlobUnknown, "content of the manifest is gone"))
            }
            Err(error) if error.kind() == ErrorKind::DigestMismatch => {
                Err(Refusal::new(Code::ManifestInvalid, "it states a wrong size or digest"))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Takes a tag away; what it names stays. `false` if there is none.
    pub(crate) fn delete_tag(&self, repository: &Repository, tag: &str) -> Result<bool, Refusal> {
        self.unlist(&format!("{repository}:{tag}"))
    }

    /// Takes a manifest out of a repository, with all tags that name it. `false` if it is not in
    /// it. The entry by digest goes last, so that a repetition after a crash finds the rest.
    pub(crate) fn delete_manifest(
        &self,
        repository: &Repository,
        digest: &Digest,
    ) -> Result<bool, Refusal> {
        let catalog = self.catalog()?;
        let mut is_deleted = false;
        let tags = catalog.get(repository).into_iter().flat_map(|contents| &contents.tags);
        for (tag, _) in tags.filter(|(_, named)| *named == digest) {
            is_deleted |= self.delete_tag(repository, tag)?;
        }
        is_deleted |= self.unlist(&format!("{repository}@{digest}"))?;
        Ok(is_deleted)
    }

    fn unlist(&self, name: &str) -> Result<bool, Refusal> {
        let result = self.store.delete_tag(name);
        self.catalogs.forget();
        match result {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Returns the manifests of a repository that are about `subject`, in the order of their
    /// digests.
    pub(crate) fn referrers(
        &self,
        repository: &Repository,
        subject: &Digest,
    ) -> Result<Vec<Referrer>, Refusal> {
        let catalog = self.catalog()?;
        let manifests = catalog.get(repository).into_iter().flat_map(|it| &it.manifests);
        Ok(self.subjects.referrers(&self.store, manifests, subject))
    }
}

/// Runs what blocks away from the executor's threads.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(Refusal::internal(&error)),
    }
}

/// Whether these bytes have that digest.
pub(crate) fn verify(bytes: &[u8], digest: &Digest) -> Result<(), Refusal> {
    digest::verify(bytes, digest).map_err(|_| {
        Refusal::new(Code::DigestInvalid, "the content has another digest").with_detail(digest)
    })
}
