// SPDX-License-Identifier: Apache-2.0
//! Carrying a fault out.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::header::{CONTENT_LENGTH, HeaderValue};
use hyper::{Request, Response, StatusCode};
use oci_registry_server::seam::{self, Body, Broken, Ending, Line, Next};
use tokio::time::sleep;

use crate::altered::{CutBody, Flipped, Throttled, append};
use crate::fault::{Action, Bodies, Cut, Edit, Fault, Map, Reply, Take, header};
use crate::script::Faults;
use crate::seen::{Outcome, Seen};

/// The time for the last bytes to reach the client before a connection ends.
pub(crate) const LINGER: Duration = Duration::from_millis(50);

impl Faults {
    /// Answers a request as the rules say, and logs it.
    pub(crate) async fn answer(
        &self,
        request: Request<Body>,
        next: Next<'_>,
    ) -> Result<Response<Body>, Broken> {
        let (parts, body) = request.into_parts();
        let seen = Seen::new(&parts, self.number(), &next);
        let outcome = Arc::new(Outcome::default());
        self.write(seen.clone(), outcome.clone());
        // However this ends, the log knows.
        let over = Over(outcome.clone());
        let received = outcome.clone();
        let body = seam::watched(body, move |piece| {
            received.received.fetch_add(piece.len() as u64, Relaxed);
        });
        let request = Request::from_parts(parts, body);
        let fault = self.look(&seen);
        let response = match fault {
            None => next.respond(request).await,
            Some(fault) => {
                outcome.is_faulty.store(true, Relaxed);
                act(fault, next, seen, request).await?
            }
        };
        outcome.status.store(response.status().as_u16(), Relaxed);
        Ok(response.map(|body| {
            seam::watched(body, move |piece| {
                over.0.sent.fetch_add(piece.len() as u64, Relaxed);
            })
        }))
    }
}

/// Says that a request is over when it is dropped.
struct Over(Arc<Outcome>);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.is_over.store(true, Relaxed);
    }
}

async fn act(
    fault: Fault,
    next: Next<'_>,
    seen: Seen,
    request: Request<Body>,
) -> Result<Response<Body>, Broken> {
    let line = next.line();
    pause(fault.delay).await;
    let mut response = match &fault.action {
        Action::Pass => {
            let request = request.map(|body| match fault.reset_at {
                Some((bytes, cut)) => CutBody::new(body, bytes, cut, line.clone()).boxed_unsync(),
                None => body,
            });
            next.respond(request).await
        }
        other => {
            let mut body = request.into_body();
            take(&mut body, fault.take).await;
            match other {
                Action::Reply(respond) => reply(respond(&seen)),
                Action::Raw(bytes) => {
                    line.end_soon(Ending::Raw(bytes.clone()));
                    std::future::pending().await
                }
                Action::End(cut) => end(*cut, line.clone()).await,
                Action::ResetStream(code) => {
                    return Err(Broken::new(h2::Error::from(h2::Reason::from(*code))));
                }
                Action::Hang | Action::Pass => std::future::pending().await,
            }
        }
    };
    if let Some(cut) = fault.lose {
        return end(cut, line).await;
    }
    pause(fault.delay_response).await;
    for edit in fault.edits {
        response = apply(edit, response).await;
    }
    Ok(response.map(|mut body| {
        if let Some((bytes, cut)) = fault.cut {
            body = CutBody::new(body, bytes, cut, line.clone()).boxed_unsync();
        }
        if let Some((bytes, pause)) = fault.throttle {
            body = Throttled::new(body, bytes, pause).boxed_unsync();
        }
        body
    }))
}

async fn pause(time: Duration) {
    if !time.is_zero() {
        sleep(time).await;
    }
}

/// Takes a request's body and throws it away.
async fn take(body: &mut Body, take: Take) {
    let mut left = match take {
        Take::Nothing => 0,
        Take::Some(bytes) => bytes,
        Take::All => u64::MAX,
    };
    while left > 0 {
        let Some(Ok(frame)) = body.frame().await else { return };
        left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len) as u64);
    }
}

/// Ends the connection, or leaves it as it is; who waits for it gets no further.
async fn end<T>(cut: Cut, line: Arc<Line>) -> T {
    match cut {
        Cut::Close => line.end_soon(Ending::Close),
        Cut::Reset => line.end_soon(Ending::Reset),
        Cut::Stall => {}
    }
    std::future::pending().await
}

fn reply(reply: Reply) -> Response<Body> {
    let mut response = Response::new(seam::full(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or_default();
    for (name, value) in reply.headers.iter().filter_map(|(name, value)| header(name, value)) {
        response.headers_mut().append(name, value);
    }
    response
}

async fn apply(edit: Edit, mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    match edit {
        Edit::Status(status) => {
            *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
        }
        Edit::MapStatus(from, to) => {
            if response.status() == from {
                *response.status_mut() = StatusCode::from_u16(to).unwrap_or_default();
            }
        }
        Edit::RemoveFrom(status, name) => {
            if response.status() == status {
                response.headers_mut().remove(name.as_str());
            }
        }
        Edit::Set(name, value) => {
            if let Some((name, value)) = header(&name, &value) {
                headers.insert(name, value);
            }
        }
        Edit::Add(name, value) => {
            if let Some((name, value)) = header(&name, &value) {
                headers.append(name, value);
            }
        }
        Edit::Remove(name) => {
            headers.remove(name.as_str());
            if name.eq_ignore_ascii_case("content-length") {
                return response.map(|body| append(body, Bytes::new()));
            }
        }
        Edit::Map(name, map) => {
            let old = headers.get(name.as_str()).and_then(|value| value.to_str().ok());
            if let Some((name, value)) = old.and_then(|old| header(&name, map(old).as_bytes())) {
                headers.insert(name, value);
            }
        }
        Edit::Body(bytes) => {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
            return response.map(|_| seam::full(bytes));
        }
        Edit::MapBody(which, map) => {
            if which == Bodies::All || response.status().as_u16() >= 400 {
                return map_body(response, map).await;
            }
        }
        Edit::Append(bytes) => {
            let old = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
            if let Some(length) = old.and_then(|length| length.parse::<u64>().ok()) {
                let length = length.saturating_add(bytes.len() as u64);
                headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
            }
            return response.map(|body| append(body, bytes));
        }
        Edit::Flip(offset) => {
            return response.map(|body| Flipped::new(body, offset).boxed_unsync());
        }
    }
    response
}

async fn map_body(response: Response<Body>, map: Map) -> Response<Body> {
    const LIMIT: usize = 4 << 20;
    let (mut parts, mut body) = response.into_parts();
    let mut text = Vec::new();
    while let Some(Ok(frame)) = body.frame().await {
        text.extend_from_slice(frame.data_ref().map_or(&[], Bytes::as_ref));
        if text.len() > LIMIT {
            text.clear();
            break;
        }
    }
    let text = map(&String::from_utf8_lossy(&text));
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(text.len()));
    Response::from_parts(parts, seam::full(text))
}
