// SPDX-License-Identifier: Apache-2.0
//! What nothing reaches: lost content if the index was lost, garbage otherwise.

use std::collections::BTreeSet;
use std::ffi::OsStr;

use oci_spec::image::{Descriptor, Digest, MediaType};

use super::{Check, FindingKind};
use crate::store::delete::needed;
use crate::store::fs as ops;
use crate::store::graph::{self, Role};
use crate::store::index_file::IndexFile;
use crate::{Diagnostic, Result, digest};

/// The largest blob that is taken for a manifest: what a registry must accept.
const MAX_SIZE: u64 = 4 << 20;

/// A manifest or index that is complete.
struct Candidate {
    digest: Digest,
    size: u64,
    media_type: MediaType,
}

impl Check<'_> {
    /// Lists again, without a tag, what was listed before: complete manifests and indexes that no
    /// entry reaches and that are no part of another.
    pub(super) fn unlisted(&mut self, index: &mut IndexFile) -> Result<()> {
        let (mut reached, _) = needed(self.store, &mut self.walker, index);
        let mut candidates = Vec::new();
        for (text, size) in self.intact.clone() {
            let digest = digest::parse(&text)?;
            if size > MAX_SIZE || reached.contains(&text) {
                continue;
            }
            let bytes = self.store.get_blob(&digest)?;
            let media_type = graph::media_type(&bytes).filter(graph::is_manifest);
            let Some(media_type) = media_type.filter(|_| self.incomplete(&digest).is_none()) else {
                continue;
            };
            let parts = graph::links(&bytes).into_iter().filter(|link| link.role != Role::Subject);
            reached.extend(parts.map(|link| Box::from(link.digest.as_ref())));
            candidates.push(Candidate { digest, size, media_type });
        }
        for Candidate { digest, size, media_type } in candidates {
            if reached.contains(digest.as_ref()) {
                continue;
            }
            let message = format!("nothing lists {digest}, and nothing refers to it");
            let problem = Diagnostic::new(message).at_path(self.store.layout().blob(&digest));
            let content = Descriptor::new(media_type, size, digest.clone());
            index.list(None, &content, None, None);
            let repair = "listed it without a tag";
            self.find_with(FindingKind::Unlisted, problem, repair, None, Some(digest));
        }
        Ok(())
    }

    /// Counts what nothing reaches.
    pub(super) fn garbage(&mut self, index: &IndexFile) {
        let (reached, _) = needed(self.store, &mut self.walker, index);
        let garbage = self.intact.iter().filter(|(digest, _)| !reached.contains(*digest));
        let sizes: Vec<u64> = garbage.map(|(_, size)| *size).collect();
        if sizes.is_empty() {
            return;
        }
        let size = sizes.iter().fold(0_u64, |sum, size| sum.saturating_add(*size));
        let message = format!("nothing refers to {} blobs of {size} bytes", sizes.len());
        let problem = Diagnostic::new(message)
            .at_path(self.store.layout().blobs_dir())
            .with_help("`store gc` removes them");
        self.find(FindingKind::Garbage, problem, "");
    }

    /// Finds what lies beside the store's own files.
    pub(super) fn strays(&mut self) -> Result<()> {
        let own: BTreeSet<_> = self.store.layout().own_names().map(OsStr::new).collect();
        for path in ops::entries(&self.store.layout().top())? {
            if path.file_name().is_none_or(|name| !own.contains(name)) {
                let problem = Diagnostic::new("not a part of the store").at_path(path);
                self.find(FindingKind::Stray, problem, "");
            }
        }
        Ok(())
    }
}
