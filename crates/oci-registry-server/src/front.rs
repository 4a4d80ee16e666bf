// SPDX-License-Identifier: Apache-2.0
//! The front of a registry: pages for browsers, for all paths that are not of the protocol.
//!
//! A [`Front`] makes them. It sees the registry as the one who asks may see it: [`Repositories`] has no
//! others (SV-18), so that no page can show what its reader could not pull.

use std::io::{self, Read};
use std::sync::Arc;

use hyper::header::{ALLOW, HOST, HeaderMap, HeaderValue};
use hyper::{Method, Response, StatusCode};
use oci_artifact::document::Document;
use oci_artifact::reader::ContentSource;
use oci_artifact::referrers::attached_tags;
use oci_artifact::{Descriptor, Digest, Error, ErrorKind, Result};
use tokio::sync::Semaphore;

use crate::auth::{Action, Caller};
use crate::body::{self, Body};
use crate::name::{Reference, Repository};
use crate::query::{Query, decode};
use crate::refusal::{Code, Refusal};
use crate::storage::{Storage, blocking};

/// The pages that are made at a time; more wait.
const AT_A_TIME: usize = 4;
/// The policy of a page for browsers: show it, and send its forms back here. Nothing else is loaded, nothing
/// runs, and no other site can have it in a frame (SV-19).
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// Makes the pages.
pub trait Front: Send + Sync + 'static {
    /// Answers a GET. It may block, and is called away from the threads of the executor.
    fn answer(&self, asked: &Asked, repositories: &Repositories) -> Page;

    /// Returns the page for a request that is refused: without a password that is enough, or with a method other than
    /// GET.
    fn refused(&self, status: StatusCode, message: &str) -> String;
}

/// A request for a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The path, decoded.
    pub path: String,
    /// The pairs of the query, decoded.
    pub query: Vec<(String, String)>,
    /// The host, as the browser calls it; empty if it says nothing that can be one.
    pub host: String,
}

impl Asked {
    /// Returns the first value of that key; empty if there is none.
    pub fn get(&self, key: &str) -> &str {
        let pair = self.query.iter().find(|(name, _)| name == key);
        pair.map_or("", |(_, value)| value.as_str())
    }
}

/// A page for browsers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The status of the answer.
    pub status: StatusCode,
    /// The text of the page, as HTML.
    pub html: String,
}

/// The repositories that the one who asks may pull from. All methods block.
pub struct Repositories {
    storage: Arc<Storage>,
    caller: Caller,
}

impl Repositories {
    /// Their names, in byte order.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn names(&self) -> Result<Vec<String>> {
        let all = self.storage.repositories().map_err(to_error)?;
        let may = |name: &Repository| self.caller.may(Action::Pull, name);
        Ok(all.into_iter().filter(may).map(|name| name.as_str().to_owned()).collect())
    }

    /// Returns the repository with that name; none if there is none, or not for the one who asks.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn get(&self, name: &str) -> Result<Option<OneRepository>> {
        let Ok(name) = Repository::parse(name) else { return Ok(None) };
        let is_there = self.caller.may(Action::Pull, &name)
            && self.storage.has_repository(&name).map_err(to_error)?;
        Ok(is_there.then(|| OneRepository { storage: self.storage.clone(), name }))
    }
}

/// A repository, to be read. What it does not have is not found, even if the store has it for another.
pub struct OneRepository {
    storage: Arc<Storage>,
    name: Repository,
}

/// An artifact that is attached to a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// The descriptor of its manifest.
    pub descriptor: Descriptor,
    /// Its type; empty if it does not say.
    pub artifact_type: String,
    /// The tag that attaches it; none if it is a referrer.
    pub tag: Option<String>,
}

impl OneRepository {
    /// Returns the name of the repository.
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// Returns its tags and what they name, in byte order.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn tags(&self) -> Result<Vec<(String, Digest)>> {
        let catalog = self.storage.catalog().map_err(to_error)?;
        let tags = catalog.get(&self.name).into_iter().flat_map(|contents| &contents.tags);
        Ok(tags.map(|(tag, digest)| (tag.clone(), *digest)).collect())
    }

    /// Lists what is attached to a manifest, in either layout (SIG-1): referrers first.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn attached(&self, subject: &Digest) -> Result<Vec<Attachment>> {
        let referrers = self.storage.referrers(&self.name, subject).map_err(to_error)?;
        let mut found: Vec<Attachment> = referrers
            .into_iter()
            .map(|one| Attachment {
                artifact_type: one.document.kind().unwrap_or_default().to_owned(),
                descriptor: Descriptor::new(one.document.media_type, one.size, one.digest),
                tag: None,
            })
            .collect();
        for tag in attached_tags(subject) {
            let Some((descriptor, bytes)) = self.manifest(&Reference::Tag(tag.clone()))? else {
                continue;
            };
            let document = Document::parse(&bytes, None)?;
            let artifact_type = document.kind().unwrap_or_default().to_owned();
            found.push(Attachment { descriptor, artifact_type, tag: Some(tag) });
        }
        Ok(found)
    }

    fn manifest(&self, reference: &Reference) -> Result<Option<(Descriptor, Vec<u8>)>> {
        let found = self.storage.manifest(&self.name, reference).map_err(to_error)?;
        let Some(found) = found else { return Ok(None) };
        let media_type = Document::parse(&found.bytes, None)?.media_type;
        let descriptor = Descriptor::new(media_type, found.bytes.len() as u64, found.digest);
        Ok(Some((descriptor, found.bytes)))
    }

    fn blob(&self, digest: &Digest) -> Result<Box<dyn Read + Send>> {
        match self.storage.blob_size(&self.name, digest).map_err(to_error)? {
            Some(_) => self.storage.open_blob(digest, None).map_err(to_error),
            None => Err(absent(&format!("{}@{digest}", self.name))),
        }
    }
}

impl ContentSource for OneRepository {
    fn resolve(&self, reference: &str) -> Result<Descriptor> {
        let name = format!("{}:{reference}", self.name);
        let Ok(reference) = Reference::parse(reference) else { return Err(absent(&name)) };
        let found = self.manifest(&reference)?;
        found.map(|(descriptor, _)| descriptor).ok_or_else(|| absent(&name))
    }

    fn document(&self, descriptor: &Descriptor) -> Result<Vec<u8>> {
        let digest = Reference::Digest(descriptor.digest);
        if let Some(found) = self.storage.manifest(&self.name, &digest).map_err(to_error)? {
            return Ok(found.bytes);
        }
        let mut bytes = Vec::new();
        let mut blob = self.blob(&descriptor.digest)?.take(descriptor.size.saturating_add(1));
        blob.read_to_end(&mut bytes).map_err(|error| unreadable(&descriptor.digest, error))?;
        if bytes.len() as u64 != descriptor.size {
            let message = format!("{} has another size than stated", descriptor.digest);
            return Err(Error::new(ErrorKind::DigestMismatch, message));
        }
        Ok(bytes)
    }

    fn stream(&self, descriptor: &Descriptor) -> Result<Box<dyn Read + '_>> {
        Ok(self.blob(&descriptor.digest)?)
    }
}

fn absent(what: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("{what} is not here"))
}

fn unreadable(digest: &Digest, error: io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("{digest} cannot be read")).caused_by(error)
}

/// Returns a refusal of the storage as an error. Only what is absent is not found.
fn to_error(refusal: Refusal) -> Error {
    let kind = match refusal.status() {
        StatusCode::NOT_FOUND => ErrorKind::NotFound,
        _ => ErrorKind::Io,
    };
    Error::new(kind, refusal.to_string())
}

/// A front, and how many of its pages are made at a time.
pub(crate) struct Fronted {
    front: Arc<dyn Front>,
    permits: Arc<Semaphore>,
}

impl Fronted {
    pub(crate) fn new(front: Arc<dyn Front>) -> Self {
        Self { front, permits: Arc::new(Semaphore::new(AT_A_TIME)) }
    }

    /// Whether a path is for browsers: all but those of the protocol and its tokens.
    pub(crate) fn is_for(path: &str) -> bool {
        let path = decode(path);
        path != "/token" && path != "/v2" && !path.starts_with("/v2/")
    }

    /// Returns the page that is asked for.
    pub(crate) async fn answer(
        &self,
        method: &Method,
        uri: &hyper::Uri,
        headers: &HeaderMap,
        storage: Arc<Storage>,
        caller: Result<Caller, Refusal>,
    ) -> Response<Body> {
        let made = match caller {
            Ok(caller) if *method == Method::GET || *method == Method::HEAD => {
                let asked = Asked {
                    path: decode(uri.path()),
                    query: Query::parse(uri.query()).into_pairs(),
                    host: host(headers),
                };
                let (front, permits) = (self.front.clone(), self.permits.clone());
                match permits.acquire_owned().await {
                    Err(error) => Err(Refusal::internal(&error)),
                    Ok(permit) => {
                        blocking(move || {
                            let _permit = permit;
                            Ok(front.answer(&asked, &Repositories { storage, caller }))
                        })
                        .await
                    }
                }
            }
            Ok(_) => Err(Refusal::new(Code::Unsupported, "pages can only be read")
                .with_header(ALLOW, "GET, HEAD")),
            Err(refusal) => Err(refusal),
        };
        let mut response = match made {
            Ok(page) => {
                let mut response = Response::new(body::full(page.html));
                *response.status_mut() = page.status;
                response
            }
            Err(refusal) => {
                let html = self.front.refused(refusal.status(), refusal.message());
                let (mut parts, _) = refusal.into_response().into_parts();
                parts.headers.remove(hyper::header::CONTENT_LENGTH);
                Response::from_parts(parts, body::full(html))
            }
        };
        let headers = response.headers_mut();
        for (name, value) in HEADERS {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

/// The headers of every page.
const HEADERS: [(&str, &str); 7] = [
    ("content-type", "text/html; charset=utf-8"),
    ("content-security-policy", POLICY),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "private, no-cache"),
    ("vary", "authorization"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-robots-tag", "noindex"),
];

/// Returns the host that was asked, if it looks like one: it stands in the commands of a page.
fn host(headers: &HeaderMap) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    if host.bytes().all(is_plain) { host.to_owned() } else { String::new() }
}
