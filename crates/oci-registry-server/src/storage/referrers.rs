// SPDX-License-Identifier: Apache-2.0
//! Subjects of manifests. What a manifest is about never changes, so each is read
//! once to find out; only that is remembered.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use oci_artifact::Digest;
use oci_artifact::store::Store;

use crate::manifest::Document;
use crate::refusal::Refusal;

/// The known subjects of manifests: by manifest.
#[derive(Default)]
pub(super) struct Subjects(Mutex<BTreeMap<Digest, Option<Digest>>>);

/// A manifest that is about another.
pub(crate) struct Referrer {
    pub(crate) digest: Digest,
    pub(crate) size: u64,
    pub(crate) document: Document,
}

impl Subjects {
    /// Returns those of `manifests` that are about `subject`. Unreadable ones are about nothing.
    pub(super) fn referrers<'a>(
        &self,
        store: &Store,
        manifests: impl Iterator<Item = &'a Digest>,
        subject: &Digest,
    ) -> Result<Vec<Referrer>, Refusal> {
        let mut found = Vec::new();
        for digest in manifests {
            let known = self.lock().get(digest).copied();
            if known.is_some_and(|about| about != Some(*subject)) {
                continue;
            }
            let Ok(bytes) = store.get_manifest(digest) else { continue };
            let document = Document::parse(&bytes).ok();
            if known.is_none() {
                let about = document.as_ref().and_then(Document::subject).copied();
                self.lock().insert(*digest, about);
            }
            if let Some(document) = document.filter(|document| document.subject() == Some(subject))
            {
                found.push(Referrer { digest: *digest, size: bytes.len() as u64, document });
            }
        }
        Ok(found)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<Digest, Option<Digest>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
