// SPDX-License-Identifier: Apache-2.0
//! `lock check`: the file is valid and complete, and nothing that is placed has drifted.

use std::io::ErrorKind;
use std::path::Path;

use oci_artifact::{Error, Result};
use serde::Serialize;
use toolhive_lockfile::LockFile;
use toolhive_plugins::Plugin;
use toolhive_skills::Skill;

use super::project::Project;
use crate::args::LockVerb;
use crate::bounded;
use crate::context::Context;
use crate::kind::Kind;
use crate::output::{Outcome, harmless};

#[derive(Serialize)]
struct Report {
    skills: usize,
    plugins: usize,
    problems: Vec<Problem>,
}

#[derive(Serialize)]
struct Problem {
    kind: &'static str,
    name: String,
    /// `incomplete`, `drifted`, `foreign`; beside another file `added`, `removed`, `changed`.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
}

pub(super) fn run(verb: &LockVerb, context: &Context) -> Result<Outcome> {
    let LockVerb::Check { project, against } = verb;
    let project = Project::open(project)?;
    let mut problems = Vec::new();
    if let Some(file) = against {
        let other = read(file)?;
        compare::<Skill>(&project, &other, &mut problems);
        compare::<Plugin>(&project, &other, &mut problems);
    }
    check::<Skill>(&project, &mut problems)?;
    check::<Plugin>(&project, &mut problems)?;
    let outcome = if problems.is_empty() { Outcome::Done } else { Outcome::Negative };
    let (skills, plugins) = (project.lock.skills.len(), project.lock.plugins.len());
    let report = Report { skills, plugins, problems };
    context.output.result(&report, |output| {
        for Problem { kind, name, state, path } in &report.problems {
            let path = path.as_deref().map(|path| format!(": {path}")).unwrap_or_default();
            output.print(&harmless(&format!("{state}: {kind} {name}{path}")));
        }
        output.note(&format!("Checked {skills} skills and {plugins} plugins"));
    });
    Ok(outcome)
}

/// Reads another lock file.
fn read(file: &Path) -> Result<LockFile> {
    let text = bounded::read(file, toolhive_lockfile::MAX_SIZE as u64)
        .map_err(|error| Error::io("cannot read the lock file", file, error))?;
    toolhive_lockfile::read(&text).map_err(|error| error.at_path(file))
}

/// Reports the entries that differ from those of another lock file (LK-6).
fn compare<K: Kind>(project: &Project, other: &LockFile, problems: &mut Vec<Problem>) {
    let (here, there) = (project.entries::<K>(), K::locked(other));
    let mut differs = |name: &str, state| {
        problems.push(Problem { kind: K::NAME, name: name.to_owned(), state, path: None });
    };
    for entry in here {
        match there.binary_search_by(|one| one.name.cmp(&entry.name)) {
            Err(_) => differs(&entry.name, "added"),
            Ok(at) if there.get(at) != Some(entry) => differs(&entry.name, "changed"),
            Ok(_) => {}
        }
    }
    for entry in there {
        if here.binary_search_by(|one| one.name.cmp(&entry.name)).is_err() {
            differs(&entry.name, "removed");
        }
    }
}

fn check<K: Kind>(project: &Project, problems: &mut Vec<Problem>) -> Result<()> {
    let mut places = project.places::<K>(&[])?;
    // Where there is no directory, nothing has drifted: thousands of looks are saved.
    places.retain(|place| !is_missing(&place.directory));
    for entry in project.entries::<K>() {
        let problem =
            |state, path| Problem { kind: K::NAME, name: entry.name.clone(), state, path };
        // Without both it can be neither fetched nor compared.
        if entry.content_digest.is_empty() || entry.resolved_reference.is_empty() {
            problems.push(problem("incomplete", None));
            continue;
        }
        let found = project.look(entry, &places)?.into_iter();
        let wrong = found.filter(|found| matches!(found.state, "drifted" | "foreign"));
        problems.extend(wrong.map(|found| problem(found.state, Some(found.path))));
    }
    Ok(())
}

fn is_missing(directory: &Path) -> bool {
    directory.symlink_metadata().is_err_and(|error| error.kind() == ErrorKind::NotFound)
}
