// SPDX-License-Identifier: Apache-2.0
//! A plan carried out: every tree is written beside its place, then all change places one by one, then
//! the lock file is written; whatever goes wrong undoes all of it (PL-4). What was there stays beside its
//! place until then (PL-3).

use std::path::{Path, PathBuf};

use oci_artifact::extract::{ExtractOptions, Spot, Staged};
use oci_artifact::kind::ArtifactKind;
use oci_artifact::observer::Observer;
use oci_artifact::reader::Stored;
use oci_artifact::store::Store;
use oci_artifact::{Diagnostic, Error, ErrorKind, Result};

use crate::plan::{Decision, Known, Step, look};

/// The artifact whose tree is put in place.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// The store that has it.
    pub store: &'a Store,
    /// The artifact in the store.
    pub artifact: &'a Stored,
}

/// Carries out a plan, all of it or nothing. `commit` comes last, before anything is let go of: it writes
/// the lock file. What of an old tree could not be removed is returned.
///
/// # Errors
/// [`ErrorKind::AlreadyExists`] if the plan refuses a place, or it changed since; those of `commit`, of extraction
/// and of the file system. Nothing has changed then, or the error says what has.
pub fn apply<K: ArtifactKind>(
    root: &Path,
    plan: &[Step],
    known: &Known<'_>,
    wanted: Option<Wanted<'_>>,
    options: &ExtractOptions,
    observer: &dyn Observer,
    commit: impl FnOnce() -> Result<()>,
) -> Result<Vec<Diagnostic>> {
    check(plan, known.name)?;
    let mut staged = Vec::new();
    for step in plan.iter().filter(|step| step.decision != Decision::Keep) {
        let spot = Spot::open(root, &step.path)?;
        if look::<K>(&spot, known)? != step.found {
            return Err(changed(&step.path));
        }
        staged.push(match (step.decision, wanted) {
            (Decision::Remove, _) => spot.stage_removal(&options.protected)?,
            (_, Some(wanted)) => {
                spot.stage::<K>(wanted.store, wanted.artifact, options, observer)?
            }
            (_, None) => {
                let error = Error::new(ErrorKind::NotFound, "there is nothing to put here");
                return Err(error.at_path(&step.path));
            }
        });
    }
    let mut put = || staged.iter_mut().try_for_each(Staged::put::<K>);
    match put().and_then(|()| commit()) {
        Ok(()) => Ok(staged.into_iter().filter_map(Staged::finish).collect()),
        Err(error) => Err(undo(staged, error)),
    }
}

/// Removes the directories above places that a removal left empty, as far as the root; never one that a
/// host or a person made for more than trees of ours: `.claude`, or what is not empty.
pub fn remove_empty_parents(root: &Path, paths: &[PathBuf]) {
    for path in paths {
        for above in path.ancestors().skip(1) {
            let is_kept = above.file_name().is_some_and(|name| name == ".claude");
            // A directory with something in it stays, and what cannot be removed is only empty.
            if above == root
                || !above.starts_with(root)
                || is_kept
                || is_link(above)
                || std::fs::remove_dir(above).is_err()
            {
                break;
            }
        }
    }
}

fn is_link(path: &Path) -> bool {
    path.symlink_metadata().map_or(true, |found| found.is_symlink())
}

/// Refuses a plan in which a place must stay as it is.
fn check(plan: &[Step], name: &str) -> Result<()> {
    for Step { path, decision, .. } in plan {
        if let Decision::Refuse(why) = decision {
            let error = Error::new(ErrorKind::AlreadyExists, format!("{name}: {why}; it stays"));
            return Err(error.at_path(path).with_help(match *why {
                "a link is there" | "a file is there" => "remove it, or name other hosts",
                _ => "examine it, and move it away or use --force, which replaces or removes it",
            }));
        }
    }
    Ok(())
}

fn undo(staged: Vec<Staged<'_>>, mut error: Error) -> Error {
    for one in staged.into_iter().rev() {
        if let Err(left) = one.undo() {
            let mut said = format!("not all could be undone: {left}");
            // Where the old tree lies now.
            for help in left.diagnostics().iter().filter_map(|reason| reason.help.as_ref()) {
                said.push_str(&format!("; {help}"));
            }
            error = error.with_help(said);
        }
    }
    error
}

fn changed(path: &Path) -> Error {
    Error::new(ErrorKind::AlreadyExists, "this changed after it was examined")
        .at_path(path)
        .with_help("find out what else writes there, and try again")
}
