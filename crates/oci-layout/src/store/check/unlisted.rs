// SPDX-License-Identifier: Apache-2.0
//! Content that nothing reaches: lost if the index was lost, garbage otherwise.

use std::collections::BTreeSet;
use std::ffi::OsStr;

use toolhive_diagnostics::Remedy;

use super::{Check, FindingKind};
use crate::store::fs as ops;
use crate::store::index_file::IndexFile;
use crate::store::needed::all_needed;
use crate::store::release::Notes;
use crate::store::unlisted::{Finder, Root, said};
use crate::{Diagnostic, Digest};

impl Check<'_> {
    /// Lists again what is complete and listed nowhere, unless it lost its tag here (LS-18). Whether
    /// there was any.
    pub(super) fn unlisted(&mut self, index: &mut IndexFile) -> bool {
        let released = match Notes::read(self.store) {
            Ok(notes) => notes.released,
            Err(error) => {
                self.unreadable(&error, None, None);
                return false;
            }
        };
        let Some(reached) = self.reached(index) else { return false };
        let files = std::mem::take(&mut self.files);
        let found = Finder::default().find(self.store, &mut self.walker, &files, &reached);
        self.files = files;
        for error in &found.unreadable {
            self.unreadable(error, None, None);
        }
        let mut is_changed = false;
        for root in found.roots {
            if released.contains(&root.digest) {
                continue;
            }
            match self.incomplete(&root.digest) {
                Ok(None) => (),
                Ok(Some(_)) => continue,
                Err(error) => {
                    self.unreadable(&error, None, Some(root.digest));
                    continue;
                }
            }
            let tag = index.list_again(&root);
            is_changed = true;
            let Root { digest, name, time, .. } = root;
            let came = time
                .and_then(said)
                .map(|time| format!(", which arrived at {time}"))
                .unwrap_or_default();
            let called = name.map(|name| format!(" ({name:?})")).unwrap_or_default();
            let message = format!("nothing lists {digest}{called}{came}, though it is complete");
            let problem = Diagnostic::new(message).at_path(self.store.layout().blob(&digest));
            let repair = match &tag {
                Some(tag) => format!("listed it again as {tag}"),
                None => "listed it without a tag".to_owned(),
            };
            self.find_with(FindingKind::Unlisted, problem, &repair, tag.as_deref(), Some(digest));
            if let Some(finding) = self.report.findings.last_mut() {
                finding.time = time;
            }
        }
        is_changed
    }

    /// Returns the content that the entries reach, if that can be known.
    fn reached(&mut self, index: &IndexFile) -> Option<BTreeSet<Digest>> {
        let reached = all_needed(self.store, &mut self.walker, index);
        reached.map_err(|error| self.unreadable(&error, None, None)).ok()
    }

    /// Counts what nothing reaches, if that can be known.
    pub(super) fn garbage(&mut self, index: &IndexFile) {
        let Some(reached) = self.reached(index) else { return };
        let garbage = self.intact.iter().filter(|(digest, _)| !reached.contains(*digest));
        let sizes: Vec<u64> = garbage.map(|(_, size)| *size).collect();
        if sizes.is_empty() {
            return;
        }
        let size = sizes.iter().fold(0_u64, |sum, size| sum.saturating_add(*size));
        let message = format!("nothing refers to {} blobs of {size} bytes", sizes.len());
        let problem = Diagnostic::new(message)
            .at_path(self.store.layout().blobs_dir())
            .with_help(Remedy::CollectGarbage.help("{} removes them"));
        self.find(FindingKind::Garbage, problem, "");
    }

    /// Finds what lies beside the store's own files.
    pub(super) fn strays(&mut self) {
        let own: BTreeSet<_> = self.store.layout().own_names().map(OsStr::new).collect();
        let entries = match ops::entries(&self.store.layout().top()) {
            Ok(entries) => entries,
            Err(error) => return self.unreadable(&error, None, None),
        };
        for path in entries {
            if path.file_name().is_none_or(|name| !own.contains(name)) {
                let problem = Diagnostic::new("does not belong to the store").at_path(path);
                self.find(FindingKind::Stray, problem, "");
            }
        }
    }
}
