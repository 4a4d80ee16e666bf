// SPDX-License-Identifier: Apache-2.0
//! The local builds of a store (LS-3).

use std::collections::BTreeMap;

use oci_spec::image::Digest;
use serde::Serialize;

use crate::content::{self, Limits};
use crate::error::Result;
use crate::identity;
use crate::kind::ArtifactKind;
use crate::store::{Listed, Store, Summaries};
use oci_layout::summary::{Summary, is_shown};

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
/// byte order of the tags. No layer is read (LS-13), and no document twice (LS-36).
///
/// # Errors
/// Those of [`Store::listed`]. A build whose index cannot be read is listed without a name.
pub fn list<K: ArtifactKind>(store: &Store) -> Result<Vec<Build>> {
    let mut builds: Vec<Build> = Vec::new();
    // What has many tags is looked at once: where the first stands in the list, if it is of the kind.
    let mut known: BTreeMap<&str, Option<usize>> = BTreeMap::new();
    let listed = store.listed()?;
    let mut summaries = store.summaries();
    for Listed { tag, digest, is_local_build, .. } in &listed {
        let Some(tag) = tag else { continue };
        let is_pulled = !is_local_build && tag.contains('/');
        if is_pulled {
            continue;
        }
        let build = match known.get(digest.as_ref()) {
            Some(first) => first.and_then(|first| builds.get(first)).cloned(),
            None => {
                let is_present = store.may_have(digest);
                let build =
                    is_present.then(|| describe::<K>(store, digest, &mut summaries)).flatten();
                known.insert(digest.as_ref(), build.is_some().then_some(builds.len()));
                build
            }
        };
        builds.extend(build.map(|build| Build { tag: tag.clone(), ..build }));
    }
    store.keep_summaries(summaries, listed.iter().map(|listed| &listed.digest));
    builds.sort_by(|a, b| a.tag.cmp(&b.tag));
    Ok(builds)
}

/// A build without its tag; nothing if it is of another kind. What cannot be read is listed, for
/// nobody knows what it is.
fn describe<K: ArtifactKind>(
    store: &Store,
    digest: &Digest,
    summaries: &mut Summaries,
) -> Option<Build> {
    let summary = summary::<K>(store, digest, summaries);
    let is_other = match summary.as_ref().and_then(|found| found.artifact_type.as_deref()) {
        Some(found) => found != K::ARTIFACT_TYPE,
        None => identity::identify(store, digest.as_ref())
            .is_ok_and(|found| found.artifact_type.as_deref() != Some(K::ARTIFACT_TYPE)),
    };
    if is_other {
        return None;
    }
    let mut annotations = summary.map(|summary| summary.annotations).unwrap_or_default();
    let mut text = |key: &str| annotations.remove(key).filter(|text| !text.is_empty());
    let (name, description, version) =
        (text(K::LABEL_NAME), text(K::LABEL_DESCRIPTION), text(K::LABEL_VERSION));
    Some(Build { tag: String::new(), digest: digest.clone(), name, description, version })
}

/// What the document says of itself: as it was noted, or else read, and noted then.
fn summary<K: ArtifactKind>(
    store: &Store,
    digest: &Digest,
    summaries: &mut Summaries,
) -> Option<Summary> {
    let is_enough =
        [K::LABEL_NAME, K::LABEL_DESCRIPTION, K::LABEL_VERSION].into_iter().all(is_shown);
    if is_enough && let Some(summary) = summaries.get(digest).and_then(Summary::from_line) {
        return Some(summary);
    }
    let bytes = store.get_manifest(digest).ok()?;
    // What is no document says nothing, today and tomorrow.
    let document = content::read(&bytes, "index", &Limits::default()).ok();
    let mut summary = document.as_ref().map(Summary::of).unwrap_or_default();
    summaries.add(digest, summary.to_line());
    if !is_enough {
        summary.annotations = document.map(|document| document.annotations).unwrap_or_default();
    }
    Some(summary)
}
