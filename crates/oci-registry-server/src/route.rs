// SPDX-License-Identifier: Apache-2.0
//! Routes a path to the endpoint that it means. Repository names have slashes in them, so paths are read from their
//! end; no router knows that trick, which is why there is none here.

use hyper::Method;
use oci_artifact::Digest;

use crate::name::{Reference, Repository, parse_digest};
use crate::query::decode;
use crate::refusal::{Code, Refusal};

/// The meaning of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// `/v2/`: the protocol itself (end-1).
    Base,
    /// `/v2/_catalog`: all repositories, as the docker registry lists them.
    Catalog,
    /// `/token`: where Bearer tokens come from.
    Token,
    /// `/v2/<name>/blobs/<digest>` (end-2, end-10).
    Blob(Repository, Digest),
    /// `/v2/<name>/manifests/<reference>` (end-3, end-7, end-9).
    Manifest(Repository, Reference),
    /// `/v2/<name>/blobs/uploads/` (end-4, end-11).
    Uploads(Repository),
    /// `/v2/<name>/blobs/uploads/<session>` (end-5, end-6, end-13, end-14).
    Upload(Repository, String),
    /// The list of tags, `/v2/<name>/tags/list` (end-8).
    Tags(Repository),
    /// The list of referrers, `/v2/<name>/referrers/<digest>` (end-12).
    Referrers(Repository, Digest),
}

/// The kinds of places that a registry has. Log lines, counters and scripts of faults tell
/// requests apart by them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Endpoint {
    /// The base, `/v2/` (end-1).
    Base,
    /// A blob (end-2, end-10).
    Blob,
    /// A manifest (end-3, end-7, end-9).
    Manifest,
    /// The place where uploads begin, mounts too (end-4, end-11).
    Uploads,
    /// An upload (end-5, end-6, end-13, end-14).
    Upload,
    /// A list of tags (end-8).
    Tags,
    /// A list of referrers (end-12).
    Referrers,
    /// The list of repositories.
    Catalog,
    /// The token endpoint.
    Token,
    /// Any other path.
    Other,
}

impl Endpoint {
    /// Returns the endpoint that a path leads to, also a malformed one.
    pub fn of(path: &str) -> Self {
        let Some(rest) = path.strip_prefix("/v2/") else {
            return match path {
                "/v2" => Self::Base,
                "/token" => Self::Token,
                _ => Self::Other,
            };
        };
        let mut parts = rest.rsplit('/');
        match (rest, parts.next(), parts.next(), parts.next()) {
            ("", ..) => Self::Base,
            ("_catalog", ..) => Self::Catalog,
            (_, Some(""), Some("uploads"), Some("blobs")) => Self::Uploads,
            (_, Some(_), Some("uploads"), Some("blobs")) => Self::Upload,
            (_, Some("uploads"), Some("blobs"), _) => Self::Uploads,
            (_, Some(_), Some("blobs"), Some(_)) => Self::Blob,
            (_, Some(_), Some("manifests"), Some(_)) => Self::Manifest,
            (_, Some(_), Some("referrers"), Some(_)) => Self::Referrers,
            (_, Some("list"), Some("tags"), Some(_)) => Self::Tags,
            _ => Self::Other,
        }
    }
}

impl Route {
    /// Reads the path of a request.
    ///
    /// # Errors
    /// `NAME_INVALID`, `TAG_INVALID`, `DIGEST_INVALID` for malformed parts; status 404 where
    /// there is nothing.
    pub(crate) fn parse(path: &str) -> Result<Self, Refusal> {
        let path = decode(path);
        let endpoint = Endpoint::of(&path);
        // The name, and the last part of the path, where there are both.
        let rest = path.strip_prefix("/v2/").unwrap_or_default();
        let (head, last) = rest.rsplit_once('/').unwrap_or_default();
        let name = |suffix: &str| Repository::parse(head.strip_suffix(suffix).unwrap_or_default());
        match endpoint {
            Endpoint::Base => Ok(Self::Base),
            Endpoint::Catalog => Ok(Self::Catalog),
            Endpoint::Token => Ok(Self::Token),
            Endpoint::Blob => Ok(Self::Blob(name("/blobs")?, parse_digest(last)?)),
            Endpoint::Manifest => Ok(Self::Manifest(name("/manifests")?, Reference::parse(last)?)),
            Endpoint::Uploads if last.is_empty() => Ok(Self::Uploads(name("/blobs/uploads")?)),
            Endpoint::Uploads => Ok(Self::Uploads(name("/blobs")?)),
            Endpoint::Upload => Ok(Self::Upload(name("/blobs/uploads")?, last.to_owned())),
            Endpoint::Tags => Ok(Self::Tags(name("/tags")?)),
            Endpoint::Referrers => Ok(Self::Referrers(name("/referrers")?, parse_digest(last)?)),
            Endpoint::Other => Err(Refusal::new(Code::Unsupported, "there is nothing here")
                .with_status(hyper::StatusCode::NOT_FOUND)),
        }
    }

    /// Returns the repository that it is about.
    pub(crate) fn repository(&self) -> Option<&Repository> {
        match self {
            Self::Base | Self::Catalog | Self::Token => None,
            Self::Blob(repository, _)
            | Self::Manifest(repository, _)
            | Self::Uploads(repository)
            | Self::Upload(repository, _)
            | Self::Tags(repository)
            | Self::Referrers(repository, _) => Some(repository),
        }
    }

    /// Returns the methods that it knows, as an `Allow` header lists them.
    pub(crate) fn allowed(&self) -> &'static str {
        match self {
            Self::Base | Self::Catalog | Self::Tags(_) | Self::Referrers(..) => "GET, HEAD",
            Self::Token => "GET, POST",
            Self::Blob(..) => "GET, HEAD, DELETE",
            Self::Manifest(..) => "GET, HEAD, PUT, DELETE",
            Self::Uploads(_) => "POST",
            Self::Upload(..) => "GET, PATCH, PUT, DELETE",
        }
    }

    /// Whether it knows that method.
    pub(crate) fn allows(&self, method: &Method) -> bool {
        self.allowed().split(", ").any(|allowed| allowed == method.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository(name: &str) -> Repository {
        Repository::parse(name).expect("is one")
    }

    #[test]
    fn paths_are_read_from_their_end_end_1_to_13() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let parsed = parse_digest(&digest).expect("is one");
        let route = |path: &str| Route::parse(path).expect(path);
        assert_eq!(route("/v2/"), Route::Base);
        assert_eq!(route("/v2"), Route::Base);
        assert_eq!(
            route(&format!("/v2/blobs/uploads/blobs/{digest}")),
            Route::Blob(repository("blobs/uploads"), parsed)
        );
        assert_eq!(
            route(&format!("/v2/a/b/blobs/{}", digest.replace(':', "%3A"))),
            Route::Blob(repository("a/b"), parsed)
        );
        assert_eq!(route("/v2/a/blobs/uploads/"), Route::Uploads(repository("a")));
        assert_eq!(route("/v2/a/blobs/uploads"), Route::Uploads(repository("a")));
        assert_eq!(route("/v2/a/blobs/uploads/u"), Route::Upload(repository("a"), "u".into()));
        assert_eq!(route("/v2/tags/list/tags/list"), Route::Tags(repository("tags/list")));
        assert_eq!(
            route(&format!("/v2/a/referrers/{digest}")),
            Route::Referrers(repository("a"), parsed)
        );
    }

    #[test]
    fn paths_that_lead_elsewhere_are_refused() {
        for path in [
            "",
            "/",
            "/v1/",
            "/v2/a",
            "/v2//manifests/x",
            "/v2/../manifests/x",
            "/v2/a/manifests/",
            "/v2/a%2f..%2fb/manifests/x",
            "/v2/a/blobs/x",
            "/v2/a/blobs/sha256:0",
            "/v2/A/tags/list",
            "/v2/a/manifests/..",
            "/v2/tags/list",
            "/v2/a/%00/tags/list",
            "/v2/manifests/x",
        ] {
            assert!(Route::parse(path).is_err(), "{path}");
        }
    }
}
