// SPDX-License-Identifier: Apache-2.0
//! Manifests that are attached to another one by the name of their tag: `sha256-<hex>.sig`, `.att`,
//! `.sbom`, as ToolHive and cosign 1 and 2 keep them (signatures.md, SIG-1).

use futures_util::{StreamExt, TryStreamExt, stream};
use oci_artifact::Digest;
use oci_artifact::reference::Target;
use oci_artifact::referrers::attached_tags;

use crate::auth::scope::Access;
use crate::error::Result;
use crate::manifests::Manifest;
use crate::repository::Repository;

/// The number of questions of one kind that are asked at once.
pub(crate) const AT_ONCE: usize = 3;

/// An artifact at a tag that has another manifest's digest in its name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tagged {
    /// The tag that names the content.
    pub tag: String,
    /// The manifest that it named when it was asked for.
    pub manifest: Manifest,
}

impl Repository {
    /// Fetches what is attached to `subject` by the name of its tag, at most one for each ending.
    ///
    /// # Errors
    /// Those of the requests. Only the answer that there is no such manifest means that there is
    /// none (SIG-4).
    pub async fn tagged(&self, subject: &Digest) -> Result<Vec<Tagged>> {
        let asking = attached_tags(subject).into_iter().map(|tag| async move {
            let manifest = self.manifest_for(&tag, Access::Pull).await?;
            Ok::<_, crate::error::Error>(manifest.map(|manifest| Tagged { tag, manifest }))
        });
        let found: Vec<Option<Tagged>> =
            stream::iter(asking).buffered(AT_ONCE).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// Returns the manifest at a tag; `None` only where the registry says that there is none
    /// (SIG-4).
    ///
    /// # Errors
    /// Those of [`get_manifest`](Self::get_manifest).
    pub async fn manifest_at(&self, tag: &str) -> Result<Option<Manifest>> {
        self.manifest_for(tag, Access::Pull).await
    }

    pub(crate) async fn manifest_for(&self, tag: &str, access: Access) -> Result<Option<Manifest>> {
        let limit = self.inner().limits.manifest;
        match self.get_manifest_for(&Target::Tag(tag), access, limit).await {
            Ok(manifest) => Ok(Some(manifest)),
            // Only an answer of 404 has these kinds.
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}
