// SPDX-License-Identifier: Apache-2.0
//! `KIND diff A B`: what changed between two artifacts or directories.

use std::path::Path;

use oci_artifact::Result;
use oci_artifact::diff::{self, Diff, FieldDiff, Side};
use serde::Serialize;

use super::build::absolute;
use super::changes::{FileJson, Sides, Tagged, file_row, texts};
use crate::args;
use crate::args::Format;
use crate::context::Context;
use crate::kind::Kind;
use crate::output::{Outcome, Table, harmless};
use crate::place::{Origin, Place};

const SIDES: Sides = Sides("before", "after");

#[derive(Serialize)]
struct Report<'a> {
    before: SideJson<'a>,
    after: SideJson<'a>,
    same: bool,
    files: Vec<FileJson<'a>>,
    fields: Vec<FieldJson<'a>>,
}

#[derive(Serialize)]
struct SideJson<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<&'a str>,
}

#[derive(Serialize)]
struct FieldJson<'a> {
    what: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<&'a str>,
}

impl<'a> From<&'a FieldDiff> for FieldJson<'a> {
    fn from(field: &'a FieldDiff) -> Self {
        Self {
            what: field.part.as_str(),
            name: &field.name,
            before: field.before.as_deref(),
            after: field.after.as_deref(),
        }
    }
}

pub(super) fn run<K: Kind>(args: &args::Diff, context: &Context) -> Result<Outcome> {
    let origin = args.from.origin();
    let before = side::<K>(&args.before, origin, context)?;
    let after = side::<K>(&args.after, origin, context)?;
    let diff = diff::compare::<K>(&before, &after);
    let name = |name, side: &'_ Side| (name, side.digest.as_ref().map(ToString::to_string));
    let (old, new) = (name(&args.before, &before), name(&args.after, &after));
    match context.output.format {
        Format::Json => context.output.json(&Report {
            before: SideJson { name: old.0, digest: old.1.as_deref() },
            after: SideJson { name: new.0, digest: new.1.as_deref() },
            same: diff.is_empty(),
            files: diff
                .files
                .iter()
                .map(|change| FileJson { sides: SIDES, change, tagged: Tagged::No })
                .collect(),
            fields: diff.fields.iter().map(FieldJson::from).collect(),
        }),
        Format::Text => context.output.print(&text(args, &diff)),
    }
    let is_negative = args.exit_code && !diff.is_empty();
    Ok(if is_negative { Outcome::Negative } else { Outcome::Done })
}

/// What is named: a directory if it is one and cannot be a tag, else what the store or the
/// registry has under it.
fn side<K: Kind>(name: &str, origin: Origin, context: &Context) -> Result<Side> {
    let path = Path::new(name);
    if looks_like_a_path(name) && path.is_dir() {
        return Side::of_directory::<K>(&absolute(path)?);
    }
    let place = Place::new::<K>(origin, name, context)?;
    match Side::of_artifact::<K>(&place, name) {
        Err(error) if error.kind() == oci_artifact::ErrorKind::NotFound && path.is_dir() => {
            Side::of_directory::<K>(&absolute(path)?)
        }
        other => other,
    }
}

/// Whether a name can hardly be meant as a tag: `.`, `..`, and what begins with `/`, `./`, `../`.
fn looks_like_a_path(name: &str) -> bool {
    matches!(name, "." | "..") || ["/", "./", "../"].iter().any(|head| name.starts_with(head))
}

fn text(args: &args::Diff, diff: &Diff) -> String {
    let (old, new) = (harmless(&args.before), harmless(&args.after));
    if diff.is_empty() {
        return format!("{old} and {new} have the same files, modes and metadata");
    }
    let mut files = Table::new();
    for change in &diff.files {
        file_row(&mut files, change);
    }
    let mut fields = Table::new();
    for FieldDiff { part, name, before, after, .. } in &diff.fields {
        let how = texts(before.as_deref(), after.as_deref());
        fields.row([format!("  {}", part.as_str()), name.clone(), how]);
    }
    let section = |title: &str, table: &Table| match table.render() {
        rows if rows.is_empty() => String::new(),
        rows => format!("\n\n{title}\n{rows}"),
    };
    let (files, fields) = (section("FILES", &files), section("METADATA", &fields));
    format!("{old} -> {new}{files}{fields}")
}
