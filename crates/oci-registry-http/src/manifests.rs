// SPDX-License-Identifier: Apache-2.0
//! Manifests and indexes (registry.md B7): asked for, sent, deleted. Their bytes stay as they are.

use bytes::Bytes;
use oci_artifact::Digest;
use oci_artifact::digest::{self, Algorithm, verify};
use oci_artifact::limits::MAX_REPOSITORY_LENGTH;
use oci_artifact::media_type::{
    DOCKER_MANIFEST, DOCKER_MANIFEST_LIST, IMAGE_INDEX, IMAGE_MANIFEST,
};
use oci_artifact::reference::Target;
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};

use crate::answer::Answer;
use crate::auth::scope::Access;
use crate::document::Document;
use crate::error::{Error, ErrorKind, Result};
use crate::repository::{Call, Repository};
use crate::transport::body::Body;

/// The header in which registries say a manifest's or a blob's digest.
pub(crate) const CONTENT_DIGEST: &str = "docker-content-digest";
/// The header that says that a registry keeps referrers by itself.
const OCI_SUBJECT: &str = "oci-subject";
/// The number of times that a manifest is sent again to a registry that does not know its parts yet.
const MAX_UNKNOWN: u32 = 3;

/// A manifest as HEAD describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Resolved {
    /// Its media type.
    pub media_type: String,
    /// The digest that the reference resolves to.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
}

/// A manifest or index as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Manifest {
    /// Its bytes, exactly.
    pub bytes: Bytes,
    /// The digest of the bytes.
    pub digest: Digest,
    /// The document in these bytes.
    pub document: Document,
}

/// The way in which a registry took a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Put {
    /// The registry has it now.
    Stored,
    /// The tag cannot be changed and already was what it should be.
    AlreadyThere,
}

/// Whether a registry lists referrers by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Registered,
    Unregistered,
}

impl Repository {
    fn manifest_call(&self, method: Method, target: &str, access: Access) -> Call {
        let mut call = self.call(method, self.url(&["manifests", target]), access);
        // Both OCI types, or some registries answer with old ones or not at all.
        let accept =
            [IMAGE_INDEX, IMAGE_MANIFEST, DOCKER_MANIFEST_LIST, DOCKER_MANIFEST].join(", ");
        if let Ok(accept) = HeaderValue::try_from(accept) {
            call.request.headers.insert(ACCEPT, accept);
        }
        call
    }

    /// Asks what a tag or digest is, without fetching it where the registry can say so.
    /// `None` if there is no such thing.
    ///
    /// # Errors
    /// Those of the request, and [`ErrorKind::DigestMismatch`] if the registry has something else
    /// under that digest.
    pub async fn resolve(&self, target: &Target<'_>) -> Result<Option<Resolved>> {
        self.resolve_for(target, Access::Pull).await
    }

    pub(crate) async fn resolve_for(
        &self,
        target: &Target<'_>,
        access: Access,
    ) -> Result<Option<Resolved>> {
        let call = self.manifest_call(Method::HEAD, &target.to_string(), access);
        let answer = self.send(&call).await?;
        match answer.status() {
            200 => {}
            404 => return Ok(None),
            405 | 501 => {
                drop(answer);
                return self.resolve_by_get(target, access).await;
            }
            _ => return Err(answer.refused(&format!("the manifest {target}")).await),
        }
        let response = &answer.response;
        let digest = of_header(response.header(CONTENT_DIGEST));
        let (Some(digest), Some(size), Some(media_type)) =
            (digest, response.content_length(), response.media_type())
        else {
            drop(answer);
            return self.resolve_by_get(target, access).await;
        };
        match target {
            Target::Digest(wanted) => check_digest(wanted, &digest).map_err(answer.about())?,
            // What it is by SHA-256, only its bytes say.
            Target::Tag(_) if digest.algorithm() != Algorithm::Sha256 => {
                drop(answer);
                return self.resolve_by_get(target, access).await;
            }
            Target::Tag(_) => {}
        }
        Ok(Some(Resolved { media_type, digest, size }))
    }

    async fn resolve_by_get(
        &self,
        target: &Target<'_>,
        access: Access,
    ) -> Result<Option<Resolved>> {
        match self.get_manifest_for(target, access, self.inner().limits.manifest).await {
            Ok(manifest) => Ok(Some(Resolved {
                media_type: manifest.document.media_type.clone(),
                digest: manifest.digest,
                size: manifest.bytes.len() as u64,
            })),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Fetches a manifest or index, of at most as many bytes as the client's limits say.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; [`ErrorKind::DigestMismatch`] if it is not what was asked for or
    /// what the registry says it is; [`ErrorKind::InvalidManifest`]; [`ErrorKind::TooLarge`].
    pub async fn get_manifest(&self, target: &Target<'_>) -> Result<Manifest> {
        self.get_manifest_for(target, Access::Pull, self.inner().limits.manifest).await
    }

    pub(crate) async fn get_manifest_for(
        &self,
        target: &Target<'_>,
        access: Access,
        limit: u64,
    ) -> Result<Manifest> {
        let call = self.manifest_call(Method::GET, &target.to_string(), access);
        self.ask(&call, |answer| self.read_manifest(answer, target, limit)).await
    }

    async fn read_manifest(
        &self,
        mut answer: Answer,
        target: &Target<'_>,
        limit: u64,
    ) -> Result<Manifest> {
        if answer.status() != 200 {
            return Err(answer.refused(&format!("the manifest {target}")).await);
        }
        let response = &mut answer.response;
        let claimed = response.content_length();
        let bytes = response.bytes(limit, "the manifest").await?;
        if claimed.is_some_and(|claimed| claimed != bytes.len() as u64) {
            let message = format!(
                "the manifest {target} has another size than announced: {} bytes were received",
                bytes.len()
            );
            return Err(Error::new(ErrorKind::SizeMismatch, message));
        }
        let header = of_header(response.header(CONTENT_DIGEST));
        // What was asked for decides; what a header says of a tag must be true, and names nothing:
        // the digest of a tag is the SHA-256 of its bytes.
        let digest = match (target, header) {
            (Target::Digest(wanted), header) => {
                verify(&bytes, wanted)?;
                if let Some(header) = header.filter(|h| h.algorithm() == wanted.algorithm()) {
                    check_digest(wanted, &header)?;
                }
                **wanted
            }
            (Target::Tag(_), header) => {
                if let Some(header) = header {
                    verify(&bytes, &header)?;
                }
                digest::sha256(&bytes)
            }
        };
        let media_type = response.media_type();
        let document = Document::parse(&bytes, media_type.as_deref())
            .map_err(|error| Error::from(error).but_came(media_type.as_deref(), &bytes))?;
        Ok(Manifest { bytes: bytes.into(), digest, document })
    }

    /// Sends a manifest or index under a tag or its digest, byte for byte. What it refers to
    /// must be there already.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`] past the client's limit; [`ErrorKind::InvalidOption`] if the target is a digest
    /// and not this content's (BUG-58); [`ErrorKind::TagImmutable`] if the tag is another manifest's and must not
    /// move; and whatever the registry says.
    pub async fn put_manifest(&self, target: &Target<'_>, bytes: Bytes) -> Result<Put> {
        let document = Document::parse(&bytes, None)?;
        let (put, subject) = self.put_document(target, bytes.clone(), &document).await?;
        if let (Some(about), Some(Subject::Unregistered)) = (&document.subject, subject) {
            self.add_referrer(about, &document, &bytes).await?;
        }
        Ok(put)
    }

    async fn put_document(
        &self,
        target: &Target<'_>,
        bytes: Bytes,
        document: &Document,
    ) -> Result<(Put, Option<Subject>)> {
        let limit = self.inner().limits.manifest;
        if bytes.len() as u64 > limit {
            let message = format!("the manifest has {} bytes, more than {limit}", bytes.len());
            return Err(Error::new(ErrorKind::TooLarge, message));
        }
        if self.name().is_too_long() {
            let message =
                format!("{} is longer than {MAX_REPOSITORY_LENGTH} characters", self.name());
            return Err(Error::new(ErrorKind::InvalidOption, message));
        }
        let digest = match target {
            Target::Digest(wanted) => {
                verify(&bytes, wanted)
                    .map_err(|e| Error::from(e).with_kind(ErrorKind::InvalidOption))?;
                **wanted
            }
            Target::Tag(_) => digest::sha256(&bytes),
        };
        let mut call = self.manifest_call(Method::PUT, &target.to_string(), Access::PullPush);
        call.request.headers.remove(ACCEPT);
        let media_type = HeaderValue::try_from(&document.media_type).map_err(|_| {
            Error::new(
                ErrorKind::InvalidManifest,
                "the manifest's media type is not a valid header value",
            )
        })?;
        call.request.headers.insert(CONTENT_TYPE, media_type);
        call.request.body = Body::Bytes(bytes);
        let mut unknown = 0;
        let mut backoff = self.inner().patience.backoff();
        loop {
            let answer = self.send_within(&call, &mut backoff).await?;
            if matches!(answer.status(), 200..=202) {
                check_returned(answer.response.header(CONTENT_DIGEST), &digest)
                    .map_err(answer.about())?;
                let subject = match answer.response.header(OCI_SUBJECT) {
                    Some(_) => Subject::Registered,
                    None => Subject::Unregistered,
                };
                return Ok((Put::Stored, Some(subject)));
            }
            let error = answer.refused(&format!("the manifest {target}")).await;
            if error.has_code("MANIFEST_BLOB_UNKNOWN") && unknown < MAX_UNKNOWN {
                unknown += 1;
                let pause = std::time::Duration::from_millis(500 << (unknown - 1));
                let (request, why) = (call.request.show(), "it does not have all parts yet");
                self.inner().patience.pause(&request, why, pause).await;
                continue;
            }
            return match self.is_immutable(target, &digest, &error).await? {
                Some(put) => Ok((put, None)),
                None => Err(error),
            };
        }
    }

    /// Whether a refusal is about a tag that must not move, and whether it need not.
    async fn is_immutable(
        &self,
        target: &Target<'_>,
        digest: &Digest,
        error: &Error,
    ) -> Result<Option<Put>> {
        let Target::Tag(tag) = target else { return Ok(None) };
        let words = error.refusal().map(|r| r.message.to_ascii_lowercase()).unwrap_or_default();
        let is_about_tag = error.has_code("TAG_INVALID")
            || error.has_code("ImageTagAlreadyExistsException")
            || words.contains("immutable")
            || words.contains("already exists")
            || matches!(error.status(), Some(409 | 412));
        if !is_about_tag || !matches!(error.status(), Some(400 | 403 | 409 | 412)) {
            return Ok(None);
        }
        match self.resolve_for(target, Access::PullPush).await {
            Ok(Some(existing)) if existing.digest == *digest => Ok(Some(Put::AlreadyThere)),
            Ok(Some(existing)) => {
                let message =
                    format!("the tag {tag:?} is {} and cannot be changed", existing.digest);
                Err(error.clone().with_kind(ErrorKind::TagImmutable).with_message(message))
            }
            _ => Ok(None),
        }
    }

    /// Deletes a manifest, and with it all tags that point to it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; [`ErrorKind::Unsupported`] if the registry deletes nothing.
    pub async fn delete_manifest(&self, digest: &Digest) -> Result<()> {
        self.delete(&["manifests", &digest.to_string()], &format!("the manifest {digest}")).await
    }

    /// Deletes a tag and nothing else. A registry that cannot is never asked to delete the
    /// manifest instead: that would take all its other tags along.
    ///
    /// # Errors
    /// Those of [`delete_manifest`](Self::delete_manifest).
    pub async fn delete_tag(&self, tag: &str) -> Result<()> {
        if !oci_artifact::reference::is_tag(tag) {
            return Err(Error::new(ErrorKind::InvalidOption, format!("{tag:?} is not a tag")));
        }
        self.delete(&["manifests", tag], &format!("the tag {tag:?}")).await
    }

    /// Deletes a blob.
    ///
    /// # Errors
    /// Those of [`delete_manifest`](Self::delete_manifest).
    pub async fn delete_blob(&self, digest: &Digest) -> Result<()> {
        self.delete(&["blobs", &digest.to_string()], &format!("the blob {digest}")).await
    }

    async fn delete(&self, parts: &[&str], what: &str) -> Result<()> {
        let call = self.call(Method::DELETE, self.url(parts), Access::Delete);
        let answer = self.send(&call).await?;
        match answer.status() {
            200 | 202 | 204 => Ok(()),
            // It was there when it was asked for the first time.
            404 if answer.attempts() > 1 => Ok(()),
            _ => Err(answer.refused(what).await),
        }
    }
}

/// Compares what was asked for with what the registry says it has.
fn check_digest(wanted: &Digest, found: &Digest) -> Result<()> {
    if wanted == found {
        return Ok(());
    }
    let message = format!("the registry says that {wanted} has the digest {found}");
    Err(Error::new(ErrorKind::DigestMismatch, message))
}

/// Returns a digest that a header claims; none if it is missing or malformed, as some registries
/// have it.
pub(crate) fn of_header(text: Option<&str>) -> Option<Digest> {
    digest::parse(text?.trim()).ok()
}

/// Checks the digest that a registry gave back for what it took.
pub(crate) fn check_returned(text: Option<&str>, expected: &Digest) -> Result<()> {
    match of_header(text) {
        Some(found) if found != *expected && found.algorithm() == expected.algorithm() => {
            Err(Error::new(
                ErrorKind::DigestMismatch,
                format!("the registry accepted {expected} and calls it {found}"),
            ))
        }
        None if text.is_some() => {
            tracing::warn!("the registry's Docker-Content-Digest is malformed and is ignored");
            Ok(())
        }
        _ => Ok(()),
    }
}
