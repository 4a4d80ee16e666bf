// SPDX-License-Identifier: Apache-2.0
//! The plan for places: for each what would happen there, and why (place.md, 3). The table of decisions is
//! pure; `plan` looks at places and asks it.

use std::path::{Path, PathBuf};

use oci_artifact::extract::{Spot, Standing};
use oci_artifact::kind::ArtifactKind;
use oci_artifact::{Error, ErrorKind, Result};
use toolhive_lockfile::content_digest::of_open;

/// A task for places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// A new tree is put there, for an entry that is new or changes.
    Install,
    /// The tree of an entry of the lock file is put there again.
    Sync,
    /// The tree is taken away.
    Remove,
}

/// The owner of the tree that stands in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The one that is wanted there, to the last byte.
    Wanted,
    /// A tree that the lock file or the store knows, to the last byte.
    Known,
    /// No known one, but its manifest has that kind and name: a known one that was edited, it seems.
    Edited,
    /// A tree of somebody else.
    Foreign,
}

impl Whose {
    /// Returns its name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wanted => "current",
            Self::Known => "known",
            Self::Edited => "edited",
            Self::Foreign => "foreign",
        }
    }
}

/// The content of a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing, or an empty directory.
    Nothing,
    /// A directory, with its content digest if it has one.
    Tree(Whose, Option<String>),
    /// A link, which is never followed.
    Link,
    /// A file, or something stranger.
    File,
}

/// Whether what nobody knows may be replaced or removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Force {
    /// The tree stays as it is.
    No,
    /// The tree may be replaced, since the user said so.
    Yes,
}

/// The decision on a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Leaves it: it is as it should be.
    Keep,
    /// The tree is put where nothing is.
    Put,
    /// The tree takes the place of the one that is there.
    Replace,
    /// The tree that is there is taken away.
    Remove,
    /// Refuses: something else is there that must stay. It says what.
    Refuse(&'static str),
}

impl Decision {
    /// Returns its name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Put => "put",
            Self::Replace => "replace",
            Self::Remove => "remove",
            Self::Refuse(_) => "refuse",
        }
    }
}

/// Decides what happens to a place (PL-1, PL-2).
pub fn decide(task: Task, found: &Found, force: Force) -> Decision {
    const FOREIGN: &str = "a directory is there that is not a known artifact";
    const EDITED: &str = "the directory that is there was edited";
    match (task, found) {
        // Regardless of its owner and its target (PL-12).
        (_, Found::Link) => Decision::Refuse("a link is there"),
        (_, Found::File) => Decision::Refuse("a file is there"),
        (Task::Remove, Found::Nothing) => Decision::Keep,
        (_, Found::Nothing) => Decision::Put,
        (Task::Remove, Found::Tree(Whose::Wanted | Whose::Known, _)) => Decision::Remove,
        (_, Found::Tree(Whose::Wanted, _)) => Decision::Keep,
        (_, Found::Tree(Whose::Known, _)) => Decision::Replace,
        // The lock file names this place: what it says is put there again.
        (Task::Sync, Found::Tree(Whose::Edited, _)) => Decision::Replace,
        (Task::Remove, Found::Tree(..)) if force == Force::Yes => Decision::Remove,
        (_, Found::Tree(..)) if force == Force::Yes => Decision::Replace,
        (_, Found::Tree(Whose::Edited, _)) => Decision::Refuse(EDITED),
        (_, Found::Tree(Whose::Foreign, _)) => Decision::Refuse(FOREIGN),
    }
}

/// The plan for one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The tree's directory, below the root.
    pub path: PathBuf,
    /// The content of the place.
    pub found: Found,
    /// The decision on it.
    pub decision: Decision,
}

/// The known facts of the trees of a name.
pub struct Known<'a> {
    /// The name of the artifact.
    pub name: &'a str,
    /// The content digest of the tree that is wanted.
    pub wanted: Option<&'a str>,
    /// The content digest of the lock file's entry, as it is now.
    pub locked: Option<&'a str>,
    /// The digests of the artifacts of that name in the store; asked only if the others do not decide.
    pub stored: &'a dyn Fn() -> Result<Vec<String>>,
}

/// Looks at places, each a directory below `root`, and plans for each.
///
/// # Errors
/// [`ErrorKind::InvalidDir`] if a link or a file is on the way; what looking gives: what cannot be read is neither
/// absent nor foreign.
pub fn plan<K: ArtifactKind>(
    root: &Path,
    paths: &[PathBuf],
    task: Task,
    known: &Known<'_>,
    force: Force,
) -> Result<Vec<Step>> {
    let step = |path: &PathBuf| {
        let found = look::<K>(&Spot::open(root, path)?, known)?;
        let decision = decide(task, &found, force);
        Ok(Step { path: path.clone(), found, decision })
    };
    paths.iter().map(step).collect()
}

/// Looks at what stands at a spot.
pub(crate) fn look<K: ArtifactKind>(spot: &Spot<'_>, known: &Known<'_>) -> Result<Found> {
    match spot.standing() {
        Standing::Nothing => return Ok(Found::Nothing),
        Standing::Link => return Ok(Found::Link),
        Standing::Other => return Ok(Found::File),
        Standing::Directory => {}
    }
    let digest = match of_open(&spot.directory()?) {
        // A link within is nothing that a tree of ours has.
        Ok(tree) if tree.strange.is_empty() => Some(tree.digest),
        Ok(_) => None,
        // No file at all, or one with a name that no artifact has.
        Err(error) if error.kind() == ErrorKind::InvalidFile && !has_cause(&error) => None,
        Err(error) => return Err(error),
    };
    let is = |other: Option<&str>| digest.is_some() && digest.as_deref() == other;
    let whose = if is(known.wanted) {
        Whose::Wanted
    } else if is(known.locked)
        || digest.as_ref().is_some_and(|digest| {
            // What the store cannot tell makes nothing ours.
            (known.stored)().is_ok_and(|stored| stored.contains(digest))
        })
    {
        Whose::Known
    } else if spot.name::<K>().is_ok_and(|name| name == known.name) {
        Whose::Edited
    } else {
        Whose::Foreign
    };
    Ok(Found::Tree(whose, digest))
}

fn has_cause(error: &Error) -> bool {
    std::error::Error::source(error).is_some()
}
