// SPDX-License-Identifier: Apache-2.0
//! A blob that comes: verified, and taken up again where it broke off.

use bytes::Bytes;
use oci_artifact::digest::Hasher;
use reqwest::Method;
use reqwest::header::{
    CONTENT_ENCODING, CONTENT_RANGE, ETAG, HeaderMap, HeaderValue, IF_RANGE, RANGE,
};

use crate::answer::Answer;
use crate::auth::scope::Access;
use crate::blobs::Blob;
use crate::error::{Error, ErrorKind, Result};
use crate::manifests::{CONTENT_DIGEST, check_returned};
use crate::repository::{Again, Repository};
use crate::transport::gate::Priority;
use crate::transport::retry::{Backoff, is_transient};
use crate::transport::{AtGate, Response};

/// The number of bytes after which a break counts as the first one again.
const PROGRESS: u64 = 1 << 20;

/// A blob that is being fetched.
///
/// [`next`](Self::next) gives its bytes. The last ones are held back until all of them are verified, so that a reader
/// that reached the end has the blob.
#[derive(Debug)]
pub struct BlobReader {
    repository: Repository,
    blob: Blob,
    response: Option<Response>,
    /// The number of bytes that the answer under way has before those that are wanted.
    skip: u64,
    offset: u64,
    /// The offset of the last break.
    broke_at: u64,
    /// The attempts since then: the only level of them.
    backoff: Backoff,
    /// Until the end is verified.
    hasher: Option<Hasher>,
    etag: Option<HeaderValue>,
    /// Whether the registry gives parts.
    ranges: Ranges,
    at_gate: AtGate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ranges {
    Trusted,
    /// The registry sent a wrong part: the whole is requested, and skipped over.
    Distrusted,
}

impl BlobReader {
    pub(crate) async fn open(repository: Repository, blob: Blob) -> Result<Self> {
        Self::open_at(repository, blob, 0, AtGate::Waits).await
    }

    /// Opens a blob at an offset. A part that does not begin at the start cannot be verified; a
    /// caller who needs that must do it otherwise.
    pub(crate) async fn open_at(
        repository: Repository,
        blob: Blob,
        offset: u64,
        at_gate: AtGate,
    ) -> Result<Self> {
        let hasher = (offset == 0).then(|| Hasher::of(blob.digest.algorithm()));
        let backoff = repository.inner().patience.backoff();
        let mut reader = Self {
            repository,
            blob,
            response: None,
            skip: 0,
            offset,
            broke_at: offset,
            backoff,
            hasher,
            etag: None,
            ranges: Ranges::Trusted,
            at_gate,
        };
        loop {
            match reader.connect().await {
                Ok(()) => return Ok(reader),
                Err(error) => reader.pause(error).await?,
            }
        }
    }

    /// Returns the blob that is read.
    pub fn blob(&self) -> &Blob {
        &self.blob
    }

    /// Returns the number of bytes that were given.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Returns the next bytes; none at the end, when all of them are verified.
    ///
    /// # Errors
    /// [`ErrorKind::DigestMismatch`], [`ErrorKind::SizeMismatch`], and failures that last longer
    /// than the client's policy allows.
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        let next = self.next_now().await;
        next.map_err(|error| error.about(|| self.request()))
    }

    /// Method and URL, for people.
    fn request(&self) -> String {
        self.repository.shown(&["blobs", &self.blob.digest.to_string()])
    }

    async fn next_now(&mut self) -> Result<Option<Bytes>> {
        loop {
            if self.offset == self.blob.size && self.hasher.is_none() {
                return Ok(None);
            }
            let step = match self.response.as_mut() {
                Some(response) => response.chunk().await,
                None => match self.connect().await {
                    Ok(()) => continue,
                    Err(error) => Err(error),
                },
            };
            match step {
                Ok(Some(chunk)) => {
                    if let Some(chunk) = self.take(chunk).await? {
                        return Ok(Some(chunk));
                    }
                }
                Ok(None) if self.offset == self.blob.size => self.verify()?,
                Ok(None) => {
                    let message = format!(
                        "the blob broke off after {} of {} bytes",
                        self.offset, self.blob.size
                    );
                    self.pause(Error::new(ErrorKind::Network, message)).await?
                }
                Err(error) => self.pause(error).await?,
            }
        }
    }

    /// Takes a chunk: skips what is known, hashes the rest; of the last one, sees to the end.
    async fn take(&mut self, mut chunk: Bytes) -> Result<Option<Bytes>> {
        let known = usize::try_from(self.skip).unwrap_or(usize::MAX).min(chunk.len());
        self.skip -= known as u64;
        let _ = chunk.split_to(known);
        if chunk.is_empty() {
            return Ok(None);
        }
        let end = self.offset.saturating_add(chunk.len() as u64);
        if end > self.blob.size {
            return Err(self.has_more());
        }
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&chunk);
        }
        if end == self.blob.size {
            self.verify()?;
            // The answer must end here, too.
            if let Some(response) = &mut self.response
                && matches!(response.chunk().await, Ok(Some(more)) if !more.is_empty())
            {
                return Err(self.has_more());
            }
            self.response = None;
        }
        self.offset = end;
        Ok(Some(chunk))
    }

    fn verify(&mut self) -> Result<()> {
        match self.hasher.take() {
            Some(hasher) => hasher.verify(&self.blob.digest).map_err(Error::from),
            None => Ok(()),
        }
    }

    fn has_more(&self) -> Error {
        let Blob { digest, size } = &self.blob;
        Error::new(ErrorKind::SizeMismatch, format!("the blob {digest} has more than {size} bytes"))
    }

    /// Waits before the next attempt, if there is one.
    async fn pause(&mut self, error: Error) -> Result<()> {
        self.response = None;
        if !is_transient(&error) && !is_stale(&error) {
            return Err(error);
        }
        if self.offset.saturating_sub(self.broke_at) >= PROGRESS {
            self.backoff.renew();
        }
        self.broke_at = self.offset;
        let request = self.request();
        let patience = &self.repository.inner().patience;
        let asked = error.retry_after();
        patience.outlast(&mut self.backoff, &request, error, asked).await
    }

    /// Asks for what is missing.
    async fn connect(&mut self) -> Result<()> {
        let url = self.repository.url(&["blobs", &self.blob.digest.to_string()]);
        let mut call = self.repository.call(Method::GET, url, Access::Pull);
        call.again = Again::Never;
        call.request.priority = Priority::Large;
        call.request.gate = self.at_gate;
        let is_part = self.offset > 0 && self.ranges == Ranges::Trusted;
        if is_part {
            let range = HeaderValue::try_from(format!("bytes={}-", self.offset));
            call.request.headers.extend(range.ok().map(|range| (RANGE, range)));
            call.request.headers.extend(self.etag.clone().map(|etag| (IF_RANGE, etag)));
        }
        let answer = self.repository.send(&call).await?;
        let checked = self.check(answer, is_part).await;
        self.response = Some(checked.map_err(|e| e.about(|| call.request.show()))?);
        Ok(())
    }

    /// Checks the head of an answer.
    async fn check(&mut self, answer: Answer, is_part: bool) -> Result<Response> {
        let Blob { digest, size } = &self.blob;
        let status = answer.status();
        let is_foreign = answer.response.is_foreign;
        match status {
            200 => self.skip = self.offset,
            206 if is_part && is_wanted_part(&answer.response.headers, self.offset, *size) => {
                self.skip = 0;
            }
            206 | 416 if is_part => {
                self.ranges = Ranges::Distrusted;
                let message =
                    format!("the registry sent another part of {digest} than was requested");
                return Err(Error::new(ErrorKind::Network, message));
            }
            status => {
                let error = answer.refused(&format!("the blob {digest}")).await;
                // An address that was signed for a limited time is requested again.
                let is_stale = is_foreign && matches!(status, 400 | 401 | 403) && self.offset > 0;
                return Err(if is_stale { error.with_kind(ErrorKind::Unavailable) } else { error });
            }
        }
        let headers = &answer.response.headers;
        if let Some(encoding) = headers.get(CONTENT_ENCODING).filter(|e| *e != "identity") {
            let encoding = String::from_utf8_lossy(encoding.as_bytes()).into_owned();
            let message = format!(
                "the registry sent the blob {digest} encoded as {encoding:?}, which was not \
                 requested"
            );
            return Err(Error::protocol(message));
        }
        let wanted = if status == 206 { size - self.offset } else { *size };
        if let Some(length) = answer.response.content_length().filter(|length| *length != wanted) {
            let message = format!("the blob {digest} has {length} bytes instead of {wanted}");
            return Err(Error::new(ErrorKind::SizeMismatch, message));
        }
        check_returned(answer.response.header(CONTENT_DIGEST), digest)?;
        self.etag = headers.get(ETAG).filter(|etag| etag.as_bytes().starts_with(b"\"")).cloned();
        Ok(answer.response)
    }
}

/// Whether an address has become too old, so that another one may help.
fn is_stale(error: &Error) -> bool {
    error.kind() == ErrorKind::Unavailable && matches!(error.status(), Some(400 | 401 | 403))
}

/// Whether a 206 has one `Content-Range`, and it is the one that was asked for.
fn is_wanted_part(headers: &HeaderMap, offset: u64, size: u64) -> bool {
    let mut all = headers.get_all(CONTENT_RANGE).iter();
    let (Some(range), None) = (all.next(), all.next()) else { return false };
    let read = || {
        let (range, total) = range.to_str().ok()?.strip_prefix("bytes ")?.split_once('/')?;
        let (first, last) = range.split_once('-')?;
        let number = |text: &str| text.trim().parse::<u64>().ok();
        let total = if total == "*" { Some(size) } else { number(total) };
        Some((number(first)?, number(last)?, total?))
    };
    read().is_some_and(|(first, last, total)| {
        first == offset && total == size && last.checked_add(1) == Some(size)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_wanted_part_is_taken_f_84() {
        let check = |ranges: &[&'static str]| {
            let ranges = ranges.iter().map(|r| (CONTENT_RANGE, HeaderValue::from_static(r)));
            let mut headers = HeaderMap::new();
            ranges.for_each(|(name, value)| {
                headers.append(name, value);
            });
            is_wanted_part(&headers, 10, 100)
        };
        assert!(check(&["bytes 10-99/100"]) && check(&["bytes 10-99/*"]));
        for ranges in [
            &["bytes 0-99/100"][..],
            &["bytes 10-98/100"],
            &["bytes 10-99/101"],
            &["bytes 10-18446744073709551615/100"],
            &["bytes */100"],
            &["10-99/100"],
            &["bytes=10-99/100"],
            &["bytes 10-99/100", "bytes 10-99/100"],
            &[],
        ] {
            assert!(!check(ranges), "{ranges:?}");
        }
    }
}
