// SPDX-License-Identifier: Apache-2.0
//! `KIND validate PATH`: everything that is wrong with a directory.

use std::path::{Path, PathBuf};

use agent_plugin::{Finding, Report, Severity};
use oci_artifact::Result;
use serde::Serialize;

use super::build::absolute;
use crate::args::{Format, Validate};
use crate::context::Context;
use crate::hints;
use crate::kind::Kind;
use crate::output::{FindingJson, Outcome, Sarif, counted, harmless};

#[derive(Serialize)]
struct ReportJson {
    valid: bool,
    profile: String,
    errors: Vec<FindingJson>,
    warnings: Vec<FindingJson>,
    notes: Vec<FindingJson>,
    truncated: bool,
}

pub(super) fn run<K: Kind>(args: &Validate, context: &Context) -> Result<Outcome> {
    let path = absolute(&args.path)?;
    let report = K::validate(&path, args.profile.into())
        .map_err(|error| hints::directory::<K>("validate", &args.path, error))?;
    let outcome = tell::<K>(&report, args, &path, context)?;
    if !context.output.is_json()
        && let Some(help) = hints::manifest::<K>("validate", &args.path)
    {
        context.output.note(&format!("help: {}", harmless(&help)));
    }
    Ok(outcome)
}

/// Prints a report on what is at `path`, in the form of the arguments; exit code 2 if there are
/// errors.
pub(super) fn tell<K: Kind>(
    report: &Report,
    args: &Validate,
    path: &Path,
    context: &Context,
) -> Result<Outcome> {
    let given = args.path.as_path();
    let outcome = if report.is_valid() { Outcome::Done } else { Outcome::Negative };
    if context.output.format == Format::Sarif {
        context.output.json(&Sarif::new(report, &base(given, path), K::MANIFEST_PATH));
        return Ok(outcome);
    }
    let of = |severity| report.of(severity).map(FindingJson::from).collect();
    let document = ReportJson {
        valid: report.is_valid(),
        profile: args.profile.name(),
        errors: of(Severity::Error),
        warnings: of(Severity::Warning),
        notes: of(Severity::Info),
        truncated: report.is_truncated,
    };
    let page = || {
        let findings = report.findings.iter().map(|one| (one.severity, &one.diagnostic));
        let title = given.display().to_string();
        let mut page = toolhive_report::Report::of_findings(&title, findings);
        page.fact("Result", &summary(given, report, true));
        page
    };
    context.output.show(&document, page, &args.file, |output| {
        let is_shown = |f: &&Finding| f.severity != Severity::Info || output.is_verbose();
        output.findings(report.findings.iter().filter(is_shown), Some(given));
        output.print(&summary(given, report, output.is_verbose()));
    })?;
    Ok(outcome)
}

/// The beginning of the paths in SARIF: the way from the current directory, as checks of a repository need it, or
/// nothing if there is none.
fn base(given: &Path, absolute: &Path) -> PathBuf {
    if given.is_relative() {
        return given.to_owned();
    }
    let here = std::env::current_dir().unwrap_or_default();
    absolute.strip_prefix(here).map(Path::to_owned).unwrap_or_default()
}

fn summary(path: &Path, report: &Report, is_verbose: bool) -> String {
    let count = |severity, one: &str, several: &str| {
        let number = report.count(severity);
        (number > 0).then(|| counted(number, one, several))
    };
    let mut parts = vec![if report.is_valid() { "valid" } else { "not valid" }.to_owned()];
    parts.extend(count(Severity::Error, "error", "errors"));
    parts.extend(count(Severity::Warning, "warning", "warnings"));
    let notes = count(Severity::Info, "note", "notes");
    parts.extend(notes.map(|notes| match is_verbose {
        true => notes,
        false => format!("{notes} (see --verbose)"),
    }));
    if report.is_truncated {
        parts.push("and not everything was examined".to_owned());
    }
    format!("{}: {}", harmless(&path.display().to_string()), parts.join(", "))
}
