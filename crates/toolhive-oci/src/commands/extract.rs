// SPDX-License-Identifier: Apache-2.0
//! `KIND extract TAG|DIGEST DEST`: the tree, in one step.

use oci_artifact::extract::{Existing, ExtractOptions, extract};
use oci_artifact::{Digest, Result, reader};
use serde::Serialize;

use crate::args::{Extract, Format};
use crate::context::Context;
use crate::kind::{self, Kind};
use crate::output::{Outcome, harmless};
use crate::progress::Progress;
use crate::similar::suggest;

#[derive(Serialize)]
struct Report<'a> {
    digest: &'a Digest,
    dest: String,
    files: usize,
}

pub(super) fn run<K: Kind>(args: &Extract, context: &Context) -> Result<Outcome> {
    let dest = args.destination.display().to_string();
    let store = context.existing_store::<K>()?;
    kind::check::<K>(&store, &args.reference, &["extract", &args.reference, &dest])
        .map_err(|error| suggest(&store, &args.reference, error))?;
    let stored = reader::read::<K>(&store, &args.reference)?;
    let mut options = ExtractOptions::default();
    options.protected = context.protected();
    if args.force {
        options.existing = Existing::Replace;
    }
    let progress = Progress::new(context, "extracting");
    let extracted = extract::<K>(&store, &stored, &args.destination, &options, &progress)?;
    drop(progress);
    context.output.warnings(extracted.left.as_slice(), None);
    let files = extracted.files;

    let digest = stored.index_digest.as_ref().unwrap_or(&stored.manifest_digest);
    match context.output.format {
        Format::Json => context.output.json(&Report { digest, dest, files }),
        Format::Text => {
            context.output.note(&format!("Extracted {files} files of {digest}"));
            context.output.print(&harmless(&dest));
        }
    }
    Ok(Outcome::Done)
}
