// SPDX-License-Identifier: Apache-2.0
//! `KIND verify TAG|DIGEST PATH`: is the artifact what the directory makes?

use oci_artifact::verify::{Difference, Field, Verdict, Verification, verify};
use oci_artifact::{Digest, Encoder, Result};
use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::build::absolute;
use super::changes::{FileJson, MOST_FILES, Sides, beyond, bounded, file_row, texts, word};
use crate::args::Verify;
use crate::context::Context;
use crate::kind::{self, Kind};
use crate::output::{Outcome, Table, Warning, harmless};
use crate::place::Place;
use crate::progress::Progress;

const SIDES: Sides = Sides("artifact", "directory");

#[derive(serde::Serialize)]
struct Report<'a> {
    verdict: &'static str,
    digest: &'a Digest,
    /// The encoder whose bytes an exact one has.
    #[serde(skip_serializing_if = "Option::is_none")]
    encoder: Option<&'static str>,
    differences: Vec<DifferenceJson<'a>>,
    /// Paths that the directory has and the artifact does not.
    more: Vec<String>,
    /// The number of further differences.
    #[serde(skip_serializing_if = "is_zero")]
    cut: usize,
    /// The number of further paths of the directory.
    #[serde(skip_serializing_if = "is_zero")]
    more_cut: usize,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

struct DifferenceJson<'a>(&'a Difference);

pub(super) fn run<K: Kind>(args: &Verify, context: &Context) -> Result<Outcome> {
    let path = absolute(&args.path)?;
    let place = Place::new::<K>(&args.from, &args.reference, context)?;
    let words = ["verify", &args.reference, &args.path.display().to_string()];
    kind::check::<K>(&place, &args.reference, &words)?;
    let progress = Progress::new(context, "packaging");
    let verification = verify::<K>(&place, &args.reference, &path, &progress)?;
    drop(progress);
    let verdict = verdict(args, &verification);
    let differences = &verification.differences;
    let report = Report {
        verdict: verdict.as_str(),
        digest: &verification.digest,
        encoder: verification.encoder.map(Encoder::as_str),
        differences: differences.iter().take(MOST_FILES).map(DifferenceJson).collect(),
        more: more(&verification).collect(),
        cut: beyond(MOST_FILES, differences.len()),
        more_cut: beyond(MOST_FILES, verification.more.len()),
    };
    context.output.result(&report, |output| {
        for difference in differences {
            if let Difference::Unbuildable(reasons) = difference {
                output.warnings(reasons, Some(&args.path));
            }
        }
        output.print_painted(&text(args, &verification));
    });
    Ok(match verdict {
        Verdict::Exact | Verdict::Content => Outcome::Done,
        _ => Outcome::Negative,
    })
}

/// The verdict that was asked for.
fn verdict(args: &Verify, verification: &Verification) -> Verdict {
    match args.ignore_hidden {
        true => verification.verdict.without_more(),
        false => verification.verdict,
    }
}

/// The paths that the directory has beyond the artifact, as many as are shown.
fn more(verification: &Verification) -> impl Iterator<Item = String> {
    let told = verification.more.iter().take(MOST_FILES);
    told.map(|path| String::from_utf8_lossy(path).into_owned())
}

impl Serialize for DifferenceJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let what = match self.0 {
            Difference::File(_) => "file",
            Difference::Field(field) => field.part.as_str(),
            Difference::Archive => "archive",
            Difference::Compression(..) => "compression",
            Difference::Unbuildable(_) => "unbuildable",
            _ => "other",
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("what", what)?;
        match self.0 {
            Difference::File(change) => FileJson(SIDES, change).write(&mut map)?,
            Difference::Field(field) => {
                map.serialize_entry("name", &bounded(&field.name))?;
                map.serialize_entry("documents", &field.documents)?;
                for (side, text) in [(SIDES.0, &field.before), (SIDES.1, &field.after)] {
                    if let Some(text) = text {
                        map.serialize_entry(side, &bounded(text))?;
                    }
                }
            }
            Difference::Compression(before, after) => {
                map.serialize_entry(SIDES.0, before)?;
                map.serialize_entry(SIDES.1, after)?;
            }
            Difference::Unbuildable(reasons) => {
                let reasons: Vec<Warning> = reasons.iter().map(Warning::from).collect();
                map.serialize_entry("reasons", &reasons)?;
            }
            _ => {}
        }
        map.end()
    }
}

fn text(args: &Verify, verification: &Verification) -> String {
    let (reference, path) = (harmless(&args.reference), harmless(&args.path.display().to_string()));
    let digest = &verification.digest;
    let head = match verdict(args, verification) {
        Verdict::ExactAndMore => format!(
            "exact{}, and the directory has more: {path} makes {reference}, {digest}, which does \
             not have the files listed here; --ignore-hidden ignores them",
            maker(verification.encoder)
        ),
        Verdict::ContentAndMore => format!(
            "content, and the directory has more: {path} makes the same files, modes and metadata \
             as {reference}, {digest}, compressed by another program; it does not have the files \
             listed here, which --ignore-hidden ignores"
        ),
        Verdict::Exact => {
            format!("exact{}: {path} makes {reference}, {digest}", maker(verification.encoder))
        }
        Verdict::Content => format!(
            "content: {path} makes the same files, modes and metadata as {reference}, {digest}; \
             only the layer was compressed by another program"
        ),
        Verdict::Different => format!("different: {path} does not make {reference}, {digest}"),
    };
    let mut table = Table::new();
    for difference in verification.differences.iter().take(MOST_FILES) {
        match difference {
            Difference::File(change) => file_row(&mut table, change),
            Difference::Field(field) => field_row(&mut table, field),
            Difference::Archive => table.row([
                "  archive",
                "the same files, but in another order or format, or with other times or owners",
            ]),
            Difference::Unbuildable(reasons) => {
                let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
                table.row(["  unbuildable".to_owned(), reasons.join("; ")]);
            }
            _ => {}
        }
    }
    for path in more(verification) {
        table.row(["  more".to_owned(), word(&path)]);
    }
    let mut cut = match beyond(MOST_FILES, verification.differences.len()) {
        0 => String::new(),
        cut => format!("\n  and {cut} more, not shown"),
    };
    if let more @ 1.. = beyond(MOST_FILES, verification.more.len()) {
        cut.push_str(&format!("\n  and {more} more that the directory has, not shown"));
    }
    match table.render() {
        rows if rows.is_empty() => head,
        rows => format!("{head}\n{rows}{cut}"),
    }
}

/// The maker of the bytes, unless it is the default.
fn maker(encoder: Option<Encoder>) -> String {
    let other = encoder.filter(|encoder| *encoder != Encoder::default());
    other.map(|encoder| format!(" (as {} makes it)", encoder.maker())).unwrap_or_default()
}

fn field_row(table: &mut Table, field: &Field) {
    let how = match (field.name.as_str(), &field.before, &field.after) {
        ("", None, None) => "the same content, written differently".to_owned(),
        (_, before, after) => texts(before.as_deref(), after.as_deref()),
    };
    let how = format!("{how} ({})", field.documents.join(", "));
    table.row([format!("  {}", field.part.as_str()), word(&field.name), how]);
}
