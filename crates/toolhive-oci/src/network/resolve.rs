// SPDX-License-Identifier: Apache-2.0
//! `KIND resolve REF`: the digest that a reference has in its registry now.

use oci_artifact::media_type::{IMAGE_INDEX, IMAGE_MANIFEST};
use oci_artifact::{Error, ErrorKind, Result};
use serde::Serialize;

use super::args::Resolve;
use super::remote::Remote;
use crate::args::Format;
use crate::context::Context;
use crate::kind::Kind;
use crate::output::Outcome;

#[derive(Serialize)]
struct Report<'a> {
    reference: &'a str,
    digest: &'a str,
    media_type: &'a str,
    size: u64,
}

pub(super) fn run<K: Kind>(args: &Resolve, context: &Context) -> Result<Outcome> {
    let remote = Remote::new(context, [args.reference.registry()])?;
    let repository = remote.client.repository(&args.reference)?;
    let Some(found) = remote.run(repository.resolve(&args.reference.target()))? else {
        let message = format!("the registry has no {}", args.reference.as_str());
        let error = Error::new(ErrorKind::NotFound, message);
        return Err(error.with_help("`tags` lists what a repository has"));
    };
    if ![IMAGE_INDEX, IMAGE_MANIFEST].contains(&found.media_type.as_str()) {
        let (reference, kind) = (args.reference.as_str(), K::NAME);
        let message = format!("{reference} is no {kind}, but {:?}", found.media_type);
        return Err(Error::new(ErrorKind::InvalidDocument, message)
            .with_help("plugins and skills are OCI image indexes and manifests"));
    }
    let report = Report {
        reference: args.reference.as_str(),
        digest: found.digest.as_ref(),
        media_type: &found.media_type,
        size: found.size,
    };
    match context.output.format {
        Format::Json => context.output.json(&report),
        Format::Text => context.output.print(report.digest),
    }
    Ok(Outcome::Done)
}
