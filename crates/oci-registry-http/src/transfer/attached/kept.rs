// SPDX-License-Identifier: Apache-2.0
//! Attachments of an artifact in a store, in both layouts (SIG-1, SIG-6).

use oci_artifact::Digest;
use oci_artifact::document::Document;
use oci_artifact::media_type::is_image_index;
use oci_artifact::referrers::{Basis, attached_to_each};
use oci_artifact::store::Store;

use super::found::{Attached, Gathered, Layout, MAX_DEPTH, check_count};
use crate::error::Result;

/// Lists all that the store has attached to an artifact and to every manifest below it.
pub(super) async fn list(store: &Store, digest: &Digest) -> Result<Vec<Attached>> {
    let (store, digest) = (store.clone(), *digest);
    toolhive_offload::run(move |_| list_now(&store, &digest)).await
}

fn list_now(store: &Store, digest: &Digest) -> Result<Vec<Attached>> {
    let mut gathered = Gathered::default();
    let mut level = below(store, digest)?;
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

/// Returns the digest itself, and those of all manifests below it.
fn below(store: &Store, digest: &Digest) -> Result<Vec<Digest>> {
    let mut all = vec![*digest];
    let mut indexes = vec![*digest];
    while let Some(index) = indexes.pop() {
        let document = Document::parse(&store.get_manifest(&index)?, None)?;
        for link in document.manifests {
            if all.contains(&link.digest) {
                continue;
            }
            check_count(all.len())?;
            if is_image_index(&link.media_type) {
                indexes.push(link.digest);
            }
            all.push(link.digest);
        }
    }
    Ok(all)
}
