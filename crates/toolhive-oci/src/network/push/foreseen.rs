// SPDX-License-Identifier: Apache-2.0
//! `KIND push --dry-run`: what a push would send, by asking for what is there already (VB-10).

use std::collections::BTreeMap;

use oci_artifact::document::Document;
use oci_artifact::reference::{Reference, Target};
use oci_artifact::store::Store;
use oci_artifact::{Digest, Result};
use oci_registry_http::blobs::Blob;
use serde::Serialize;

use crate::context::Context;
use crate::network::remote::Remote;
use crate::output::{Outcome, counted, size};

#[derive(Serialize)]
struct Report<'a> {
    dry_run: bool,
    digest: &'a Digest,
    targets: Vec<Foreseen<'a>>,
}

/// The effects that a push to one reference would have.
#[derive(Serialize)]
struct Foreseen<'a> {
    reference: &'a str,
    /// The digest that the reference names now.
    #[serde(skip_serializing_if = "Option::is_none")]
    replaces: Option<Digest>,
    blobs_to_upload: u32,
    bytes_to_upload: u64,
    blobs_there: u32,
}

pub(super) fn run(
    store: &Store,
    digest: &Digest,
    targets: &[Reference],
    context: &Context,
) -> Result<Outcome> {
    let blobs = blobs(store, digest)?;
    let remote = Remote::new(context, targets.iter().map(Reference::registry))?;
    let mut foreseen = Vec::new();
    for target in targets {
        let repository = remote.client.repository(target)?;
        foreseen.push(remote.run(async {
            let now = repository.resolve(&target.target()).await?;
            let mut one = Foreseen {
                reference: target.as_str(),
                replaces: now.map(|now| now.digest).filter(|now| now != digest),
                blobs_to_upload: 0,
                bytes_to_upload: 0,
                blobs_there: 0,
            };
            // Where its manifest is, its blobs are, too.
            let is_there = repository.resolve(&Target::Digest(digest)).await?.is_some();
            for blob in &blobs {
                match is_there || repository.has_blob(blob).await? {
                    true => one.blobs_there += 1,
                    false => {
                        one.blobs_to_upload += 1;
                        one.bytes_to_upload = one.bytes_to_upload.saturating_add(blob.size);
                    }
                }
            }
            Ok::<_, oci_registry_http::Error>(one)
        })?);
    }
    let report = Report { dry_run: true, digest, targets: foreseen };
    context.output.result(&report, |output| {
        for one in &report.targets {
            let replaces = one.replaces.map(|old| format!("; its tag would move from {old}"));
            output.note(&format!(
                "Would push {digest} to {}: {} to send ({}), {} there already{}",
                one.reference,
                counted(one.blobs_to_upload, "blob", "blobs"),
                size(one.bytes_to_upload),
                one.blobs_there,
                replaces.unwrap_or_default()
            ));
        }
    });
    Ok(Outcome::Done)
}

/// The configs and the layers of an artifact, each once.
fn blobs(store: &Store, digest: &Digest) -> Result<Vec<Blob>> {
    let read = |digest: &Digest| Document::parse(&store.get_manifest(digest)?, None);
    let root = read(digest)?;
    let mut links = BTreeMap::new();
    let mut add = |document: &Document| {
        let own = document.config.iter().chain(&document.layers);
        links.extend(own.map(|link| (link.digest, link.size)));
    };
    add(&root);
    for link in &root.manifests {
        add(&read(&link.digest)?);
    }
    Ok(links.into_iter().map(|(digest, size)| Blob { digest, size }).collect())
}
