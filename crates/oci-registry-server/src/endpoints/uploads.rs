// SPDX-License-Identifier: Apache-2.0
//! Uploads: begun, or saved by a mount (end-4, end-11), fed (end-5), closed (end-6), asked about
//! (end-13), cancelled (end-14).

use oci_artifact::Digest;
use std::sync::Arc;

use hyper::StatusCode;
use hyper::header::LOCATION;

use super::{bare, created, set};
use crate::auth::{Action, Caller};
use crate::body::{self, Body};
use crate::name::{Repository, parse_digest};
use crate::range;
use crate::refusal::{Answer, Code, Refusal};
use crate::registry::{Call, Registry};
use crate::session::{Held, Session};
use crate::storage::{Storage, Upload, blocking};

/// `POST`: begins an upload. With `mount`, takes a blob from another repository instead; with
/// `digest`, takes the whole blob at once.
pub(crate) async fn begin(registry: &Registry, call: Call, repository: Repository) -> Answer {
    if let Some(algorithm) = call.query.get("digest-algorithm")
        && !matches!(algorithm, "sha256" | "sha384" | "sha512")
    {
        return Err(Refusal::new(Code::DigestInvalid, "this algorithm is not supported"));
    }
    if let Some(digest) = call.query.get("mount") {
        let (digest, from) = (parse_digest(digest)?, call.query.get("from").map(str::to_owned));
        let (into, caller) = (repository.clone(), call.caller);
        let mount = move |storage: &_| mount(storage, &caller, &into, from.as_deref(), &digest);
        if registry.blocking(mount).await? {
            return created(&format!("/v2/{repository}/blobs/{digest}"), &digest);
        }
    } else if let Some(digest) = call.query.get("digest") {
        let digest = parse_digest(digest)?;
        let session = start(registry, &repository).await?;
        // Nobody else knows of this session, and nobody can resume it.
        let held = session.hold().await;
        registry.sessions.end(&session);
        let held = receive(registry, &session, held?, call.body).await?;
        return finish(registry, held, repository, digest).await;
    }
    let session = start(registry, &repository).await?;
    answer(StatusCode::ACCEPTED, &session, 0)
}

/// Takes a blob from a repository that the caller may read: the one that was named, or any.
fn mount(
    storage: &Storage,
    caller: &Caller,
    into: &Repository,
    from: Option<&str>,
    digest: &Digest,
) -> Result<bool, Refusal> {
    let is_readable = |repository: &Repository| caller.may(Action::Pull, repository);
    let is_there = match from {
        Some(from) => match Repository::parse(from) {
            Ok(from) => is_readable(&from) && storage.blob_size(&from, digest)?.is_some(),
            Err(_) => false,
        },
        None => storage.find_blob(digest, is_readable)?.is_some(),
    };
    Ok(is_there && storage.mount(into, digest)?)
}

async fn start(registry: &Registry, repository: &Repository) -> Result<Arc<Session>, Refusal> {
    let limit = registry.limits.blob;
    let upload = registry.blocking(move |storage| storage.begin(limit)).await?;
    registry.sessions.begin(repository, upload)
}

/// `PATCH`: adds a chunk, or a stream of unknown length.
pub(crate) async fn patch(registry: &Registry, call: Call, session: Arc<Session>) -> Answer {
    let held = session.hold().await?;
    check_range(&call, &session, &held)?;
    let held = receive(registry, &session, held, call.body).await?;
    answer(StatusCode::ACCEPTED, &session, size(&held))
}

/// `PUT`: adds what may still come, and closes the session if all of it has the digest.
pub(crate) async fn put(
    registry: &Registry,
    call: Call,
    repository: Repository,
    session: Arc<Session>,
) -> Answer {
    let digest = call.query.get("digest").ok_or_else(|| {
        Refusal::new(Code::DigestInvalid, "the digest of the whole blob is missing")
    })?;
    let digest = parse_digest(digest)?;
    let held = session.hold().await?;
    check_range(&call, &session, &held)?;
    let held = receive(registry, &session, held, call.body).await?;
    registry.sessions.end(&session);
    finish(registry, held, repository, digest).await
}

/// `GET`: how far it is.
pub(crate) async fn status(session: Arc<Session>) -> Answer {
    let held = session.hold().await?;
    answer(StatusCode::NO_CONTENT, &session, size(&held))
}

/// `DELETE`: ends it, and what came is gone.
pub(crate) async fn cancel(registry: &Registry, session: Arc<Session>) -> Answer {
    let mut held = session.hold().await?;
    registry.sessions.end(&session);
    blocking(move || {
        held.take();
        Ok(())
    })
    .await?;
    Ok(bare(StatusCode::NO_CONTENT))
}

fn size(held: &Held) -> u64 {
    held.as_ref().map_or(0, Upload::size)
}

/// A chunk must begin where the one before it ended, and be as long as it says.
fn check_range(call: &Call, session: &Session, held: &Held) -> Result<(), Refusal> {
    let Some(header) = call.header("content-range") else { return Ok(()) };
    let size = size(held);
    let Some(chunk) = range::parse_chunk(header) else {
        let message = "the Content-Range is not two numbers with a dash between them";
        return Err(Refusal::new(Code::BlobUploadInvalid, message));
    };
    if chunk.start != size {
        let message = format!("the next chunk begins at {size}, not at {}", chunk.start);
        return Err(Refusal::new(Code::BlobUploadInvalid, message)
            .with_status(StatusCode::RANGE_NOT_SATISFIABLE)
            .with_header(LOCATION, &session.location())
            .with_header(hyper::header::RANGE, &received(size)));
    }
    let length = call.header("content-length").and_then(|length| length.parse::<u64>().ok());
    if length.is_some_and(|length| Some(length) != chunk.end.checked_sub(chunk.start)) {
        let message = "Content-Range and Content-Length contradict each other";
        return Err(Refusal::new(Code::SizeInvalid, message));
    }
    Ok(())
}

/// Takes a body into an upload. Whatever breaks it off, what came before is kept; only a failing
/// write ends the session.
async fn receive(
    registry: &Registry,
    session: &Session,
    mut held: Held,
    mut body: Body,
) -> Result<Held, Refusal> {
    while let Some(piece) = body::next(&mut body, registry.limits.idle_time).await? {
        registry.sessions.touch(session);
        let written = blocking(move || {
            let result = match held.as_mut() {
                Some(upload) => upload.write(&piece),
                None => Err(Refusal::new(Code::BlobUploadUnknown, "the upload ended")),
            };
            if result.is_err() {
                held.take();
            }
            result.map(|()| held)
        });
        match written.await {
            Ok(back) => held = back,
            Err(refusal) => {
                registry.sessions.end(session);
                return Err(refusal);
            }
        }
    }
    registry.sessions.touch(session);
    Ok(held)
}

async fn finish(
    registry: &Registry,
    mut held: Held,
    repository: Repository,
    digest: Digest,
) -> Answer {
    registry
        .blocking(move |storage| {
            let ended = || Refusal::new(Code::BlobUploadUnknown, "the upload ended");
            let upload = held.take().ok_or_else(ended)?;
            storage.finish(upload, &repository, &digest)?;
            created(&format!("/v2/{repository}/blobs/{digest}"), &digest)
        })
        .await
}

/// Returns the place where to go on, and how far it is.
fn answer(status: StatusCode, session: &Session, size: u64) -> Answer {
    let mut response = bare(status);
    let headers = response.headers_mut();
    set(headers, LOCATION.as_str(), &session.location())?;
    set(headers, "range", &received(size))?;
    set(headers, "docker-upload-uuid", session.id())?;
    Ok(response)
}

/// Returns the range that has come. Of nothing it says `0-0`, as the docker registry does: the
/// header knows no empty range.
fn received(size: u64) -> String {
    format!("0-{}", size.saturating_sub(1))
}
