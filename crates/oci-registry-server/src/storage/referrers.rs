// SPDX-License-Identifier: Apache-2.0
//! Subjects of manifests. What a manifest is about never changes, so each is read
//! once to find out; only that is remembered.

use std::collections::BTreeMap;
use std::sync::Mutex;

use oci_artifact::Digest;
use oci_artifact::document::Document;
use oci_artifact::store::Store;

use crate::{lock, manifest};

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
    ) -> Vec<Referrer> {
        let mut found = Vec::new();
        for digest in manifests {
            let known = lock(&self.0).get(digest).copied();
            if known.is_some_and(|about| about != Some(*subject)) {
                continue;
            }
            let Ok(bytes) = store.get_manifest(digest) else { continue };
            let document = manifest::parse(&bytes).ok();
            let about = document.as_ref().and_then(|it| it.subject.as_ref()).map(|it| it.digest);
            if known.is_none() {
                lock(&self.0).insert(*digest, about);
            }
            if let Some(document) = document.filter(|_| about == Some(*subject)) {
                found.push(Referrer { digest: *digest, size: bytes.len() as u64, document });
            }
        }
        found
    }
}
