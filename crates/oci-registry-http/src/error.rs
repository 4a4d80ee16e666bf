// SPDX-License-Identifier: Apache-2.0
//! Errors between us and a registry, typed and without secrets.

use std::fmt;
use std::time::Duration;

use oci_artifact::{Diagnostic, Help};

use crate::transport::redact;

/// The result of everything fallible in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The kind of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An option of the caller is not acceptable: a certificate, a header, a reference.
    InvalidOption,
    /// The connection could not be made, or broke.
    Network,
    /// TLS could not be agreed on: an unknown issuer, a wrong name, an expired certificate.
    Tls,
    /// Nothing came or went for too long.
    Timeout,
    /// HTTP was spoken where HTTPS was expected, or the other way round.
    WrongScheme,
    /// The proxy needs credentials.
    Proxy,
    /// A redirect that is not followed.
    Redirect,
    /// The other side named an address that is not to be contacted.
    ForbiddenAddress,
    /// The answer does not follow the protocol.
    Protocol,
    /// A 401 without a challenge that could be answered.
    MissingChallenge,
    /// The token server refused, or its answer is no token.
    Token,
    /// Credentials are missing or not accepted.
    Unauthorized,
    /// The credentials do not allow this.
    Forbidden,
    /// A credential file or helper failed.
    Credentials,
    /// No host has that name.
    UnknownHost,
    /// No such manifest, tag or blob.
    NotFound,
    /// No such repository.
    RepositoryNotFound,
    /// The registry answered "too many requests" for longer than we wait.
    RateLimited,
    /// The registry failed, also when asked again.
    Unavailable,
    /// A body is larger than the registry, or a proxy before it, takes.
    PayloadTooLarge,
    /// The registry does not do this.
    Unsupported,
    /// The tag exists and must not move.
    TagImmutable,
    /// An algorithm that cannot be computed or is refused.
    UnsupportedDigest,
    /// The registry refused the request for another reason.
    Rejected,
    /// Bytes do not have the digest that was asked for or claimed.
    DigestMismatch,
    /// The content has more or fewer bytes than were announced.
    SizeMismatch,
    /// The content is larger than a limit allows.
    TooLarge,
    /// A manifest or index is malformed or ambiguous.
    InvalidManifest,
    /// The artifact is not one that the caller takes (BUG-49 to BUG-54).
    Refused,
    /// A body would have to be sent again and cannot be.
    NotRewindable,
    /// The local source of an upload is not what was announced (F-63, F-78).
    SourceChanged,
    /// The local store failed.
    Store,
    /// The caller asked to stop.
    Cancelled,
}

impl ErrorKind {
    /// Returns the kind in kebab case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidOption => "invalid-option",
            Self::Network => "network",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::WrongScheme => "wrong-scheme",
            Self::Proxy => "proxy",
            Self::Redirect => "redirect",
            Self::ForbiddenAddress => "forbidden-address",
            Self::Protocol => "protocol",
            Self::MissingChallenge => "missing-challenge",
            Self::Token => "token",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::Credentials => "credentials",
            Self::UnknownHost => "unknown-host",
            Self::NotFound => "not-found",
            Self::RepositoryNotFound => "repository-not-found",
            Self::RateLimited => "rate-limited",
            Self::Unavailable => "unavailable",
            Self::PayloadTooLarge => "payload-too-large",
            Self::Unsupported => "unsupported",
            Self::TagImmutable => "tag-immutable",
            Self::UnsupportedDigest => "unsupported-digest",
            Self::Rejected => "rejected",
            Self::DigestMismatch => "digest-mismatch",
            Self::SizeMismatch => "size-mismatch",
            Self::TooLarge => "too-large",
            Self::InvalidManifest => "invalid-manifest",
            Self::Refused => "refused",
            Self::NotRewindable => "not-rewindable",
            Self::SourceChanged => "source-changed",
            Self::Store => "store",
            Self::Cancelled => "cancelled",
        }
    }
}

/// An error of the client. It holds no secret, in any form.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    help: Option<Help>,
    response: Option<Refusal>,
    request: Option<String>,
    attempts: u32,
    retry_after: Option<Duration>,
    retries: Retries,
    store: Option<std::sync::Arc<oci_artifact::Error>>,
}

/// Whether what may pass was waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Retries {
    Open,
    Spent,
}

/// A registry's own words when it refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The registry's error codes, in its order.
    pub codes: Vec<String>,
    /// Its first message, at most 1 KiB, without control characters.
    pub message: String,
    /// The request's number in the registry's own logs.
    pub request_id: Option<String>,
}

impl Refusal {
    /// Whether one of the codes is `code`, in any case.
    pub fn has_code(&self, code: &str) -> bool {
        self.codes.iter().any(|one| one.eq_ignore_ascii_case(code))
    }

    /// Takes out what the registry sent back and nobody else may see.
    pub(crate) fn scrub(&mut self, secrets: &[&str]) {
        for text in self.codes.iter_mut().chain(&mut self.request_id).chain([&mut self.message]) {
            *text = redact::scrub(text, secrets.iter().copied());
        }
    }
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            help: None,
            response: None,
            request: None,
            attempts: 1,
            retry_after: None,
            retries: Retries::Open,
            store: None,
        }))
    }

    pub(crate) fn protocol(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Protocol, message)
    }

    #[must_use]
    pub(crate) fn with_help(mut self, help: impl Into<Help>) -> Self {
        self.0.help.get_or_insert_with(|| help.into());
        self
    }

    #[must_use]
    pub(crate) fn with_refusal(mut self, refusal: Refusal) -> Self {
        self.0.response = Some(refusal);
        self
    }

    #[must_use]
    pub(crate) fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    #[must_use]
    pub(crate) fn with_message(mut self, message: impl Into<String>) -> Self {
        self.0.message = message.into();
        self
    }

    /// Returns the error with the request that it is about; the first one named stays.
    #[must_use]
    pub(crate) fn about(mut self, request: impl FnOnce() -> String) -> Self {
        self.0.request.get_or_insert_with(request);
        self
    }

    #[must_use]
    pub(crate) fn after_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = self.0.attempts.max(attempts);
        self
    }

    #[must_use]
    pub(crate) fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait;
        self
    }

    /// Marks the error as one after all attempts: nothing retries it again.
    #[must_use]
    pub(crate) fn spent(self) -> Self {
        self.with_retries(Retries::Spent)
    }

    /// Returns the error after such retries; one that was spent before stays so.
    #[must_use]
    pub(crate) fn with_retries(mut self, retries: Retries) -> Self {
        if retries == Retries::Spent {
            self.0.retries = retries;
        }
        self
    }

    pub(crate) fn is_spent(&self) -> bool {
        self.0.retries == Retries::Spent
    }

    /// Adds what came in place of the expected: its type, its size, and the start of a page or a
    /// text.
    #[must_use]
    pub(crate) fn but_came(mut self, media_type: Option<&str>, body: &[u8]) -> Self {
        let what = crate::refusal::describe(media_type, body);
        self.0.message = format!("{}; what came is {what}", self.0.message);
        self
    }

    /// Adds the place that led to the request.
    #[must_use]
    pub(crate) fn named_in(mut self, source: &str) -> Self {
        self.0.message = format!("{}; it is named in {source}", self.0.message);
        self
    }

    /// Returns the kind of failure.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the message, a sentence without a full stop.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Advice on what to do about it.
    pub fn help(&self) -> Option<&Help> {
        self.0.help.as_ref()
    }

    /// Returns the HTTP status of the refusal, where there was one.
    pub fn status(&self) -> Option<u16> {
        self.0.response.as_ref().map(|response| response.status)
    }

    /// Returns the registry's own words, if it said something.
    pub fn refusal(&self) -> Option<&Refusal> {
        self.0.response.as_ref()
    }

    /// Method and URL of the request, without secrets: `GET https://host/v2/...`.
    pub fn request(&self) -> Option<&str> {
        self.0.request.as_deref()
    }

    /// Returns the number of attempts.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Returns the time that the registry asks to wait, if it does.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the same call may succeed later.
    pub fn is_retryable(&self) -> bool {
        matches!(
            self.0.kind,
            ErrorKind::Network
                | ErrorKind::Timeout
                | ErrorKind::Unavailable
                | ErrorKind::RateLimited
        )
    }

    /// Whether it is about credentials.
    pub fn is_auth(&self) -> bool {
        matches!(
            self.0.kind,
            ErrorKind::MissingChallenge
                | ErrorKind::Token
                | ErrorKind::Unauthorized
                | ErrorKind::Forbidden
                | ErrorKind::Credentials
        )
    }

    /// Whether something is not there.
    pub fn is_not_found(&self) -> bool {
        matches!(self.0.kind, ErrorKind::NotFound | ErrorKind::RepositoryNotFound)
    }

    pub(crate) fn has_code(&self, code: &str) -> bool {
        self.0.response.as_ref().is_some_and(|response| response.has_code(code))
    }
}

impl fmt::Display for Error {
    /// Returns the message, and what is known of the request, on one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        if let Some(response) = self.0.response.as_ref() {
            write!(f, " (status {}", response.status)?;
            for code in &response.codes {
                write!(f, ", {code}")?;
            }
            if !response.message.is_empty() {
                write!(f, ": {}", response.message)?;
            }
            f.write_str(")")?;
        }
        if let Some(request) = &self.0.request {
            write!(f, ", at {request}")?;
        }
        if self.0.attempts > 1 {
            write!(f, ", after {} attempts", self.0.attempts)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {self}", self.0.kind.as_str())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.store.as_deref().map(|store| store as _)
    }
}

impl From<oci_artifact::Error> for Error {
    /// An error of the layout store, or of a document or reference that was read.
    fn from(error: oci_artifact::Error) -> Self {
        use oci_artifact::ErrorKind as Local;
        let kind = match error.kind() {
            Local::InvalidReference | Local::InvalidOption => ErrorKind::InvalidOption,
            Local::DigestMismatch => ErrorKind::DigestMismatch,
            Local::InvalidDocument => ErrorKind::InvalidManifest,
            Local::NotFound => ErrorKind::NotFound,
            Local::TooLarge => ErrorKind::TooLarge,
            Local::Cancelled => ErrorKind::Cancelled,
            _ => ErrorKind::Store,
        };
        let mut own = Self::new(kind, error.to_string());
        own.0.help = error.diagnostics().first().and_then(|first| first.help.clone());
        own.0.store = Some(std::sync::Arc::new(error));
        own
    }
}

impl From<Error> for oci_artifact::Error {
    fn from(error: Error) -> Self {
        use oci_artifact::ErrorKind as Local;
        let kind = match error.kind() {
            _ if error.is_auth() => Local::Auth,
            ErrorKind::NotFound | ErrorKind::RepositoryNotFound => Local::NotFound,
            ErrorKind::DigestMismatch | ErrorKind::SizeMismatch => Local::DigestMismatch,
            ErrorKind::InvalidOption => Local::InvalidOption,
            ErrorKind::InvalidManifest => Local::InvalidDocument,
            ErrorKind::TooLarge => Local::TooLarge,
            ErrorKind::Cancelled => Local::Cancelled,
            ErrorKind::Store => error.0.store.as_ref().map_or(Local::Io, |store| store.kind()),
            _ => Local::Registry,
        };
        let mut diagnostic = Diagnostic::new(error.to_string());
        diagnostic.help = error.0.help.clone();
        Self::from_diagnostics(kind, vec![diagnostic]).caused_by(error)
    }
}
