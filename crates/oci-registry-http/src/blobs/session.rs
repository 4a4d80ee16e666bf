// SPDX-License-Identifier: Apache-2.0
//! An upload session in a registry: where the next bytes go, and its end when it is abandoned
//!

use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::header::{HeaderValue, LOCATION};
use reqwest::{Method, Url};

use crate::answer::Answer;
use crate::auth::scope::Access;
use crate::blobs::Blob;
use crate::blobs::endings::{Endings, Open};
use crate::error::{Error, ErrorKind, Result};
use crate::repository::{Again, Call, Repository};
use crate::transport::gate::lock;
use crate::transport::redirect::{self, Origin, Zone};

/// The time that ending a session may take, the time at the host's gate included; nobody waits for it.
const END_TIMEOUT: Duration = Duration::from_secs(30);
/// The largest smallest chunk that a registry may ask for.
const MAX_MIN_CHUNK: u64 = 64 << 20;

/// The phase of a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Bytes go into it.
    #[default]
    Open,
    /// All of them went, so that the blob may be committed.
    Committing,
    /// The session has ended.
    Over,
}

/// An upload session. Dropping it ends it in the registry; where its blob may be committed by then,
/// it is asked first whether it still is.
#[derive(Debug)]
pub(crate) struct Session {
    repository: Repository,
    blob: Blob,
    url: Url,
    /// The zone of the registry that named the URL.
    zone: Zone,
    /// The smallest chunk that it takes.
    pub(crate) min_chunk: u64,
    phase: Arc<Mutex<Phase>>,
    /// Until it is over in the registry, too.
    open: Option<Open>,
}

impl Session {
    /// Returns a call to it.
    pub(crate) fn call(&self, method: Method, url: Url) -> Call {
        let mut call = self.repository.call(method, url, Access::PullPush);
        call.again = Again::Never;
        call.from = Some(self.zone);
        call
    }

    /// Returns the address that the next bytes go to.
    pub(crate) fn url(&self) -> Url {
        self.url.clone()
    }

    /// Returns the address where the upload is committed. The query that is there stays as it is
    ///
    pub(crate) fn commit_url(&self) -> Url {
        let mut url = self.url.clone();
        let before = url.query().filter(|query| !query.is_empty());
        let query = match before {
            Some(before) => format!("{before}&digest={}", self.blob.digest),
            None => format!("digest={}", self.blob.digest),
        };
        url.set_query(Some(&query));
        url
    }

    /// Takes the newer address in an answer, where there is one.
    pub(crate) fn follow(&mut self, answer: &Answer) -> Result<()> {
        if answer.response.headers.contains_key(LOCATION) {
            let url = self.repository.upload_location(answer, self.zone);
            self.url = url.map_err(answer.about())?;
        }
        Ok(())
    }

    /// Returns the phase that it is in, for those who see the bytes go.
    pub(crate) fn phase(&self) -> Arc<Mutex<Phase>> {
        Arc::clone(&self.phase)
    }

    pub(crate) fn end(self) {
        *lock(&self.phase) = Phase::Over;
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let phase = *lock(&self.phase);
        if phase == Phase::Over {
            return;
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (status, end) =
            (self.call(Method::GET, self.url.clone()), self.call(Method::DELETE, self.url.clone()));
        let (repository, open) = (self.repository.clone(), self.open.take());
        let ending = async move {
            let _open = open;
            // A session that is committed is gone; a registry that does not say so is left alone.
            let is_open = phase == Phase::Open
                || repository.send(&status).await.is_ok_and(|answer| answer.status() == 204);
            if is_open {
                let _ = repository.send(&end).await;
            }
        };
        runtime.spawn(tokio::time::timeout(END_TIMEOUT, ending));
    }
}

impl Repository {
    /// Starts a session. A caller that stops waiting for it does not leave it behind: it is awaited
    /// to its address, and ended.
    pub(crate) async fn start_upload(&self, blob: &Blob, again: Again) -> Result<Session> {
        let (repository, blob) = (self.clone(), blob.clone());
        let start = async move { repository.start_upload_now(&blob, again).await };
        detached(&self.inner().endings, start).await
    }

    async fn start_upload_now(&self, blob: &Blob, again: Again) -> Result<Session> {
        let mut url = self.url(&["blobs", "uploads", ""]);
        let algorithm = blob.digest.algorithm().as_str();
        if algorithm != "sha256" {
            url.query_pairs_mut().append_pair("digest-algorithm", algorithm);
        }
        let call = Call { again, ..self.call(Method::POST, url, Access::PullPush) };
        let answer = self.send(&call).await?;
        match answer.status() {
            202 => self.session(&answer, blob).map_err(answer.about()),
            400 if algorithm != "sha256" => {
                let error = answer.refused("the upload").await;
                Err(error.with_kind(ErrorKind::UnsupportedDigest))
            }
            _ => Err(answer.refused(&format!("the blob {}", blob.digest)).await),
        }
    }

    /// Returns the session that an answer names.
    pub(crate) fn session(&self, answer: &Answer, blob: &Blob) -> Result<Session> {
        let zone = answer.response.zone;
        let min_chunk = answer.response.header("oci-chunk-min-length");
        let min_chunk = min_chunk.and_then(|text| text.trim().parse::<u64>().ok());
        Ok(Session {
            repository: self.clone(),
            blob: blob.clone(),
            url: self.upload_location(answer, zone)?,
            zone,
            min_chunk: min_chunk.unwrap_or_default().min(MAX_MIN_CHUNK),
            phase: Arc::default(),
            open: Some(self.inner().endings.open()),
        })
    }

    /// Reads and checks the `Location` of an upload.
    fn upload_location(&self, answer: &Answer, zone: Zone) -> Result<Url> {
        let location = answer.response.headers.get(LOCATION).map(HeaderValue::as_bytes);
        let mut url = redirect::resolve(&answer.response.url, location)
            .map_err(|error| Error::protocol(format!("the upload has no address: {error}")))?;
        let registry = Origin::of(&self.url(&[]));
        let target = Origin::of(&url);
        // A registry behind a TLS proxy that does not know of it (distribution#479).
        if registry.is_https() && !target.is_https() && target.host() == registry.host() {
            tracing::warn!("the registry gives a plain HTTP address for uploads; HTTPS is used");
            let _ = url.set_scheme("https");
            if url.port() == Some(80) {
                let _ = url.set_port(None);
            }
        }
        if !self.inner().transport.connections.is_allowed(&url) {
            redirect::check_target(&url, &registry, zone)?;
        }
        Ok(url)
    }
}

/// Runs a short request to its end, also when nobody waits for it any more: what it gives is dropped
/// then, and ends what it stands for. It counts as open as long as it takes.
pub(super) async fn detached<T: Send + 'static>(
    endings: &Endings,
    request: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    let open = endings.open();
    let request = async move {
        let result = request.await;
        drop(open);
        result
    };
    match tokio::spawn(request).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(Error::new(ErrorKind::Cancelled, "the runtime is shutting down")),
        },
    }
}
