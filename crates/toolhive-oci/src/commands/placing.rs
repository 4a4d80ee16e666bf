// SPDX-License-Identifier: Apache-2.0
//! A change of an entry's trees in all its places, with the lock file: all of it or nothing.

use std::path::{Path, PathBuf};

use oci_artifact::extract::{ExtractOptions, Spot};
use oci_artifact::store::Store;
use oci_artifact::{Error, ErrorKind, Result};
use serde::Serialize;
use toolhive_lockfile::is_name;
use toolhive_places::{
    Decision, Force, Found, Known, Place, Step, Task, Wanted, apply, plan, remove_empty_parents,
};

use super::content::{Content, stored_digests};
use super::project::Project;
use crate::context::Context;
use crate::kind::Kind;
use crate::output::Outcome;

/// A name under which nothing is placed.
const SWEPT: &str = "sweep";

/// The places that trees go to, and what is known of the trees there.
pub(crate) struct Placing<'a> {
    root: &'a Path,
    places: &'a [Place],
    /// The store that may know what is there.
    store: Option<&'a Store>,
    force: Force,
    context: &'a Context,
}

/// The tree of one name.
#[derive(Clone, Copy)]
pub(crate) struct Tree<'a> {
    pub(crate) name: &'a str,
    /// The artifact that is wanted, in its store; none if it is to go.
    pub(crate) wanted: Option<(&'a Store, &'a Content)>,
    /// The content digest of the lock file's entry, as it is.
    pub(crate) locked: Option<&'a str>,
}

/// A step of a plan as JSON.
#[derive(Serialize)]
struct StepJson {
    name: String,
    path: String,
    found: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_digest: Option<String>,
    decision: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
}

impl StepJson {
    fn of(name: &str, root: &Path, step: &Step) -> Self {
        let (found, content_digest) = match &step.found {
            Found::Nothing => ("nothing", None),
            Found::Link => ("link", None),
            Found::File => ("file", None),
            Found::Tree(whose, digest) => (whose.as_str(), digest.clone()),
        };
        let why = match step.decision {
            Decision::Refuse(why) => Some(why),
            _ => None,
        };
        let path = step.path.strip_prefix(root).unwrap_or(&step.path).display().to_string();
        let decision = step.decision.as_str();
        Self { name: name.to_owned(), path, found, content_digest, decision, why }
    }
}

impl<'a> Placing<'a> {
    /// The places of a project.
    pub(crate) fn new(
        project: &'a Project,
        places: &'a [Place],
        store: Option<&'a Store>,
        force: bool,
        context: &'a Context,
    ) -> Self {
        let force = if force { Force::Yes } else { Force::No };
        Self { root: &project.root, places, store, force, context }
    }

    /// The plan for a tree.
    fn plan<K: Kind>(&self, task: Task, tree: &Tree<'_>) -> Result<Vec<Step>> {
        self.with_known::<K, _>(tree, |known| {
            plan::<K>(self.root, &self.paths(tree.name)?, task, known, self.force)
        })
    }

    /// Prints, as JSON, what would happen to these trees in each place.
    pub(crate) fn preview<'t, K: Kind>(
        &self,
        task: Task,
        trees: impl IntoIterator<Item = Tree<'t>>,
    ) -> Result<Outcome> {
        let mut steps = Vec::new();
        for tree in trees {
            let plan = self.plan::<K>(task, &tree)?;
            steps.extend(plan.iter().map(|step| StepJson::of(tree.name, self.root, step)));
        }
        self.context.output.json(&steps);
        Ok(Outcome::Done)
    }

    /// Plans and carries out; `commit` writes the lock file.
    pub(crate) fn change<K: Kind>(
        &self,
        task: Task,
        tree: &Tree<'_>,
        commit: impl FnOnce() -> Result<()>,
    ) -> Result<Vec<Step>> {
        let steps = self.plan::<K>(task, tree)?;
        let mut options = ExtractOptions::default();
        options.protected = self.context.protected();
        options.protected.push(self.root.to_owned());
        let wanted =
            tree.wanted.map(|(store, content)| Wanted { store, artifact: &content.stored });
        let left = self.with_known::<K, _>(tree, |known| {
            let stop = self.context.stop();
            apply::<K>(self.root, &steps, known, wanted, &options, stop, commit)
        })?;
        self.context.output.warnings(&left, Some(self.root));
        if task == Task::Remove {
            remove_empty_parents(self.root, &self.paths(tree.name)?);
        }
        Ok(steps)
    }

    /// Removes what dead processes left beside places (PL-9). What cannot be looked at is left for the next one.
    pub(crate) fn sweep(&self) {
        for place in self.places.iter().filter(|place| place.directory.is_dir()) {
            if let Ok(spot) = Spot::open(self.root, &place.directory.join(SWEPT)) {
                let _ = spot.sweep();
            }
        }
    }

    fn with_known<K: Kind, T>(
        &self,
        tree: &Tree<'_>,
        work: impl FnOnce(&Known<'_>) -> Result<T>,
    ) -> Result<T> {
        let stored = || stored_digests::<K>(self.store, tree.name);
        let wanted = tree.wanted.map(|(_, content)| content.content_digest.as_str());
        work(&Known { name: tree.name, wanted, locked: tree.locked, stored: &stored })
    }

    fn paths(&self, name: &str) -> Result<Vec<PathBuf>> {
        if !is_name(name) {
            let message = format!("{name:?} is not a valid name of a directory to install");
            return Err(Error::new(ErrorKind::InvalidOption, message).with_help(
                "names have 2 to 64 lower-case letters and digits, with single hyphens between \
                 them",
            ));
        }
        Ok(self.places.iter().map(|place| place.directory.join(name)).collect())
    }
}
