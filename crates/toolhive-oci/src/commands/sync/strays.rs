// SPDX-License-Identifier: Apache-2.0
//! Trees that are placed, and that the lock file does not name.

use std::fs;
use std::io::ErrorKind as IoKind;
use std::path::Path;

use oci_artifact::reference::{Defaults, Reference};
use oci_artifact::{Error, Result};
use toolhive_lockfile::content_digest::of_directory;
use toolhive_lockfile::{Entry, LockFile, Session, is_name};
use toolhive_places::Place;

use super::report::Report;
use crate::args::Sync;
use crate::commands::content::{InStore, check_name, known};
use crate::commands::project::Project;
use crate::context::Context;
use crate::kind::Kind;

/// A tree that no entry names.
pub(crate) struct Stray {
    pub(crate) name: String,
    /// Whether the store knows it as something that was fetched to be installed.
    pub(crate) was_installed: bool,
    /// The artifact of the store that it is, to the last byte.
    artifact: Option<InStore>,
}

/// Looks for trees of the kind in these places (LK-1).
pub(crate) fn find<K: Kind>(
    project: &Project,
    places: &[Place],
    context: &Context,
) -> Result<Vec<Stray>> {
    let mut names: Vec<(String, String)> = Vec::new();
    for place in places {
        for name in directories(&project.root, &place.directory)? {
            let tree = place.directory.join(&name);
            let is_known = !is_name(&name) || project.entry::<K>(&name).is_some();
            if is_known || !tree.join(K::MANIFEST_PATH).is_file() {
                continue;
            }
            // What cannot be read as a tree is none of ours.
            let Ok(found) = of_directory(&tree) else { continue };
            if !names.iter().any(|(known, _)| *known == name) {
                names.push((name, found.digest));
            }
        }
    }
    if names.is_empty() {
        return Ok(Vec::new());
    }
    names.sort();
    let store = context.existing_store::<K>().ok();
    let mut strays = Vec::new();
    for (name, digest) in names {
        let mut same = known::<K>(store.as_ref(), Some(&name))?;
        same.retain(|known| known.content_digest == digest);
        let pinned = same.iter().position(|known| is_pin(&known.tag));
        let full =
            same.iter().position(|known| Reference::parse(&known.tag, Defaults::Strict).is_ok());
        let at = pinned.or(full);
        let artifact = at.map(|at| same.swap_remove(at));
        strays.push(Stray { name, was_installed: pinned.is_some(), artifact });
    }
    Ok(strays)
}

/// Whether a tag of the store is one that only installing makes.
fn is_pin(tag: &str) -> bool {
    Reference::parse(tag, Defaults::Strict).is_ok_and(|reference| reference.digest().is_some())
}

/// The names of the directories in a place; none through a link.
fn directories(root: &Path, place: &Path) -> Result<Vec<String>> {
    let mut path = root.to_owned();
    for part in place.strip_prefix(root).unwrap_or(place).components() {
        path.push(part);
        match path.symlink_metadata() {
            Ok(found) if found.is_dir() => {}
            Ok(_) => return Ok(Vec::new()),
            Err(error) if error.kind() == IoKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Error::io("cannot examine this", &path, error)),
        }
    }
    let failed = |error| Error::io("cannot read the directory", place, error);
    let mut names = Vec::new();
    for entry in fs::read_dir(place).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_type().map_err(failed)?.is_dir()
            && let Ok(name) = entry.file_name().into_string()
        {
            names.push(name);
        }
    }
    Ok(names)
}

/// Adds to the lock file what the store knows.
pub(super) fn adopt<K: Kind>(
    project: &Project,
    strays: &[Stray],
    args: &Sync,
    context: &Context,
    report: &mut Report,
) -> Result<()> {
    let session = Session::begin(&project.root, context.stop())?;
    let mut lock = session.read()?;
    for stray in strays {
        let name = &stray.name;
        if report.pruned.contains(name) {
            continue;
        }
        let Some(artifact) = &stray.artifact else {
            report.fail(name, "validation-rejected", "the store has no artifact of these files");
            continue;
        };
        if !args.allow_unsigned {
            let why = "it is not known to be signed; --allow-unsigned accepts it all the same";
            report.fail(name, "unsigned-rejected", why);
            continue;
        }
        match entry(artifact) {
            Ok(entry) => {
                LockFile::put(K::locked_mut(&mut lock), entry);
                report.adopted(name);
            }
            Err(error) => report.fail_with(name, &error),
        }
    }
    session.write(&lock)
}

fn entry(artifact: &InStore) -> Result<Entry> {
    let reference = Reference::parse(&artifact.tag, Defaults::Strict)?;
    check_name(&artifact.name, &artifact.name, Some(reference.repository()))?;
    Ok(Entry {
        name: artifact.name.clone(),
        version: artifact.version.clone(),
        source: artifact.tag.clone(),
        resolved_reference: artifact.tag.clone(),
        digest: artifact.digest.clone(),
        content_digest: artifact.content_digest.clone(),
        unsigned: true,
        explicit: true,
        ..Entry::default()
    })
}
