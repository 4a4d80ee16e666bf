// SPDX-License-Identifier: Apache-2.0
//! Gathers entries, reading each file once.

use std::io::Read;
use std::path::PathBuf;

use oci_artifact::listing::{LayerFile, read_layer};
use oci_artifact::{Digest, Error, Result};
use sha2::{Digest as _, Sha256};

use super::interest::{Interest, Places};
use super::links::{self, Link};
use super::{Entry, Files, Head, Packed, head};
use crate::host::Host;
use crate::limits::Limits;

/// Makes [`Files`] of entries that come one after the other, in any order.
#[derive(Debug)]
pub struct Collector {
    files: Files,
    places: Places,
    read: u64,
    kept: u64,
    spare: u64,
    bundles: u64,
}

impl Collector {
    /// Creates an empty collection.
    pub fn new(limits: Limits) -> Self {
        Self {
            read: limits.read,
            kept: limits.kept,
            spare: limits.spare,
            bundles: limits.bundles,
            files: Files { limits, ..Files::default() },
            places: Places::default(),
        }
    }

    /// Adds a regular file and reads it to its end, unless that is too much together with those
    /// before it. `size` is what is known of it before.
    ///
    /// # Errors
    /// What reading gives.
    pub fn file(
        &mut self,
        path: &[u8],
        mode: u32,
        size: u64,
        packed: Packed,
        mut reader: impl Read,
    ) -> Result<()> {
        if self.is_full() {
            return Ok(());
        }
        if size > self.read {
            self.overflow();
            return Ok(());
        }
        let shown = String::from_utf8_lossy(path).into_owned();
        let mut keep = self.room(&shown, size).is_some_and(|room| size <= *room);
        let mut content = Vec::new();
        let mut hasher = Sha256::new();
        let mut start: Vec<u8> = Vec::with_capacity(head::SIZE);
        let mut read_bytes = 0_u64;
        let mut buffer = [0; 1 << 14];
        loop {
            let count = reader.read(&mut buffer).map_err(|error| {
                Error::from_io("the file cannot be read", &PathBuf::from(&shown), error)
            })?;
            let piece = buffer.get(..count).unwrap_or_default();
            if piece.is_empty() {
                break;
            }
            hasher.update(piece);
            let room = head::SIZE.saturating_sub(start.len()).min(piece.len());
            start.extend_from_slice(piece.get(..room).unwrap_or_default());
            read_bytes = read_bytes.saturating_add(piece.len() as u64);
            if read_bytes > self.read {
                // It grows while it is read.
                self.overflow();
                return Ok(());
            }
            // A file that grows while it is read is not kept.
            keep = keep && read_bytes <= size;
            if keep {
                content.extend_from_slice(piece);
            }
        }
        self.read = self.read.saturating_sub(read_bytes);
        if keep && Host::ALL.iter().any(|host| host.manifest().as_bytes() == path) {
            self.places.note(&content);
        }
        if keep && let Some(room) = self.room(&shown, size) {
            *room = room.saturating_sub(size);
        }
        let digest: [u8; 32] = hasher.finalize().into();
        self.files.entries.push(Entry {
            path: shown,
            raw_path: path.to_vec(),
            mode: mode & 0o777,
            size: read_bytes,
            sha256: hexadecimal(&digest),
            digest,
            head: Head::of(&start),
            packed,
            names_packages: start.windows(12).any(|bytes| bytes == b"# /// script"),
            content: keep.then_some(content),
        });
        Ok(())
    }

    /// Adds a file of a layer.
    ///
    /// # Errors
    /// What reading gives.
    pub fn layer_file(&mut self, file: LayerFile<'_>) -> Result<()> {
        let LayerFile { path, mode, size, content } = file;
        self.file(path, mode, size, Packed::Kept, content)
    }

    /// Adds a symbolic link.
    pub fn link(&mut self, path: &[u8], target: &[u8]) {
        if !self.is_full() {
            let shown = |bytes| String::from_utf8_lossy(bytes).into_owned();
            self.files.links.push(Link::new(shown(path), shown(target)));
        }
    }

    /// Adds something that is neither a file, nor a directory, nor a link.
    pub fn special(&mut self, path: &[u8]) {
        if !self.is_full() {
            self.files.specials.push(String::from_utf8_lossy(path).into_owned());
        }
    }

    /// Notes an entry that the packager leaves out; a directory ends with `/`.
    pub fn dropped(&mut self, path: &[u8]) {
        if !self.is_full() {
            self.files.dropped.push(String::from_utf8_lossy(path).into_owned());
        }
    }

    /// Ends the collection.
    pub fn finish(self) -> Files {
        let mut files = self.files;
        files.entries.sort_by(|a, b| a.raw_path.cmp(&b.raw_path));
        files.links.sort_by(|a, b| a.path.cmp(&b.path));
        files.dropped.sort();
        files.specials.sort();
        files.paths =
            files.entries.iter().enumerate().map(|(at, entry)| (entry.path.clone(), at)).collect();
        links::follow(&mut files);
        files
    }

    /// Notes that something was not looked at.
    pub(super) fn overflow(&mut self) {
        self.files.truncated = true;
    }

    fn is_full(&mut self) -> bool {
        let Files { entries, links, specials, dropped, limits, .. } = &self.files;
        let full = entries.len() + links.len() + specials.len() + dropped.len() >= limits.entries;
        self.files.truncated |= full;
        full
    }

    /// Returns the bytes that may still be kept of files such as this one; `None` if none is needed.
    fn room(&mut self, path: &str, size: u64) -> Option<&mut u64> {
        match self.places.interest(path, size, &self.files.limits) {
            Interest::Core => Some(&mut self.kept),
            Interest::Spare => Some(&mut self.spare),
            Interest::Bundle => Some(&mut self.bundles),
            Interest::None => None,
        }
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

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
