// SPDX-License-Identifier: Apache-2.0
//! Uploads under way. A session survives whatever happens to the connections that feed it: what
//! came before one broke off is kept, and `GET` says how much that is (end-13). It ends with its
//! commit, its cancellation, a wrong digest, a failing disk, the end of the server, or when nobody
//! asked for it for a while.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;

use crate::clock::Clock;
use crate::limits::Limits;
use crate::lock;
use crate::name::Repository;
use crate::random;
use crate::refusal::{Code, Refusal};
use crate::storage::Upload;

/// The time for which a request waits for another one on the same session: that of a connection which died
/// a moment ago.
const PATIENCE: Duration = Duration::from_secs(5);

/// All uploads under way.
pub(crate) struct Sessions {
    clock: Clock,
    lifetime: Duration,
    limit: usize,
    all: Mutex<BTreeMap<String, Arc<Session>>>,
}

/// One upload under way.
pub(crate) struct Session {
    id: String,
    repository: Repository,
    /// The time when it was asked for last, in milliseconds.
    touched: AtomicU64,
    upload: Arc<tokio::sync::Mutex<Option<Upload>>>,
}

/// The sole use of a session's upload. Work that was handed to another thread takes this with it,
/// so that nobody else gets hold of the session before it is done. `None` once the upload ended.
pub(crate) type Held = OwnedMutexGuard<Option<Upload>>;

impl Sessions {
    pub(crate) fn new(limits: &Limits, clock: Clock) -> Self {
        let (lifetime, limit) = (limits.upload_lifetime, limits.uploads);
        Self { clock, lifetime, limit, all: Mutex::default() }
    }

    /// Starts a session.
    ///
    /// # Errors
    /// `TOOMANYREQUESTS` if there are too many.
    pub(crate) fn begin(
        &self,
        repository: &Repository,
        upload: Upload,
    ) -> Result<Arc<Session>, Refusal> {
        self.sweep();
        let id = random::uuid()?;
        let mut all = lock(&self.all);
        if all.len() >= self.limit {
            let message = "too many uploads are under way";
            return Err(Refusal::new(Code::TooManyRequests, message).retry_after(10));
        }
        let session = Arc::new(Session {
            id: id.clone(),
            repository: repository.clone(),
            touched: AtomicU64::new(self.now()),
            upload: Arc::new(tokio::sync::Mutex::new(Some(upload))),
        });
        all.insert(id, session.clone());
        Ok(session)
    }

    /// Returns the session with that id, if it is in that repository.
    ///
    /// # Errors
    /// `BLOB_UPLOAD_UNKNOWN`.
    pub(crate) fn get(&self, repository: &Repository, id: &str) -> Result<Arc<Session>, Refusal> {
        self.sweep();
        let session = lock(&self.all).get(id).filter(|s| s.repository == *repository).cloned();
        let session = session.ok_or_else(unknown)?;
        self.touch(&session);
        Ok(session)
    }

    /// Says that somebody still works on it.
    pub(crate) fn touch(&self, session: &Session) {
        session.touched.store(self.now(), Ordering::Relaxed);
    }

    /// Ends a session. Who holds its upload may finish it.
    pub(crate) fn end(&self, session: &Session) {
        lock(&self.all).remove(&session.id);
    }

    /// Ends those that nobody asked for. Their files go with the last who holds them.
    pub(crate) fn sweep(&self) {
        let now = self.now();
        let lifetime = u64::try_from(self.lifetime.as_millis()).unwrap_or(u64::MAX);
        let is_alive = |session: &Session| {
            now.saturating_sub(session.touched.load(Ordering::Relaxed)) <= lifetime
                || session.upload.try_lock().is_err()
        };
        let mut dead = Vec::new();
        lock(&self.all).retain(|_, session| {
            let keep = is_alive(session);
            if !keep {
                dead.push(session.clone());
            }
            keep
        });
        for session in dead {
            tracing::info!(session = session.id, repository = %session.repository, "an upload has expired");
        }
    }

    /// Returns the number of sessions.
    pub(crate) fn len(&self) -> usize {
        lock(&self.all).len()
    }

    fn now(&self) -> u64 {
        u64::try_from(self.clock.now().as_millis()).unwrap_or(u64::MAX)
    }
}

impl Session {
    /// Returns its id, a UUID.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Returns its place, relative to the host.
    pub(crate) fn location(&self) -> String {
        format!("/v2/{}/blobs/uploads/{}", self.repository, self.id)
    }

    /// Waits for the use of its upload.
    ///
    /// # Errors
    /// `TOOMANYREQUESTS` if another request is at it all the while; `BLOB_UPLOAD_UNKNOWN` if it
    /// ended.
    pub(crate) async fn hold(&self) -> Result<Held, Refusal> {
        match tokio::time::timeout(PATIENCE, self.upload.clone().lock_owned()).await {
            Ok(held) if held.is_some() => Ok(held),
            Ok(_) => Err(unknown()),
            Err(_) => {
                let message = "another request is using this upload";
                Err(Refusal::new(Code::TooManyRequests, message).retry_after(1))
            }
        }
    }
}

fn unknown() -> Refusal {
    Refusal::new(Code::BlobUploadUnknown, "there is no such upload, or no longer")
}
