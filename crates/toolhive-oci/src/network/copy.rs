// SPDX-License-Identifier: Apache-2.0
//! `KIND copy SRC DST`: from registry to registry, or from the store to a registry.

use oci_artifact::reader::ContentSource as _;
use oci_artifact::reference::Reference;
use oci_artifact::{Error, ErrorKind, Result};
use oci_registry_http::transfer::{PushOptions, copy, copy_attached};

use super::args::{self, Copy};
use super::progress::Transfer;
use super::push::{self, Report, Sent};
use super::remote::{Remote, RemoteSource, not_there};
use crate::context::Context;
use crate::kind::{self, Kind};
use crate::output::Outcome;

/// Copies what the source's registry has. What names no registry is in the store (VB-12).
pub(super) fn run<K: Kind>(args: &Copy, context: &Context) -> Result<Outcome> {
    if args.dst_plain_http {
        context.network.name_plain(args.to.registry());
    }
    let sent = match args::reference(&args.from) {
        Ok(from) => between_registries::<K>(args, &from, context)?,
        Err(no_reference) => from_store::<K>(args, no_reference, context)?,
    };
    Report::of(std::slice::from_ref(&args.to), &sent).print("Copied to", context);
    Ok(Outcome::Done)
}

/// Sends what the store has under that name; `no_reference` says why that is no reference.
fn from_store<K: Kind>(args: &Copy, no_reference: Error, context: &Context) -> Result<Sent> {
    if args.src_plain_http {
        return Err(no_reference);
    }
    let words = ["copy", &args.from, args.to.as_str()];
    let stored = context
        .existing_store::<K>()
        .and_then(|store| Ok((push::stored::<K>(&store, &args.from, &words)?, store)));
    let (digest, store) = stored.map_err(|error| match error.kind() {
        // With a directory before its name it was meant for a registry.
        ErrorKind::NotFound if args.from.contains('/') => no_reference,
        _ => error,
    })?;
    push::send::<K>(&store, &digest, std::slice::from_ref(&args.to), args.referrers, context)
}

fn between_registries<K: Kind>(args: &Copy, from: &Reference, context: &Context) -> Result<Sent> {
    if args.src_plain_http {
        context.network.name_plain(from.registry());
    }
    let remote = Remote::new(context, [from.registry(), args.to.registry()])?;
    let source = RemoteSource::over(remote, from.clone())?;
    let words = ["copy", from.as_str(), args.to.as_str()];
    kind::check::<K>(&source, from.as_str(), &words).map_err(not_there)?;
    // What was looked at is what is copied, whatever the tag names by now.
    let from = args::pinned(from, &source.resolve(from.as_str())?.digest)?;
    let remote = source.into_remote();
    let transfer = Transfer::new(context.progress, "copying");
    let mut options = PushOptions::default();
    options.on_event = Some(transfer.on_event());
    let (client, from, to) = (&remote.client, &from, &args.to);
    let copied = remote.run(async {
        let (digest, pushed) = copy(client, from, to, &options).await?;
        let attached = match args.referrers {
            true => copy_attached(client, from, to, &digest, &options).await?,
            false => Vec::new(),
        };
        Ok::<_, oci_registry_http::Error>(Sent { digest, pushed, attached })
    });
    drop(transfer);
    copied.map_err(not_there)
}
