// SPDX-License-Identifier: Apache-2.0
//! `KIND builds` and `KIND builds remove TAG|DIGEST...`.

use oci_artifact::builds::{self, Build};
use oci_artifact::store::Store;
use oci_artifact::{Digest, Error, ErrorKind, Result};
use serde::Serialize;

use crate::abbreviated;
use crate::args::Remove;
use crate::context::Context;
use crate::kind::{self, Kind};
use crate::output::{Outcome, Table, harmless, short};
use crate::similar::suggest;

pub(super) fn list<K: Kind>(context: &Context) -> Result<Outcome> {
    // It is made when something is built.
    let store = context.store_if_there::<K>()?;
    let builds = store.as_ref().map_or(Ok(Vec::new()), builds::list::<K>)?;
    context.output.result(&builds, |output| match builds.as_slice() {
        [] => output.note(&format!(
            "No {} have been built here yet: `{} build PATH` builds one",
            K::PLURAL,
            K::NAME
        )),
        builds => output.print_fitting(&table(builds, Digest::to_string), || {
            table(builds, |digest| short(&digest.to_string()))
        }),
    });
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

/// A build that was removed, or would be.
#[derive(Serialize)]
struct Gone {
    tag: String,
    digest: Digest,
    /// The number of blobs that went along, and their bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    blobs: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
}

pub(super) fn remove<K: Kind>(args: &Remove, context: &Context) -> Result<Outcome> {
    let store = context.existing_store::<K>()?;
    // All or nothing, as far as a slip of the pen goes.
    let mut tags = Vec::new();
    for reference in &args.references {
        for (tag, digest) in tags_of::<K>(&store, reference)? {
            if !tags.iter().any(|(known, _)| *known == tag) {
                tags.push((tag, digest));
            }
        }
    }
    let mut gone = Vec::new();
    for (tag, digest) in tags {
        if args.dry_run {
            if !context.output.is_json() {
                context.output.note(&format!("Would remove {} ({digest})", harmless(&tag)));
            }
            gone.push(Gone { tag, digest, blobs: None, size: None });
            continue;
        }
        let removed = store.delete_build(&tag)?;
        context.output.warnings(removed.left.as_slice(), None);
        if !context.output.is_json() {
            context.output.note(&format!("Removed {}", harmless(&tag)));
        }
        let (blobs, size) = (Some(removed.blobs.len()), Some(removed.size));
        gone.push(Gone { tag, digest: removed.digest, blobs, size });
    }
    // As text, each was said as it went.
    context.output.result(&gone, |_| {});
    Ok(Outcome::Done)
}

/// The tags that are meant: a tag, or all those of a digest.
fn tags_of<K: Kind>(store: &Store, reference: &str) -> Result<Vec<(String, Digest)>> {
    let whole = abbreviated::whole(store, reference)?;
    kind::check::<K>(store, &whole, &["builds", "remove", reference])
        .map_err(|error| suggest(store, reference, abbreviated::missing(reference, error)))?;
    let Some(digest) = Digest::read(&whole) else {
        return Ok(vec![(reference.to_owned(), store.resolve(reference)?.digest)]);
    };
    let listed = store.listed()?.into_iter().filter(|one| one.digest == digest);
    let tags: Vec<_> = listed.filter_map(|one| Some((one.tag?, digest))).collect();
    if tags.is_empty() {
        let error = Error::new(ErrorKind::NotFound, format!("{digest} has no tag in the store"));
        return Err(error.with_help("`store gc --untagged` removes what has none"));
    }
    Ok(tags)
}
