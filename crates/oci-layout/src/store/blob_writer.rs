// SPDX-License-Identifier: Apache-2.0
//! Writing one blob: hashed on the way, in no place before it is complete (LS-7).

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;

use super::change::Present;
use super::fs as ops;
use super::ingest::{Shared, Staged, copy};
use super::root::StorePath;
use crate::digest::{Algorithm, Digest, Hasher};
use crate::{Error, ErrorKind, Result, limits};

/// The number of bytes of a blob that are kept in memory before they are written.
const BUFFER: usize = 64 * 1024;

/// Writes one blob and hashes it on the way. Nothing appears in the store before
/// [`finish`](Self::finish); a writer that is dropped instead leaves nothing.
#[derive(Debug)]
pub struct BlobWriter {
    /// Dropped first: where the system removes nothing that is open, it would stay in the session's directory.
    file: Option<(File, StorePath)>,
    shared: Arc<Shared>,
    hasher: Hasher,
    size: u64,
    limit: u64,
    buffer: Vec<u8>,
    then: Then,
}

/// The step that a finished blob waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// The commit of its ingest.
    Stage,
    /// Waits for nothing.
    Commit,
}

impl BlobWriter {
    pub(super) fn new(shared: Arc<Shared>, then: Then) -> Self {
        let hasher = Hasher::sha256();
        let limit = limits::MAX_BLOB_SIZE;
        Self { shared, hasher, size: 0, limit, buffer: Vec::new(), file: None, then }
    }

    /// Limits the blob to `limit` bytes, instead of [`MAX_BLOB_SIZE`](limits::MAX_BLOB_SIZE).
    #[must_use]
    pub fn with_limit(self, limit: u64) -> Self {
        Self { limit, ..self }
    }

    /// Ends the blob; its digest and its size in bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Io`]; for a writer of the store's own also [`ErrorKind::Locked`].
    pub fn finish(self) -> Result<(Digest, u64)> {
        let digest = self.hasher.clone().finish();
        let size = self.size;
        self.end(&digest)?;
        Ok((digest, size))
    }

    /// Ends a blob that must have that digest, of any known algorithm, and that size.
    ///
    /// # Errors
    /// [`ErrorKind::DigestMismatch`] if it has others, and then nothing is stored; else as of
    /// [`finish`](Self::finish).
    pub fn finish_expecting(mut self, digest: &Digest, size: u64) -> Result<()> {
        if self.size != size {
            let message =
                format!("{digest} should have {size} bytes, but {} were received", self.size);
            return Err(Error::new(ErrorKind::DigestMismatch, message));
        }
        match digest.algorithm() {
            Algorithm::Sha256 => self.hasher.clone().verify(digest)?,
            _ => self.hashed_again(digest)?.verify(digest)?,
        }
        self.end(digest)
    }

    /// Returns all that came, hashed with the algorithm of that digest.
    fn hashed_again(&mut self, digest: &Digest) -> Result<Hasher> {
        let mut hasher = Hasher::of(digest.algorithm());
        if let Some((_, path)) = &self.file {
            copy(path, &mut hasher)?;
        }
        // What the file does not have yet.
        hasher.update(&self.buffer);
        Ok(hasher)
    }

    fn end(mut self, digest: &Digest) -> Result<()> {
        let shared = self.shared.clone();
        let present = shared.present(digest);
        let (file, open) = match self.linked(digest, present) {
            Some(file) => (file, None),
            None => self.written().map(|(open, file)| (file, Some(open)))?,
        };
        let staged = Staged { digest: *digest, size: self.size, file: Some(file), present };
        shared.stage(staged, open)?;
        match self.then {
            Then::Stage => Ok(()),
            Then::Commit => shared.commit().map(|_| ()),
        }
    }

    /// Returns a second name for the store's own blob, if it has it and nothing had to be written
    /// yet.
    fn linked(&self, digest: &Digest, present: Present) -> Option<StorePath> {
        let Shared { store, session, .. } = &*self.shared;
        // What cannot be looked at is written.
        let is_there = || store.layout().blob_size(digest).is_ok_and(|size| size == self.size);
        if present == Present::Replaced || self.file.is_some() || !is_there() {
            return None;
        }
        let file = session.new_file();
        ops::link(&store.layout().blob(digest), &file).ok()?;
        // One that has names elsewhere, too, is not the store's alone to make young again (LS-34).
        let is_ours = ops::stat(&file).ok().flatten().is_some_and(|meta| meta.names <= 2);
        if !is_ours {
            ops::remove_file(&file).ok()?;
            return None;
        }
        Some(file)
    }

    /// Returns the blob's own file, complete.
    fn written(&mut self) -> Result<(File, StorePath)> {
        self.write_buffer()?;
        self.file()?;
        self.file.take().ok_or_else(|| Error::new(ErrorKind::Io, "the blob has no file"))
    }

    pub(super) fn add(&mut self, bytes: &[u8]) -> Result<()> {
        self.size = self.size.saturating_add(bytes.len() as u64);
        if self.size > self.limit {
            let message = format!("a blob may have at most {} bytes", self.limit);
            return Err(Error::new(ErrorKind::TooLarge, message));
        }
        self.hasher.update(bytes);
        if self.buffer.len().saturating_add(bytes.len()) <= BUFFER {
            self.buffer.extend_from_slice(bytes);
            return Ok(());
        }
        self.write_buffer()?;
        let (file, path) = self.file()?;
        ops::write_all(file, path, bytes)
    }

    fn write_buffer(&mut self) -> Result<()> {
        let buffer = std::mem::take(&mut self.buffer);
        let (file, path) = self.file()?;
        if buffer.is_empty() { Ok(()) } else { ops::write_all(file, path, &buffer) }
    }

    /// Returns the blob's file, made when it is needed first.
    fn file(&mut self) -> Result<&(File, StorePath)> {
        let opened = match self.file.take() {
            Some(opened) => opened,
            None => {
                let path = self.shared.session.new_file();
                let file = ops::create_new(&path, 0o444)?;
                // Whatever the umask: who may use the store may read what is in it (LS-17).
                ops::set_mode(&file, &path, 0o444)?;
                (file, path)
            }
        };
        Ok(self.file.insert(opened))
    }
}

impl Write for BlobWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.add(bytes)?;
        Ok(bytes.len())
    }

    /// Does nothing: a blob does not exist before it is finished.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
