// SPDX-License-Identifier: Apache-2.0
//! Blobs (registry.md B5, B6): there or not, fetched, sent.

pub mod reader;
mod reading;
mod session;
pub(crate) mod endings;
mod upload;

use oci_artifact::Digest;
use std::fmt;
use std::sync::Arc;

use reqwest::Method;

use crate::auth::scope::Access;
use crate::error::{Error, ErrorKind, Result};
use crate::manifests::{CONTENT_DIGEST, check_returned};
use crate::repository::{Again, Call, Repository};
use crate::transport::body::Watch;
pub use crate::transport::body::{ByteStream, Reads, Source, read_ahead};
use reader::BlobReader;
use session::Session;

/// A blob's digest and size, which together are what is wanted of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// The digest of the blob.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
}

/// The way in which a blob came to be in a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Placed {
    /// The blob was there.
    Existed,
    /// Another repository of the registry had the blob.
    Mounted,
    /// The blob was sent.
    Uploaded,
}

/// The sizes of the parts of an upload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Chunking {
    /// In one piece; in chunks only if that fails.
    #[default]
    Whole,
    /// In chunks of that many bytes.
    Chunks(u64),
}

/// Receives the number of bytes of a blob that have gone; it may go back when a part is sent again.
pub type OnBytes = Arc<dyn Fn(u64) + Send + Sync>;

/// Settings of an upload.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct UploadOptions {
    /// The choice between one piece and chunks.
    pub chunking: Chunking,
    /// Receives the progress.
    pub on_bytes: Option<OnBytes>,
}

impl fmt::Debug for UploadOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadOptions").field("chunking", &self.chunking).finish_non_exhaustive()
    }
}

impl UploadOptions {
    fn watch(&self) -> Watch {
        let on_bytes = self.on_bytes.clone();
        Watch(Arc::new(move |sent| {
            if let Some(on_bytes) = &on_bytes {
                on_bytes(sent);
            }
        }))
    }
}

impl Repository {
    /// Whether the repository has a blob, as far as the registry says so: what it does not answer
    /// counts as no.
    ///
    /// # Errors
    /// Where the registry cannot be reached.
    pub async fn has_blob(&self, blob: &Blob) -> Result<bool> {
        self.has_blob_for(blob, Access::Pull).await
    }

    pub(crate) async fn has_blob_for(&self, blob: &Blob, access: Access) -> Result<bool> {
        self.asks_for_blob(blob, access, Again::IfItHelps).await
    }

    async fn asks_for_blob(&self, blob: &Blob, access: Access, again: Again) -> Result<bool> {
        let url = self.url(&["blobs", &blob.digest.to_string()]);
        let call = Call { again, ..self.call(Method::HEAD, url, access) };
        let answer = self.send(&call).await?;
        if answer.status() != 200 {
            return Ok(false);
        }
        match answer.response.content_length() {
            Some(length) if length != blob.size => {
                tracing::warn!(
                    digest = %blob.digest,
                    "the registry has the blob with {length} bytes instead of {}; it is sent again",
                    blob.size
                );
                Ok(false)
            }
            _ => Ok(true),
        }
    }

    /// Fetches a blob. What comes is verified: its end is reached only if all of it is right.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], [`ErrorKind::SizeMismatch`], and those of the request.
    pub async fn get_blob(&self, blob: &Blob) -> Result<BlobReader> {
        BlobReader::open(self.clone(), blob.clone()).await
    }

    /// Sends a blob, unless it is there. A broken connection is no failure: what arrived is asked
    /// for and the rest is sent. Dropping the future ends the upload in the registry,
    /// too, as far as that can be done.
    ///
    /// # Errors
    /// [`ErrorKind::SourceChanged`] if the source does not have the bytes announced; [`ErrorKind::NotRewindable`];
    /// [`ErrorKind::PayloadTooLarge`]; and whatever the registry says.
    pub async fn put_blob(
        &self,
        blob: &Blob,
        source: Arc<dyn Source>,
        options: &UploadOptions,
    ) -> Result<Placed> {
        if self.has_blob_for(blob, Access::PullPush).await? {
            return Ok(Placed::Existed);
        }
        self.upload_blob(blob, source, options).await
    }

    /// Sends a blob without asking whether it is there.
    ///
    /// # Errors
    /// Those of [`put_blob`](Self::put_blob).
    pub async fn upload_blob(
        &self,
        blob: &Blob,
        source: Arc<dyn Source>,
        options: &UploadOptions,
    ) -> Result<Placed> {
        let session = self.start_upload(blob, Again::IfItHelps).await?;
        self.continue_upload(blob, source, options, session).await?;
        Ok(Placed::Uploaded)
    }

    /// Takes a blob over from another repository of the same registry; sends it from `source`
    /// where the registry does not do that.
    ///
    /// # Errors
    /// Those of [`put_blob`](Self::put_blob).
    pub async fn mount_blob(
        &self,
        blob: &Blob,
        from: &Self,
        source: Arc<dyn Source>,
        options: &UploadOptions,
    ) -> Result<Placed> {
        if !self.shares_registry_with(from) {
            let message = "a blob can only be mounted within one registry";
            return Err(Error::new(ErrorKind::InvalidOption, message));
        }
        let mut url = self.url(&["blobs", "uploads", ""]);
        url.query_pairs_mut()
            .append_pair("mount", &blob.digest.to_string())
            .append_pair("from", from.name().repository());
        let mut call = self.call(Method::POST, url, Access::PullPush);
        call.scopes = call.scopes.and(&from.scopes(Access::Pull));
        let (repository, wanted) = (self.clone(), blob.clone());
        let mounting = async move { repository.mount_now(&call, &wanted).await };
        let session = match session::detached(&self.inner().endings, mounting).await? {
            Mount::Done => return Ok(Placed::Mounted),
            Mount::Session(session) => Some(*session),
            Mount::Refused => None,
        };
        let Some(session) = session else {
            return self.upload_blob(blob, source, options).await;
        };
        self.continue_upload(blob, source, options, session).await?;
        Ok(Placed::Uploaded)
    }

    async fn mount_now(&self, call: &Call, blob: &Blob) -> Result<Mount> {
        match self.send(call).await {
            Ok(answer) if answer.status() == 201 => {
                check_returned(answer.response.header(CONTENT_DIGEST), &blob.digest)
                    .map_err(answer.about())?;
                Ok(Mount::Done)
            }
            Ok(answer) if answer.status() == 202 => {
                let session = self.session(&answer, blob).map_err(answer.about())?;
                Ok(Mount::Session(Box::new(session)))
            }
            // Registries refuse mounts in many ways, and all mean: send it.
            Ok(_) => Ok(Mount::Refused),
            Err(error) if error.is_auth() => Ok(Mount::Refused),
            Err(error) => Err(error),
        }
    }
}

/// The outcome of a mount.
enum Mount {
    Done,
    /// The registry asks for the bytes, here.
    Session(Box<Session>),
    Refused,
}
