// SPDX-License-Identifier: Apache-2.0
//! Examines a destination, and decides whether a new tree may take its place: an older tree of the same kind and name
//! may be replaced, and nothing else (EX-19 to EX-22).

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use go_deflate::Encoder;
use held_directory::{CWD, Errno, Mode, OwnedFd, openat};
use toolhive_diagnostics::Remedy;

use super::handle::{self, GIVEN, Identity};
use super::traverse::{Step, traverse};
use super::{Existing, ExtractOptions};
use crate::directory::{Directory, MAX_ENTRIES, Tree};
use crate::error::{Error, ErrorKind, Result};
use crate::kind::ArtifactKind;
use crate::packager;

/// Version control's own directory: what it holds is nowhere else.
const GIT: &str = ".git";
/// The number of entries that are named where something would be lost.
const NAMED: usize = 5;

/// The thing whose place a new tree takes.
#[derive(Clone, Debug)]
pub(super) enum Occupant {
    /// Nothing, or an empty directory.
    None,
    /// An older tree of the same kind.
    Tree {
        /// The identity of the tree.
        identity: Identity,
        /// The name in its manifest.
        name: String,
    },
}

/// Looks at what stands under a name in `parent`, which is shown as `destination`.
///
/// # Errors
/// [`ErrorKind::InvalidDir`] for what is never replaced; [`ErrorKind::AlreadyExists`] for what is
/// kept, or would be lost; [`ErrorKind::Io`] for what cannot be looked at.
pub(super) fn find<K: ArtifactKind>(
    parent: &OwnedFd,
    name: &OsStr,
    destination: &Path,
    options: &ExtractOptions,
) -> Result<Occupant> {
    let failed = |errno| Error::io("cannot examine the destination", destination, errno);
    let stat = match handle::look(parent, name) {
        Err(Errno::NOENT) => return Ok(Occupant::None),
        other => other.map_err(failed)?,
    };
    if !handle::is_directory(&stat) {
        return Err(never(destination, "there is a file or a link, not a directory"));
    }
    let found = handle::open(parent, name).map_err(failed)?;
    let identity = Identity::of(&found).map_err(failed)?;
    refuse_special(&found, destination, &options.protected)?;
    let entries = handle::entries(&found).map_err(failed)?;
    if entries.is_empty() {
        return Ok(Occupant::None);
    }
    let names: Vec<Vec<u8>> = entries.into_iter().map(|(name, _)| name).collect();
    let named = name_of::<K>(&found, destination);
    if options.existing == Existing::Keep {
        return Err(taken::<K>(destination, named.ok().as_deref()));
    }
    refuse_precious(&found, destination)?;
    match named {
        Ok(name) => Ok(Occupant::Tree { identity, name }),
        Err(error) if error.kind() == ErrorKind::ManifestMissing => {
            Err(lost(names, destination, &format!("is no {}", K::NAME), None))
        }
        Err(error) => {
            let why = format!("has a {} that cannot be read", K::MANIFEST_PATH);
            Err(lost(names, destination, &why, None).caused_by(error))
        }
    }
}

impl Occupant {
    /// Checks that it has the name of what is to take its place.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`].
    pub(super) fn check_name<K: ArtifactKind>(&self, new: &str, destination: &Path) -> Result<()> {
        match self {
            Self::Tree { name, .. } if name != new => {
                let why = format!("holds the {} {name:?}, not {new:?}", K::NAME);
                Err(lost(Vec::new(), destination, &why, Some(new)))
            }
            _ => Ok(()),
        }
    }
}

/// Returns the name that the manifest in a directory has.
pub(super) fn name_of<K: ArtifactKind>(directory: &OwnedFd, shown: &Path) -> Result<String> {
    let open = handle::open(directory, OsStr::new("."))
        .map_err(|errno| Error::io("cannot open the directory", shown, errno))?;
    let (_, manifest) = packager::read_manifest::<K>(&Directory::held(open, shown))?;
    Ok(K::describe(manifest, &[K::MANIFEST_PATH], &Tree::default(), Encoder::default()).name)
}

/// EX-21: what is never replaced, whatever is in it.
pub(super) fn refuse_special(
    found: &OwnedFd,
    destination: &Path,
    protected: &[PathBuf],
) -> Result<()> {
    let failed = |errno| Error::io("cannot examine the destination", destination, errno);
    if handle::is_mount_point(found).map_err(failed)? {
        return Err(never(destination, "something is mounted on this directory"));
    }
    let own = Identity::of(found).map_err(failed)?;
    let root = Path::new("/");
    for path in protected.iter().map(PathBuf::as_path).chain([root]) {
        if is_at_or_above(own, path)
            .map_err(|errno| Error::io("cannot find out where this directory is", path, errno))?
        {
            let path = path.display();
            return Err(never(destination, &format!("this directory is {path}, or above it")));
        }
    }
    Ok(())
}

/// Whether a directory is that at `path`, or above it. Nothing is above a path that leads nowhere.
fn is_at_or_above(directory: Identity, path: &Path) -> Result<bool, Errno> {
    let mut open = match openat(CWD, path, GIVEN, Mode::empty()) {
        Err(Errno::NOENT | Errno::NOTDIR) => return Ok(false),
        other => other?,
    };
    let mut here = Identity::of(&open)?;
    loop {
        if here == directory {
            return Ok(true);
        }
        open = handle::open(&open, OsStr::new(".."))?;
        let above = Identity::of(&open)?;
        if above == here {
            return Ok(false);
        }
        here = above;
    }
}

/// EX-22: a tree with a repository or a mount in it, or one too large to be looked through.
pub(super) fn refuse_precious(found: &OwnedFd, destination: &Path) -> Result<()> {
    let failed = |errno: Errno| Error::io("cannot examine the destination", destination, errno);
    let open = handle::open(found, OsStr::new(".")).map_err(failed)?;
    let (mut seen, mut why) = (0_usize, None);
    let looked = traverse(open, |_, name, step| {
        seen = seen.saturating_add(usize::from(step != Step::Leave));
        why = match seen > MAX_ENTRIES {
            _ if step != Step::Leave && name == GIT => {
                Some(format!("there is a {GIT} in this directory, so it is a working copy"))
            }
            true => Some(format!("there are more than {MAX_ENTRIES} entries in this directory")),
            false => None,
        };
        if why.is_some() { Err(Errno::CANCELED) } else { Ok(()) }
    });
    match (looked, why) {
        (_, Some(why)) => Err(never(destination, &why)),
        (Err(Errno::XDEV), _) => {
            Err(never(destination, "something is mounted below this directory"))
        }
        (looked, None) => looked.map_err(failed),
    }
}

fn never(destination: &Path, why: &str) -> Error {
    Error::new(ErrorKind::InvalidDir, format!("{why}; it is never replaced"))
        .at_path(destination)
        .with_help("name a new directory")
}

/// Returns the error for something that would be lost.
fn lost(mut names: Vec<Vec<u8>>, destination: &Path, why: &str, new: Option<&str>) -> Error {
    names.sort_unstable();
    let mut named: Vec<String> =
        names.iter().take(NAMED).map(|name| String::from_utf8_lossy(name).into_owned()).collect();
    if names.len() > NAMED {
        named.push(format!("{} more", names.len().saturating_sub(NAMED)));
    }
    let mut message = format!("the destination {why}, and all that is in it would be lost");
    if !named.is_empty() {
        message.push_str(&format!(": {}", named.join(", ")));
    }
    let below = new.map_or_else(|| destination.join("NAME"), |new| destination.with_file_name(new));
    let help = format!("name a directory of its own, like {}", below.display());
    Error::new(ErrorKind::AlreadyExists, message).at_path(destination).with_help(help)
}

/// Returns the error for a destination that is kept.
pub(super) fn taken<K: ArtifactKind>(destination: &Path, name: Option<&str>) -> Error {
    let help = match name {
        Some(name) => Remedy::Force
            .help(format!("name another, or use {{}} to replace this {} {name}", K::NAME)),
        None => "name another".into(),
    };
    Error::new(ErrorKind::AlreadyExists, "the destination exists and is not empty")
        .at_path(destination)
        .with_help(help)
}
