// SPDX-License-Identifier: Apache-2.0
//! `KIND builds` and `KIND builds remove TAG...`.

use oci_artifact::Result;
use oci_artifact::builds::{self, Build};

use crate::args::Format;
use crate::context::Context;
use crate::kind::Kind;
use crate::output::{Outcome, Table, harmless};

pub(super) fn list<K: Kind>(context: &Context) -> Result<Outcome> {
    let builds = builds::list::<K>(&context.store::<K>()?)?;
    match context.output.format {
        Format::Json => context.output.json(&builds),
        Format::Text if builds.is_empty() => {
            context.output.note(&format!("No {} have been built here yet.", K::PLURAL));
        }
        Format::Text => {
            let mut table = Table::new();
            table.row(["TAG", "DIGEST", "NAME", "VERSION"]);
            for Build { tag, digest, name, version, .. } in &builds {
                let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
                table.row([tag.clone(), digest.to_string(), or_dash(name), or_dash(version)]);
            }
            context.output.print(&table.render());
        }
    }
    Ok(Outcome::Done)
}

pub(super) fn remove<K: Kind>(tags: &[String], context: &Context) -> Result<Outcome> {
    let store = context.store::<K>()?;
    for tag in tags {
        store.delete_build(tag)?;
        context.output.note(&format!("Removed {}", harmless(tag)));
    }
    Ok(Outcome::Done)
}
