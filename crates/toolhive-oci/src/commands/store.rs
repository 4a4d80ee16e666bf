// SPDX-License-Identifier: Apache-2.0
//! `store check`, `store gc`, `store path`.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use oci_artifact::store::{CheckMode, GcMode, GcOptions, Store, Untagged};
use oci_artifact::{ErrorKind, Result};
use serde::Serialize;

use crate::args::{Format, StoreVerb};
use crate::context::{Context, no_store};
use crate::output::{Outcome, Warning, size};

/// Does it for the store that was named, which has to be there, or for each of ToolHive's own, which
/// are made when they are needed.
pub(super) fn run(verb: &StoreVerb, context: &Context) -> Result<Outcome> {
    let roots = context.store_roots()?;
    let mut reports = Vec::new();
    let mut outcome = Outcome::Done;
    for root in &roots {
        let report = match verb {
            StoreVerb::Path => Report::Path { path: root },
            StoreVerb::Check { repair } => check(root, *repair, context)?,
            StoreVerb::Gc { dry_run, grace, untagged } => {
                let mut options = GcOptions::new(SystemTime::now());
                options.grace = Duration::from_secs(*grace);
                options.mode = if *dry_run { GcMode::DryRun } else { GcMode::Remove };
                options.untagged = if *untagged { Untagged::Drop } else { Untagged::Keep };
                gc(root, options, context)?
            }
        };
        if matches!(report, Report::Check { sound: false, .. }) {
            outcome = Outcome::Negative;
        }
        reports.push(report);
    }
    match (context.output.format, reports.as_slice()) {
        (Format::Text, reports) => {
            for report in reports {
                text(report, context);
            }
        }
        // One store was named: one report. Else there is a list.
        (Format::Json, [report]) if context.names_a_store() => context.output.json(report),
        (Format::Json, reports) => context.output.json(&reports),
    }
    Ok(outcome)
}

#[derive(Serialize)]
#[serde(untagged)]
enum Report<'a> {
    Path {
        path: &'a Path,
    },
    Check {
        path: &'a Path,
        exists: bool,
        sound: bool,
        entries: usize,
        blobs: usize,
        size: u64,
        findings: Vec<Finding>,
    },
    Gc {
        path: &'a Path,
        exists: bool,
        dry_run: bool,
        blobs: Vec<String>,
        size: u64,
        untagged: usize,
        leftovers: Vec<PathBuf>,
        young: usize,
        problems: Vec<Warning>,
    },
}

#[derive(Serialize)]
struct Finding {
    kind: &'static str,
    problem: bool,
    #[serde(flatten)]
    warning: Warning,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repair: Option<String>,
}

/// What was found in a store; none where there is none, and none was named.
fn found<T>(report: Result<T>, context: &Context) -> Result<Option<T>> {
    match report {
        Err(error) if error.kind() == ErrorKind::NotFound && !context.names_a_store() => Ok(None),
        report => report.map(Some).map_err(no_store),
    }
}

fn check<'a>(root: &'a Path, repair: bool, context: &Context) -> Result<Report<'a>> {
    let mode = if repair { CheckMode::Repair } else { CheckMode::Report };
    let report = found(Store::check(root, mode), context)?;
    let exists = report.is_some();
    // What is not there is not broken.
    let report = report.unwrap_or_default();
    let finding = |finding: &oci_artifact::store::Finding| Finding {
        kind: finding.kind.as_str(),
        problem: finding.kind.is_problem(),
        warning: Warning::from(&finding.diagnostic),
        tag: finding.tag.clone(),
        digest: finding.digest.as_ref().map(ToString::to_string),
        repair: finding.repair.clone(),
    };
    Ok(Report::Check {
        path: root,
        exists,
        sound: report.is_sound(),
        entries: report.entries,
        blobs: report.blobs,
        size: report.size,
        findings: report.findings.iter().map(finding).collect(),
    })
}

fn gc<'a>(root: &'a Path, options: GcOptions, context: &Context) -> Result<Report<'a>> {
    let dry_run = options.mode == GcMode::DryRun;
    let report = Store::open_existing(root).and_then(|store| store.gc(options));
    let report = found(report, context)?;
    let exists = report.is_some();
    let report = report.unwrap_or_default();
    Ok(Report::Gc {
        path: root,
        exists,
        dry_run,
        blobs: report.blobs.iter().map(|blob| blob.digest.to_string()).collect(),
        size: report.size,
        untagged: report.untagged,
        leftovers: report.leftovers,
        young: report.young,
        problems: report.problems.iter().map(Warning::from).collect(),
    })
}

fn text(report: &Report<'_>, context: &Context) {
    let output = &context.output;
    match report {
        Report::Path { path } => output.print(&path.display().to_string()),
        Report::Check { path, exists: false, .. } | Report::Gc { path, exists: false, .. } => {
            output.print(&format!("{}: there is no store yet", path.display()));
        }
        Report::Check { path, sound, entries, blobs, size: bytes, findings, .. } => {
            for finding in findings {
                let mark = match (&finding.repair, finding.problem) {
                    (Some(repair), _) => format!("repaired ({repair})"),
                    (None, true) => "broken".to_owned(),
                    (None, false) => "note".to_owned(),
                };
                output.print(&format!("{mark}: {}", finding.warning.line()));
            }
            let verdict = if *sound { "sound" } else { "broken" };
            output.print(&format!(
                "{}: {verdict}, {entries} entries, {blobs} blobs, {}",
                path.display(),
                size(*bytes)
            ));
            if !sound {
                output.note("`store check --repair` drops what is broken");
            }
        }
        Report::Gc { path, dry_run, blobs, size: bytes, leftovers, young, problems, .. } => {
            for problem in problems {
                output.note(&format!("warning: {}", problem.line()));
            }
            let verb = if *dry_run { "would remove" } else { "removed" };
            let kept = if *young > 0 { format!("; {young} are too young") } else { String::new() };
            output.print(&format!(
                "{}: {verb} {} blobs, {}, and {} leftovers{kept}",
                path.display(),
                blobs.len(),
                size(*bytes),
                leftovers.len()
            ));
        }
    }
}
