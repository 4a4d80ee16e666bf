// SPDX-License-Identifier: Apache-2.0
//! The addresses of pages. No part of a repository's name and no tag begins with a dash, so that
//! `/-/` and `/-diff` end a name:
//!
//! ```text
//! /                                    all repositories; ?q= those with these words; ?page= the next ones
//! /r/NAME                              the tags of a repository
//! /r/NAME/-/REFERENCE                  an artifact, by tag or digest
//! /r/NAME/-/REFERENCE/file?path=PATH   a file of it
//! /r/NAME/-diff?before=A&after=B       the difference of two
//! ```

use form_urlencoded::byte_serialize;
use oci_registry_server::Asked;

/// The page that a path leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Address<'a> {
    /// The list of repositories.
    Front,
    /// The page of a repository.
    Repository(&'a str),
    /// An artifact of a repository.
    Artifact(&'a str, &'a str),
    /// A file of an artifact; which one is in the query.
    File(&'a str, &'a str),
    /// The difference of two artifacts of a repository; which ones is in the query.
    Difference(&'a str),
}

impl<'a> Address<'a> {
    /// Reads a path, if it can be anything. Names are checked by the registry.
    pub(super) fn of(asked: &'a Asked) -> Option<Self> {
        let Some(rest) = asked.path.strip_prefix("/r/") else {
            return (asked.path == "/").then_some(Self::Front);
        };
        if let Some(name) = rest.strip_suffix("/-diff") {
            return Some(Self::Difference(name));
        }
        let Some((name, reference)) = rest.split_once("/-/") else {
            return Some(Self::Repository(rest.strip_suffix('/').unwrap_or(rest)));
        };
        match reference.split_once('/') {
            None => Some(Self::Artifact(name, reference)),
            Some((reference, "file")) => Some(Self::File(name, reference)),
            Some(_) => None,
        }
    }
}

/// The address of a repository's page.
pub(super) fn repository(name: &str) -> String {
    format!("/r/{name}")
}

/// The address of an artifact's page.
pub(super) fn artifact(name: &str, reference: &str) -> String {
    format!("/r/{name}/-/{reference}")
}

/// The address of a file's page, as seen from its artifact's: the same in every repository.
pub(super) fn file(digest: &str, path: &str) -> String {
    format!("./{digest}/file?path={}", encoded(path))
}

/// The address of the difference of two.
pub(super) fn difference(name: &str, before: &str, after: &str) -> String {
    format!("/r/{name}/-diff?before={}&after={}", encoded(before), encoded(after))
}

/// The address of a page of the list.
pub(super) fn front(words: &str, page: usize) -> String {
    format!("/?q={}&page={page}", encoded(words))
}

fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_they_are_written_wb_1() {
        let of = |path: &str| Asked { path: path.to_owned(), ..Asked::default() };
        let digest = format!("sha256:{}", "a".repeat(64));
        for (path, address) in [
            ("/".to_owned(), Some(Address::Front)),
            (repository("a/b"), Some(Address::Repository("a/b"))),
            (artifact("a/b", "1.0"), Some(Address::Artifact("a/b", "1.0"))),
            (artifact("a", &digest), Some(Address::Artifact("a", &digest))),
            ("/r/a/-/1.0/file".to_owned(), Some(Address::File("a", "1.0"))),
            ("/r/a/-diff".to_owned(), Some(Address::Difference("a"))),
            ("/r/a/".to_owned(), Some(Address::Repository("a"))),
            ("/favicon.ico".to_owned(), None),
            ("/r/a/-/1.0/other".to_owned(), None),
            ("/r".to_owned(), None),
        ] {
            assert_eq!(Address::of(&of(&path)), address, "{path}");
        }
        assert_eq!(file("sha256:0", "a b&c/ä#?"), "./sha256:0/file?path=a+b%26c%2F%C3%A4%23%3F");
    }
}
