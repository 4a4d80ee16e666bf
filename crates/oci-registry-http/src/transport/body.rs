// SPDX-License-Identifier: Apache-2.0
//! Bodies of requests: where their bytes come from, and how far they have got.

use std::fmt;
use std::io::{self, Read};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, stream};
use reqwest::header::{CONTENT_LENGTH, HeaderValue};
use tokio::sync::mpsc;

use crate::error::{Error, ErrorKind, Result};
use crate::transport::gate::lock;

/// The number of bytes that are read at once from a blocking source.
const PIECE: usize = 256 * 1024;

/// A stream of bytes.
pub type ByteStream = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// A source of the bytes of an upload. A source that can be opened again lets an upload
/// survive a broken connection.
#[async_trait]
pub trait Source: fmt::Debug + Send + Sync {
    /// Returns the number of bytes.
    fn size(&self) -> u64;

    /// Returns the bytes from `offset` on. The error of a failing source reaches the caller of the
    /// upload.
    ///
    /// # Errors
    /// Those of the requests; of kind [`io::ErrorKind::Unsupported`] where it cannot be read again.
    async fn open(&self, offset: u64) -> io::Result<ByteStream>;

    /// Whether [`open`](Self::open) works more than once.
    fn reads(&self) -> Reads {
        Reads::AnyNumber
    }
}

/// The number of times that a source can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// The body can be read as often as needed.
    AnyNumber,
    /// Once: what fails after the first byte cannot be tried again.
    Once,
}

#[async_trait]
impl Source for Bytes {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    async fn open(&self, offset: u64) -> io::Result<ByteStream> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(self.len());
        Ok(Box::pin(stream::iter([Ok(self.slice(start..))])))
    }
}

/// Reads a blocking reader on the blocking pool, a few pieces ahead. When the stream is dropped the
/// reader is, too.
pub fn read_ahead(mut reader: impl Read + Send + 'static) -> ByteStream {
    let (sender, receiver) = mpsc::channel::<io::Result<Bytes>>(4);
    tokio::task::spawn_blocking(move || {
        loop {
            let mut piece = BytesMut::zeroed(PIECE);
            let read = loop {
                match reader.read(&mut piece) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    other => break other,
                }
            };
            let sent = match read {
                Ok(0) => return,
                Ok(count) => {
                    piece.truncate(count);
                    sender.blocking_send(Ok(piece.freeze()))
                }
                Err(error) => {
                    let _ = sender.blocking_send(Err(error));
                    return;
                }
            };
            if sent.is_err() {
                return;
            }
        }
    });
    Box::pin(stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|piece| (piece, receiver))
    }))
}

/// A request's body.
#[derive(Clone)]
pub(crate) enum Body {
    Empty,
    Bytes(Bytes),
    /// A form with a secret in it, which goes to one origin and no other.
    Form(Bytes),
    /// `length` bytes of a source, from `offset` on; `watch` sees them go.
    Source {
        source: Arc<dyn Source>,
        offset: u64,
        length: u64,
        watch: Watch,
    },
}

/// A watcher that sees the bytes of a body go: their number since its start.
#[derive(Clone)]
pub(crate) struct Watch(pub(crate) Arc<dyn Fn(u64) + Send + Sync>);

/// The progress of a body.
#[derive(Debug)]
pub(crate) struct Flow {
    sent: AtomicU64,
    size: u64,
    failure: Mutex<Option<Error>>,
}

impl Flow {
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    pub(crate) fn is_done(&self) -> bool {
        self.sent() >= self.size
    }

    /// Returns the failure of the source, if it failed.
    pub(crate) fn failure(&self) -> Option<Error> {
        lock(&self.failure).clone()
    }

    fn fail(&self, error: Error) -> io::Error {
        *lock(&self.failure) = Some(error);
        io::Error::other("the source of the upload failed")
    }

    /// Takes note of a piece, and sees to it that there are not more bytes than announced.
    fn pass(&self, piece: io::Result<Bytes>, watch: &Watch) -> io::Result<Bytes> {
        let piece = piece.map_err(|error| self.fail(source_error(error)))?;
        let sent = self.sent().saturating_add(piece.len() as u64);
        if sent > self.size {
            return Err(self.fail(changed("more")));
        }
        self.sent.store(sent, Ordering::Relaxed);
        (watch.0)(sent);
        Ok(piece)
    }
}

/// Returns the error of a source. One of this project's own comes through as it is.
pub(crate) fn source_error(error: io::Error) -> Error {
    match oci_artifact::Error::carried_by(error) {
        Ok(own) => Error::from(own),
        Err(error) => match error.downcast::<Error>() {
            Ok(own) => own,
            Err(error) => Error::new(
                ErrorKind::SourceChanged,
                format!("the source of the upload cannot be read: {error}"),
            ),
        },
    }
}

fn changed(how: &str) -> Error {
    let message = format!("the source of the upload has {how} bytes than announced");
    Error::new(ErrorKind::SourceChanged, message)
}

impl Body {
    /// Whether it can be sent a second time.
    pub(crate) fn can_be_sent_again(&self) -> bool {
        match self {
            Self::Empty | Self::Bytes(_) | Self::Form(_) => true,
            Self::Source { source, .. } => source.reads() == Reads::AnyNumber,
        }
    }

    /// Puts it on the wire, with its exact length: never in HTTP's chunked form.
    pub(crate) async fn attach(&self, wire: &mut reqwest::Request) -> Result<Option<Arc<Flow>>> {
        match self {
            Self::Empty => {
                if matches!(wire.method().as_str(), "POST" | "PUT" | "PATCH") {
                    wire.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
                }
                Ok(None)
            }
            Self::Bytes(bytes) | Self::Form(bytes) => {
                *wire.body_mut() = Some(reqwest::Body::from(bytes.clone()));
                Ok(None)
            }
            Self::Source { source, offset, length, watch } => {
                wire.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(*length));
                let flow = Arc::new(Flow {
                    sent: AtomicU64::new(0),
                    size: *length,
                    failure: Mutex::default(),
                });
                if *length == 0 {
                    return Ok(Some(flow));
                }
                let pieces = source.open(*offset).await.map_err(source_error)?;
                let pieces = take_bytes(pieces, *length, *offset, source.size());
                let (inside, watch) = (Arc::clone(&flow), watch.clone());
                let pieces = pieces.flat_map(in_pieces);
                let pieces = pieces.map(move |piece| inside.pass(piece, &watch));
                let inside = Arc::clone(&flow);
                let end = stream::once(async move {
                    if inside.is_done() {
                        Ok(Bytes::new())
                    } else {
                        Err(inside.fail(changed("fewer")))
                    }
                });
                *wire.body_mut() = Some(reqwest::Body::wrap_stream(pieces.chain(end)));
                Ok(Some(flow))
            }
        }
    }
}

/// Returns a piece of a source in pieces of at most [`PIECE`] bytes: a body moves only as far as pieces of it were
/// asked for, and one that is a single piece would count as sent before its first byte is.
fn in_pieces(piece: io::Result<Bytes>) -> impl Stream<Item = io::Result<Bytes>> {
    let mut rest = Some(piece);
    stream::iter(std::iter::from_fn(move || match rest.take()? {
        Ok(mut bytes) if bytes.len() > PIECE => {
            let first = bytes.split_to(PIECE);
            rest = Some(Ok(bytes));
            Some(Ok(first))
        }
        last => Some(last),
    }))
}

/// Returns the first `length` bytes of a stream, where that is a part of the source; the whole
/// stream where it is all of it, so that a source that has grown is noticed.
fn take_bytes(pieces: ByteStream, length: u64, offset: u64, size: u64) -> ByteStream {
    if offset.saturating_add(length) >= size {
        return pieces;
    }
    let cut = stream::unfold((pieces, length), |(mut pieces, left)| async move {
        if left == 0 {
            return None;
        }
        let piece = pieces.next().await?;
        let piece = piece.map(|bytes| {
            bytes.slice(..bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX)))
        });
        let taken = piece.as_ref().map_or(0, |bytes| bytes.len() as u64);
        Some((piece, (pieces, left - taken)))
    });
    Box::pin(cut)
}
