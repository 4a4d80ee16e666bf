// SPDX-License-Identifier: Apache-2.0
//! The files of a layer, read once as a stream.

use std::io::Read;

use oci_artifact::Digest;
use oci_artifact::Result;
use oci_artifact::listing::{LayerFile, read_layer};

use super::{Collector, Files, Packed};
use crate::limits::Limits;

impl Collector {
    /// Adds a file of a layer.
    ///
    /// # Errors
    /// What reading gives.
    pub fn layer_file(&mut self, file: LayerFile<'_>) -> Result<()> {
        let LayerFile { path, mode, size, content } = file;
        self.file(path, mode, size, Packed::Kept, content)
    }
}

impl Files {
    /// Reads a gzip-compressed layer to its end, once, in bounded memory. `diff_id` is the digest that
    /// it has to have uncompressed.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArchive`](oci_artifact::ErrorKind::InvalidArchive) if it is malformed or
    /// holds what is refused, such as a link;
    /// [`ErrorKind::TooLarge`](oci_artifact::ErrorKind::TooLarge);
    /// [`ErrorKind::DigestMismatch`](oci_artifact::ErrorKind::DigestMismatch); what reading gives.
    pub fn from_layer(layer: impl Read, diff_id: &Digest, limits: Limits) -> Result<Self> {
        let mut collector = Collector::new(limits);
        read_layer(layer, diff_id, |file| collector.layer_file(file))?;
        Ok(collector.finish())
    }
}
