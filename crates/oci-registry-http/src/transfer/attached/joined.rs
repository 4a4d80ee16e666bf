// SPDX-License-Identifier: Apache-2.0
//! Manifests at a tag that several write: what is there stays (SIG-3, SIG-16).

use bytes::Bytes;
use oci_artifact::json::{self, Writer};
use oci_artifact::reference::Target;

use crate::auth::scope::Access;
use crate::document::{Document, Link};
use crate::error::{Error, ErrorKind, Result};
use crate::manifests::Manifest;
use crate::repository::Repository;
use crate::transfer::push::{Pushed, Sender};

/// The number of times that a tag is written again that somebody else has written meanwhile.
const MAX_WRITES: u32 = 4;

/// The writing that is needed so that a tag has all of a manifest.
enum Step {
    /// The registry has all of it.
    Nothing,
    /// The manifest, as it is.
    AsItIs,
    /// The bytes that are there, and more.
    Joined(Vec<u8>),
}

impl Sender<'_> {
    /// Sends the graph so that the tag has all of it. What the tag has already stays, before it; an
    /// SBOM takes the place of the one that is there (SIG-3).
    pub(in crate::transfer) async fn send_joined(
        &self,
        tag: &str,
        done: &mut Pushed,
    ) -> Result<()> {
        let Some(came) = self.graph.manifests.last() else { return Ok(()) };
        let mut is_sent = false;
        let mut send = async || {
            if !std::mem::replace(&mut is_sent, true) {
                self.send_parts(done).await?;
            }
            Ok(())
        };
        let writes = join_at_tag(self.repository, tag, came, &mut send).await?;
        done.manifests_uploaded = done.manifests_uploaded.saturating_add(writes);
        Ok(())
    }
}

impl Repository {
    /// Adds a manifest's layers to what a tag has; all of the manifest where the tag has nothing. What
    /// is there stays, in its order (SIG-16). The blobs must be there already. Whether anything had to
    /// be written.
    ///
    /// # Errors
    /// Those of [`put_manifest`](Self::put_manifest); [`ErrorKind::Unavailable`] if others write the same tag again
    /// and again; [`ErrorKind::Refused`] if what is there has no layers to add to.
    pub async fn add_at_tag(&self, tag: &str, manifest: &Bytes) -> Result<bool> {
        let digest = oci_artifact::digest::sha256(manifest);
        let document = Document::parse(manifest, None)?;
        let came = Manifest { bytes: manifest.clone(), digest, document };
        Ok(join_at_tag(self, tag, &came, &mut async || Ok(())).await? > 0)
    }
}

/// Writes the tag until it has all of the manifest. How often it was written.
async fn join_at_tag(
    repository: &Repository,
    tag: &str,
    came: &Manifest,
    send_parts: &mut impl AsyncFnMut() -> Result<()>,
) -> Result<u32> {
    for writes in 0..=MAX_WRITES {
        let there = repository.manifest_for(tag, Access::PullPush).await?;
        let bytes = match step(tag, there.as_ref(), came)? {
            Step::Nothing => return Ok(writes),
            Step::AsItIs => came.bytes.clone(),
            Step::Joined(bytes) => bytes.into(),
        };
        if writes == MAX_WRITES {
            break;
        }
        send_parts().await?;
        repository.put_manifest(&Target::Tag(tag), bytes).await?;
    }
    let message = format!("others are changing the tag {tag:?}, too, so that additions are lost");
    Err(Error::new(ErrorKind::Unavailable, message).with_help("try again; nothing was removed"))
}

fn step(tag: &str, there: Option<&Manifest>, came: &Manifest) -> Result<Step> {
    let Some(there) = there else { return Ok(Step::AsItIs) };
    if there.digest == came.digest {
        return Ok(Step::Nothing);
    }
    if tag.ends_with(".sbom") {
        return Ok(Step::AsItIs);
    }
    for manifest in [there, came] {
        if manifest.document.config.is_none() {
            let message = format!("{} at the tag {tag:?} has no layers to add to", manifest.digest);
            return Err(Error::new(ErrorKind::Refused, message)
                .with_help("move the content of that tag elsewhere; it would be lost"));
        }
    }
    let (old, new) = (&there.document.layers, &came.document.layers);
    let missing: Vec<&Link> = new.iter().filter(|layer| !has(old, layer)).collect();
    if missing.is_empty() {
        return Ok(Step::Nothing);
    }
    if old.iter().all(|layer| has(new, layer)) {
        return Ok(Step::AsItIs);
    }
    Ok(Step::Joined(write(&there.bytes, old, &missing)?))
}

/// Whether a layer is among others, with what is said of it.
fn has(layers: &[Link], wanted: &Link) -> bool {
    let same =
        |layer: &Link| layer.digest == wanted.digest && layer.annotations == wanted.annotations;
    layers.iter().any(same)
}

/// Returns the manifest that is there, with more layers and nothing else changed.
fn write(there: &[u8], old: &[Link], missing: &[&Link]) -> Result<Vec<u8>> {
    // It was read as a document before: this finds no fault.
    let value = json::parse(there)
        .map_err(|_| Error::new(ErrorKind::InvalidManifest, "the manifest is not JSON"))?;
    let mut json = Writer::new();
    json.object(|json| {
        for member in value.members() {
            if member.key != "layers" {
                json.key(member.key.as_ref()).raw(member.value.raw());
                continue;
            }
            json.key("layers").array(|json| {
                old.iter().chain(missing.iter().copied()).for_each(|layer| json.raw(&layer.raw));
            });
        }
    });
    Ok(json.into_bytes())
}
