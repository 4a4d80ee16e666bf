// SPDX-License-Identifier: Apache-2.0
//! Layer to directory: the way back.
//!
//! The tree is written beside its destination under another name, verified to the last byte, brought to the disk, and
//! only then put in place, in one step (format.md, 11.3). Whatever goes wrong before, also the end of the process,
//! the destination stays as it was. Links and names that lead elsewhere never get this far (11.2), and everything is
//! reached from descriptors that are held, so nothing is written outside that tree, even if others may write next to
//! it.

mod handle;
mod disk;
mod traverse;
mod occupant;
mod workshop;
mod tree;
mod place;
mod staged;
#[cfg(test)]
mod tests;

use std::ffi::OsStr;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use held_directory::{Mode, OsStrExt as _, mkdirat};
use toolhive_diagnostics::Diagnostic;

use crate::ahead::read_ahead;
use crate::digest::Hashing;
use crate::error::{Error, ErrorKind, Result};
use crate::kind::{ArtifactKind, Modes};
use crate::observer::{Observer, Watched, check};
use crate::reader::Stored;
use crate::store::Store;
use crate::{gzip, limits, tar as archive};

use handle::Identity;
use place::Place;
pub use staged::{Spot, Staged, Standing};
use tree::Tree;
use workshop::{TREE, Workshop};

/// Options of an extraction.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExtractOptions {
    /// The treatment of a destination that exists.
    pub existing: Existing,
    /// Directories that are never replaced, nor any above them: the user's home (EX-21).
    pub protected: Vec<PathBuf>,
    /// The largest number of bytes of the uncompressed layer (GU-3).
    pub layer_size: u64,
    /// The limits of the archive's members.
    pub members: archive::Limits,
}

impl Default for ExtractOptions {
    fn default() -> Self {
        Self {
            existing: Existing::Keep,
            protected: Vec::new(),
            layer_size: limits::MAX_LAYER_SIZE,
            members: archive::Limits::default(),
        }
    }
}

/// The treatment of a destination that exists and is not an empty directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Keeps the destination, and fails.
    Keep,
    /// A tree of the same kind and name is replaced in one step, and then removed. Anything else
    /// stays, and extraction fails (EX-19).
    Replace,
}

/// The result of an extraction.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Extracted {
    /// The number of files.
    pub files: usize,
    /// The reason why parts of the replaced tree are still there.
    pub left: Option<Diagnostic>,
}

/// Writes an artifact's files into a new directory. Files get the modes of their kind, directories
/// 0755, both less the process's umask; directories above that are missing are made.
///
/// # Errors
/// [`ErrorKind::AlreadyExists`] if `destination` is there and is to be kept, or is not an older tree of the same kind
/// and name; [`ErrorKind::InvalidDir`] if it is no directory, or one that is never replaced;
/// [`ErrorKind::InvalidArchive`], [`ErrorKind::TooLarge`], [`ErrorKind::TooManyFiles`] and
/// [`ErrorKind::DigestMismatch`] if the layer is not what it should be; [`ErrorKind::Cancelled`]; [`ErrorKind::Io`].
/// Nothing has changed then.
pub fn extract<K: ArtifactKind>(
    store: &Store,
    artifact: &Stored,
    destination: &Path,
    options: &ExtractOptions,
    observer: &dyn Observer,
) -> Result<Extracted> {
    artifact.check_kind::<K>()?;
    let mut place = Place::open(destination)?;
    let occupant = occupant::find::<K>(&place.parent, place.name, destination, options)?;
    if let Some(name) = artifact.annotations.get(K::LABEL_NAME) {
        // The files decide; what is known before they are written saves the work.
        occupant.check_name::<K>(name, destination)?;
    }
    let mut workshop = Workshop::begin(&place.parent, place.shown_parent(), place.name)?;
    let mut tree = new_tree(&workshop, destination)?;
    let files = write::<K>(store, artifact, &mut tree, options, observer)?;
    if matches!(occupant, occupant::Occupant::Tree { .. }) {
        let name = occupant::name_of::<K>(tree.root(), destination)?;
        occupant.check_name::<K>(&name, destination)?;
    }
    tree.settle().map_err(|error| error.at_path(destination))?;
    check(observer)?;
    let identity = Identity::of(tree.root())
        .map_err(|errno| Error::io("cannot examine the new directory", destination, errno))?;
    // Windows moves nothing that is open.
    drop(tree);
    place.put::<K>(&mut workshop, identity, &occupant)?;
    Ok(Extracted { files, left: workshop.remove(place.shown_parent()) })
}

/// Returns the directory in a workshop that becomes the tree.
fn new_tree(workshop: &Workshop, destination: &Path) -> Result<Tree> {
    let make = || {
        mkdirat(workshop.directory(), TREE, Mode::from_raw_mode(0o755))?;
        handle::open(workshop.directory(), OsStr::new(TREE))
    };
    let made = make();
    let root =
        made.map_err(|errno| Error::io("cannot create a directory for", destination, errno))?;
    Ok(Tree::new(root))
}

/// Writes all files of the layer, whose bytes have to be what the config says; their number.
fn write<K: ArtifactKind>(
    store: &Store,
    artifact: &Stored,
    tree: &mut Tree,
    options: &ExtractOptions,
    observer: &dyn Observer,
) -> Result<usize> {
    observer.start(artifact.layer.size);
    let blob = store.open_blob(&artifact.layer.digest)?;
    let blob = BufReader::new(Watched::new(blob, observer));
    let layer = Hashing::new(gzip::Reader::new(blob, options.layer_size));
    let limits = options.members;
    let work = |layer: &mut dyn Read| write_files::<K>(layer, tree, limits, observer);
    let (files, layer) = read_ahead(layer, artifact.layer.size, work);
    let files = files?;
    let (_, diff_id, _) = layer.finish();
    if diff_id != artifact.diff_id {
        let wanted = &artifact.diff_id;
        let message = format!("the uncompressed layer has the digest {diff_id}, not {wanted}");
        return Err(Error::new(ErrorKind::DigestMismatch, message));
    }
    Ok(files)
}

fn write_files<K: ArtifactKind>(
    layer: impl Read,
    tree: &mut Tree,
    limits: archive::Limits,
    observer: &dyn Observer,
) -> Result<usize> {
    let mut members = archive::Reader::new(layer, limits);
    let mut files = 0_usize;
    while let Some(mut entry) = members.next_entry()? {
        check(observer)?;
        let path = entry.path().to_vec();
        let mut file = tree.create(&path, K::file_mode(entry.mode(), Modes::Git))?;
        io::copy(&mut entry, &mut file).map_err(|error| {
            Error::from_io("cannot write the file", Path::new(OsStr::from_bytes(&path)), error)
        })?;
        tree.written(file)?;
        files = files.saturating_add(1);
    }
    Ok(files)
}
