// SPDX-License-Identifier: Apache-2.0
//! `KIND builds` and `KIND builds remove TAG...`.

use oci_artifact::builds::{self, Build};
use oci_artifact::{ErrorKind, Result};

use oci_spec::image::Digest;

use crate::args::Format;
use crate::context::Context;
use crate::kind::{self, Kind};
use crate::output::{self, Outcome, Table, harmless};
use crate::similar::suggest;

pub(super) fn list<K: Kind>(context: &Context) -> Result<Outcome> {
    let builds = match context.existing_store::<K>() {
        // It is made when something is built.
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        store => builds::list::<K>(&store?)?,
    };
    match context.output.format {
        Format::Json => context.output.json(&builds),
        Format::Text if builds.is_empty() => {
            context.output.note(&format!(
                "No {} have been built here yet: `{} build PATH` builds one",
                K::PLURAL,
                K::NAME
            ));
        }
        Format::Text => {
            let mut text = table(&builds, Digest::to_string);
            // A pipe gets whole digests, a terminal lines that fit.
            if output::columns().is_some_and(|columns| output::width(&text) > columns) {
                text = table(&builds, |digest| output::short(digest.as_ref()));
            }
            context.output.print(&text);
        }
    }
    Ok(Outcome::Done)
}

fn table(builds: &[Build], shown: impl Fn(&Digest) -> String) -> String {
    let mut table = Table::new();
    table.row(["TAG", "DIGEST", "NAME", "VERSION"]);
    for Build { tag, digest, name, version, .. } in builds {
        let or_dash = |text| Option::as_deref(text).unwrap_or("-");
        table.row([tag, &*shown(digest), or_dash(name), or_dash(version)]);
    }
    table.render()
}

pub(super) fn remove<K: Kind>(tags: &[String], context: &Context) -> Result<Outcome> {
    let store = context.existing_store::<K>()?;
    // All or nothing, as far as a slip of the pen goes.
    for tag in tags {
        kind::check::<K>(&store, tag, &["builds", "remove", tag])
            .map_err(|error| suggest(&store, tag, error))?;
    }
    for tag in tags {
        store.delete_build(tag)?;
        context.output.note(&format!("Removed {}", harmless(tag)));
    }
    Ok(Outcome::Done)
}
