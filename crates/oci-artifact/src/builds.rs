// SPDX-License-Identifier: Apache-2.0
//! The local builds of a store (LS-3).

use std::collections::BTreeMap;

use oci_spec::image::Digest;
use serde::Serialize;

use crate::content::{self, Limits};
use crate::document::Document;
use crate::error::Result;
use crate::identity;
use crate::kind::ArtifactKind;
use crate::store::Store;

/// A build, as `builds` lists it. What its index does not say is missing here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Build {
    /// Its tag.
    pub tag: String,
    /// The index's digest, or the manifest's where there is no index.
    pub digest: Digest,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// The local builds of that kind: the tags whose entries say so (LS-3), and those of older stores
/// that say nothing but are bare names, since what is pulled is tagged with its full reference. In
/// byte order of the tags. No layer is read (LS-13).
///
/// # Errors
/// Those of [`Store::entries`]. A build whose index cannot be read is listed without a name.
pub fn list<K: ArtifactKind>(store: &Store) -> Result<Vec<Build>> {
    let mut builds: Vec<Build> = Vec::new();
    // What has many tags is read once.
    let mut known: BTreeMap<String, Option<Build>> = BTreeMap::new();
    for entry in store.entries()? {
        let Some(tag) = entry.tag else { continue };
        let is_pulled = !entry.is_local_build && tag.contains('/');
        if is_pulled || !entry.is_present {
            continue;
        }
        let digest = entry.descriptor.digest();
        let build =
            known.entry(digest.to_string()).or_insert_with(|| describe::<K>(store, digest.clone()));
        builds.extend(build.clone().map(|build| Build { tag, ..build }));
    }
    builds.sort_by(|a, b| a.tag.cmp(&b.tag));
    Ok(builds)
}

/// A build without its tag; nothing if it is of another kind. What cannot be read is listed, for
/// nobody knows what it is.
fn describe<K: ArtifactKind>(store: &Store, digest: Digest) -> Option<Build> {
    let document = read(store, &digest).ok();
    let is_other = match document.as_ref().and_then(|found| found.artifact_type.as_deref()) {
        Some(found) => found != K::ARTIFACT_TYPE,
        None => identity::identify(store, digest.as_ref())
            .is_ok_and(|found| found.artifact_type.as_deref() != Some(K::ARTIFACT_TYPE)),
    };
    let text = |key: &str| {
        let text = document.as_ref()?.annotations.get(key)?;
        Some(text.clone()).filter(|text| !text.is_empty())
    };
    let (name, description, version) =
        (text(K::LABEL_NAME), text(K::LABEL_DESCRIPTION), text(K::LABEL_VERSION));
    (!is_other).then(|| Build { tag: String::new(), digest, name, description, version })
}

fn read(store: &Store, digest: &Digest) -> Result<Document> {
    content::read(&store.get_manifest(digest)?, "index", &Limits::default())
}
