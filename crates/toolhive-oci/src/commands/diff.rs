// SPDX-License-Identifier: Apache-2.0
//! `KIND diff A B`: what changed between two artifacts or directories: first what would run, then
//! files and words.

use std::borrow::Cow;
use std::path::Path;

use agent_plugin::diff::Class;
use agent_plugin::{Collector, Difference, Files, Inventory, Limits};
use oci_artifact::diff::{self, Diff, FieldDiff, Side};
use oci_artifact::{Digest, Result};
use serde::Serialize;

use super::build::absolute;
use super::changes::{
    Cut, FileJson, MOST_FIELDS, MOST_FILES, Sides, beyond, bound_surface, bounded, file_cells,
    file_row, texts, word,
};
use super::reading;
use crate::args;
use crate::args::{Reading, Which};
use crate::context::Context;
use crate::kind::{self, Kind};
use crate::output::{self, Outcome, Table, harmless};
use crate::place::{Place, names_a_directory, or_directory};

const SIDES: Sides = Sides("before", "after");

#[derive(Serialize)]
struct Report<'a> {
    before: SideJson<'a>,
    after: SideJson<'a>,
    same: bool,
    surface: &'a Difference,
    files: Vec<FileJson<'a>>,
    fields: Vec<FieldJson<'a>>,
    #[serde(skip_serializing_if = "Cut::is_nothing")]
    cut: Cut,
}

#[derive(Serialize)]
struct SideJson<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<&'a Digest>,
}

#[derive(Serialize)]
struct FieldJson<'a> {
    what: &'static str,
    name: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Cow<'a, str>>,
}

impl<'a> From<&'a FieldDiff> for FieldJson<'a> {
    fn from(field: &'a FieldDiff) -> Self {
        Self {
            what: field.part.as_str(),
            name: bounded(&field.name),
            before: field.before.as_deref().map(bounded),
            after: field.after.as_deref().map(bounded),
        }
    }
}

/// One of the two sides: its files and words, and what it would run.
struct Compared {
    side: Side,
    surface: Inventory,
}

impl Compared {
    fn new<K: Kind>(side: Side, files: &Files, reading: &Reading) -> Result<Self> {
        let name = side.labels.get(K::LABEL_NAME).cloned().unwrap_or_default();
        Ok(Self { surface: reading::inventory::<K>(files, name, None, reading)?, side })
    }
}

pub(super) fn run<K: Kind>(args: &args::Diff, context: &Context) -> Result<Outcome> {
    let before = compared::<K>(args::Side::Old, args, context)?;
    let after = compared::<K>(args::Side::New, args, context)?;
    let mut surface = Difference::of(&before.surface, &after.surface);
    let (before, after) = (before.side, after.side);
    let diff = diff::compare::<K>(&before, &after);
    let same = diff.is_empty() && surface.is_empty();
    let is_negative = match args.exit_code {
        None => false,
        Some(Which::Any) => !same,
        Some(Which::Surface) => needs_acceptance(&surface),
        Some(Which::Code) => needs_acceptance(&surface) || surface.worst() == Some(Class::Code),
    };
    // From here on it is only printed.
    let cut = cut(&diff, &mut surface);
    let report = Report {
        before: SideJson { name: &args.before, digest: before.digest.as_ref() },
        after: SideJson { name: &args.after, digest: after.digest.as_ref() },
        same,
        surface: &surface,
        cut,
        files: diff.files.iter().take(MOST_FILES).map(|file| FileJson(SIDES, file)).collect(),
        fields: diff.fields.iter().take(MOST_FIELDS).map(FieldJson::from).collect(),
    };
    let page = || page_of([&args.before, &args.after], &diff, &surface, cut);
    context.output.show(&report, page, &args.file, |output| {
        output.print_painted(&text(args, &diff, &surface, cut));
    })?;
    Ok(if is_negative { Outcome::Negative } else { Outcome::Done })
}

/// Shortens the report, and counts what is left out.
fn cut(diff: &Diff, surface: &mut Difference) -> Cut {
    Cut {
        files: beyond(MOST_FILES, diff.files.len()),
        fields: beyond(MOST_FIELDS, diff.fields.len()),
        surface: bound_surface(surface),
    }
}

/// The report on what changed between two artifacts of one source.
#[cfg(feature = "network")]
pub(crate) fn report<K: Kind>(
    source: &dyn oci_artifact::reader::ContentSource,
    [before, after]: [&str; 2],
) -> Result<toolhive_report::Report> {
    let side = |name| {
        let mut files = Collector::new(Limits::default());
        let side = Side::of_artifact_with::<K>(source, name, |file| files.layer_file(file))?;
        Compared::new::<K>(side, &files.finish(), &Reading::default())
    };
    let (old, new) = (side(before)?, side(after)?);
    let mut surface = Difference::of(&old.surface, &new.surface);
    let diff = diff::compare::<K>(&old.side, &new.side);
    let cut = cut(&diff, &mut surface);
    Ok(page_of([before, after], &diff, &surface, cut))
}

/// Whether a person has to accept something first (S-87), or cannot know whether (S-90).
pub(crate) fn needs_acceptance(surface: &Difference) -> bool {
    surface.needs_acceptance || surface.truncated || !surface.comparable
}

/// The thing that a side names: what its registry has, where that is asked for; else a directory, if it is
/// one and cannot be a tag, or what the store has under that name (VB-11).
fn compared<K: Kind>(side: args::Side, args: &args::Diff, context: &Context) -> Result<Compared> {
    let (name, reading) = (args.name(side), &args.reading);
    let path = Path::new(name);
    if args.is_here(side) && names_a_directory(path) && path.is_dir() {
        return directory::<K>(path, reading);
    }
    let mut files = Collector::new(Limits::default());
    let found = Place::new::<K>(&args.from(side), name, context).and_then(|place| {
        kind::check::<K>(&place, name, &["diff", &args.before, &args.after])?;
        Side::of_artifact_with::<K>(&place, name, |file| files.layer_file(file))
    });
    let found = match args.is_here(side) {
        true => or_directory(path, found)?,
        false => Some(found?),
    };
    match found {
        Some(side) => Compared::new::<K>(side, &files.finish(), reading),
        None => directory::<K>(path, reading),
    }
}

fn directory<K: Kind>(path: &Path, reading: &Reading) -> Result<Compared> {
    let path = absolute(path)?;
    let side = Side::of_directory::<K>(&path)?;
    let files = Files::from_directory(&path, &K::HIDDEN, Limits::default())?;
    Compared::new::<K>(side, &files, reading)
}

/// The report: what would run, then files and words.
fn page_of(
    [before, after]: [&str; 2],
    diff: &Diff,
    surface: &Difference,
    cut: Cut,
) -> toolhive_report::Report {
    let mut report = toolhive_report::Report::of_difference(surface, before, after);
    if cut.surface > 0 {
        report.remarks.push(format!("{} more changes are not shown", cut.surface));
    }
    let files = diff.files.iter().take(MOST_FILES).map(file_cells);
    report.table("FILES", files);
    let fields = diff.fields.iter().take(MOST_FIELDS).map(|field| {
        let how = texts(field.before.as_deref(), field.after.as_deref());
        [field.part.as_str().to_owned(), word(&field.name), how]
    });
    report.table("METADATA", fields);
    for (cut, what) in [(cut.files, "files"), (cut.fields, "fields")] {
        if cut > 0 {
            report.remarks.push(format!("{cut} more {what} are not shown"));
        }
    }
    report
}

fn text(args: &args::Diff, diff: &Diff, surface: &Difference, cut: Cut) -> String {
    let (old, new) = (harmless(&args.before), harmless(&args.after));
    if diff.is_empty() && surface.is_empty() && cut.is_nothing() {
        return format!("{old} and {new} have the same files, modes and metadata");
    }
    let mut files = Table::new();
    for change in diff.files.iter().take(MOST_FILES) {
        file_row(&mut files, change);
    }
    let mut fields = Table::new();
    for FieldDiff { part, name, before, after, .. } in diff.fields.iter().take(MOST_FIELDS) {
        let how = texts(before.as_deref(), after.as_deref());
        fields.row([format!("  {}", part.as_str()), word(name), how]);
    }
    let more = |cut: usize| match cut {
        0 => String::new(),
        cut => format!("\n  and {cut} more, not shown"),
    };
    let section = |title: &str, table: &Table, cut| match table.render() {
        rows if rows.is_empty() => String::new(),
        rows => format!("\n\n{title}\n{rows}{}", more(cut)),
    };
    let files = section("FILES", &files, cut.files);
    let fields = section("METADATA", &fields, cut.fields);
    let runs = match surface.render_within(output::line()) {
        text if text.is_empty() && diff.is_empty() => String::new(),
        text if text.is_empty() => "\n\nNothing changes in what it would run.".to_owned(),
        text => format!("\n\n{}{}", text.trim_end(), more(cut.surface)),
    };
    format!("{old} -> {new}{runs}{files}{fields}")
}
