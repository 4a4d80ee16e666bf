// SPDX-License-Identifier: Apache-2.0
//! `KIND tags REPOSITORY`: what a registry has.

use oci_artifact::reference::{Target, is_tag};
use oci_artifact::{Digest, Result};
use oci_registry_http::Repository;
use serde::Serialize;

use super::args::Tags;
use super::remote::Remote;
use crate::context::Context;
use crate::output::{Outcome, Table};

/// A tag and the digest that it names now.
#[derive(Serialize)]
struct Row<'a> {
    tag: &'a str,
    digest: Digest,
}

pub(super) fn run(args: &Tags, context: &Context) -> Result<Outcome> {
    let remote = Remote::new(context, [args.repository.registry()])?;
    let repository = remote.client.repository_named(&args.repository)?;
    let mut tags = remote.run(repository.tags())?;
    let all = tags.len();
    // Scripts take these for words: whatever else a registry lists is none of its tags.
    tags.retain(|tag| is_tag(tag));
    if args.digests {
        let rows = remote.run(digests(&repository, &tags))?;
        context.output.result(&rows, |output| output.print(&table(&rows)));
    } else {
        context.output.result(&tags, |output| tags.iter().for_each(|tag| output.print(tag)));
    }
    let others = all - tags.len();
    if others > 0 {
        let what = if others == 1 { "name that is not a tag" } else { "names that are not tags" };
        context.output.warning(&format!("the registry lists {others} {what}, left out here"));
    }
    Ok(Outcome::Done)
}

/// The digest of each tag; one that has gone meanwhile is left out.
async fn digests<'a>(
    repository: &Repository,
    tags: &'a [String],
) -> oci_registry_http::Result<Vec<Row<'a>>> {
    let mut rows = Vec::new();
    for tag in tags {
        if let Some(found) = repository.resolve(&Target::Tag(tag)).await? {
            rows.push(Row { tag, digest: found.digest });
        }
    }
    Ok(rows)
}

fn table(rows: &[Row<'_>]) -> String {
    let mut table = Table::new();
    for Row { tag, digest } in rows {
        table.row([(*tag).to_owned(), digest.to_string()]);
    }
    table.render()
}
