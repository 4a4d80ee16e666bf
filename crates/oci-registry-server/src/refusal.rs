// SPDX-License-Identifier: Apache-2.0
//! Refusals: the errors of the protocol, as JSON with a code (distribution specification, "Error
//! Codes").

use std::fmt;

use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use hyper::{Response, StatusCode};
use oci_artifact::ErrorKind;
use oci_artifact::json::Writer;

use crate::body::{self, Body};

/// The answer to a request.
pub(crate) type Answer = Result<Response<Body>, Refusal>;

/// The problem, in the words of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// The blob is not in this repository.
    BlobUnknown,
    /// The upload cannot go on like this.
    BlobUploadInvalid,
    /// No such upload, or no longer.
    BlobUploadUnknown,
    /// The digest is none, or not that of the content.
    DigestInvalid,
    /// The manifest names something that this repository does not have.
    ManifestBlobUnknown,
    /// The manifest is not what its media type says.
    ManifestInvalid,
    /// No such manifest in this repository.
    ManifestUnknown,
    /// The name of the repository is invalid.
    NameInvalid,
    /// No such repository.
    NameUnknown,
    /// The content has more bytes than a limit allows, or others than announced.
    SizeInvalid,
    /// The tag is invalid.
    TagInvalid,
    /// The caller is not known.
    Unauthorized,
    /// The caller may not do that.
    Denied,
    /// The operation is not supported here.
    Unsupported,
    /// The client sends too much at once.
    TooManyRequests,
    /// Any other failure, also of this side.
    Unknown,
}

impl Code {
    /// Returns the code as it is spelled on the wire, and the status that goes with it where nothing else is said.
    fn spelled(self) -> (&'static str, StatusCode) {
        match self {
            Self::BlobUnknown => ("BLOB_UNKNOWN", StatusCode::NOT_FOUND),
            Self::BlobUploadInvalid => ("BLOB_UPLOAD_INVALID", StatusCode::BAD_REQUEST),
            Self::BlobUploadUnknown => ("BLOB_UPLOAD_UNKNOWN", StatusCode::NOT_FOUND),
            Self::DigestInvalid => ("DIGEST_INVALID", StatusCode::BAD_REQUEST),
            Self::ManifestBlobUnknown => ("MANIFEST_BLOB_UNKNOWN", StatusCode::NOT_FOUND),
            Self::ManifestInvalid => ("MANIFEST_INVALID", StatusCode::BAD_REQUEST),
            Self::ManifestUnknown => ("MANIFEST_UNKNOWN", StatusCode::NOT_FOUND),
            Self::NameInvalid => ("NAME_INVALID", StatusCode::BAD_REQUEST),
            Self::NameUnknown => ("NAME_UNKNOWN", StatusCode::NOT_FOUND),
            Self::SizeInvalid => ("SIZE_INVALID", StatusCode::BAD_REQUEST),
            Self::TagInvalid => ("TAG_INVALID", StatusCode::BAD_REQUEST),
            Self::Unauthorized => ("UNAUTHORIZED", StatusCode::UNAUTHORIZED),
            Self::Denied => ("DENIED", StatusCode::FORBIDDEN),
            Self::Unsupported => ("UNSUPPORTED", StatusCode::METHOD_NOT_ALLOWED),
            Self::TooManyRequests => ("TOOMANYREQUESTS", StatusCode::TOO_MANY_REQUESTS),
            Self::Unknown => ("UNKNOWN", StatusCode::INTERNAL_SERVER_ERROR),
        }
    }
}

/// The reason for which a request was not carried out. It goes to the client: it names no path and no
/// secret of this machine.
#[derive(Debug)]
pub(crate) struct Refusal(Box<Inner>);

#[derive(Debug)]
struct Inner {
    status: StatusCode,
    code: Code,
    message: String,
    detail: Option<String>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Refusal {
    /// Creates a refusal with the usual status of its code.
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        let ((_, status), message) = (code.spelled(), message.into());
        Self(Box::new(Inner { status, code, message, detail: None, headers: Vec::new() }))
    }

    /// Returns a failure of this side. The cause is logged, not sent.
    pub(crate) fn internal(cause: &dyn fmt::Display) -> Self {
        tracing::error!(%cause, "the request failed");
        Self::new(Code::Unknown, "the registry failed; its log says why")
    }

    /// Returns the refusal with another status.
    #[must_use]
    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.0.status = status;
        self
    }

    /// Returns the refusal with what it is about: a digest, a tag.
    #[must_use]
    pub(crate) fn with_detail(mut self, detail: impl fmt::Display) -> Self {
        self.0.detail = Some(detail.to_string());
        self
    }

    /// Returns the refusal with one more header. A value that cannot be one is left out.
    #[must_use]
    pub(crate) fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.0.headers.push((name, value));
        }
        self
    }

    /// Returns the refusal with the advice to come back after that many seconds.
    #[must_use]
    pub(crate) fn retry_after(self, seconds: u32) -> Self {
        self.with_header(RETRY_AFTER, &seconds.to_string())
    }

    /// Returns the status.
    pub(crate) fn status(&self) -> StatusCode {
        self.0.status
    }

    /// Returns the text of the refusal.
    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns the response for it.
    pub(crate) fn into_response(self) -> Response<Body> {
        let Inner { status, code, message, detail, headers } = *self.0;
        let mut json = Writer::new();
        json.object(|json| {
            json.key("errors").array(|json| {
                json.object(|json| {
                    json.key("code").string(code.spelled().0);
                    json.key("message").string(&message);
                    if let Some(detail) = &detail {
                        json.key("detail").string(detail);
                    }
                });
            });
        });
        let mut response = Response::new(body::full(json.into_bytes()));
        *response.status_mut() = status;
        let map = response.headers_mut();
        map.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        map.extend(headers);
        response
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code.spelled().0, self.0.message)
    }
}

impl std::error::Error for Refusal {}

impl From<oci_artifact::Error> for Refusal {
    /// Converts errors of the store that no handler has words for.
    fn from(error: oci_artifact::Error) -> Self {
        let refusal = Self::internal(&format_args!("{error:?}"));
        match error.kind() {
            ErrorKind::Locked => {
                refusal.with_status(StatusCode::SERVICE_UNAVAILABLE).retry_after(1)
            }
            ErrorKind::Io if error.is_of_full_disk() => {
                refusal.with_status(StatusCode::INSUFFICIENT_STORAGE)
            }
            _ => refusal,
        }
    }
}
