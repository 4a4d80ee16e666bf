// SPDX-License-Identifier: Apache-2.0
//! Carrying a fault out.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::header::{CONTENT_LENGTH, HeaderValue};
use hyper::{Request, Response, StatusCode};
use tokio::time::sleep;

use super::altered::{CutBody, Flipped, Throttled, append};
use super::fault::{Action, Bodies, Cut, Edit, Fault, Map, Reply, Take, header};
use super::script::Faults;
use super::seen::{Outcome, Seen};
use crate::body::{self, Body};
use crate::connection::{Broken, Ending, Line};
use crate::server::Shared;

/// How long the last bytes get to reach the client before a connection ends.
pub(super) const LINGER: Duration = Duration::from_millis(50);

impl Faults {
    /// Answers a request as the rules say, and logs it.
    pub(crate) async fn answer(
        &self,
        shared: &Shared,
        line: &Arc<Line>,
        connection: u64,
        request: Request<Body>,
    ) -> Result<Response<Body>, Broken> {
        let (parts, body) = request.into_parts();
        let in_flight = shared.counters.in_flight();
        let seen = Seen::new(&parts, self.number(), connection, shared.clock.now(), in_flight);
        let outcome = Arc::new(Outcome::default());
        self.write(seen.clone(), outcome.clone());
        // However this ends, the log knows.
        let over = Over(outcome.clone());
        let received = outcome.clone();
        let body = body::watched(body, move |piece| {
            received.received.fetch_add(piece.len() as u64, Relaxed);
        });
        let request = Request::from_parts(parts, body);
        let response = match self.look(&seen) {
            None => shared.respond(request).await,
            Some(fault) => {
                outcome.is_faulty.store(true, Relaxed);
                act(fault, shared, line, &seen, request).await?
            }
        };
        outcome.status.store(response.status().as_u16(), Relaxed);
        Ok(response.map(|body| {
            body::watched(body, move |piece| {
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
    shared: &Shared,
    line: &Arc<Line>,
    seen: &Seen,
    request: Request<Body>,
) -> Result<Response<Body>, Broken> {
    pause(fault.delay).await;
    let mut response = match &fault.action {
        Action::Pass => {
            let request = request.map(|body| match fault.reset_at {
                Some((bytes, cut)) => CutBody::new(body, bytes, cut, line.clone()).boxed_unsync(),
                None => body,
            });
            shared.respond(request).await
        }
        other => {
            let mut body = request.into_body();
            take(&mut body, fault.take).await;
            match other {
                Action::Reply(respond) => reply(respond(seen)),
                Action::Raw(bytes) => line.end(Ending::Raw(bytes.clone())).await,
                Action::End(cut) => end(*cut, line).await,
                Action::ResetStream(code) => return Err(Broken::stream(*code)),
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

async fn end<T>(cut: Cut, line: &Line) -> T {
    match cut {
        Cut::Close => line.end(Ending::Close).await,
        Cut::Reset => line.end(Ending::Reset).await,
        Cut::Stall => std::future::pending().await,
    }
}

fn reply(reply: Reply) -> Response<Body> {
    let mut response = Response::new(body::full(reply.body));
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
            return response.map(|_| body::full(bytes));
        }
        Edit::MapBody(which, map) => {
            if which == Bodies::All || response.status().as_u16() >= 400 {
                return map_body(response, &map).await;
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

async fn map_body(response: Response<Body>, map: &Map) -> Response<Body> {
    const LIMIT: usize = 4 << 20;
    let (mut parts, body) = response.into_parts();
    let text = body::collect(body, LIMIT, Duration::MAX).await.unwrap_or_default();
    let text = map(&String::from_utf8_lossy(&text));
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(text.len()));
    Response::from_parts(parts, body::full(text))
}
