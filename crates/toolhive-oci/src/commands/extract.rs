// SPDX-License-Identifier: Apache-2.0
//! `KIND extract REF|TAG|DIGEST DEST`: the tree, in one step.

use std::io;
use std::path::Path;

use oci_artifact::extract::{Existing, ExtractOptions, extract};
use oci_artifact::reader::ContentSource as _;
use oci_artifact::store::Store;
use oci_artifact::{Descriptor, Digest, Error, Result, reader};
use serde::Serialize;
use tempfile::TempDir;

use super::build::scratch;
use crate::args::Extract;
use crate::context::Context;
use crate::kind::{self, Kind};
use crate::output::{Outcome, harmless};
use crate::place::Place;
use crate::progress::Progress;

#[derive(Serialize)]
struct Report<'a> {
    digest: &'a Digest,
    dest: String,
    files: usize,
}

pub(super) fn run<K: Kind>(args: &Extract, context: &Context) -> Result<Outcome> {
    let dest = args.destination.display().to_string();
    let place = Place::new::<K>(&args.from, &args.reference, context)?;
    kind::check::<K>(&place, &args.reference, &["extract", &args.reference, &dest])?;
    let stored = reader::read::<K>(&place, &args.reference)?;
    let (store, _scratch) = match &place {
        Place::Store(store) => (store.clone(), None),
        Place::Registry(_) => fetched(&place, &stored.layer)?,
    };
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
    let report = Report { digest, dest, files };
    context.output.result(&report, |output| {
        output.note(&format!("Extracted {files} files of {digest}"));
        output.print(&harmless(&report.dest));
    });
    Ok(Outcome::Done)
}

/// The layer of an artifact in a registry, in a store that goes away with what is returned beside it:
/// all of it is there and was checked before the first file is written.
fn fetched(place: &Place, layer: &Descriptor) -> Result<(Store, Option<TempDir>)> {
    let (store, scratch) = scratch()?;
    let ingest = store.ingest()?;
    let mut blob = ingest.blob_writer();
    io::copy(&mut place.stream(layer)?, &mut blob)
        .map_err(|error| Error::from_io("cannot fetch the layer", Path::new(""), error))?;
    blob.finish_expecting(&layer.digest, layer.size)?;
    ingest.commit()?;
    Ok((store, scratch))
}
