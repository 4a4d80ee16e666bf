// SPDX-License-Identifier: Apache-2.0
//! A blob on its way in.

use std::io::Write as _;

use oci_artifact::Digest;
use oci_artifact::ErrorKind;
use oci_artifact::store::{BlobWriter, Store};

use crate::refusal::{Code, Refusal};

/// The bytes of a blob that came so far. Dropping it removes them.
pub(crate) struct Upload {
    writer: BlobWriter,
    size: u64,
    limit: u64,
}

impl Upload {
    pub(super) fn begin(store: &Store, limit: u64) -> Result<Self, Refusal> {
        let writer = store.blob_writer()?.with_limit(limit);
        Ok(Self { writer, size: 0, limit })
    }

    /// Returns the bytes that have come.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Adds what came next.
    ///
    /// # Errors
    /// Status 413 past the limit. After an error the upload is of no use.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let size = self.size.saturating_add(bytes.len() as u64);
        if size > self.limit {
            let message = format!("a blob has at most {} bytes here", self.limit);
            return Err(Refusal::new(Code::SizeInvalid, message)
                .with_status(hyper::StatusCode::PAYLOAD_TOO_LARGE));
        }
        self.writer.write_all(bytes).map_err(|error| {
            Refusal::from(oci_artifact::Error::from_io(
                "cannot keep the upload",
                std::path::Path::new("ingest"),
                error,
            ))
        })?;
        self.size = size;
        Ok(())
    }

    pub(super) fn finish(self, digest: &Digest) -> Result<(), Refusal> {
        self.writer.finish_expecting(digest, self.size).map_err(|error| match error.kind() {
            ErrorKind::DigestMismatch => {
                Refusal::new(Code::DigestInvalid, "the content has another digest")
                    .with_detail(digest)
            }
            _ => error.into(),
        })
    }
}
