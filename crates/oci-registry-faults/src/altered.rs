// SPDX-License-Identifier: Apache-2.0
//! Bodies with something wrong.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Frame;
use oci_registry_server::seam::{self, Body, BodyError, Ending, Line};
use tokio::time::{Sleep, sleep};

use crate::Cut;
use crate::act::LINGER;

type Polled = Poll<Option<Result<Frame<Bytes>, BodyError>>>;

/// A body that breaks off.
pub(crate) struct CutBody {
    body: Body,
    left: u64,
    cut: Cut,
    line: Arc<Line>,
    /// Runs when the last byte is out.
    timer: Option<Pin<Box<Sleep>>>,
}

impl CutBody {
    pub(crate) fn new(body: Body, bytes: u64, cut: Cut, line: Arc<Line>) -> Self {
        Self { body, left: bytes, cut, line, timer: None }
    }
}

impl hyper::body::Body for CutBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Polled {
        if self.left > 0 {
            let Some(result) = ready!(Pin::new(&mut self.body).poll_frame(context)) else {
                return Poll::Ready(None);
            };
            let left = usize::try_from(self.left).unwrap_or(usize::MAX);
            return Poll::Ready(Some(result.map(|frame| {
                frame.map_data(|mut data| {
                    data.truncate(left);
                    self.left = self.left.saturating_sub(data.len() as u64);
                    data
                })
            })));
        }
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(LINGER)));
        ready!(timer.as_mut().poll(context));
        match self.cut {
            Cut::Close => self.line.end_soon(Ending::Close),
            Cut::Reset => self.line.end_soon(Ending::Reset),
            Cut::Stall => {}
        }
        Poll::Pending
    }
}

/// A body with one bit that is another.
pub(crate) struct Flipped {
    body: Body,
    /// The number of bytes to go before the one that is meant.
    left: u64,
}

impl Flipped {
    pub(crate) fn new(body: Body, offset: u64) -> Self {
        Self { body, left: offset }
    }
}

impl hyper::body::Body for Flipped {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Polled {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        Poll::Ready(frame.map(|result| {
            result.map(|frame| {
                frame.map_data(|data| {
                    let length = data.len() as u64;
                    let at = usize::try_from(self.left).unwrap_or(usize::MAX);
                    // Once it is past, it is never reached again.
                    self.left = self.left.checked_sub(length).unwrap_or(u64::MAX);
                    let mut data = data.to_vec();
                    if let Some(byte) = data.get_mut(at) {
                        *byte ^= 1;
                    }
                    data.into()
                })
            })
        }))
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.body.size_hint()
    }
}

/// A body that comes in small pieces, with pauses.
pub(crate) struct Throttled {
    body: Body,
    bytes: usize,
    pause: Duration,
    rest: Bytes,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Throttled {
    pub(crate) fn new(body: Body, bytes: usize, pause: Duration) -> Self {
        Self { body, bytes, pause, rest: Bytes::new(), timer: None }
    }
}

impl hyper::body::Body for Throttled {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Polled {
        if let Some(timer) = &mut self.timer {
            ready!(timer.as_mut().poll(context));
            self.timer = None;
        }
        while self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_frame(context)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(frame)) => self.rest = frame.into_data().unwrap_or_default(),
            }
        }
        let length = self.bytes.min(self.rest.len());
        let piece = self.rest.split_to(length);
        self.timer = Some(Box::pin(sleep(self.pause)));
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }
}

/// Returns a body with more behind it, whose length nobody can tell beforehand.
pub(crate) fn append(body: Body, bytes: Bytes) -> Body {
    Chained { first: Some(body), second: seam::full(bytes) }.boxed_unsync()
}

struct Chained {
    first: Option<Body>,
    second: Body,
}

impl hyper::body::Body for Chained {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Polled {
        if let Some(first) = &mut self.first {
            match ready!(Pin::new(first).poll_frame(context)) {
                None => self.first = None,
                some => return Poll::Ready(some),
            }
        }
        Pin::new(&mut self.second).poll_frame(context)
    }
}
