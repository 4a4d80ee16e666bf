// SPDX-License-Identifier: Apache-2.0
//! `KIND copy SRC DST`: from registry to registry.

use oci_artifact::Result;
use oci_registry_http::transfer::{PushOptions, copy};

use super::push::Report;
use crate::args::Copy;
use crate::context::Context;
use crate::output::Outcome;
use crate::progress::Transfer;
use crate::remote::Remote;

pub(super) fn run(args: &Copy, context: &Context) -> Result<Outcome> {
    let remote = Remote::new(context)?;
    let transfer = Transfer::new(context.progress);
    let mut options = PushOptions::default();
    options.on_event = Some(transfer.on_event());
    let copied = remote.run(copy(&remote.client, &args.from, &args.to, &options));
    drop(transfer);
    let (digest, pushed) = copied?;
    let targets = std::slice::from_ref(&args.to);
    Report::new(targets, digest.as_ref(), &pushed).print("Copied to", targets, context);
    Ok(Outcome::Done)
}
