// SPDX-License-Identifier: Apache-2.0
//! `KIND tags REPOSITORY`: what a registry has.

use oci_artifact::Result;

use crate::args::{Format, Tags};
use crate::context::Context;
use crate::output::{Outcome, harmless};
use crate::remote::Remote;

pub(super) fn run(args: &Tags, context: &Context) -> Result<Outcome> {
    let remote = Remote::new(context, [args.repository.registry()])?;
    let repository = remote.client.repository_named(&args.repository)?;
    let tags = remote.run(repository.tags())?;
    match context.output.format {
        Format::Json => context.output.json(&tags),
        Format::Text => tags.iter().for_each(|tag| context.output.print(&harmless(tag))),
    }
    Ok(Outcome::Done)
}
