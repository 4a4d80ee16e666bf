// SPDX-License-Identifier: Apache-2.0
//! `KIND manifest` and `KIND blob`: what an artifact consists of, byte for byte.

use std::io::{self, IsTerminal as _, Read};
use std::path::Path;

use oci_artifact::document::Document;
use oci_artifact::reader::ContentSource as _;
use oci_artifact::{Descriptor, Digest, Error, ErrorKind, Result, platform, reader};

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
    let stored = reader::read::<K>(&place, &args.reference)?;
    let part = part(&place, args, &stored.manifest_digest, &stored.layer)?;
    put(&mut *place.stream(&part)?, args.output.as_deref(), context)
}

/// The part that is meant, of those that the artifact names; a digest may be shortened (VB-6).
fn part(place: &Place, args: &BlobArgs, first: &Digest, layer: &Descriptor) -> Result<Descriptor> {
    let root = place.resolve(&args.reference)?;
    let index = Document::parse(&place.document(&root)?, Some(&root.media_type))?;
    let mut manifests = vec![index.clone()];
    let mut parts = vec![root.clone()];
    let mut config = index.config.as_ref().map(|link| link.descriptor());
    for link in &index.manifests {
        let descriptor = link.descriptor();
        let manifest = Document::parse(&place.document(&descriptor)?, Some(&link.media_type))?;
        if link.digest == *first {
            config = manifest.config.as_ref().map(|link| link.descriptor());
        }
        manifests.push(manifest);
    }
    parts.extend(manifests.iter().flat_map(Document::children).map(|link| link.descriptor()));
    let found = match args.part.as_str() {
        "config" => config,
        "layer" => Some(layer.clone()),
        start => {
            let digest = abbreviated::among(start, parts.iter().map(|part| part.digest), |_| None)?;
            parts.into_iter().find(|part| Some(part.digest) == digest)
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
        let error = Error::new(
            ErrorKind::InvalidOption,
            "this is not text, and stdout is a \
                                                          terminal",
        );
        return Err(error.with_help("write it to a file with -o, or into a pipe"));
    };
    context.output.json(&document);
    Ok(Outcome::Done)
}

fn broken(error: io::Error) -> Error {
    Error::from_io("the content cannot be read", Path::new(""), error)
}
