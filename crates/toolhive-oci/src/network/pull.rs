// SPDX-License-Identifier: Apache-2.0
//! `KIND pull REF`: from a registry into the store.

use oci_artifact::{Digest, Result};
use oci_registry_http::Registry;
use oci_registry_http::transfer::PullOptions;
use serde::Serialize;

use super::args::Pull;
use super::explain::explain;
use super::progress::Transfer;
use super::remote::{Remote, RemoteSource, not_there};
use super::verified::{self, Decision};
use crate::commands::build::check_tag;
use crate::commands::content::content_digest;
use crate::context::Context;
use crate::kind::Kind;
use crate::output::{Outcome, counted, harmless, size};

#[derive(Serialize)]
struct Report<'a> {
    reference: &'a str,
    tag: &'a str,
    digest: &'a Digest,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_digest: Option<String>,
    blobs_fetched: u32,
    blobs_skipped: u32,
    bytes_fetched: u64,
    requests: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    referrers: Vec<&'a Digest>,
}

pub(super) fn run<K: Kind>(args: &Pull, context: &Context) -> Result<Outcome> {
    if let Some(tag) = &args.to_tag {
        check_tag(tag)?;
    }
    let remote = Remote::new(context, [args.reference.registry()])?;
    let (remote, verified) = match verified::decide::<K>(args, remote, context)? {
        (remote, Decision::Unseen) => (remote, None),
        (remote, Decision::Pull(verified)) => (remote, Some(verified)),
        (_, Decision::Refuse) => return Ok(Outcome::Negative),
    };
    let store = context.store::<K>()?;
    let transfer = Transfer::new(context.progress, "pulling");
    let registry = Registry::<K>::new(remote.client.clone());
    let mut options = PullOptions::default();
    options.on_event = Some(transfer.on_event());
    options.platform.clone_from(&args.platform);
    options.tag.clone_from(&args.to_tag);
    let pulled = remote.run(async {
        // What was verified is what is pulled, whatever the tag names by now (SIG-17).
        let pulled = match &verified {
            Some(verified) => {
                options.tag.get_or_insert_with(|| args.reference.as_str().to_owned());
                registry.pull_as(&store, &verified.reference, &options).await?
            }
            None => registry.pull_as(&store, &args.reference, &options).await?,
        };
        let attached = match (args.referrers, &verified) {
            (true, _) => {
                let (from, digest) = (&args.reference, &pulled.digest);
                registry.pull_attached(&store, from, digest, &options).await?
            }
            (false, Some(verified)) => verified.keep(registry.client(), &store).await?,
            (false, None) => Vec::new(),
        };
        Ok::<_, oci_registry_http::Error>((pulled, attached))
    });
    drop(transfer);
    let (pulled, attached) = match pulled {
        Ok(pulled) => pulled,
        Err(error) => {
            let (source, reference) = (args.reference.clone(), args.reference.as_str());
            let source = RemoteSource::over(remote, source)?;
            let error = explain::<K>(&source, reference, &["pull", reference], error);
            return Err(not_there(error));
        }
    };
    let all = || attached.iter().chain([&pulled]);
    let report = Report {
        reference: args.reference.as_str(),
        tag: args.to_tag.as_deref().unwrap_or(args.reference.as_str()),
        digest: &pulled.digest,
        content_digest: match context.output.is_json() {
            true => content_digest::<K>(&store, &pulled.digest)?,
            false => None,
        },
        blobs_fetched: all().map(|pulled| pulled.blobs_fetched).sum(),
        blobs_skipped: all().map(|pulled| pulled.blobs_skipped).sum(),
        bytes_fetched: all().map(|pulled| pulled.bytes_fetched).sum(),
        requests: all().map(|pulled| pulled.requests).sum(),
        referrers: attached.iter().map(|pulled| &pulled.digest).collect(),
    };
    context.output.result(&report, |output| {
        output.note(&format!(
            "Pulled {} as {}: {} fetched ({}), {} there already; {}",
            report.reference,
            report.digest,
            counted(report.blobs_fetched, "blob", "blobs"),
            size(report.bytes_fetched),
            report.blobs_skipped,
            counted(report.requests, "request", "requests")
        ));
        output.print(&harmless(report.tag));
    });
    Ok(Outcome::Done)
}
