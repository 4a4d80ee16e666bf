// SPDX-License-Identifier: Apache-2.0
//! `KIND resolve REF`: the digest that a reference has in its registry now.

use oci_artifact::media_type::{IMAGE_INDEX, IMAGE_MANIFEST};
use oci_artifact::{Digest, Error, ErrorKind, Result};
use serde::Serialize;

use super::args::Resolve;
use super::remote::{Remote, not_there};
use crate::context::Context;
use crate::kind::Kind;
use crate::output::Outcome;

#[derive(Serialize)]
struct Report<'a> {
    reference: &'a str,
    digest: &'a Digest,
    media_type: &'a str,
    size: u64,
}

pub(super) fn run<K: Kind>(args: &Resolve, context: &Context) -> Result<Outcome> {
    let remote = Remote::new(context, [args.reference.registry()])?;
    let repository = remote.client.repository(&args.reference)?;
    let Some(found) = remote.run(repository.resolve(&args.reference.target()))? else {
        let message = format!("the registry has no {}", args.reference.as_str());
        return Err(not_there(Error::new(ErrorKind::NotFound, message)));
    };
    if ![IMAGE_INDEX, IMAGE_MANIFEST].contains(&found.media_type.as_str()) {
        let (reference, kind) = (args.reference.as_str(), K::NAME);
        let message = format!("{reference} is not a {kind}, but {:?}", found.media_type);
        return Err(Error::new(ErrorKind::InvalidDocument, message)
            .with_help("plugins and skills are OCI image indexes and manifests"));
    }
    let report = Report {
        reference: args.reference.as_str(),
        digest: &found.digest,
        media_type: &found.media_type,
        size: found.size,
    };
    context.output.result(&report, |output| output.print(&report.digest.to_string()));
    Ok(Outcome::Done)
}
