// SPDX-License-Identifier: Apache-2.0
//! `KIND manifest` and `KIND blob`: what an artifact consists of, byte for byte.

use std::io::{self, IsTerminal as _, Read};
use std::path::Path;

use oci_artifact::document::Document;
use oci_artifact::reader::{ContentSource as _, Original};
use oci_artifact::{Descriptor, Error, ErrorKind, Result, platform};

use crate::abbreviated;
use crate::args::{BlobArgs, ManifestArgs};
use crate::context::Context;
use crate::kind::{self, Kind};
use crate::output::{Outcome, write_from};
use crate::place::Place;

/// The most of a blob that is printed on a terminal, in bytes.
const SHOWN: u64 = 4 << 20;

pub(super) fn manifest<K: Kind>(args: &ManifestArgs, context: &Context) -> Result<Outcome> {
    let place = Place::new::<K>(&args.from, &args.reference, context)?;
    kind::check::<K>(&place, &args.reference, &["manifest", &args.reference])?;
    let root = place.resolve(&args.reference)?;
    let bytes = place.document(&root)?;
    let bytes = match &args.platform {
        None => bytes,
        Some(wanted) => {
            let index = Document::parse(&bytes, Some(&root.media_type))?;
            let platforms = || index.manifests.iter().filter_map(|link| link.platform.as_ref());
            let found = index.manifests.iter().find(|link| link.platform.as_ref() == Some(wanted));
            let found = found.ok_or_else(|| {
                let all: Vec<String> = platforms().map(platform::to_text).collect();
                let message =
                    format!("{} is not for {}", args.reference, platform::to_text(wanted));
                Error::new(ErrorKind::NotFound, message)
                    .with_help(format!("it is for {}", all.join(", ")))
            })?;
            place.document(&found.descriptor())?
        }
    };
    put(&mut bytes.as_slice(), args.output.as_deref(), context)
}

pub(super) fn blob<K: Kind>(args: &BlobArgs, context: &Context) -> Result<Outcome> {
    let place = Place::new::<K>(&args.from, &args.reference, context)?;
    kind::check::<K>(&place, &args.reference, &["blob", &args.reference, &args.part])?;
    let original = Original::read::<K>(&place, &args.reference)?;
    match part(&original, args)? {
        Part::Document(mut bytes) => put(&mut bytes, args.output.as_deref(), context),
        Part::Layer(layer) => put(&mut *place.stream(layer)?, args.output.as_deref(), context),
    }
}

/// A part of an artifact: a document, which was read, or the layer, which is to be.
enum Part<'a> {
    Document(&'a [u8]),
    Layer(&'a Descriptor),
}

/// The part that is meant, of those that the artifact consists of; a digest may be shortened (VB-6).
fn part<'a>(original: &'a Original, args: &BlobArgs) -> Result<Part<'a>> {
    let documents = || {
        let images = original.images.iter().flat_map(|image| [&image.manifest, &image.config]);
        original.index.iter().chain(images)
    };
    let found = match args.part.as_str() {
        "config" => Some(Part::Document(&original.images.first.config.bytes)),
        "layer" => Some(Part::Layer(&original.layer)),
        start => {
            let layer = &original.layer;
            let all = documents().map(|one| one.blob.digest).chain([layer.digest]);
            let digest = abbreviated::among(start, all, |_| None)?;
            let document = documents().find(|one| Some(one.blob.digest) == digest);
            let document = document.map(|document| Part::Document(&document.bytes));
            document.or_else(|| (Some(layer.digest) == digest).then_some(Part::Layer(layer)))
        }
    };
    found.ok_or_else(|| {
        let message = format!("{} has no part {:?}", args.reference, args.part);
        Error::new(ErrorKind::NotFound, message)
            .with_help("name `config`, `layer`, or a digest that `manifest` shows")
    })
}

/// Brings bytes to where they were asked for: into a file in one step, or to stdout as they are. A
/// terminal gets JSON that it can be shown, and nothing else.
fn put(bytes: &mut dyn Read, file: Option<&Path>, context: &Context) -> Result<Outcome> {
    if let Some(file) = file {
        write_from(file, bytes)?;
        return Ok(Outcome::Done);
    }
    if !io::stdout().is_terminal() {
        let mut part = vec![0; 1 << 16];
        loop {
            let read = bytes.read(&mut part).map_err(broken)?;
            match part.get(..read) {
                None | Some([]) => return Ok(Outcome::Done),
                Some(part) => context.output.bytes(part),
            }
        }
    }
    let mut all = Vec::new();
    bytes.take(SHOWN).read_to_end(&mut all).map_err(broken)?;
    let Ok(document) = serde_json::from_slice::<serde_json::Value>(&all) else {
        let error =
            Error::new(ErrorKind::InvalidOption, "this is not text, and stdout is a terminal");
        return Err(error.with_help("write it to a file with -o, or into a pipe"));
    };
    context.output.json(&document);
    Ok(Outcome::Done)
}

fn broken(error: io::Error) -> Error {
    Error::from_io("the content cannot be read", Path::new(""), error)
}
