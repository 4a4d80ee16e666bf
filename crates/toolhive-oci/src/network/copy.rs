// SPDX-License-Identifier: Apache-2.0
//! `KIND copy SRC DST`: from registry to registry.

use oci_artifact::Result;
use oci_artifact::original::ContentSource as _;
use oci_artifact::reference::{Defaults, Reference};
use oci_registry_http::transfer::{PushOptions, copy, copy_attached};

use super::args::Copy;
use super::progress::Transfer;
use super::push::Report;
use super::remote::{Remote, RemoteSource, not_there};
use crate::context::Context;
use crate::kind::{self, Kind};
use crate::output::Outcome;

pub(super) fn run<K: Kind>(args: &Copy, context: &Context) -> Result<Outcome> {
    let sides = [(&args.from, args.src_plain_http), (&args.to, args.dst_plain_http)];
    for (side, _) in sides.iter().filter(|(_, is_plain)| *is_plain) {
        context.network.name_plain(side.registry());
    }
    let remote = Remote::new(context, sides.iter().map(|(side, _)| side.registry()))?;
    let source = RemoteSource::over(remote, args.from.clone())?;
    let words = ["copy", args.from.as_str(), args.to.as_str()];
    kind::check::<K>(&source, args.from.as_str(), &words).map_err(not_there)?;
    // What was looked at is what is copied, whatever the tag names by now.
    let found = source.resolve(args.from.as_str())?;
    let (registry, repository) = (args.from.registry(), args.from.repository());
    let from = format!("{registry}/{repository}@{}", found.digest());
    let from = Reference::parse(&from, Defaults::Strict)?;
    let remote = source.into_remote();
    let transfer = Transfer::new(context.progress);
    let mut options = PushOptions::default();
    options.on_event = Some(transfer.on_event());
    let (client, from, to) = (&remote.client, &from, &args.to);
    let copied = remote.run(async {
        let (digest, pushed) = copy(client, from, to, &options).await?;
        let attached = match args.referrers {
            true => copy_attached(client, from, to, &digest, &options).await?,
            false => Vec::new(),
        };
        Ok::<_, oci_registry_http::Error>((digest, pushed, attached))
    });
    drop(transfer);
    let (digest, pushed, attached) = copied.map_err(not_there)?;
    let targets = std::slice::from_ref(to);
    let report = Report::new(targets, digest.as_ref(), &pushed);
    let report = attached
        .iter()
        .fold(report, |report, (digest, pushed)| report.and(digest.as_ref(), pushed));
    report.print("Copied to", targets, context);
    Ok(Outcome::Done)
}
