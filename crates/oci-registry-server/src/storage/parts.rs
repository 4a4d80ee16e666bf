// SPDX-License-Identifier: Apache-2.0
//! Chunks by which parts of blobs are verified, once they were made: of that many chunks at most.

use std::collections::VecDeque;
use std::sync::Mutex;

use oci_artifact::Digest;
use oci_artifact::Result;
use oci_artifact::store::{BlobChunks, Store};

use crate::lock;

/// The most chunks whose digests are kept: 8 MiB of them, for 64 GiB of blobs.
const MAX_CHUNKS: usize = 1 << 18;
/// The most blobs whose chunks are kept: looking for one must not take long.
const MAX_BLOBS: usize = 1024;

/// The blobs of which a part was asked for last, the latest at the end.
#[derive(Default)]
pub(super) struct Parts(Mutex<VecDeque<(Digest, BlobChunks)>>);

impl Parts {
    /// Returns the digests of the chunks of a blob. The first time, all of the blob is read and
    /// verified.
    pub(super) fn chunks(&self, store: &Store, digest: &Digest) -> Result<BlobChunks> {
        if let Some(chunks) = self.known(digest) {
            return Ok(chunks);
        }
        let chunks = store.blob_chunks(digest)?;
        let mut known = lock(&self.0);
        known.push_back((*digest, chunks.clone()));
        let mut count = known.iter().map(|(_, chunks)| chunks.count()).sum::<usize>();
        while count > MAX_CHUNKS || known.len() > MAX_BLOBS {
            let Some((_, oldest)) = known.pop_front() else { break };
            count = count.saturating_sub(oldest.count());
        }
        Ok(chunks)
    }

    fn known(&self, digest: &Digest) -> Option<BlobChunks> {
        let mut known = lock(&self.0);
        let at = known.iter().position(|(other, _)| other == digest)?;
        let found = known.remove(at)?;
        let chunks = found.1.clone();
        known.push_back(found);
        Some(chunks)
    }

    /// Forgets a blob, which is not what it was.
    pub(super) fn forget(&self, digest: &Digest) {
        lock(&self.0).retain(|(other, _)| other != digest);
    }
}
