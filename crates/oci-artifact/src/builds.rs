// SPDX-License-Identifier: Apache-2.0
//! The local builds of a store (LS-3).

use serde::Serialize;

use crate::content::{self, Limits};
use crate::digest::Digest;
use crate::error::Result;
use crate::identity;
use crate::kind::ArtifactKind;
use crate::store::Store;
use oci_layout::summary::{Summary, is_shown};
use oci_layout::survey::Summaries;

/// A build, as `builds` lists it. What its index does not say is missing here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Build {
    /// The tag of the build.
    pub tag: String,
    /// The index's digest, or the manifest's where there is no index.
    pub digest: Digest,
    /// The name that its config states.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The description that its config states.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The version that its config states.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// Returns the local builds of that kind: the tags whose entries say so (LS-3), and those of older
/// stores that say nothing but are bare names, since what is pulled is tagged with its full
/// reference. In byte order of the tags. No layer is read (LS-13), and no document twice (LS-36).
///
/// # Errors
/// Those of [`Store::listed`]. A build whose index cannot be read is listed without a name.
pub fn list<K: ArtifactKind>(store: &Store) -> Result<Vec<Build>> {
    let listed = store.listed()?;
    // What may be a build, by digest: what has many tags is looked at once.
    let places = listed.iter().enumerate().filter_map(|(place, one)| {
        let tag = one.tag.as_deref().filter(|tag| one.is_local_build || !tag.contains('/'))?;
        Some((one.digest, place, tag))
    });
    let mut places: Vec<_> = places.collect();
    places.sort_unstable();
    let mut digests: Vec<_> = places.iter().map(|(digest, ..)| *digest).collect();
    digests.dedup();
    // What is not there, as far as is known, is no build.
    digests.retain(|digest| store.may_have(digest));
    places.retain(|(digest, ..)| digests.binary_search(digest).is_ok());
    let summaries = Summaries::of(store, &digests);
    let mut builds = Vec::new();
    let same = places.chunk_by(|(one, ..), (other, ..)| one == other);
    for (places, summary) in same.zip(summaries.each(digests.iter())) {
        let Some((digest, ..)) = places.first() else { continue };
        let Some(build) = describe::<K>(store, digest, summary) else { continue };
        for (_, place, tag) in places {
            builds.push((*place, Build { tag: (*tag).to_owned(), ..build.clone() }));
        }
    }
    builds.sort_by(|(at, a), (other, b)| (&a.tag, at).cmp(&(&b.tag, other)));
    Ok(builds.into_iter().map(|(_, build)| build).collect())
}

/// Returns a build without its tag; nothing if it is of another kind. What cannot be read is
/// listed, for nobody knows what it is.
fn describe<K: ArtifactKind>(
    store: &Store,
    digest: &Digest,
    summary: Option<Summary<'_>>,
) -> Option<Build> {
    let is_other = match summary.as_ref().and_then(|found| found.artifact_type.as_deref()) {
        Some(found) => found != K::ARTIFACT_TYPE,
        None => store
            .describe(digest)
            .and_then(|root| identity::identify_at(store, &root))
            .is_ok_and(|found| found.artifact_type.as_deref() != Some(K::ARTIFACT_TYPE)),
    };
    if is_other {
        return None;
    }
    let keys = [K::LABEL_NAME, K::LABEL_DESCRIPTION, K::LABEL_VERSION];
    let texts = match keys.into_iter().all(is_shown) {
        true => summary.map(|summary| keys.map(|key| summary.annotation(key).map(str::to_owned))),
        // What summaries do not keep is read.
        false => store.get_manifest(digest).ok().map(|bytes| {
            let document = content::read(&bytes, "index", &Limits::default()).ok();
            keys.map(|key| document.as_ref().and_then(|it| it.annotations.get(key)).cloned())
        }),
    };
    let [name, description, version] =
        texts.unwrap_or_default().map(|text| text.filter(|text| !text.is_empty()));
    Some(Build { tag: String::new(), digest: *digest, name, description, version })
}
