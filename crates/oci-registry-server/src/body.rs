// SPDX-License-Identifier: Apache-2.0
//! Bodies of requests and responses: streams of bounded pieces.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::StatusCode;
use hyper::body::Frame;

use crate::refusal::{Code, Refusal};

/// The error that ends a body early.
pub type BodyError = Box<dyn std::error::Error + Send + Sync>;
/// A body, whatever makes it.
pub type Body = UnsyncBoxBody<Bytes, BodyError>;

/// No bytes at all.
pub(crate) fn empty() -> Body {
    Empty::new().map_err(never).boxed_unsync()
}

/// Makes a body of these bytes.
pub fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(never).boxed_unsync()
}

/// Returns the body, and lets `look` see each piece of it. It is kept as long as the body.
pub fn watched(body: Body, mut look: impl FnMut(&Bytes) + Send + 'static) -> Body {
    let look = move |frame: &Frame<Bytes>| {
        frame.data_ref().map(&mut look);
    };
    body.inspect_frame(look).boxed_unsync()
}

fn never(never: Infallible) -> BodyError {
    match never {}
}

/// Returns the next piece of a request's body, or `None` at its end. Empty pieces are passed over.
///
/// # Errors
/// A refusal with status 408 if nothing comes within `patience`; 400 if the body breaks off.
pub(crate) async fn next(body: &mut Body, patience: Duration) -> Result<Option<Bytes>, Refusal> {
    loop {
        let frame = match tokio::time::timeout(patience, body.frame()).await {
            Err(_) => {
                return Err(Refusal::new(Code::BlobUploadInvalid, "the body stopped arriving")
                    .with_status(StatusCode::REQUEST_TIMEOUT));
            }
            Ok(None) => return Ok(None),
            Ok(Some(Err(_))) => {
                return Err(Refusal::new(Code::SizeInvalid, "the body broke off"));
            }
            Ok(Some(Ok(frame))) => frame,
        };
        match frame.into_data() {
            Ok(bytes) if !bytes.is_empty() => return Ok(Some(bytes)),
            _ => {}
        }
    }
}

/// Returns all of a request's body.
///
/// # Errors
/// A refusal with status 413 past `limit` bytes; else as of [`next`].
pub(crate) async fn collect(
    mut body: Body,
    limit: usize,
    patience: Duration,
) -> Result<Vec<u8>, Refusal> {
    let mut all = Vec::new();
    while let Some(bytes) = next(&mut body, patience).await? {
        if all.len().saturating_add(bytes.len()) > limit {
            let message = format!("more than the {limit} bytes that are accepted here");
            return Err(
                Refusal::new(Code::SizeInvalid, message).with_status(StatusCode::PAYLOAD_TOO_LARGE)
            );
        }
        all.extend_from_slice(&bytes);
    }
    Ok(all)
}
