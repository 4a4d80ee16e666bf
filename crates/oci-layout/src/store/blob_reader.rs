// SPDX-License-Identifier: Apache-2.0
//! Reading blobs: nothing leaves the store that does not have its digest (LS-8).

use std::fs::File;
use std::io::{self, Read};

use oci_spec::image::ImageIndex;
use toolhive_diagnostics::Remedy;

use super::lack::Lack;
use super::layout::not_a_blob;
use super::root::{Kind, StorePath};
use super::{Store, fs as ops, graph};
use crate::digest::{Digest, Hasher};
use crate::document::Document;
use crate::{Error, ErrorKind, Result, digest, limits, media_type};

/// The number of bytes that are read of a blob to recognise its kind.
const START: u64 = 4096;

/// The help for a corrupt blob, which offers to [repair](crate::Remedy::RepairStore) the store.
pub(super) const CORRUPT: &str = "the blob is corrupt: build or pull it again, which replaces it; \
                                  {} removes it, and the tags of everything that needs it";

impl Store {
    /// Returns the content with that digest, of at most [`limits::MAX_BLOB_SIZE`] bytes.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if the store does not have it; [`ErrorKind::DigestMismatch`] if what
    /// it has is something else; [`ErrorKind::TooLarge`] (ST-25); [`ErrorKind::Io`].
    pub fn get_blob(&self, digest: &Digest) -> Result<Vec<u8>> {
        Ok(self.verified_blob(digest)?)
    }

    /// Returns the manifest or index with that digest, byte for byte as it came. The same as
    /// [`get_blob`](Self::get_blob) (ST-25).
    ///
    /// # Errors
    /// As of [`get_blob`](Self::get_blob).
    pub fn get_manifest(&self, digest: &Digest) -> Result<Vec<u8>> {
        self.get_blob(digest)
    }

    /// Returns the document with that digest, of at most [`limits::MAX_MANIFEST_SIZE`] bytes.
    ///
    /// # Errors
    /// As of [`get_blob`](Self::get_blob).
    pub(crate) fn get_document(&self, digest: &Digest) -> Result<Vec<u8>> {
        Ok(self.verified_within(digest, limits::MAX_MANIFEST_SIZE)?)
    }

    /// Returns the index with that digest (ST-26).
    ///
    /// # Errors
    /// As of [`get_blob`](Self::get_blob); [`ErrorKind::InvalidDocument`] if it is not an index.
    pub fn get_index(&self, digest: &Digest) -> Result<ImageIndex> {
        let bytes = self.get_blob(digest)?;
        Document::parse(&bytes, None).map_err(|error| error.at_path(self.layout().blob(digest)))?;
        ImageIndex::from_reader(bytes.as_slice()).map_err(|error| {
            Error::new(ErrorKind::InvalidDocument, format!("{digest} is not an image index"))
                .at_path(self.layout().blob(digest))
                .caused_by(error)
        })
    }

    /// Whether the content with that digest is an image index: by its own media type, or by what
    /// it holds if it states none (LS-2).
    ///
    /// # Errors
    /// As of [`get_blob`](Self::get_blob).
    pub fn is_index(&self, digest: &Digest) -> Result<bool> {
        Ok(graph::media_type(&self.get_blob(digest)?).as_deref() == Some(media_type::IMAGE_INDEX))
    }

    /// Returns the size of the blob with that digest in bytes, or `None` if the store does not have
    /// it. The content is not looked at.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidStore`] if something else than a file has its name; [`ErrorKind::Io`] if it
    /// cannot be found out (LS-16).
    pub fn blob_size(&self, digest: &Digest) -> Result<Option<u64>> {
        match self.layout().blob_size(digest) {
            Ok(size) => Ok(Some(size)),
            Err(Lack::Absent(_)) => Ok(None),
            Err(Lack::Wrong(error) | Lack::Unreadable(error)) => Err(error),
        }
    }

    /// Returns a stream of the content with that digest, which is verified when its last byte was
    /// read. It may have any size.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if the store does not have it; [`ErrorKind::Io`].
    pub fn open_blob(&self, digest: &Digest) -> Result<BlobReader> {
        Ok(self.opened_blob(digest)?)
    }

    /// Opens a blob, or returns what the failure proves.
    pub(super) fn opened_blob(&self, digest: &Digest) -> Result<BlobReader, Lack> {
        let hasher = Hasher::of(digest.algorithm());
        let path = self.layout().blob(digest);
        let (file, meta) = match ops::open(&path) {
            Ok(Some(opened)) => opened,
            // What it is decides what it proves.
            Ok(None) => {
                return Err(match self.layout().blob_size(digest) {
                    Err(lack) => lack,
                    Ok(_) => not_a_blob(Kind::Special, &path),
                });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Lack::Absent(self.layout().blob_missing(digest)));
            }
            Err(error) => {
                let error = ops::failed("cannot open the blob", &path, error);
                return Err(Lack::Unreadable(error));
            }
        };
        let (digest, size, state) = (*digest, meta.size, State::Reading);
        Ok(BlobReader { file, path, digest, size, read: 0, hasher, state })
    }

    /// Returns a blob's bytes, not verified.
    pub(super) fn read_blob(&self, digest: &Digest) -> Result<Vec<u8>, Lack> {
        self.read_blob_within(digest, limits::MAX_BLOB_SIZE)
    }

    fn read_blob_within(&self, digest: &Digest, limit: u64) -> Result<Vec<u8>, Lack> {
        let BlobReader { file, path, size, .. } = self.opened_blob(digest)?;
        if size > limit {
            let message = format!("the blob has {size} bytes; the limit is {limit}");
            let error = Error::new(ErrorKind::TooLarge, message).at_path(path);
            return Err(Lack::Unreadable(error));
        }
        let read = ops::read_to_end(&file, &path, size, limit);
        ops::done("cannot read the blob", &path, read).map_err(Lack::Unreadable)
    }

    /// Returns the first bytes of a blob, not verified.
    pub(super) fn blob_start(&self, digest: &Digest) -> Result<Vec<u8>, Lack> {
        let BlobReader { file, path, .. } = self.opened_blob(digest)?;
        let read = ops::read_to_end(&file, &path, START, START);
        ops::done("cannot read the blob", &path, read).map_err(Lack::Unreadable)
    }

    /// Returns a blob's bytes, verified; what a failure proves.
    pub(super) fn verified_blob(&self, digest: &Digest) -> Result<Vec<u8>, Lack> {
        self.verified_within(digest, limits::MAX_BLOB_SIZE)
    }

    fn verified_within(&self, digest: &Digest, limit: u64) -> Result<Vec<u8>, Lack> {
        let bytes = self.read_blob_within(digest, limit)?;
        digest::verify(&bytes, digest).map_err(|error| {
            let error = error.at_path(self.layout().blob(digest));
            Lack::Wrong(error.with_help(Remedy::RepairStore.help(CORRUPT)))
        })?;
        Ok(bytes)
    }
}

/// Reads a blob. The read that delivers its last byte, or finds its end, fails if the content does
/// not have its digest; no read after that delivers anything.
#[derive(Debug)]
pub struct BlobReader {
    file: File,
    path: StorePath,
    digest: Digest,
    /// The size of the file in bytes.
    size: u64,
    read: u64,
    hasher: Hasher,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Reading,
    Verified,
    Corrupt,
}

impl BlobReader {
    /// Returns the number of bytes that the blob has, if it is not corrupt.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Returns the digest that it must have.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    fn verify(&mut self, buffer: &[u8]) -> Result<()> {
        let is_end = buffer.is_empty() || self.read >= self.size;
        match self.state {
            State::Reading => {
                self.hasher.update(buffer);
                if is_end {
                    self.state = State::Corrupt;
                    self.hasher.clone().verify(&self.digest)?;
                    self.state = State::Verified;
                }
                Ok(())
            }
            State::Verified if buffer.is_empty() => Ok(()),
            State::Verified | State::Corrupt => Err(Error::new(
                ErrorKind::DigestMismatch,
                format!("the content is not that of {}", self.digest),
            )),
        }
    }
}

impl Read for BlobReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let length = ops::read(&self.file, &self.path, buffer)?;
        self.read = self.read.saturating_add(length as u64);
        self.verify(buffer.get(..length).unwrap_or_default()).map_err(|error| {
            error.at_path(&self.path).with_help(Remedy::RepairStore.help(CORRUPT))
        })?;
        Ok(length)
    }
}
