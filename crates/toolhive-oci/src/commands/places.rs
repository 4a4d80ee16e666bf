// SPDX-License-Identifier: Apache-2.0
//! `places`: where hosts read skills, and what of that exists in this project.

use oci_artifact::Result;
use serde::Serialize;
use toolhive_places::Scope;

use super::project::root;
use crate::args::Places;
use crate::context::Context;
use crate::output::{Outcome, Table};

#[derive(Serialize)]
struct Row {
    clients: Vec<String>,
    path: String,
    exists: bool,
}

pub(super) fn run(args: &Places, context: &Context) -> Result<Outcome> {
    let root = root(&args.project)?;
    let places = Scope::Project { root: root.clone() }.all()?;
    let rows: Vec<Row> = places
        .into_iter()
        .map(|place| {
            let path = place.directory.strip_prefix(&root).unwrap_or(&place.directory);
            let exists = place.directory.symlink_metadata().is_ok();
            Row { clients: place.clients, path: path.display().to_string(), exists }
        })
        .collect();
    context.output.result(&rows, |output| {
        let mut table = Table::new();
        table.row(["PLACE", "HERE", "CLIENTS"]);
        for row in &rows {
            let here = if row.exists { "yes" } else { "-" };
            table.row([row.path.as_str(), here, &row.clients.join(", ")]);
        }
        output.print(&table.render());
    });
    Ok(Outcome::Done)
}
