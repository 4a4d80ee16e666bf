// SPDX-License-Identifier: Apache-2.0
//! `KIND list`: the entries of the lock file, and what is in each place.

use oci_artifact::Result;
use serde::Serialize;

use super::project::{Found, Project};
use crate::args::{Format, Placed};
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

pub(super) fn run<K: Kind>(args: &Placed, context: &Context) -> Result<Outcome> {
    let project = Project::open(&args.project)?;
    let places = project.places::<K>(&args.clients)?;
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
    match context.output.format {
        Format::Json => context.output.json(&rows),
        Format::Text if rows.is_empty() => {
            context.output.note(&format!("The lock file names no {}", K::PLURAL));
        }
        Format::Text => {
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
            context.output.print(&table.render());
        }
    }
    Ok(Outcome::Done)
}
