// SPDX-License-Identifier: Apache-2.0
//! What is attached to an artifact: signatures, SBOMs, provenance.

use oci_artifact::Result;
use oci_artifact::artifact::Stored;
use oci_artifact::referrers::{Referrer, referrers};
use oci_artifact::store::Store;
use serde::Serialize;

use crate::output::{Table, size};

/// Something that is attached, as JSON.
#[derive(Serialize)]
pub(super) struct Attached {
    artifact_type: String,
    digest: String,
    /// Bytes of its manifest.
    size: u64,
    /// Bytes of everything that it consists of.
    total_size: u64,
    /// What it is attached to.
    subject: String,
}

/// What the store has that is attached to the artifact's index or first manifest.
pub(super) fn list(store: &Store, stored: &Stored) -> Result<Vec<Attached>> {
    let mut all = Vec::new();
    for subject in stored.index_digest.iter().chain([&stored.manifest_digest]) {
        for Referrer { digest, size, artifact_type, total_size, .. } in referrers(store, subject)? {
            let (digest, subject) = (digest.to_string(), subject.to_string());
            all.push(Attached { artifact_type, digest, size, total_size, subject });
        }
    }
    Ok(all)
}

/// The same for people; nothing where there is nothing.
pub(super) fn text(attached: &[Attached]) -> String {
    if attached.is_empty() {
        return String::new();
    }
    let mut table = Table::new();
    for one in attached {
        let artifact_type = format!("  {}", one.artifact_type);
        table.row([artifact_type, one.digest.clone(), size(one.total_size)]);
    }
    format!("\n\nAttached ({}):\n{}", attached.len(), table.render())
}
