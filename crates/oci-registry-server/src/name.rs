// SPDX-License-Identifier: Apache-2.0
//! Names of repositories and what a manifest is asked for by: the grammar of the distribution
//! specification, "Pulling manifests". A value of these types is safe as a part of a path.

use std::fmt;

use oci_artifact::Digest;
use oci_artifact::digest;
use oci_artifact::limits::MAX_REPOSITORY_LENGTH;
use oci_artifact::reference::{is_repository, is_tag};

use crate::refusal::{Code, Refusal};

/// The name of a repository:
/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Repository(String);

impl Repository {
    /// Reads a name.
    ///
    /// # Errors
    /// `NAME_INVALID`.
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        if text.len() <= MAX_REPOSITORY_LENGTH && is_repository(text) {
            return Ok(Self(text.to_owned()));
        }
        Err(Refusal::new(Code::NameInvalid, "not the name of a repository"))
    }

    /// Returns the name.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A name of a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reference {
    /// A tag: `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`.
    Tag(String),
    /// The digest of its bytes.
    Digest(Digest),
}

impl Reference {
    /// Reads a tag or, where there is a colon, a digest.
    ///
    /// # Errors
    /// `TAG_INVALID`, `DIGEST_INVALID`.
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        match text.contains(':') {
            true => parse_digest(text).map(Self::Digest),
            false => parse_tag(text).map(Self::Tag),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => f.write_str(tag),
            Self::Digest(digest) => write!(f, "{digest}"),
        }
    }
}

/// Reads a tag.
///
/// # Errors
/// `TAG_INVALID`.
pub(crate) fn parse_tag(text: &str) -> Result<String, Refusal> {
    if is_tag(text) {
        return Ok(text.to_owned());
    }
    Err(Refusal::new(Code::TagInvalid, "neither a tag nor a digest"))
}

/// Reads a digest of a known algorithm.
///
/// # Errors
/// `DIGEST_INVALID`.
pub(crate) fn parse_digest(text: &str) -> Result<Digest, Refusal> {
    digest::parse(text)
        .map_err(|_| Refusal::new(Code::DigestInvalid, "not a digest of a known algorithm"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repository_names_follow_the_grammar_end_2() {
        for good in
            ["a", "0", "a/b", "a.b", "a_b", "a__b", "a-b", "a---b", "ghcr.io/x/y-z", "a0/9b"]
        {
            assert!(Repository::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "", "/", "a/", "/a", "a//b", "A", "a.", ".a", "a..b", "a___b", "a.-b", "a_-b", "_a",
            "a_", "..", "a/../b", "a/./b", "a b", "a\0", "ä", "a:b", "a%2fb", "a\\b", "a@b",
        ] {
            assert!(Repository::parse(bad).is_err(), "{bad}");
        }
        assert!(Repository::parse(&"a".repeat(255)).is_ok());
        assert!(Repository::parse(&"a".repeat(256)).is_err());
    }

    #[test]
    fn references_are_tags_or_digests_end_3() {
        for good in ["latest", "_", "1", "V1.0-rc_2", &"x".repeat(128)] {
            assert_eq!(Reference::parse(good).ok(), Some(Reference::Tag(good.to_owned())));
        }
        for bad in ["", ".a", "-a", "a/b", "a b", "..", &"x".repeat(129), "ä", "sha256:", "a:b"] {
            assert!(Reference::parse(bad).is_err(), "{bad}");
        }
        let digest = format!("sha512:{}", "0a".repeat(64));
        assert!(matches!(Reference::parse(&digest), Ok(Reference::Digest(_))));
        assert!(Reference::parse(&digest.to_uppercase()).is_err());
    }
}
