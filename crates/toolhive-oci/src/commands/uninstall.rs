// SPDX-License-Identifier: Apache-2.0
//! `KIND uninstall NAME…`: out of the places of hosts, and out of the lock file; what only it needed goes
//! too.

use std::collections::BTreeSet;

use oci_artifact::{Error, ErrorKind, Result};
use serde::Serialize;
use toolhive_lockfile::{Entry, Session, graph};
use toolhive_places::Task;

use super::catalogue;
use super::placing::{Placing, Tree};
use super::project::{Project, is_only_ours};
use crate::args::{ScopeArg, Uninstall};
use crate::context::Context;
use crate::kind::Kind;
use crate::output::{Outcome, harmless};

#[derive(Serialize)]
struct Report {
    uninstalled: Vec<String>,
}

pub(super) fn run<K: Kind>(args: &Uninstall, context: &Context) -> Result<Outcome> {
    if args.scope == ScopeArg::User {
        return of_user::<K>(args, context);
    }
    let mut project = Project::open(&args.placed.project)?;
    let places = project.places::<K>(&args.placed.clients)?;
    let session = Session::begin(&project.root, context.stop())?;
    project.lock = session.read()?;
    let names: BTreeSet<String> = args.names.iter().cloned().collect();
    for name in &names {
        check::<K>(&project, name, &names)?;
    }
    let before = project.lock.clone();
    let removed = graph::remove(K::locked_mut(&mut project.lock), &names);
    let store = context.existing_store::<K>().ok();
    let placing = Placing::new(&project, &places, store.as_ref(), args.force, context);
    let tree = |entry: &'_ Entry| (entry.name.clone(), entry.content_digest.clone());
    let trees: Vec<(String, String)> = removed.iter().map(tree).collect();
    if args.dry_run {
        let trees = trees.iter();
        let trees = trees.map(|(name, locked)| Tree { name, wanted: None, locked: Some(locked) });
        return placing.preview::<K>(Task::Remove, trees);
    }
    // One name after the other, the lock file with it: what only it needed comes after it.
    let mut lock = before;
    let mut done = Vec::new();
    for (name, locked) in in_order(&args.names, trees) {
        let mut next = lock.clone();
        graph::remove_one(K::locked_mut(&mut next), &name);
        let tree = Tree { name: &name, wanted: None, locked: Some(&locked) };
        placing.change::<K>(Task::Remove, &tree, || match is_only_ours(&next) {
            true => session.remove(),
            false => session.write(&next),
        })?;
        lock = next;
        done.push(name);
    }
    project.lock = lock;
    drop(session);
    catalogue::update::<K>(&project, &places)?;
    Ok(print(done, context))
}

/// Uninstalls from the user's own places: by what the store knows, since no lock file covers them.
fn of_user<K: Kind>(args: &Uninstall, context: &Context) -> Result<Outcome> {
    let project = Project::of_user(&args.placed.clients)?;
    let places = project.places::<K>(&args.placed.clients)?;
    let store = context.existing_store::<K>().ok();
    let placing = Placing::new(&project, &places, store.as_ref(), args.force, context);
    let mut trees = args.names.iter().map(|name| Tree { name, wanted: None, locked: None });
    if args.dry_run {
        return placing.preview::<K>(Task::Remove, trees);
    }
    trees.try_for_each(|tree| placing.change::<K>(Task::Remove, &tree, || Ok(())).map(drop))?;
    Ok(print(args.names.clone(), context))
}

fn print(uninstalled: Vec<String>, context: &Context) -> Outcome {
    let report = Report { uninstalled };
    context.output.result(&report, |output| {
        let names = report.uninstalled.iter();
        names.for_each(|name| output.print(&harmless(&format!("Uninstalled {name}"))));
    });
    Outcome::Done
}

/// Sorts trees in the order in which their names were given.
fn in_order(names: &[String], trees: Vec<(String, String)>) -> Vec<(String, String)> {
    let at = |name: &str| names.iter().position(|one| one == name).unwrap_or(usize::MAX);
    let mut trees = trees;
    trees.sort_by_key(|(name, _)| at(name));
    trees
}

fn check<K: Kind>(project: &Project, name: &str, names: &BTreeSet<String>) -> Result<()> {
    let Some(entry) = project.entry::<K>(name) else {
        let message = format!("the lock file has no {} {name:?}", K::NAME);
        let error = Error::new(ErrorKind::NotFound, message);
        return Err(error.with_help("`list` prints its entries"));
    };
    let parents: Vec<&str> =
        entry.required_by.iter().filter(|by| !names.contains(*by)).map(String::as_str).collect();
    if parents.is_empty() {
        return Ok(());
    }
    let message = format!("{name} is needed by {}", parents.join(", "));
    let error = Error::new(ErrorKind::InvalidOption, message);
    Err(error.with_help("uninstall that, too; what only it needs goes with it"))
}
