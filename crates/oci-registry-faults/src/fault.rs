// SPDX-License-Identifier: Apache-2.0
//! Faults of requests.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::header::{HeaderName, HeaderValue};

use crate::Seen;

/// The way in which a connection ends in the middle of things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The connection is closed.
    Close,
    /// The connection is reset.
    Reset,
    /// The connection stays open, and nothing more comes.
    Stall,
}

/// A response that is made up.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Bytes,
}

impl Reply {
    /// Creates a response with that status and nothing else.
    pub fn new(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// Sets the body of the response.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// A JSON body.
    #[must_use]
    pub fn json(self, body: impl Into<Bytes>) -> Self {
        self.header("content-type", "application/json").body(body)
    }

    /// Returns an error as the specification has it.
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        let mut json = oci_artifact::json::Writer::new();
        json.object(|json| {
            json.key("errors").array(|json| {
                json.object(|json| {
                    json.key("code").string(code);
                    json.key("message").string(message);
                });
            });
        });
        Self::new(status).json(json.into_bytes())
    }
}

type Respond = Arc<dyn Fn(&Seen) -> Reply + Send + Sync>;
pub(crate) type Map = Arc<dyn Fn(&str) -> String + Send + Sync>;

/// The party that answers.
#[derive(Clone, Default)]
pub(crate) enum Action {
    #[default]
    Pass,
    Reply(Respond),
    Raw(Bytes),
    Hang,
    End(Cut),
    ResetStream(u32),
}

/// The part of a request's body that is read before a made-up answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Take {
    #[default]
    Nothing,
    Some(u64),
    All,
}

/// One change of a response.
#[derive(Clone)]
pub(crate) enum Edit {
    Status(u16),
    MapStatus(u16, u16),
    Set(String, Vec<u8>),
    Add(String, Vec<u8>),
    Remove(String),
    RemoveFrom(u16, String),
    Map(String, Map),
    Body(Bytes),
    MapBody(Bodies, Map),
    Append(Bytes),
    Flip(u64),
}

/// The bodies that are changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bodies {
    All,
    Errors,
}

/// The fate of a request: made by one of the first group of functions, refined by the others.
#[derive(Clone, Default)]
pub struct Fault {
    pub(crate) action: Action,
    pub(crate) take: Take,
    pub(crate) delay: Duration,
    pub(crate) delay_response: Duration,
    pub(crate) reset_at: Option<(u64, Cut)>,
    pub(crate) lose: Option<Cut>,
    pub(crate) edits: Vec<Edit>,
    pub(crate) cut: Option<(u64, Cut)>,
    pub(crate) throttle: Option<(usize, Duration)>,
}

/// Choice of the party that answers.
impl Fault {
    /// The registry does.
    pub fn pass() -> Self {
        Self::default()
    }

    /// Answers with that status and an error as the specification defines it; the request is not
    /// carried out.
    pub fn status(status: u16) -> Self {
        Self::reply(Reply::error(status, "UNKNOWN", "as the script says"))
    }

    /// Answers with that response; the request is not carried out.
    pub fn reply(reply: Reply) -> Self {
        Self::respond(move |_| reply.clone())
    }

    /// Returns the response that this gives; the request is not carried out.
    pub fn respond(respond: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        Self { action: Action::Reply(Arc::new(respond)), ..Self::default() }
    }

    /// Returns a redirect to exactly that place.
    pub fn redirect(status: u16, location: impl Into<String>) -> Self {
        Self::reply(Reply::new(status).header("location", location.into()))
    }

    /// Returns a redirect to the same path and query at another server, named by its
    /// [`url`](oci_registry_server::Running::url).
    pub fn redirect_to(status: u16, server: impl Into<String>) -> Self {
        let server = server.into();
        Self::respond(move |seen| {
            Reply::new(status).header("location", format!("{server}{}", seen.target()))
        })
    }

    /// Returns a 401 with these values of `WWW-Authenticate`, a header each.
    pub fn challenge<const N: usize>(values: [&str; N]) -> Self {
        let mut reply = Reply::error(401, "UNAUTHORIZED", "as the script says");
        for value in values {
            reply = reply.header("www-authenticate", value);
        }
        Self::reply(reply)
    }

    /// Answers with these bytes instead of an HTTP response, and ends the connection.
    pub fn raw(bytes: impl Into<Bytes>) -> Self {
        Self { action: Action::Raw(bytes.into()), ..Self::default() }
    }

    /// Never answers.
    pub fn hang() -> Self {
        Self { action: Action::Hang, ..Self::default() }
    }

    /// Returns a reset; the request is not carried out.
    pub fn reset() -> Self {
        Self { action: Action::End(Cut::Reset), ..Self::default() }
    }

    /// The connection's end without a response; the request is not carried out.
    pub fn close() -> Self {
        Self { action: Action::End(Cut::Close), ..Self::default() }
    }

    /// Returns a reset of this one HTTP/2 stream with that error code (RFC 9113, 7: 7 is
    /// `REFUSED_STREAM`, 2 `INTERNAL_ERROR`). Over HTTP/1.1 the connection is closed.
    pub fn reset_stream(code: u32) -> Self {
        Self { action: Action::ResetStream(code), ..Self::default() }
    }
}

/// Delays and parts that come before the answer.
impl Fault {
    /// Waits before it does anything.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Waits between doing it and saying so.
    #[must_use]
    pub fn delay_response(mut self, delay: Duration) -> Self {
        self.delay_response = delay;
        self
    }

    /// Takes all of the request's body before a made-up answer.
    #[must_use]
    pub fn after_body(mut self) -> Self {
        self.take = Take::All;
        self
    }

    /// Takes that many bytes of the request's body before a made-up answer.
    #[must_use]
    pub fn after_bytes(mut self, bytes: u64) -> Self {
        self.take = Take::Some(bytes);
        self
    }

    /// Lets the registry have that many bytes of the request's body, then resets the connection.
    #[must_use]
    pub fn reset_at(mut self, bytes: u64) -> Self {
        self.reset_at = Some((bytes, Cut::Reset));
        self
    }

    /// Carries the request out, then ends the connection without a response.
    #[must_use]
    pub fn lose(mut self, cut: Cut) -> Self {
        self.lose = Some(cut);
        self
    }
}

/// Changes to the answer.
impl Fault {
    fn edit(mut self, edit: Edit) -> Self {
        self.edits.push(edit);
        self
    }

    /// Replaces the status; the rest stays.
    #[must_use]
    pub fn with_status(self, status: u16) -> Self {
        self.edit(Edit::Status(status))
    }

    /// Replaces one status by another; the rest stays.
    #[must_use]
    pub fn map_status(self, from: u16, to: u16) -> Self {
        self.edit(Edit::MapStatus(from, to))
    }

    /// Replaces a header of the answer. A `content-length` that is too large ends the connection
    /// after the body; one that is too small truncates the body.
    #[must_use]
    pub fn set(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.edit(Edit::Set(name.to_owned(), value.as_ref().to_vec()))
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn add(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.edit(Edit::Add(name.to_owned(), value.as_ref().to_vec()))
    }

    /// No such header. Without `content-length` the body is chunked.
    #[must_use]
    pub fn remove(self, name: &str) -> Self {
        self.edit(Edit::Remove(name.to_owned()))
    }

    /// No such header of responses with that status.
    #[must_use]
    pub fn remove_from(self, status: u16, name: &str) -> Self {
        self.edit(Edit::RemoveFrom(status, name.to_owned()))
    }

    /// Changes a header of the answer, if it is there.
    #[must_use]
    pub fn map(self, name: &str, map: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        self.edit(Edit::Map(name.to_owned(), Arc::new(map)))
    }

    /// Replaces the body, and its length.
    #[must_use]
    pub fn body(self, body: impl Into<Bytes>) -> Self {
        self.edit(Edit::Body(body.into()))
    }

    /// The body's text changed, with its length; at most 4 MiB of it are kept.
    #[must_use]
    pub fn map_body(self, map: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        self.edit(Edit::MapBody(Bodies::All, Arc::new(map)))
    }

    /// Changes a header of answers with a status of 400 and above.
    #[must_use]
    pub fn map_error(self, map: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        self.edit(Edit::MapBody(Bodies::Errors, Arc::new(map)))
    }

    /// A longer body, with its length.
    #[must_use]
    pub fn append(self, bytes: impl Into<Bytes>) -> Self {
        self.edit(Edit::Append(bytes.into()))
    }

    /// The lowest bit of the body's byte at that offset is another.
    #[must_use]
    pub fn flip(self, offset: u64) -> Self {
        self.edit(Edit::Flip(offset))
    }

    /// Cuts the body after that many bytes.
    #[must_use]
    pub fn cut(mut self, bytes: u64, cut: Cut) -> Self {
        self.cut = Some((bytes, cut));
        self
    }

    /// The body in pieces of that many bytes, with pauses between them.
    #[must_use]
    pub fn throttle(mut self, bytes: usize, pause: Duration) -> Self {
        self.throttle = Some((bytes.max(1), pause));
        self
    }

    /// Combines both, this one first: see [the crate](crate).
    pub(crate) fn and(mut self, other: &Self) -> Self {
        if !matches!(other.action, Action::Pass) {
            (self.action, self.take) = (other.action.clone(), other.take);
        }
        self.delay = self.delay.saturating_add(other.delay);
        self.delay_response = self.delay_response.saturating_add(other.delay_response);
        self.reset_at = other.reset_at.or(self.reset_at);
        self.lose = other.lose.or(self.lose);
        self.edits.extend(other.edits.iter().cloned());
        self.cut = other.cut.or(self.cut);
        self.throttle = other.throttle.or(self.throttle);
        self
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault").field("edits", &self.edits.len()).finish_non_exhaustive()
    }
}

/// Returns a header, where name and value can be one.
pub(crate) fn header(name: &str, value: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_bytes(value).ok()?))
}
