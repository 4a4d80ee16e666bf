// SPDX-License-Identifier: Apache-2.0
//! The files of a layer, read once as a stream.

use std::io::BufRead;

use oci_artifact::{Result, gzip, limits as artifact_limits, tar};

use super::{Collector, Files, Packed};
use crate::limits::Limits;

impl Files {
    /// Reads a gzip-compressed layer to its end, once, in bounded memory.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArchive`](oci_artifact::ErrorKind::InvalidArchive) where it is malformed
    /// or holds what is refused, such as a link;
    /// [`ErrorKind::TooLarge`](oci_artifact::ErrorKind::TooLarge); what reading gives.
    pub fn from_layer(layer: impl BufRead, limits: Limits) -> Result<Self> {
        let archive = gzip::Decoder::new(layer, artifact_limits::MAX_LAYER_SIZE);
        let mut tar = tar::Reader::new(archive, tar::Limits::default());
        let mut collector = Collector::new(limits);
        while let Some(entry) = tar.next_entry()? {
            let (path, mode, size) = (entry.path().to_vec(), entry.mode(), entry.size());
            collector.file(&path, mode, size, Packed::Kept, entry)?;
        }
        Ok(collector.finish())
    }
}
