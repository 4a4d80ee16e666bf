// SPDX-License-Identifier: Apache-2.0
//! Blobs: reading (end-2) and deleting (end-10).

use oci_artifact::Digest;
use std::io::{self, Read};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Frame, SizeHint};
use hyper::header::{ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use hyper::{Method, StatusCode};
use tokio::task::JoinHandle;

use super::{about, bare, etag, lists, set};
use crate::body::BodyError;
use crate::name::Repository;
use crate::range::{self, Asked};
use crate::refusal::{Answer, Code, Refusal};
use crate::registry::{Call, Registry};

/// The bytes of a blob that are read at a time.
const PIECE: usize = 128 << 10;

/// `GET` and `HEAD`.
pub(crate) async fn get(
    registry: &Registry,
    call: Call,
    repository: Repository,
    digest: Digest,
) -> Answer {
    let size = registry.blocking(move |storage| storage.blob_size(&repository, &digest)).await?;
    let Some(size) = size else { return Err(unknown(&digest)) };

    if call.header("if-none-match").is_some_and(|tags| lists(tags, Some(&digest))) {
        return about(StatusCode::NOT_MODIFIED, &digest);
    }
    // A range only counts for the content that the client has the rest of (RFC 9110, 13.1.5).
    let is_same = call.header("if-range").is_none_or(|tag| tag.trim() == etag(&digest));
    let asked = call.header("range").filter(|_| is_same && call.method == Method::GET);
    let part = match range::parse(asked, size) {
        Asked::Whole => None,
        Asked::Part(part) => Some(part),
        Asked::Nothing => {
            let message = "the range is not within the blob";
            return Err(Refusal::new(Code::SizeInvalid, message)
                .with_status(StatusCode::RANGE_NOT_SATISFIABLE)
                .with_header(hyper::header::CONTENT_RANGE, &format!("bytes */{size}")));
        }
    };

    let length = part.as_ref().map_or(size, |part| part.end.saturating_sub(part.start));
    let mut response = about(StatusCode::OK, &digest)?;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("max-age=31536000, immutable"));
    headers.insert(CONTENT_LENGTH, length.into());
    if let Some(part) = &part {
        let last = part.end.saturating_sub(1);
        set(headers, "content-range", &format!("bytes {}-{last}/{size}", part.start))?;
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    if call.method == Method::GET && length > 0 {
        let reader = registry.blocking(move |storage| storage.open_blob(&digest, part)).await?;
        *response.body_mut() = Pieces { state: State::Idle(reader), left: length }.boxed_unsync();
    }
    Ok(response)
}

/// `DELETE`: the repository no longer has it.
pub(crate) async fn delete(registry: &Registry, repository: Repository, digest: Digest) -> Answer {
    match registry.blocking(move |storage| storage.remove_blob(&repository, &digest)).await? {
        true => Ok(bare(StatusCode::ACCEPTED)),
        false => Err(unknown(&digest)),
    }
}

fn unknown(digest: &Digest) -> Refusal {
    Refusal::new(Code::BlobUnknown, "the repository does not have this blob").with_detail(digest)
}

/// A body that reads a blob piece by piece, each on a thread that may block.
struct Pieces {
    state: State,
    left: u64,
}

enum State {
    Idle(Box<dyn Read + Send>),
    Reading(JoinHandle<io::Result<(Box<dyn Read + Send>, Bytes)>>),
    Done,
}

/// Returns the next piece: as much as there is room for, or all that is left.
fn read(mut reader: Box<dyn Read + Send>, left: u64) -> io::Result<(Box<dyn Read + Send>, Bytes)> {
    let size = PIECE.min(usize::try_from(left).unwrap_or(PIECE));
    let mut piece = Vec::with_capacity(size);
    match reader.by_ref().take(size as u64).read_to_end(&mut piece)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok((reader, piece.into())),
    }
}

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        loop {
            match std::mem::replace(&mut self.state, State::Done) {
                State::Idle(reader) if self.left > 0 => {
                    let left = self.left;
                    let work = tokio::task::spawn_blocking(move || read(reader, left));
                    self.state = State::Reading(work);
                }
                State::Idle(_) | State::Done => return Poll::Ready(None),
                State::Reading(mut work) => {
                    let Poll::Ready(result) = Pin::new(&mut work).poll(context) else {
                        self.state = State::Reading(work);
                        return Poll::Pending;
                    };
                    let read = result.unwrap_or_else(|error| Err(io::Error::other(error)));
                    return Poll::Ready(Some(match read {
                        Ok((reader, piece)) => {
                            self.left = self.left.saturating_sub(piece.len() as u64);
                            self.state = State::Idle(reader);
                            Ok(Frame::data(piece))
                        }
                        // The connection breaks off: the client sees that it does not have all.
                        Err(error) => {
                            tracing::error!(%error, "a blob cannot be read");
                            Err(error.into())
                        }
                    }));
                }
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
