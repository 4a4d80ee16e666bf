// SPDX-License-Identifier: Apache-2.0
//! `KIND pull REF`: from a registry into the store.

use oci_artifact::Result;
use oci_registry_http::Registry;
use serde::Serialize;

use crate::args::{Format, Pull};
use crate::context::Context;
use crate::kind::Kind;
use crate::output::{Outcome, harmless, size};
use crate::progress::Transfer;
use crate::remote::Remote;

#[derive(Serialize)]
struct Report<'a> {
    reference: &'a str,
    tag: &'a str,
    digest: &'a str,
    blobs_fetched: u32,
    blobs_skipped: u32,
    bytes_fetched: u64,
    requests: u32,
}

pub(super) fn run<K: Kind>(args: &Pull, context: &Context) -> Result<Outcome> {
    let store = context.store::<K>()?;
    let remote = Remote::new(context)?;
    let transfer = Transfer::new(context.progress);
    let mut registry = Registry::<K>::new(remote.client.clone()).with_progress(transfer.on_event());
    if let Some(platform) = &args.platform {
        registry = registry.with_platform(platform.clone());
    }
    let pulled = remote.run(registry.pull_as(&store, &args.reference, args.to_tag.as_deref()));
    drop(transfer);
    let pulled = pulled?;
    let report = Report {
        reference: args.reference.as_str(),
        tag: args.to_tag.as_deref().unwrap_or(args.reference.as_str()),
        digest: pulled.digest.as_ref(),
        blobs_fetched: pulled.blobs_fetched,
        blobs_skipped: pulled.blobs_skipped,
        bytes_fetched: pulled.bytes_fetched,
        requests: pulled.requests,
    };
    match context.output.format {
        Format::Json => context.output.json(&report),
        Format::Text => {
            context.output.note(&format!(
                "Pulled {} as {}: {} blobs fetched ({}), {} there already; {} requests",
                report.reference,
                report.digest,
                report.blobs_fetched,
                size(report.bytes_fetched),
                report.blobs_skipped,
                report.requests
            ));
            context.output.print(&harmless(report.tag));
        }
    }
    Ok(Outcome::Done)
}
