// SPDX-License-Identifier: Apache-2.0
//! Reading parts of blobs, which are verified as whole ones are (LS-8, LS-35).
//!
//! A digest is of all of a blob. So the whole of it is read and verified once, and the digests of its
//! chunks are noted on the way; a part is read chunk by chunk, and each is compared with its own.

use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};
use std::ops::Range;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use toolhive_diagnostics::Remedy;

use super::blob_reader::CORRUPT;
use super::root::StorePath;
use super::{Store, fs as ops};
use crate::digest::Digest;
use crate::{Error, ErrorKind, Result};

/// The number of bytes of a chunk: the least that is read for a part.
const CHUNK: usize = 256 * 1024;

/// The digests of a blob's chunks, 32 bytes for each 256 KiB of it.
#[derive(Clone, Debug)]
pub struct BlobChunks {
    digest: Digest,
    size: u64,
    chunks: Arc<[[u8; 32]]>,
}

impl BlobChunks {
    /// Returns the blob's size in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Returns the number of its chunks.
    pub fn count(&self) -> usize {
        self.chunks.len()
    }
}

impl Store {
    /// Reads and verifies all of a blob, and notes what its parts are verified with.
    ///
    /// # Errors
    /// [`ErrorKind::DigestMismatch`] if it is not what its digest says; else as of
    /// [`open_blob`](Self::open_blob).
    pub fn blob_chunks(&self, digest: &Digest) -> Result<BlobChunks> {
        let path = self.layout().blob(digest);
        let mut reader = self.open_blob(digest)?;
        let (mut chunks, mut size, mut chunk) = (Vec::new(), 0_u64, Vec::with_capacity(CHUNK));
        loop {
            chunk.clear();
            let read = reader.by_ref().take(CHUNK as u64).read_to_end(&mut chunk);
            let read =
                read.map_err(|error| Error::from_io("cannot read the blob", &path.path(), error))?;
            if read == 0 {
                return Ok(BlobChunks { digest: *digest, size, chunks: chunks.into() });
            }
            size = size.saturating_add(read as u64);
            chunks.push(Sha256::digest(&chunk).into());
        }
    }

    /// Returns a stream of a part of a blob, of which nothing is delivered that is not verified.
    /// What lies behind the blob's end is not part of it.
    ///
    /// # Errors
    /// As of [`open_blob`](Self::open_blob).
    pub fn open_part(&self, blob: &BlobChunks, part: Range<u64>) -> Result<PartReader> {
        let path = self.layout().blob(&blob.digest);
        let opened = ops::done("cannot open the blob", &path, ops::found(ops::open(&path)))?;
        let file = opened.ok_or_else(|| self.layout().blob_missing(&blob.digest))?;
        let not_a_file = || Error::new(ErrorKind::InvalidStore, "not a file").at_path(&path);
        let (file, _) = file.ok_or_else(not_a_file)?;
        let (blob, next, end) = (blob.clone(), part.start, part.end.min(blob.size));
        Ok(PartReader { file, path, blob, next, end, chunk: Vec::new(), read: 0 })
    }
}

/// Reads a part of a blob. A read fails if the chunk that it needs is not what it was when all of
/// the blob was verified.
#[derive(Debug)]
pub struct PartReader {
    file: File,
    path: StorePath,
    blob: BlobChunks,
    /// The start of the next chunk's bytes, of those that are wanted, and the end of the part.
    next: u64,
    end: u64,
    /// The wanted bytes of the last chunk, and how many of them were delivered.
    chunk: Vec<u8>,
    read: usize,
}

impl PartReader {
    /// Reads and verifies the next chunk.
    fn load(&mut self) -> Result<()> {
        let (start, chunk) = self.verified()?;
        let skip = usize::try_from(self.next.saturating_sub(start)).unwrap_or(usize::MAX);
        let want = usize::try_from(self.end.saturating_sub(start)).unwrap_or(usize::MAX);
        let want = want.min(chunk.len());
        self.chunk = chunk.get(skip..want).unwrap_or_default().to_vec();
        self.next = start.saturating_add(want as u64);
        self.read = 0;
        if self.chunk.is_empty() { Err(self.changed()) } else { Ok(()) }
    }

    /// Returns the chunk that has the next byte, and where it starts.
    fn verified(&mut self) -> Result<(u64, Vec<u8>)> {
        let number = self.next / CHUNK as u64;
        let start = number.saturating_mul(CHUNK as u64);
        let sought = self.file.seek(SeekFrom::Start(start));
        ops::done("cannot read the blob", &self.path, sought)?;
        let read = ops::read_to_end(&self.file, &self.path, CHUNK as u64, CHUNK as u64);
        let mut chunk = ops::done("cannot read the blob", &self.path, read)?;
        chunk.truncate(CHUNK);
        let expected = usize::try_from(number).ok().and_then(|number| self.blob.chunks.get(number));
        let found: [u8; 32] = Sha256::digest(&chunk).into();
        if expected == Some(&found) { Ok((start, chunk)) } else { Err(self.changed()) }
    }

    fn changed(&self) -> Error {
        let message = format!("the content is not that of {}", self.blob.digest);
        Error::new(ErrorKind::DigestMismatch, message)
            .at_path(&self.path)
            .with_help(Remedy::RepairStore.help(CORRUPT))
    }
}

impl Read for PartReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read >= self.chunk.len() && self.next < self.end && !buffer.is_empty() {
            self.load()?;
        }
        let mut left = self.chunk.get(self.read..).unwrap_or_default();
        let length = left.read(buffer)?;
        self.read = self.read.saturating_add(length);
        Ok(length)
    }
}
