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
use super::progress::Transfer;
use super::remote::Remote;
use crate::abbreviated;
use crate::context::Context;
use crate::hints;
use crate::kind::{self, Kind};
use crate::output::{Outcome, counted, size};
use crate::similar::suggest;

/// The report on a push or a copy (cli.md).
#[derive(Serialize)]
pub(super) struct Report<'a> {
    #[serde(skip)]
    targets: &'a [Reference],
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

/// The counts of a push or a copy, and those of what went along.
pub(super) struct Sent {
    pub(super) digest: Digest,
    pub(super) pushed: Pushed,
    pub(super) attached: Vec<(Digest, Pushed)>,
}

impl<'a> Report<'a> {
    /// All that went to these references.
    pub(super) fn of(references: &'a [Reference], sent: &'a Sent) -> Self {
        let counts =
            || std::iter::once(&sent.pushed).chain(sent.attached.iter().map(|(_, pushed)| pushed));
        Self {
            targets: references,
            reference: references.first().map_or("", Reference::as_str),
            references: references.iter().map(Reference::as_str).collect(),
            digest: &sent.digest,
            blobs_uploaded: counts().map(|one| one.blobs_uploaded).sum(),
            blobs_mounted: counts().map(|one| one.blobs_mounted).sum(),
            blobs_skipped: counts().map(|one| one.blobs_skipped).sum(),
            bytes_uploaded: counts().map(|one| one.bytes_uploaded).sum(),
            requests: counts().map(|one| one.requests).sum(),
            referrers: sent.attached.iter().map(|(digest, _)| digest).collect(),
        }
    }

    /// Prints it; as text, where the artifact is now, pinned to its digest.
    pub(super) fn print(&self, verb: &str, context: &Context) {
        context.output.result(self, |output| {
            output.note(&format!(
                "{verb} {}: {} sent ({}), {} mounted, {} there already; {}",
                self.references.join(", "),
                counted(self.blobs_uploaded, "blob", "blobs"),
                size(self.bytes_uploaded),
                self.blobs_mounted,
                self.blobs_skipped,
                counted(self.requests, "request", "requests")
            ));
            for target in self.targets {
                output.print(&format!("{}@{}", target.name(), self.digest));
            }
        });
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
    let digest = stored::<K>(&store, &args.reference, &words)?;
    if args.dry_run {
        return foreseen::run(&store, &digest, &targets, context);
    }
    let sent = send::<K>(&store, &digest, &targets, args.referrers, context)?;
    Report::of(&targets, &sent).print("Pushed to", context);
    Ok(Outcome::Done)
}

/// The digest of what the store has under that name, which may be a digest's start (VB-6), if it is of the
/// kind; `words` are those of the command.
pub(super) fn stored<K: Kind>(store: &Store, name: &str, words: &[&str]) -> Result<Digest> {
    let wanted = abbreviated::whole(store, name)?;
    kind::check::<K>(store, &wanted, words).map_err(|error| {
        let error = hints::reference(&wanted, abbreviated::missing(&wanted, error));
        suggest(store, &wanted, error)
    })?;
    Ok(store.resolve(&wanted)?.digest)
}

/// Sends what was just built, as `build --push` does. As text it says where it is now; else it is
/// part of the build's document.
pub(crate) fn push_built<K: Kind>(
    store: &Store,
    digest: &Digest,
    targets: &[Reference],
    context: &Context,
) -> Result<serde_json::Value> {
    let sent = send::<K>(store, digest, targets, false, context)?;
    let report = Report::of(targets, &sent);
    if !context.output.is_json() {
        report.print("Pushed to", context);
    }
    Ok(serde_json::to_value(&report).unwrap_or_default())
}

/// Sends something of the store to registries, with what is attached to it if that is wanted.
pub(super) fn send<K: Kind>(
    store: &Store,
    digest: &Digest,
    targets: &[Reference],
    with_referrers: bool,
    context: &Context,
) -> Result<Sent> {
    let remote = Remote::new(context, targets.iter().map(Reference::registry))?;
    let transfer = Transfer::new(context.progress, "pushing");
    let registry = Registry::<K>::new(remote.client.clone());
    let mut options = PushOptions::default();
    options.on_event = Some(transfer.on_event());
    let pushed = remote.run(async {
        let pushed = registry.push_to(store, digest, targets, &options).await?;
        let mut attached = Vec::new();
        for target in targets.iter().filter(|_| with_referrers) {
            attached.extend(registry.push_attached(store, digest, target, &options).await?);
        }
        Ok::<_, oci_registry_http::Error>(Sent { digest: *digest, pushed, attached })
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
