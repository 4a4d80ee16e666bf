// SPDX-License-Identifier: Apache-2.0
//! Blobs that are not kept: read into memory, or by blocking code while they come.

use std::io::{self, Read};

use bytes::{Buf, Bytes};
use tokio::sync::mpsc;

use crate::blobs::Blob;
use crate::error::{Error, ErrorKind, Result};
use crate::repository::Repository;

/// The number of chunks that wait to be read.
const WAITING: usize = 16;

impl Repository {
    /// Fetches a small blob, of at most `limit` bytes, and verifies it: a config.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`]; those of [`get_blob`](Self::get_blob) and of its reader.
    pub async fn get_blob_bytes(&self, blob: &Blob, limit: u64) -> Result<Bytes> {
        let Blob { digest, size } = blob;
        if *size > limit {
            let message = format!("the blob {digest} has {size} bytes, more than {limit}");
            return Err(Error::new(ErrorKind::TooLarge, message));
        }
        let mut reader = self.get_blob(blob).await?;
        let mut all = Vec::new();
        while let Some(chunk) = reader.next().await? {
            all.extend_from_slice(&chunk);
        }
        Ok(all.into())
    }

    /// Fetches a blob and lets `work` read it as it comes, on the blocking pool; nothing touches the
    /// disk. The end of the input is reached only if all of the blob is right. Work that ends before
    /// it has read unverified bytes, and ends the transfer.
    ///
    /// # Errors
    /// Those of the transfer, else those of `work`.
    pub async fn read_blob<T: Send + 'static>(
        &self,
        blob: &Blob,
        work: impl FnOnce(&mut dyn Read) -> oci_artifact::Result<T> + Send + 'static,
    ) -> Result<T> {
        let mut reader = self.get_blob(blob).await?;
        let (sender, receiver) = mpsc::channel(WAITING);
        let working = toolhive_offload::run(move |_| {
            work(&mut Incoming { receiver, chunk: Some(Bytes::new()) })
        });
        tokio::pin!(working);
        let feeding = async {
            while let Some(chunk) = reader.next().await? {
                if sender.send(Some(chunk)).await.is_err() {
                    return Ok(());
                }
            }
            // The end is said: a sender that is gone ends nothing.
            let _ = sender.send(None).await;
            Ok::<_, Error>(())
        };
        tokio::select! {
            done = &mut working => return Ok(done?),
            fed = feeding => fed?,
        }
        Ok(working.await?)
    }
}

/// A blob on its way, for blocking code.
struct Incoming {
    receiver: mpsc::Receiver<Option<Bytes>>,
    /// The chunk that is read; none at the end.
    chunk: Option<Bytes>,
}

impl Read for Incoming {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.chunk.as_ref().is_some_and(Bytes::is_empty) {
            let broken = || io::Error::new(io::ErrorKind::UnexpectedEof, "the blob broke off");
            self.chunk = self.receiver.blocking_recv().ok_or_else(broken)?;
        }
        let Some(chunk) = &mut self.chunk else { return Ok(0) };
        let count = chunk.len().min(buffer.len());
        chunk.split_to(count).copy_to_slice(buffer.get_mut(..count).unwrap_or_default());
        Ok(count)
    }
}
