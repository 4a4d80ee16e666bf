// SPDX-License-Identifier: Apache-2.0
//! `KIND delete REF`: a tag, or a manifest with all of its tags, goes from a registry (VB-7).

use oci_artifact::reader::ContentSource as _;
use oci_artifact::{Digest, Error, Result};
use oci_registry_http::ErrorKind;
use serde::Serialize;

use super::args::Delete;
use super::remote::{Remote, RemoteSource, not_there};
use crate::commands::sync::confirm;
use crate::context::Context;
use crate::kind::{self, Kind};
use crate::output::Outcome;

#[derive(Serialize)]
struct Report<'a> {
    reference: &'a str,
    digest: &'a Digest,
    /// `tag` or `manifest`.
    deleted: &'static str,
}

pub(super) fn run<K: Kind>(args: &Delete, context: &Context) -> Result<Outcome> {
    let reference = args.reference.as_str();
    let remote = Remote::new(context, [args.reference.registry()])?;
    let source = RemoteSource::over(remote, args.reference.clone())?;
    kind::check::<K>(&source, reference, &["delete", reference]).map_err(not_there)?;
    let digest = source.resolve(reference)?.digest;
    let name = args.reference.name();
    // Beside a digest a tag only informs.
    let tag = args.reference.tag().filter(|_| args.reference.digest().is_none());
    let question = match tag {
        Some(tag) => format!("This deletes the tag {tag} of {name}, which names {digest}."),
        None => format!("This deletes {name}@{digest}, and every tag that names it."),
    };
    if !args.yes && !confirm(&[question], false, context)? {
        return Ok(Outcome::Refused);
    }
    let repository = source.repository();
    source.remote().run(async {
        match tag {
            Some(tag) => {
                repository.delete_tag(tag).await.map_err(|error| by_digest(error, &digest))
            }
            None => Ok(repository.delete_manifest(&digest).await?),
        }
    })?;
    let deleted = if tag.is_some() { "tag" } else { "manifest" };
    let report = Report { reference, digest: &digest, deleted };
    context.output.result(&report, |output| {
        output.note(&format!("Deleted the {deleted} {reference}"));
    });
    Ok(Outcome::Done)
}

/// The error of a registry that deletes no tag: it may delete the manifest.
fn by_digest(error: oci_registry_http::Error, digest: &Digest) -> Error {
    let kind = error.kind();
    let error = Error::from(error);
    match kind {
        ErrorKind::Unsupported => error.with_help(format!(
            "many registries delete only by digest: @{digest}, with all its tags; GHCR and Docker Hub \
             delete on their web pages"
        )),
        _ => error,
    }
}
