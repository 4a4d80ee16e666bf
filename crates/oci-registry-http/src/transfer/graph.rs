// SPDX-License-Identifier: Apache-2.0
//! The parts of an artifact in the order in which they can be sent: what others refer to first.

use std::collections::BTreeSet;

use oci_artifact::Digest;
use oci_artifact::limits::MAX_CONFIG_SIZE;
use oci_artifact::media_type::is_manifest;

use crate::document::Link;
use crate::error::{Error, ErrorKind, Result};
use crate::manifests::Manifest;

/// The largest number of indexes within indexes.
const MAX_DEPTH: usize = 4;
/// The largest number of manifests of one artifact.
const MAX_MANIFESTS: usize = 4096;

/// The graph of an artifact's documents and blobs.
#[derive(Debug, Default)]
pub(super) struct Graph {
    /// Children before their parents; the root is last.
    pub(super) manifests: Vec<Manifest>,
    /// Configs and layers, each once.
    pub(super) blobs: Vec<Link>,
}

/// Refuses what nothing could read where it goes: a config past the limit of readers (DEV-7).
fn check_config(node: &Manifest) -> Result<()> {
    match &node.document.config {
        Some(config) if config.size > MAX_CONFIG_SIZE => {
            let message = format!(
                "the config of {} has {} bytes, more than {MAX_CONFIG_SIZE}: no reader accepts \
                 such an artifact",
                node.digest, config.size
            );
            Err(Error::new(ErrorKind::TooLarge, message))
        }
        _ => Ok(()),
    }
}

/// The documents that are still to be read.
#[derive(Debug, Default)]
pub(super) struct Frontier {
    levels: Vec<Vec<Manifest>>,
    blobs: Vec<Link>,
    seen: BTreeSet<Digest>,
}

impl Frontier {
    /// Takes the manifests of one level; what they refer to that is a manifest is the next level.
    pub(super) fn add(&mut self, level: Vec<Manifest>) -> Result<Vec<Link>> {
        if self.levels.len() > MAX_DEPTH {
            let message = format!("indexes are nested more than {MAX_DEPTH} deep");
            return Err(Error::new(ErrorKind::Refused, message));
        }
        let mut next = Vec::new();
        for node in &level {
            check_config(node)?;
            self.seen.insert(node.digest);
            for link in node.document.children() {
                if link.is_foreign() || !self.seen.insert(link.digest) {
                    continue;
                }
                match is_manifest(&link.media_type) {
                    true => next.push(link.clone()),
                    false => self.blobs.push(link.clone()),
                }
            }
        }
        if self.seen.len() > MAX_MANIFESTS + self.blobs.len() {
            let message = format!("the artifact has more than {MAX_MANIFESTS} manifests");
            return Err(Error::new(ErrorKind::TooLarge, message));
        }
        self.levels.push(level);
        Ok(next)
    }

    pub(super) fn finish(self) -> Graph {
        let manifests = self.levels.into_iter().rev().flatten().collect();
        Graph { manifests, blobs: self.blobs }
    }
}
