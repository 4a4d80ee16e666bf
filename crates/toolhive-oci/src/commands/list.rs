// SPDX-License-Identifier: Apache-2.0
//! `KIND list`: the entries of the lock file, and what is in each place.

use std::slice;

use oci_artifact::{Error, ErrorKind, Result};
use serde::Serialize;

use super::project::{Found, Project};
use super::sync::strays;
use crate::args::{Listing, ScopeArg};
use crate::context::Context;
use crate::kind::Kind;
use crate::output::{Outcome, Table, short};

#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    version: &'a str,
    source: &'a str,
    digest: &'a str,
    explicit: bool,
    unsigned: bool,
    places: Vec<Found>,
}

/// Adds that the store can be listed, if there is no project or no lock file.
fn or_the_store(error: Error) -> Error {
    match error.kind() {
        ErrorKind::NotFound => {
            error.with_help("name a project with --project-root, or list the store with --stored")
        }
        _ => error,
    }
}

pub(super) fn run<K: Kind>(args: &Listing, context: &Context) -> Result<Outcome> {
    if args.scope == ScopeArg::User {
        return of_user::<K>(&args.placed.clients, context);
    }
    let project = Project::open(&args.placed.project).map_err(or_the_store)?;
    let places = project.places::<K>(&args.placed.clients)?;
    let mut rows = Vec::new();
    for entry in project.entries::<K>() {
        rows.push(Row {
            name: &entry.name,
            version: &entry.version,
            source: &entry.source,
            digest: &entry.digest,
            explicit: entry.explicit,
            unsigned: entry.unsigned,
            places: project.look(entry, &places)?,
        });
    }
    context.output.result(&rows, |output| {
        if rows.is_empty() {
            return output.note(&format!("The lock file names no {}", K::PLURAL));
        }
        let mut table = Table::new();
        table.row(["NAME", "VERSION", "DIGEST", "STATE", "PLACE"]);
        for row in &rows {
            let version = if row.version.is_empty() { "-" } else { row.version };
            for place in &row.places {
                table.row([row.name, version, &short(row.digest), place.state, &place.path]);
            }
            if row.places.is_empty() {
                table.row([row.name, version, &short(row.digest), "-", "-"]);
            }
        }
        output.print(&table.render());
    });
    Ok(Outcome::Done)
}

/// A tree in one of a user's own places.
#[derive(Serialize)]
struct Own {
    name: String,
    clients: Vec<String>,
    path: String,
    /// `installed` where the store has it under a pin, to the last byte; else `unknown`.
    state: &'static str,
}

/// Lists a user's own places, of which no lock file says anything: what is there, and whether the store knows
/// it (PL-10).
fn of_user<K: Kind>(clients: &[String], context: &Context) -> Result<Outcome> {
    let project = Project::of_user(clients)?;
    let mut own = Vec::new();
    for place in project.places::<K>(clients)? {
        for stray in strays::find::<K>(&project, slice::from_ref(&place), context)? {
            let path = project.shown(&place.directory.join(&stray.name));
            let state = if stray.was_installed { "installed" } else { "unknown" };
            own.push(Own { name: stray.name, clients: place.clients.clone(), path, state });
        }
    }
    context.output.result(&own, |output| {
        if own.is_empty() {
            return output.note(&format!("There are no {} in these places", K::PLURAL));
        }
        let mut table = Table::new();
        table.row(["NAME", "STATE", "PLACE"]);
        own.iter().for_each(|one| table.row([one.name.as_str(), one.state, &one.path]));
        output.print(&table.render());
    });
    Ok(Outcome::Done)
}
