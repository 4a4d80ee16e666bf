// SPDX-License-Identifier: Apache-2.0
//! Sending a blob, until it is there.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::Method;
use reqwest::header::{CONTENT_RANGE, CONTENT_TYPE, HeaderValue};

use crate::answer::Answer;
use crate::auth::scope::Access;
use crate::blobs::session::{Phase, Session};
use crate::blobs::{Blob, Chunking, Reads, Source, UploadOptions};
use crate::error::{Error, ErrorKind, Result};
use crate::manifests::{CONTENT_DIGEST, check_returned};
use crate::repository::{Again, Call, Repository};
use crate::transport::body::{Body, Watch};
use crate::transport::gate::{Priority, lock};
use crate::transport::patience::reason;
use crate::transport::redact;
use crate::transport::retry::{Backoff, is_transient};

/// The chunk that is used where the whole does not get through.
const CHUNK: u64 = 8 << 20;
/// The smallest chunk that is tried.
const MIN_CHUNK: u64 = 256 << 10;
/// The largest chunk after a registry found the whole too large.
const MAX_CHUNK: u64 = 90_000_000;
/// GHCR takes no more at once (registry.md C).
const GHCR: (&str, u64) = ("ghcr.io", 4 << 20);
/// The pauses before it is asked whether a blob arrived after all.
const ASK_AGAIN: [Duration; 3] =
    [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

/// An upload under way.
struct Upload<'a> {
    repository: &'a Repository,
    blob: &'a Blob,
    source: Arc<dyn Source>,
    watch: Watch,
    /// The size of chunks; none for the whole at once.
    chunk: Option<u64>,
    /// Whether the registry forgets chunks (ECR, Artifactory): no more of them.
    chunks_fail: Chunks,
    session: Session,
    /// The number of bytes that the registry has.
    offset: u64,
    /// Bytes of the body under way that have gone.
    sent: Arc<AtomicU64>,
    /// The attempts since something was gained: the only level of them.
    backoff: Backoff,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chunks {
    Work,
    Fail,
}

/// The outcome of one request.
enum Step {
    /// The blob is there.
    Committed,
    /// The registry has more of the blob.
    Advanced,
}

impl Repository {
    /// Sends a blob into a session, or into others after it.
    pub(super) async fn continue_upload(
        &self,
        blob: &Blob,
        source: Arc<dyn Source>,
        options: &UploadOptions,
        session: Session,
    ) -> Result<()> {
        if source.size() != blob.size {
            let message =
                format!("the source has {} bytes instead of {}", source.size(), blob.size);
            return Err(Error::new(ErrorKind::SourceChanged, message));
        }
        let chunk = match options.chunking {
            Chunking::Chunks(size) if blob.size > 0 => Some(size.max(1)),
            _ => None,
        };
        let upload = Upload {
            repository: self,
            blob,
            source,
            watch: options.watch(),
            chunk,
            chunks_fail: Chunks::Work,
            session,
            offset: 0,
            sent: Arc::default(),
            backoff: self.inner().patience.backoff(),
        };
        upload.run().await
    }
}

impl Upload<'_> {
    async fn run(mut self) -> Result<()> {
        loop {
            let step = match self.chunk {
                None => self.put_whole().await,
                Some(_) if self.offset == self.blob.size => self.commit().await,
                Some(chunk) => self.patch(chunk).await,
            };
            match step {
                Ok(Step::Committed) => {
                    self.session.end();
                    return Ok(());
                }
                Ok(Step::Advanced) => self.backoff.renew(),
                Err(error) => {
                    if self.recover(error).await? {
                        self.session.end();
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Returns a call with `length` bytes from the offset on.
    fn body_call(&self, method: Method, url: reqwest::Url, length: u64) -> Call {
        let mut call = self.session.call(method, url);
        let octets = HeaderValue::from_static("application/octet-stream");
        call.request.headers.insert(CONTENT_TYPE, octets);
        call.request.priority = Priority::Large;
        let (sent, watch, offset) = (Arc::clone(&self.sent), self.watch.clone(), self.offset);
        let phase = self.session.phase();
        let commits = call.request.method == Method::PUT;
        sent.store(0, Ordering::Relaxed);
        let watch = Watch(Arc::new(move |count| {
            sent.store(count, Ordering::Relaxed);
            if commits && count >= length {
                *lock(&phase) = Phase::Committing;
            }
            (watch.0)(offset.saturating_add(count));
        }));
        call.request.body =
            Body::Source { source: Arc::clone(&self.source), offset: self.offset, length, watch };
        // A token should outlive the upload; without a better guess, at a mebibyte a second.
        call.lasting = Duration::from_secs((length >> 20).max(60));
        call
    }

    /// Everything at once.
    async fn put_whole(&mut self) -> Result<Step> {
        let url = self.session.commit_url();
        let call = self.body_call(Method::PUT, url, self.blob.size);
        self.commit_with(call).await
    }

    /// The end of a chunked upload.
    async fn commit(&mut self) -> Result<Step> {
        let url = self.session.commit_url();
        let mut call = self.body_call(Method::PUT, url, 0);
        call.request.body = Body::Empty;
        *lock(&self.session.phase()) = Phase::Committing;
        self.commit_with(call).await
    }

    async fn commit_with(&mut self, call: Call) -> Result<Step> {
        let answer = self.repository.send(&call).await?;
        let about = answer.about();
        self.committed(answer).await.map_err(about)
    }

    async fn committed(&mut self, answer: Answer) -> Result<Step> {
        match answer.status() {
            201 | 204 => {
                let returned = answer.response.header(CONTENT_DIGEST);
                check_returned(returned, &self.blob.digest)
                    .map_err(|e| e.with_kind(ErrorKind::Protocol))?;
                Ok(Step::Committed)
            }
            202 => {
                self.sent.store(self.blob.size, Ordering::Relaxed);
                Err(Error::new(
                    ErrorKind::Unavailable,
                    "the registry says that it will take the blob",
                ))
            }
            _ => Err(answer.refused(&format!("the blob {}", self.blob.digest)).await),
        }
    }

    /// Sends one chunk.
    async fn patch(&mut self, chunk: u64) -> Result<Step> {
        let host = self.repository.name().api_host();
        let options = self.repository.inner().transport.connections.options_of(&self.session.url());
        let ghcr = (host == GHCR.0).then_some(GHCR.1);
        let cap = options.and_then(|options| options.max_chunk).or(ghcr).unwrap_or(u64::MAX);
        let left = self.blob.size - self.offset;
        let length = chunk.max(self.session.min_chunk).min(cap).min(left);
        let mut call = self.body_call(Method::PATCH, self.session.url(), length);
        let last = self.offset + length.saturating_sub(1);
        if let Ok(range) = HeaderValue::try_from(format!("{}-{last}", self.offset)) {
            call.request.headers.insert(CONTENT_RANGE, range);
        }
        let answer = self.repository.send(&call).await?;
        if !matches!(answer.status(), 201 | 202 | 204) {
            return Err(answer.refused(&format!("a chunk of {}", self.blob.digest)).await);
        }
        self.session.follow(&answer)?;
        let expected = self.offset + length;
        let has = answer.response.header("range").and_then(parse_range).unwrap_or(expected);
        match has {
            // One byte is there, or none: nothing else says `0-0`.
            0 if expected == 1 => self.offset = 1,
            has if has == expected => self.offset = expected,
            has if has > expected => {
                let message = format!("the registry has {has} bytes of {expected} that were sent");
                return Err(answer.about()(Error::protocol(message)));
            }
            has if has > self.offset => self.offset = has,
            _ => {
                self.chunks_fail = Chunks::Fail;
                let message = "the registry loses chunks of an upload";
                return Err(answer.about()(Error::new(ErrorKind::Unsupported, message)));
            }
        }
        Ok(Step::Advanced)
    }

    /// Decides after a failure: true where the blob is there after all, false to go on.
    async fn recover(&mut self, error: Error) -> Result<bool> {
        let all_sent = self.sent.load(Ordering::Relaxed) >= self.blob.size - self.offset
            && (self.chunk.is_none() || self.offset == self.blob.size);
        let is_session_gone = error.has_code("BLOB_UPLOAD_UNKNOWN")
            || error.has_code("BLOB_UPLOAD_INVALID")
            || error.has_code("RANGE_INVALID");
        match (error.kind(), error.status()) {
            (ErrorKind::PayloadTooLarge, _) if self.chunks_fail == Chunks::Work => {
                return self.restart_in_chunks(error).await;
            }
            // The registry drops chunks: once more, and all at once.
            (ErrorKind::Unsupported, None) if self.chunk.is_some() => {
                self.chunk = None;
                return self.restart(error).await;
            }
            (ErrorKind::DigestMismatch, Some(_)) if self.chunk.is_some() => {
                self.chunk = None;
                self.chunks_fail = Chunks::Fail;
                return self.restart(error).await;
            }
            (_, Some(416)) => {}
            (_, Some(401)) if self.backoff.attempts() == 1 => {}
            _ if is_session_gone => {}
            _ if is_transient(&error) || is_promised(&error) => {}
            _ => return Err(error),
        }
        let request = self.request();
        if all_sent {
            // The commit may have been made and its answer lost.
            let patience = &self.repository.inner().patience;
            if self.backoff.is_over(error.retry_after()) {
                return Err(error.after_attempts(self.backoff.attempts()).spent());
            }
            for pause in ASK_AGAIN {
                patience
                    .pause(&request, &format!("{}: asking for it", reason(&error)), pause)
                    .await;
                if self.is_there().await? {
                    return Ok(true);
                }
                if error.status().is_some_and(|status| status == 401) {
                    break;
                }
            }
            self.backoff.count();
            return self.restart(error).await;
        }
        self.wait(&error).await?;
        if is_session_gone && self.is_there().await? {
            return Ok(true);
        }
        if error.status().is_none() || error.status() == Some(416) {
            self.check_rewindable(&error)?;
            if self.resume().await? {
                return Ok(false);
            }
        }
        self.restart(error).await
    }

    /// Method and URL of what moves the blob, for people.
    fn request(&self) -> String {
        let method = if self.chunk.is_some() { "PATCH" } else { "PUT" };
        format!("{method} {}", redact::url(&self.session.url()))
    }

    /// Waits for the next attempt, or fails for good.
    async fn wait(&mut self, error: &Error) -> Result<()> {
        let request = self.request();
        let patience = &self.repository.inner().patience;
        let asked = error.retry_after();
        patience.outlast(&mut self.backoff, &request, error.clone(), asked).await
    }

    /// Whether the registry has the blob; asked once, as the question is a part of an attempt.
    /// What it does not answer counts as no.
    async fn is_there(&self) -> Result<bool> {
        match self.repository.asks_for_blob(self.blob, Access::PullPush, Again::Never).await {
            Err(error) if is_transient(&error) => Ok(false),
            other => other,
        }
    }

    fn check_rewindable(&self, error: &Error) -> Result<()> {
        if self.source.reads() == Reads::AnyNumber || self.sent.load(Ordering::Relaxed) == 0 {
            return Ok(());
        }
        let message = format!("the upload failed and its source cannot be read again: {error}");
        Err(error.clone().with_kind(ErrorKind::NotRewindable).with_message(message))
    }

    /// Asks the session how far it has come, and goes on from there in chunks: smaller ones,
    /// as those before did not get through.
    async fn resume(&mut self) -> Result<bool> {
        if self.chunks_fail == Chunks::Fail {
            return Ok(false);
        }
        let call = self.session.call(Method::GET, self.session.url());
        let Ok(answer) = self.repository.send(&call).await else { return Ok(false) };
        if !matches!(answer.status(), 200 | 202 | 204) || self.session.follow(&answer).is_err() {
            return Ok(false);
        }
        let has = answer.response.header("range").and_then(parse_range).unwrap_or_default();
        if has > self.blob.size || (has == 0 && self.chunk.is_none()) {
            return Ok(false);
        }
        if has > self.offset {
            self.backoff.renew();
        }
        self.offset = has;
        self.chunk = Some(self.chunk.map_or(CHUNK, |chunk| (chunk / 2).max(MIN_CHUNK)));
        Ok(true)
    }

    /// Starts again in chunks that are half as large.
    async fn restart_in_chunks(&mut self, error: Error) -> Result<bool> {
        let before = self.chunk.unwrap_or(self.blob.size);
        if before <= MIN_CHUNK {
            return Err(error);
        }
        self.chunk = Some((before / 2).clamp(MIN_CHUNK, MAX_CHUNK).min(CHUNK.max(before / 4)));
        self.restart(error).await
    }

    /// Starts a new session.
    async fn restart(&mut self, error: Error) -> Result<bool> {
        self.check_rewindable(&error)?;
        // A whole that broke off twice goes in chunks, where each one that arrives counts.
        let is_broken = error.status().is_none() && self.backoff.attempts() > 2;
        if is_broken
            && self.chunk.is_none()
            && self.chunks_fail == Chunks::Work
            && self.blob.size > MIN_CHUNK
        {
            self.chunk = Some(CHUNK);
        } else if is_broken {
            self.chunk = self.chunk.map(|chunk| (chunk / 2).max(MIN_CHUNK));
        }
        self.session = loop {
            match self.repository.start_upload(self.blob, Again::Never).await {
                Err(error) if is_transient(&error) => self.wait(&error).await?,
                other => break other?,
            }
        };
        self.offset = 0;
        self.sent.store(0, Ordering::Relaxed);
        (self.watch.0)(0);
        Ok(false)
    }
}

/// Whether the registry said that it will have the blob, and not that it has.
fn is_promised(error: &Error) -> bool {
    error.kind() == ErrorKind::Unavailable && error.status().is_none() && !error.is_spent()
}

/// Returns the number of bytes that a registry has, from its `Range: 0-<last>`, in its many spellings. `0-0`
/// is none or one; sending one byte shows it.
fn parse_range(text: &str) -> Option<u64> {
    let text = text.trim();
    let text = text.strip_prefix("bytes=").or_else(|| text.strip_prefix("bytes ")).unwrap_or(text);
    let (first, last) = text.split_once('-')?;
    if first.trim() != "0" {
        return None;
    }
    match last.trim() {
        "-1" | "0" => Some(0),
        last => last.parse::<u64>().ok()?.checked_add(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_in_every_spelling_f_71() {
        for (text, bytes) in [
            ("0-9", Some(10)),
            ("bytes=0-9", Some(10)),
            ("bytes 0-9", Some(10)),
            (" 0-9 ", Some(10)),
            ("0-0", Some(0)),
            ("0--1", Some(0)),
            ("1-9", None),
            ("0-", None),
            ("x", None),
            ("0-18446744073709551615", None),
            ("", None),
        ] {
            assert_eq!(parse_range(text), bytes, "{text}");
        }
    }
}
