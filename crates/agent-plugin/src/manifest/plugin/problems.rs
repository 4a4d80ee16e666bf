// SPDX-License-Identifier: Apache-2.0
//! Problems and warnings, collected.

use oci_artifact::Diagnostic;

use super::MANIFEST_PATH;

/// The most problems, and the most warnings, that are reported of one manifest: to find the place of
/// each takes a way through the text, and nobody reads a thousand.
pub(super) const MAX_PROBLEMS: usize = 50;

/// The first findings of a reader.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<Diagnostic>);

impl Problems {
    pub(super) fn add(&mut self, finding: impl FnOnce() -> Diagnostic) {
        if self.0.len() < MAX_PROBLEMS {
            self.0.push(finding());
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns all of them, from the start of the manifest to its end.
    pub(super) fn in_order(mut self) -> Vec<Diagnostic> {
        self.0.sort_by_key(|finding| finding.position);
        self.0.into_iter().map(|finding| finding.at_path(MANIFEST_PATH)).collect()
    }
}
