// SPDX-License-Identifier: Apache-2.0
//! Reading blobs: nothing leaves the store that does not have its digest (LS-8).

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use oci_spec::image::{Digest, ImageIndex, MediaType};

use super::layout::open_regular;
use super::{Store, fs as ops, graph};
use crate::digest::Hasher;
use crate::document::Document;
use crate::{Error, ErrorKind, Result, digest, limits};

impl Store {
    /// The content with that digest, of at most [`limits::MAX_BLOB_SIZE`] bytes.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if the store does not have it; [`ErrorKind::DigestMismatch`] if what
    /// it has is something else; [`ErrorKind::TooLarge`] (ST-25); [`ErrorKind::Io`].
    pub fn get_blob(&self, digest: &Digest) -> Result<Vec<u8>> {
        let bytes = self.read_blob(digest)?;
        digest::verify(&bytes, digest).map_err(|error| self.corrupt(digest, error))?;
        Ok(bytes)
    }

    /// The manifest or index with that digest, byte for byte as it came. The same as
    /// [`get_blob`](Self::get_blob) (ST-25).
    ///
    /// # Errors
    /// As of [`get_blob`](Self::get_blob).
    pub fn get_manifest(&self, digest: &Digest) -> Result<Vec<u8>> {
        self.get_blob(digest)
    }

    /// The index with that digest (ST-26).
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
        Ok(graph::media_type(&self.get_blob(digest)?) == Some(MediaType::ImageIndex))
    }

    /// The size of the blob with that digest in bytes, or `None` if the store does not have it. The
    /// content is not looked at.
    pub fn blob_size(&self, digest: &Digest) -> Option<u64> {
        self.layout().blob_size(digest)
    }

    /// A stream of the content with that digest, which is verified when its last byte was read. It
    /// may have any size.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if the store does not have it; [`ErrorKind::Io`].
    pub fn open_blob(&self, digest: &Digest) -> Result<BlobReader> {
        let hasher = Hasher::of(digest)?;
        let path = self.layout().blob(digest);
        let (file, size) = match open_regular(&path) {
            Ok(Some(opened)) => opened,
            Ok(None) => {
                return Err(Error::new(ErrorKind::InvalidStore, "not a file").at_path(path));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(self.blob_missing(digest));
            }
            Err(error) => return Err(Error::io("cannot open the blob", &path, error)),
        };
        let (digest, state) = (digest.clone(), State::Reading);
        Ok(BlobReader { file, path, digest, size, read: 0, hasher, state })
    }

    /// A blob's bytes, not verified.
    pub(super) fn read_blob(&self, digest: &Digest) -> Result<Vec<u8>> {
        let BlobReader { file, path, size, .. } = self.open_blob(digest)?;
        let limit = limits::MAX_BLOB_SIZE;
        if size > limit {
            let message = format!("the blob has {size} bytes; {limit} are the limit");
            return Err(Error::new(ErrorKind::TooLarge, message).at_path(path));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
        let read = file.take(limit.saturating_add(1)).read_to_end(&mut bytes);
        ops::done("cannot read the blob", &path, read)?;
        Ok(bytes)
    }

    pub(super) fn blob_missing(&self, digest: &Digest) -> Error {
        Error::new(ErrorKind::NotFound, format!("the store has no blob {digest}"))
            .at_path(self.layout().blob(digest))
            .with_help("build or pull it again")
    }

    pub(super) fn corrupt(&self, digest: &Digest, error: Error) -> Error {
        error.at_path(self.layout().blob(digest)).with_help(
            "the blob is corrupt: `store check --repair` removes it; then build or pull it again",
        )
    }
}

/// Reads a blob. The read that delivers its last byte, or finds its end, fails if the content does
/// not have its digest; no read after that delivers anything.
#[derive(Debug)]
pub struct BlobReader {
    file: File,
    path: PathBuf,
    digest: Digest,
    /// As the file system says.
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
    /// How many bytes the blob has, if it is not corrupt.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The digest that it must have.
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
        let length = self.file.read(buffer)?;
        self.read = self.read.saturating_add(length as u64);
        self.verify(buffer.get(..length).unwrap_or_default()).map_err(|error| {
            error.at_path(&self.path).with_help(
                "the blob is corrupt: `store check --repair` removes it; then build or pull it again",
            )
        })?;
        Ok(length)
    }
}
