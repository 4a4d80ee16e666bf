// SPDX-License-Identifier: Apache-2.0
//! `KIND tags REPOSITORY`: what a registry has.

use oci_artifact::Result;
use oci_artifact::reference::is_tag;

use super::args::Tags;
use super::remote::Remote;
use crate::args::Format;
use crate::context::Context;
use crate::output::Outcome;

pub(super) fn run(args: &Tags, context: &Context) -> Result<Outcome> {
    let remote = Remote::new(context, [args.repository.registry()])?;
    let repository = remote.client.repository_named(&args.repository)?;
    let mut tags = remote.run(repository.tags())?;
    let all = tags.len();
    // Scripts take these for words: whatever else a registry lists is none of its tags.
    tags.retain(|tag| is_tag(tag));
    match context.output.format {
        Format::Json => context.output.json(&tags),
        Format::Text => tags.iter().for_each(|tag| context.output.print(tag)),
    }
    let others = all - tags.len();
    if others > 0 {
        let what = if others == 1 { "name that is no tag" } else { "names that are no tags" };
        context.output.warning(&format!("the registry lists {others} {what}, left out here"));
    }
    Ok(Outcome::Done)
}
