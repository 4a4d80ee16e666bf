// SPDX-License-Identifier: Apache-2.0
//! Digests of bytes and of streams.
//!
//! What this crate makes has SHA-256 digests; it reads and verifies the two other algorithms that
//! the image specification registers.

mod hasher;

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

pub use hasher::{Hasher, Hashing};

use crate::{Error, ErrorKind, Result};

/// The digest of some content: the hash itself, read once where it comes in, and spelled where it
/// goes out. Digests have the order of their texts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Digest {
    /// A SHA-256 digest, as everything has that is made here.
    Sha256([u8; 32]),
    /// A SHA-384 digest.
    Sha384([u8; 48]),
    /// A SHA-512 digest.
    Sha512([u8; 64]),
}

crate::worded! {
    /// An algorithm that the image specification registers.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Algorithm {
        /// SHA-256.
        Sha256 = "sha256",
        /// SHA-384.
        Sha384 = "sha384",
        /// SHA-512.
        Sha512 = "sha512",
    }
}

/// The longest text of a digest, in bytes.
const MAX_TEXT: usize = "sha512:".len() + 2 * 64;

impl Digest {
    /// Returns the digest that a text spells (ST-4); `None` if it spells none.
    pub fn read(text: &str) -> Option<Self> {
        let (algorithm, hex) = text.split_once(':')?;
        Self::of_parts(algorithm, hex)
    }

    /// Returns the digest of which these are the algorithm and the hexadecimal digits.
    pub fn of_parts(algorithm: &str, hex: &str) -> Option<Self> {
        let hex = hex.as_bytes();
        Some(match Algorithm::read(algorithm)? {
            Algorithm::Sha256 => Self::Sha256(bytes(hex)?),
            Algorithm::Sha384 => Self::Sha384(bytes(hex)?),
            Algorithm::Sha512 => Self::Sha512(bytes(hex)?),
        })
    }

    /// Returns the algorithm of the digest.
    pub fn algorithm(&self) -> Algorithm {
        match self {
            Self::Sha256(_) => Algorithm::Sha256,
            Self::Sha384(_) => Algorithm::Sha384,
            Self::Sha512(_) => Algorithm::Sha512,
        }
    }

    /// Returns the bytes of the hash.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Sha256(hash) => hash,
            Self::Sha384(hash) => hash,
            Self::Sha512(hash) => hash,
        }
    }

    /// Returns the hash as lower-case hexadecimal digits: its text behind the colon.
    pub fn hex(&self) -> String {
        hex(self.as_bytes())
    }
}

impl Algorithm {
    /// Returns the algorithm of that name; `None` if it is not known.
    pub fn read(name: &str) -> Option<Self> {
        [Self::Sha256, Self::Sha384, Self::Sha512].into_iter().find(|known| known.as_str() == name)
    }

    /// Returns the number of bytes that its hashes have.
    pub fn size(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for Digest {
    /// Returns the algorithm, a colon, and the hash as lower-case hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; MAX_TEXT];
        let algorithm = self.algorithm().as_str().bytes().chain([b':']);
        let all = algorithm.chain(self.as_bytes().iter().flat_map(|byte| digits(*byte)));
        let mut size = 0;
        for (place, byte) in text.iter_mut().zip(all) {
            *place = byte;
            size += 1;
        }
        let text = text.get(..size).unwrap_or_default();
        f.pad(std::str::from_utf8(text).unwrap_or_default())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    /// Serializes the digest as its text.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for Digest {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        parse(text)
    }
}

impl From<Digest> for oci_spec::image::Digest {
    fn from(digest: Digest) -> Self {
        let text = digest.to_string();
        Self::try_from(text).unwrap_or_else(|_| unreachable!("a known algorithm, spelled right"))
    }
}

impl TryFrom<&oci_spec::image::Digest> for Digest {
    type Error = Error;

    fn try_from(digest: &oci_spec::image::Digest) -> Result<Self> {
        parse(digest.as_ref())
    }
}

/// Returns the digest that a text spells: `sha256`, `sha384` or `sha512`, a colon, and as many
/// lower-case hexadecimal digits as the algorithm has (ST-4).
///
/// # Errors
/// [`ErrorKind::InvalidReference`].
pub fn parse(text: &str) -> Result<Digest> {
    Digest::read(text).ok_or_else(|| {
        Error::new(ErrorKind::InvalidReference, format!("{text:?} is not a digest"))
            .with_help("a digest is `sha256:` and 64 lower-case hexadecimal digits")
    })
}

/// Returns the SHA-256 digest of `bytes`.
pub fn sha256(bytes: &[u8]) -> Digest {
    let mut hasher = Hasher::sha256();
    hasher.update(bytes);
    hasher.finish()
}

/// Checks that `bytes` have that digest.
///
/// # Errors
/// [`ErrorKind::DigestMismatch`] if they have another.
pub fn verify(bytes: &[u8], digest: &Digest) -> Result<()> {
    let mut hasher = Hasher::of(digest.algorithm());
    hasher.update(bytes);
    hasher.verify(digest)
}

/// Returns the bytes that exactly as many digits spell.
fn bytes<const N: usize>(hex: &[u8]) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let (pairs, rest) = hex.as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    // One look at the end: there are hundreds of thousands of them in a large index file.
    let mut all = 0;
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        let (high, low) = (VALUES[usize::from(*high)], VALUES[usize::from(*low)]);
        all |= high | low;
        *byte = high << 4 | low;
    }
    (all <= 15).then_some(bytes)
}

/// Returns bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|byte| digits(*byte)).map(char::from).collect()
}

/// The value of each byte as a lower-case hexadecimal digit; above 15 if it is not one.
const VALUES: [u8; 256] = {
    let mut values = [u8::MAX; 256];
    let mut value = 0;
    while value < 16 {
        values[digit(value) as usize] = value;
        value += 1;
    }
    values
};

fn digits(byte: u8) -> [u8; 2] {
    [digit(byte >> 4), digit(byte & 15)]
}

const fn digit(nibble: u8) -> u8 {
    match nibble {
        0..=9 => b'0' + nibble,
        _ => b'a' + nibble - 10,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_digest_has_a_known_algorithm_and_its_exact_length_st_4() {
        for (algorithm, length) in [("sha256", 64), ("sha384", 96), ("sha512", 128)] {
            for wrong in [length - 1, length + 1] {
                assert!(parse(&format!("{algorithm}:{}", "a".repeat(wrong))).is_err());
            }
            let text = format!("{algorithm}:{}", "0a".repeat(length / 2));
            assert_eq!(parse(&text).expect("is one").to_string(), text);
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
        assert_eq!(sha256(b"").to_string(), empty);
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
        let mut writer = Hashing::new(Vec::new());
        writer.write_all(b"hel").expect("a Vec takes it");
        writer.write_all(b"lo").expect("a Vec takes it");
        let (bytes, digest, size) = writer.finish();
        assert_eq!((bytes.as_slice(), &digest, size), (&b"hello"[..], &sha256(b"hello"), 5));
    }

    #[test]
    fn digests_have_the_order_of_their_texts_st_19() {
        let all = [
            "sha256:00",
            "sha256:09",
            "sha256:0a",
            "sha256:f0",
            "sha384:00",
            "sha384:ff",
            "sha512:00",
        ];
        let digests = all.map(|text| {
            let (algorithm, start) = text.split_once(':').expect("has a colon");
            let length = Algorithm::read(algorithm).expect("is one").size() * 2;
            parse(&format!("{algorithm}:{start:0<length$}")).expect("is one")
        });
        assert!(digests.is_sorted());
        assert!(digests.map(|digest| digest.to_string()).is_sorted());
    }

    #[test]
    fn a_digest_is_that_of_oci_spec_and_back_st_4() {
        for digest in [sha256(b"x"), parse(&format!("sha512:{}", "0f".repeat(64))).expect("is one")]
        {
            let theirs = oci_spec::image::Digest::from(digest);
            assert_eq!(theirs.as_ref(), digest.to_string());
            assert_eq!(Digest::try_from(&theirs).expect("is known"), digest);
            assert_eq!(theirs.digest(), digest.hex());
        }
        let unknown = oci_spec::image::Digest::try_from("md5:d41d8cd98f00b204e9800998ecf8427e");
        let error = Digest::try_from(&unknown.expect("has the form")).expect_err("is not known");
        assert_eq!(error.kind(), ErrorKind::InvalidReference);
    }

    #[test]
    fn a_digest_is_shown_as_wide_as_is_asked_for() {
        let digest = sha256(b"");
        assert_eq!(format!("{digest:.19}"), "sha256:e3b0c44298fc");
        assert_eq!(format!("{digest:?}"), digest.to_string());
    }
}
