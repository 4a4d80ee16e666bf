// SPDX-License-Identifier: Apache-2.0
//! Manifests: reading (end-3), pushing (end-7), deleting (end-9).

use std::io::Read as _;

use hyper::header::{CONTENT_LENGTH, HeaderValue};
use hyper::{Method, StatusCode};
use oci_artifact::document::Document;
use oci_artifact::limits::MAX_CONFIG_SIZE;
use oci_artifact::{Digest, digest, media_type};

use super::{about, bare, created, lists, set};
use crate::body;
use crate::manifest;
use crate::name::{Reference, Repository, parse_tag};
use crate::refusal::{Answer, Code, Refusal};
use crate::registry::{Call, Registry};
use crate::storage::{Storage, verify};

/// The most tags that one push gives (end-7b).
const MAX_TAGS: usize = 100;

/// `GET` and `HEAD`: the bytes that were pushed.
pub(crate) async fn get(
    registry: &Registry,
    call: Call,
    repository: Repository,
    reference: Reference,
) -> Answer {
    let wanted = reference.clone();
    let manifest = registry.blocking(move |storage| storage.manifest(&repository, &wanted)).await?;
    let Some(manifest) = manifest else { return Err(unknown(&reference)) };
    if call.header("if-none-match").is_some_and(|tags| lists(tags, Some(&manifest.digest))) {
        return about(StatusCode::NOT_MODIFIED, &manifest.digest);
    }
    let document = manifest::parse(&manifest.bytes);
    let media_type = document.as_ref().map_or(media_type::OCTET_STREAM, |d| &d.media_type);
    let mut response = about(StatusCode::OK, &manifest.digest)?;
    let headers = response.headers_mut();
    set(headers, "content-type", media_type)?;
    headers.insert(CONTENT_LENGTH, HeaderValue::from(manifest.bytes.len()));
    if call.method == Method::GET {
        *response.body_mut() = body::full(manifest.bytes);
    }
    Ok(response)
}

/// `PUT`: stores a manifest whose parts the repository has, and moves tags to it.
pub(crate) async fn put(
    registry: &Registry,
    call: Call,
    repository: Repository,
    reference: Reference,
) -> Answer {
    let content_type = call.header("content-type").map(str::to_owned);
    let condition = Condition::of(&call);
    let mut tags: Vec<String> = Vec::new();
    for tag in call.query.all("tag") {
        tags.push(parse_tag(tag)?);
    }
    if tags.len() > MAX_TAGS {
        let message = format!("at most {MAX_TAGS} tags at a time");
        return Err(Refusal::new(Code::TagInvalid, message).with_status(StatusCode::URI_TOO_LONG));
    }
    let limit = registry.limits.manifest;
    let bytes = body::collect(call.body, limit, registry.limits.idle_time).await?;
    registry
        .blocking(move |storage| {
            let digest = match &reference {
                Reference::Digest(digest) => {
                    verify(&bytes, digest)?;
                    *digest
                }
                Reference::Tag(_) => digest::sha256(&bytes),
            };
            let document = manifest::parse(&bytes)?;
            check_type(&document, content_type.as_deref())?;
            check_parts(storage, &repository, &document)?;
            condition.check(storage.resolve(&repository, &reference)?.as_ref())?;
            let named: Vec<String> = match &reference {
                Reference::Tag(tag) => [tag].into_iter().chain(&tags).cloned().collect(),
                Reference::Digest(_) => tags.clone(),
            };
            storage.put_manifest(&repository, &digest, &bytes, &named)?;

            let location = format!("/v2/{repository}/manifests/{digest}");
            let mut response = created(&location, &digest)?;
            let headers = response.headers_mut();
            if let Some(subject) = document.subject {
                set(headers, "oci-subject", &subject.digest.to_string())?;
            }
            if !tags.is_empty() {
                set(headers, "oci-tag", &tags.join(", "))?;
            }
            Ok(response)
        })
        .await
}

/// `DELETE` of a tag leaves the manifest and its other tags; of a digest takes all of them.
pub(crate) async fn delete(
    registry: &Registry,
    repository: Repository,
    reference: Reference,
) -> Answer {
    registry
        .blocking(move |storage| {
            let is_deleted = match &reference {
                Reference::Tag(tag) => storage.delete_tag(&repository, tag)?,
                Reference::Digest(digest) => storage.delete_manifest(&repository, digest)?,
            };
            match is_deleted {
                true => Ok(bare(StatusCode::ACCEPTED)),
                false => Err(unknown(&reference)),
            }
        })
        .await
}

fn unknown(reference: &Reference) -> Refusal {
    Refusal::new(Code::ManifestUnknown, "the repository does not have this manifest")
        .with_detail(reference)
}

/// The header's media type, without parameters, must be the document's own.
fn check_type(document: &Document, content_type: Option<&str>) -> Result<(), Refusal> {
    let stated = content_type.and_then(|text| text.split(';').next()).map(str::trim);
    let Some(stated) = stated.filter(|stated| !stated.is_empty()) else { return Ok(()) };
    // What clients say that know nothing better.
    let is_vague = matches!(stated, "application/json" | "application/octet-stream");
    if is_vague || stated.eq_ignore_ascii_case(&document.media_type) {
        return Ok(());
    }
    let message = format!("sent as {stated:?}, but it is {:?}", document.media_type);
    Err(Refusal::new(Code::ManifestInvalid, message))
}

/// Everything that a manifest needs must be in the repository, in the size that it says. What it
/// is about need not.
fn check_parts(
    storage: &Storage,
    repository: &Repository,
    document: &Document,
) -> Result<(), Refusal> {
    let missing = |digest: &Digest| {
        let message = "the manifest refers to content that this repository does not have";
        Refusal::new(Code::ManifestBlobUnknown, message).with_detail(digest)
    };
    for blob in manifest::blobs(document) {
        match storage.blob_size(repository, &blob.digest)? {
            None => return Err(missing(&blob.digest)),
            Some(size) if size != blob.size => {
                let message = format!("the blob has {size} bytes, not {}", blob.size);
                return Err(Refusal::new(Code::ManifestInvalid, message).with_detail(blob.digest));
            }
            Some(_) => {}
        }
    }
    let config = manifest::image_config(document);
    if let Some(config) = config.filter(|one| one.size <= MAX_CONFIG_SIZE) {
        let mut bytes = Vec::new();
        let read = storage.open_blob(&config.digest, None)?.read_to_end(&mut bytes);
        read.map_err(|error| Refusal::internal(&error))?;
        manifest::check_config(&bytes)?;
    }
    for child in &document.manifests {
        let reference = Reference::Digest(child.digest);
        if storage.resolve(repository, &reference)?.is_none() {
            return Err(missing(&child.digest));
        }
    }
    Ok(())
}

/// The condition of a conditional push.
struct Condition {
    matches: Option<String>,
    differs: Option<String>,
}

impl Condition {
    fn of(call: &Call) -> Self {
        let header = |name| call.header(name).map(str::to_owned);
        Self { matches: header("if-match"), differs: header("if-none-match") }
    }

    /// Checks what is there now.
    ///
    /// # Errors
    /// Status 412.
    fn check(&self, current: Option<&Digest>) -> Result<(), Refusal> {
        let is_met = self.matches.as_deref().is_none_or(|tags| lists(tags, current))
            && !self.differs.as_deref().is_some_and(|tags| lists(tags, current));
        if is_met {
            return Ok(());
        }
        Err(Refusal::new(Code::Denied, "it changed meanwhile")
            .with_status(StatusCode::PRECONDITION_FAILED))
    }
}
