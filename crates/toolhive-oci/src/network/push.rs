// SPDX-License-Identifier: Apache-2.0
//! `KIND push REF [--to REF]...`: from the store to registries.

use oci_artifact::Result;
use oci_artifact::reference::Reference;
use oci_registry_http::Registry;
use oci_registry_http::transfer::Pushed;
use serde::Serialize;

use super::args::Push;
use super::output::count;
use super::progress::Transfer;
use super::remote::Remote;
use crate::args::Format;
use crate::context::Context;
use crate::kind::{self, Kind};
use crate::output::{Outcome, size};
use crate::similar::suggest;

/// What is printed of a push or a copy (cli.md).
#[derive(Serialize)]
pub(super) struct Report<'a> {
    reference: &'a str,
    references: Vec<&'a str>,
    digest: &'a str,
    blobs_uploaded: u32,
    blobs_mounted: u32,
    blobs_skipped: u32,
    bytes_uploaded: u64,
    requests: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    referrers: Vec<&'a str>,
}

impl<'a> Report<'a> {
    pub(super) fn new(references: &'a [Reference], digest: &'a str, pushed: &Pushed) -> Self {
        Self {
            reference: references.first().map_or("", Reference::as_str),
            references: references.iter().map(Reference::as_str).collect(),
            digest,
            blobs_uploaded: pushed.blobs_uploaded,
            blobs_mounted: pushed.blobs_mounted,
            blobs_skipped: pushed.blobs_skipped,
            bytes_uploaded: pushed.bytes_uploaded,
            requests: pushed.requests,
            referrers: Vec::new(),
        }
    }

    /// With what went along.
    pub(super) fn and(mut self, digest: &'a str, pushed: &Pushed) -> Self {
        self.blobs_uploaded += pushed.blobs_uploaded;
        self.blobs_mounted += pushed.blobs_mounted;
        self.blobs_skipped += pushed.blobs_skipped;
        self.bytes_uploaded += pushed.bytes_uploaded;
        self.requests += pushed.requests;
        self.referrers.push(digest);
        self
    }

    /// Prints it; as text, where the artifact is now, pinned to its digest.
    pub(super) fn print(&self, verb: &str, targets: &[Reference], context: &Context) {
        if context.output.format == Format::Json {
            return context.output.json(self);
        }
        context.output.note(&format!(
            "{verb} {}: {} sent ({}), {} mounted, {} there already; {}",
            self.references.join(", "),
            count(self.blobs_uploaded, "blob"),
            size(self.bytes_uploaded),
            self.blobs_mounted,
            self.blobs_skipped,
            count(self.requests, "request")
        ));
        for target in targets {
            let name = format!("{}/{}", target.registry(), target.repository());
            context.output.print(&format!("{name}@{}", self.digest));
        }
    }
}

pub(super) fn run<K: Kind>(args: &Push, context: &Context) -> Result<Outcome> {
    let targets = match args.to.as_slice() {
        [] => vec![target::<K>(&args.reference)?],
        targets => targets.to_vec(),
    };
    let store = context.existing_store::<K>()?;
    let to = args.to.iter().flat_map(|target| ["--to", target.as_str()]);
    let words: Vec<&str> = ["push", &args.reference].into_iter().chain(to).collect();
    kind::check::<K>(&store, &args.reference, &words)
        .map_err(|error| suggest(&store, &args.reference, error))?;
    let digest = store.resolve(&args.reference)?.digest().clone();
    let remote = Remote::new(context, targets.iter().map(Reference::registry))?;
    let transfer = Transfer::new(context.progress);
    let registry = Registry::<K>::new(remote.client.clone()).with_progress(transfer.on_event());
    let pushed = remote.run(async {
        let pushed = registry.push_to(&store, &digest, &targets).await?;
        let mut attached = Vec::new();
        for target in targets.iter().filter(|_| args.referrers) {
            attached.extend(registry.push_attached(&store, &digest, target).await?);
        }
        Ok::<_, oci_registry_http::Error>((pushed, attached))
    });
    drop(transfer);
    let (pushed, attached) = pushed?;
    let report = Report::new(&targets, digest.as_ref(), &pushed);
    let report = attached
        .iter()
        .fold(report, |report, (digest, pushed)| report.and(digest.as_ref(), pushed));
    report.print("Pushed to", &targets, context);
    Ok(Outcome::Done)
}

/// Where an artifact goes whose tag says so itself.
fn target<K: Kind>(tag: &str) -> Result<Reference> {
    super::args::reference(tag).map_err(|error| {
        error.with_help(format!(
            "say where it goes with --to registry/repository:tag, or build it under that name: \
             {} build PATH --tag registry/repository:tag",
            K::NAME
        ))
    })
}
