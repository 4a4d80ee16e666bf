// SPDX-License-Identifier: Apache-2.0
//! `KIND push REF [--to REF]...`: from the store to registries.

mod foreseen;

use oci_artifact::reference::Reference;
use oci_artifact::store::Store;
use oci_artifact::{Digest, Result};
use oci_registry_http::Registry;
use oci_registry_http::transfer::{PushOptions, Pushed};
use serde::Serialize;

use super::args::Push;
use super::output::count;
use super::progress::Transfer;
use super::remote::Remote;
use crate::abbreviated;
use crate::args::Format;
use crate::context::Context;
use crate::kind::{self, Kind};
use crate::output::{Outcome, size};
use crate::similar::suggest;

/// The report on a push or a copy (cli.md).
#[derive(Serialize)]
pub(super) struct Report<'a> {
    reference: &'a str,
    references: Vec<&'a str>,
    digest: &'a Digest,
    blobs_uploaded: u32,
    blobs_mounted: u32,
    blobs_skipped: u32,
    bytes_uploaded: u64,
    requests: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    referrers: Vec<&'a Digest>,
}

impl<'a> Report<'a> {
    pub(super) fn new(references: &'a [Reference], digest: &'a Digest, pushed: &Pushed) -> Self {
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

    /// Adds an attached artifact that was pushed along.
    pub(super) fn and(mut self, digest: &'a Digest, pushed: &Pushed) -> Self {
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
    let wanted = abbreviated::whole(&store, &args.reference)?;
    let to = args.to.iter().flat_map(|target| ["--to", target.as_str()]);
    let words: Vec<&str> = ["push", &args.reference].into_iter().chain(to).collect();
    kind::check::<K>(&store, &wanted, &words)
        .map_err(|error| suggest(&store, &wanted, abbreviated::missing(&wanted, error)))?;
    let digest = store.resolve(&wanted)?.digest;
    if args.dry_run {
        return foreseen::run(&store, &digest, &targets, context);
    }
    let (pushed, attached) = send::<K>(&store, &digest, &targets, args.referrers, context)?;
    let report = Report::new(&targets, &digest, &pushed);
    let report =
        attached.iter().fold(report, |report, (digest, pushed)| report.and(digest, pushed));
    report.print("Pushed to", &targets, context);
    Ok(Outcome::Done)
}

/// Sends what was just built, as `build --push` does. As text it says where it is now; else it is
/// part of the build's document.
pub(crate) fn push_built<K: Kind>(
    store: &Store,
    digest: &Digest,
    targets: &[Reference],
    context: &Context,
) -> Result<serde_json::Value> {
    let (pushed, _) = send::<K>(store, digest, targets, false, context)?;
    let report = Report::new(targets, digest, &pushed);
    if context.output.format == Format::Text {
        report.print("Pushed to", targets, context);
    }
    Ok(serde_json::to_value(&report).unwrap_or_default())
}

/// The counts of a push, and those of what went along.
type Sent = (Pushed, Vec<(Digest, Pushed)>);

fn send<K: Kind>(
    store: &Store,
    digest: &Digest,
    targets: &[Reference],
    with_referrers: bool,
    context: &Context,
) -> Result<Sent> {
    let remote = Remote::new(context, targets.iter().map(Reference::registry))?;
    let transfer = Transfer::new(context.progress);
    let registry = Registry::<K>::new(remote.client.clone());
    let mut options = PushOptions::default();
    options.on_event = Some(transfer.on_event());
    let pushed = remote.run(async {
        let pushed = registry.push_to(store, digest, targets, &options).await?;
        let mut attached = Vec::new();
        for target in targets.iter().filter(|_| with_referrers) {
            attached.extend(registry.push_attached(store, digest, target, &options).await?);
        }
        Ok::<_, oci_registry_http::Error>((pushed, attached))
    });
    drop(transfer);
    pushed
}

/// The target of an artifact whose tag says so itself.
fn target<K: Kind>(tag: &str) -> Result<Reference> {
    super::args::reference(tag).map_err(|error| {
        error.with_help(format!(
            "give its destination with --to registry/repository:tag, or build it under that name: \
             {} build PATH --tag registry/repository:tag",
            K::NAME
        ))
    })
}
