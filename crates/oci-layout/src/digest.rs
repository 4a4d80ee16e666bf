// SPDX-License-Identifier: Apache-2.0
//! Digests of bytes and of streams.
//!
//! What this crate makes has SHA-256 digests; it reads and verifies the two other algorithms that
//! the image specification registers.

use std::fmt;
use std::io::{self, Read, Write};

use oci_spec::image::{Digest, DigestAlgorithm};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use crate::{Error, ErrorKind, Result};

/// The digest that a text spells: `sha256`, `sha384` or `sha512`, a colon, and as many lower-case
/// hexadecimal digits as the algorithm has (ST-4).
///
/// # Errors
/// [`ErrorKind::InvalidReference`].
pub fn parse(text: &str) -> Result<Digest> {
    let digest = Digest::try_from(text).ok();
    digest.filter(|digest| is_known(digest.algorithm())).ok_or_else(|| {
        Error::new(ErrorKind::InvalidReference, format!("{text:?} is not a digest"))
            .with_help("a digest is `sha256:` and 64 lower-case hexadecimal digits")
    })
}

fn is_known(algorithm: &DigestAlgorithm) -> bool {
    algorithm.digest_hexlen().is_some()
}

/// The SHA-256 digest of `bytes`.
pub fn sha256(bytes: &[u8]) -> Digest {
    let mut hasher = Hasher::sha256();
    hasher.update(bytes);
    hasher.finish()
}

/// Checks that `bytes` have that digest.
///
/// # Errors
/// [`ErrorKind::DigestMismatch`] if they have another; [`ErrorKind::InvalidReference`] if its
/// algorithm is not known.
pub fn verify(bytes: &[u8], digest: &Digest) -> Result<()> {
    let mut hasher = Hasher::of(digest)?;
    hasher.update(bytes);
    hasher.verify(digest)
}

/// Hashes a stream piece by piece.
#[derive(Clone)]
pub struct Hasher(State);

#[derive(Clone)]
enum State {
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl Hasher {
    /// A hasher whose digest is a SHA-256 one.
    pub fn sha256() -> Self {
        Self(State::Sha256(Sha256::new()))
    }

    /// A hasher with the algorithm of `digest`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidReference`] if that algorithm is not known.
    pub fn of(digest: &Digest) -> Result<Self> {
        match digest.algorithm() {
            DigestAlgorithm::Sha256 => Ok(Self::sha256()),
            DigestAlgorithm::Sha384 => Ok(Self(State::Sha384(Sha384::new()))),
            DigestAlgorithm::Sha512 => Ok(Self(State::Sha512(Sha512::new()))),
            other => Err(Error::new(
                ErrorKind::InvalidReference,
                format!("the digest algorithm {other:?} is not known", other = other.as_ref()),
            )),
        }
    }

    /// Adds the next piece.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Sha256(state) => state.update(bytes),
            State::Sha384(state) => state.update(bytes),
            State::Sha512(state) => state.update(bytes),
        }
    }

    /// The digest of all pieces.
    pub fn finish(self) -> Digest {
        let text = match self.0 {
            State::Sha256(state) => spell("sha256:", &state.finalize()),
            State::Sha384(state) => spell("sha384:", &state.finalize()),
            State::Sha512(state) => spell("sha512:", &state.finalize()),
        };
        Digest::try_from(text).unwrap_or_else(|_| unreachable!("a known algorithm, spelled right"))
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

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hasher")
    }
}

/// Passes bytes on to a writer and takes their SHA-256 digest and their number on the way.
#[derive(Debug)]
pub struct HashingWriter<W> {
    inner: W,
    hasher: Hasher,
    size: u64,
}

impl<W: Write> HashingWriter<W> {
    /// Hashes what is written to `inner` from now on.
    pub fn new(inner: W) -> Self {
        Self { inner, hasher: Hasher::sha256(), size: 0 }
    }

    /// The writer, the digest, and the number of bytes.
    pub fn finish(self) -> (W, Digest, u64) {
        (self.inner, self.hasher.finish(), self.size)
    }
}

impl<W: Write> Write for HashingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.inner.write(bytes)?;
        self.hasher.update(bytes.get(..taken).unwrap_or(bytes));
        self.size = self.size.saturating_add(taken as u64);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Passes on what is read and takes its SHA-256 digest and its number of bytes on the way.
#[derive(Debug)]
pub struct HashingReader<R> {
    inner: R,
    hasher: Hasher,
    size: u64,
}

impl<R: Read> HashingReader<R> {
    /// Hashes what is read from `inner` from now on.
    pub fn new(inner: R) -> Self {
        Self { inner, hasher: Hasher::sha256(), size: 0 }
    }

    /// The digest and the number of all bytes that were read.
    pub fn finish(self) -> (Digest, u64) {
        (self.hasher.finish(), self.size)
    }
}

impl<R: Read> Read for HashingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hasher.update(buffer.get(..read).unwrap_or_default());
        self.size = self.size.saturating_add(read as u64);
        Ok(read)
    }
}

fn spell(algorithm: &str, hash: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or_default();
    let hex = hash.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
    algorithm.chars().chain(hex).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_has_a_known_algorithm_and_its_exact_length_st_4() {
        for (algorithm, length) in [("sha256", 64), ("sha384", 96), ("sha512", 128)] {
            for wrong in [length - 1, length + 1] {
                assert!(parse(&format!("{algorithm}:{}", "a".repeat(wrong))).is_err());
            }
            let text = format!("{algorithm}:{}", "0a".repeat(length / 2));
            assert_eq!(parse(&text).expect("is one").as_ref(), text);
            assert!(parse(&text.to_uppercase()).is_err());
            assert!(parse(&text.replace('a', "A")).is_err());
        }
        for text in ["", "sha256", "sha256:", "demo:v1", "md5:d41d8cd98f00b204e9800998ecf8427e"] {
            assert_eq!(parse(text).expect_err(text).kind(), ErrorKind::InvalidReference);
        }
    }

    #[test]
    fn the_empty_text_has_its_well_known_digests() {
        let empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sha256(b"").as_ref(), empty);
        for text in [
            empty.to_owned(),
            "sha384:38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65\
             fbd51ad2f14898b95b"
                .replace(' ', ""),
            "sha512:cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2\
             b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"
                .replace(' ', ""),
        ] {
            let digest = parse(&text).expect("is one");
            verify(b"", &digest).expect("is it");
            assert_eq!(verify(b"x", &digest).expect_err(&text).kind(), ErrorKind::DigestMismatch);
        }
    }

    #[test]
    fn a_stream_has_the_digest_of_its_bytes_json_6() {
        let mut writer = HashingWriter::new(Vec::new());
        writer.write_all(b"hel").expect("a Vec takes it");
        writer.write_all(b"lo").expect("a Vec takes it");
        let (bytes, digest, size) = writer.finish();
        assert_eq!((bytes.as_slice(), &digest, size), (&b"hello"[..], &sha256(b"hello"), 5));
    }
}
