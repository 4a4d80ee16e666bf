// SPDX-License-Identifier: Apache-2.0
//! Attachments of an artifact in a store, in both layouts (SIG-1, SIG-6).

use oci_artifact::Digest;
use oci_artifact::document::Document;
use oci_artifact::referrers::{Basis, attached_to_each};
use oci_artifact::store::Store;

use super::found::{Attached, Below, Gathered, Layout, MAX_DEPTH};
use crate::error::Result;

/// Lists all that the store has attached to an artifact and to every manifest below it.
pub(super) async fn list(store: &Store, digest: &Digest) -> Result<Vec<Attached>> {
    let (store, digest) = (store.clone(), *digest);
    toolhive_offload::run(move |_| list_now(&store, &digest)).await
}

fn list_now(store: &Store, digest: &Digest) -> Result<Vec<Attached>> {
    let mut gathered = Gathered::default();
    let mut below = Below::new(digest);
    while let Some(index) = below.next() {
        below.add(Document::parse(&store.get_manifest(&index)?, None)?)?;
    }
    let mut level = below.all;
    for _ in 0..MAX_DEPTH {
        let mut found = Vec::new();
        let attached = attached_to_each(store, &level, Basis::Documents)?;
        for (subject, attached) in level.iter().zip(attached) {
            found.extend(attached.into_iter().map(|one| Attached {
                digest: one.digest,
                subject: *subject,
                layout: one.tag.map_or(Layout::Referrer, Layout::Tag),
                media_type: one.media_type,
                artifact_type: one.artifact_type,
                size: one.size,
            }));
        }
        level = gathered.add(found)?;
    }
    Ok(gathered.finish())
}
