// SPDX-License-Identifier: Apache-2.0
//! The answers of each endpoint.

pub(crate) mod base;
pub(crate) mod blobs;
pub(crate) mod uploads;
pub(crate) mod manifests;
pub(crate) mod tags;
pub(crate) mod referrers;

use hyper::header::{CONTENT_LENGTH, ETAG, HeaderValue, LOCATION};
use hyper::{HeaderMap, Response, StatusCode};
use oci_artifact::Digest;

use crate::body::{self, Body};
use crate::refusal::{Answer, Refusal};

/// The header with a content's digest.
pub(crate) const DOCKER_CONTENT_DIGEST: &str = "docker-content-digest";

/// Returns a response without a body.
fn bare(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(body::empty());
    *response.status_mut() = status;
    if status != StatusCode::NO_CONTENT && status != StatusCode::NOT_MODIFIED {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    response
}

/// Returns a response with a JSON document.
fn json(media_type: &'static str, document: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(body::full(document));
    response.headers_mut().insert("content-type", HeaderValue::from_static(media_type));
    response
}

/// Puts a header whose value is made of what was parsed here.
fn set(headers: &mut HeaderMap, name: &'static str, value: &str) -> Result<(), Refusal> {
    let value = HeaderValue::from_str(value).map_err(|error| Refusal::internal(&error))?;
    headers.insert(name, value);
    Ok(())
}

/// Makes the answer 201 Created, with the place and the digest of the content.
fn created(location: &str, digest: &Digest) -> Answer {
    let mut response = bare(StatusCode::CREATED);
    set(response.headers_mut(), LOCATION.as_str(), location)?;
    set(response.headers_mut(), DOCKER_CONTENT_DIGEST, &digest.to_string())?;
    Ok(response)
}

/// Returns the entity tag of content: its digest.
fn etag(digest: &Digest) -> String {
    format!("\"{digest}\"")
}

/// Returns a response about a content, without its bytes: with its digest, also as an entity tag.
fn about(status: StatusCode, digest: &Digest) -> Answer {
    let mut response = bare(status);
    set(response.headers_mut(), DOCKER_CONTENT_DIGEST, &digest.to_string())?;
    set(response.headers_mut(), ETAG.as_str(), &etag(digest))?;
    Ok(response)
}

/// Whether a condition (`If-Match`, `If-None-Match`) holds the entity tag of this digest.
fn lists(condition: &str, digest: Option<&Digest>) -> bool {
    condition.split(',').map(str::trim).any(|tag| match digest {
        Some(digest) => tag == "*" || tag.trim_start_matches("W/") == etag(digest),
        None => false,
    })
}
