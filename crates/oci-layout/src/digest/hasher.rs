// SPDX-License-Identifier: Apache-2.0
//! Hashing: of pieces, of what is written and of what is read.

use std::io::{self, Read, Write};

use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::{Algorithm, Digest};
use crate::{Error, ErrorKind, Result};

/// Hashes a stream piece by piece.
#[derive(Clone, Debug)]
pub struct Hasher(State);

#[derive(Clone, Debug)]
enum State {
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl Hasher {
    /// Returns a hasher whose digest is a SHA-256 one.
    pub fn sha256() -> Self {
        Self(State::Sha256(Sha256::new()))
    }

    /// Creates a hasher with that algorithm.
    pub fn of(algorithm: Algorithm) -> Self {
        Self(match algorithm {
            Algorithm::Sha256 => State::Sha256(Sha256::new()),
            Algorithm::Sha384 => State::Sha384(Sha384::new()),
            Algorithm::Sha512 => State::Sha512(Sha512::new()),
        })
    }

    /// Adds the next piece.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Sha256(state) => state.update(bytes),
            State::Sha384(state) => state.update(bytes),
            State::Sha512(state) => state.update(bytes),
        }
    }

    /// Returns the digest of all pieces.
    pub fn finish(self) -> Digest {
        match self.0 {
            State::Sha256(state) => Digest::Sha256(state.finalize().into()),
            State::Sha384(state) => Digest::Sha384(state.finalize().into()),
            State::Sha512(state) => Digest::Sha512(state.finalize().into()),
        }
    }

    /// Checks that all pieces together have that digest.
    ///
    /// # Errors
    /// [`ErrorKind::DigestMismatch`].
    pub fn verify(self, digest: &Digest) -> Result<()> {
        let found = self.finish();
        if found == *digest {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::DigestMismatch,
            format!("the content has the digest {found}, not {digest}"),
        ))
    }
}

/// Passes on what is written to it or read from it, and takes its SHA-256 digest and its number of bytes on the way.
#[derive(Debug)]
pub struct Hashing<I> {
    inner: I,
    hasher: Hasher,
    size: u64,
}

impl<I> Hashing<I> {
    /// Hashes what is written to `inner` or read from it from now on.
    pub fn new(inner: I) -> Self {
        Self { inner, hasher: Hasher::sha256(), size: 0 }
    }

    /// Returns the writer or reader, the digest, and the number of bytes.
    pub fn finish(self) -> (I, Digest, u64) {
        (self.inner, self.hasher.finish(), self.size)
    }

    fn pass(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.size = self.size.saturating_add(bytes.len() as u64);
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.inner.write(bytes)?;
        self.pass(bytes.get(..taken).unwrap_or(bytes));
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.pass(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}
