// SPDX-License-Identifier: Apache-2.0
//! `store check`, `store gc`, `store path`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use oci_artifact::store::{CheckMode, FindingKind, GcMode, GcOptions, Store, Untagged};
use oci_artifact::{ErrorKind, Result};
use serde::Serialize;

use crate::args::StoreVerb;
use crate::context::{Context, no_store};
use crate::output::{Outcome, Output, Warning, advice, counted, harmless, size};

/// The kinds of findings that are spoken of.
const UNREADABLE: &str = FindingKind::Unreadable.as_str();
const UNLISTED: &str = FindingKind::Unlisted.as_str();

/// Runs the verb for the given store, which has to exist, or for each of ToolHive's own, which are created as needed.
pub(super) fn run(verb: &StoreVerb, context: &Context) -> Result<Outcome> {
    let roots = context.store_roots()?;
    let mut reports = Vec::new();
    let mut outcome = Outcome::Done;
    for root in &roots {
        let report = match verb {
            StoreVerb::List => return super::stored::all(context),
            StoreVerb::Path => Report::Path { path: root },
            StoreVerb::Check { repair } => check(root, *repair, context)?,
            StoreVerb::Gc { dry_run, grace, untagged } => {
                let mut options = GcOptions::new(SystemTime::now());
                options.grace = Duration::from_secs(grace.unwrap_or(0));
                // "0" means everything.
                if *grace == Some(0) {
                    options.unlisted = Duration::ZERO;
                }
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
    let text = |output: &Output| reports.iter().for_each(|report| text(report, output));
    match reports.as_slice() {
        // One store was named: one report. Else there is a list.
        [report] if context.names_a_store() => context.output.result(report, text),
        reports => context.output.result(&reports, text),
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
        unlisted: Vec<Unlisted>,
        problems: Vec<Warning>,
    },
}

/// A complete build that nothing lists, and that stays for now.
#[derive(Serialize)]
struct Unlisted {
    digest: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
}

impl Unlisted {
    /// Describes the content in one line.
    fn line(&self) -> String {
        let name = self.name.as_deref().map(|name| format!(" ({name:?})")).unwrap_or_default();
        let time = self.time.as_deref().map(|time| format!(", which arrived at {time}"));
        harmless(&format!("{}{name}{}", self.digest, time.unwrap_or_default()))
    }
}

#[derive(Serialize)]
struct Finding {
    kind: &'static str,
    problem: bool,
    #[serde(flatten)]
    warning: Warning,
    /// The advice alone.
    #[serde(skip)]
    help: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repair: Option<String>,
}

/// The report on a store; none if there is none, and none was named.
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
        // Repairs are reported for all of them at once.
        help: (finding.kind == FindingKind::Unreadable || finding.kind == FindingKind::IndexFile)
            .then(|| finding.diagnostic.help.as_ref().map(advice))
            .flatten(),
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
        unlisted: report.unlisted.iter().map(unlisted).collect(),
        problems: report.problems.iter().map(Warning::from).collect(),
    })
}

fn unlisted(build: &oci_artifact::store::Unlisted) -> Unlisted {
    Unlisted { digest: build.digest.to_string(), name: build.name.clone(), time: build.came() }
}

fn text(report: &Report<'_>, output: &Output) {
    match report {
        Report::Path { path } => output.print(&path.display().to_string()),
        Report::Check { path, exists: false, .. } | Report::Gc { path, exists: false, .. } => {
            output.print(&format!("{}: there is no store yet", path.display()));
        }
        Report::Check { path, sound, entries, blobs, size: bytes, findings, .. } => {
            for finding in findings {
                let mark = match (&finding.repair, finding.problem) {
                    (Some(repair), _) => format!("repaired ({repair})"),
                    (None, true) if finding.kind == UNREADABLE => UNREADABLE.to_owned(),
                    (None, true) => "broken".to_owned(),
                    (None, false) => "note".to_owned(),
                };
                output.print(&format!("{mark}: {}", finding.warning.line()));
            }
            let is_open = |finding: &&Finding| finding.repair.is_none();
            let unlisted = findings.iter().filter(is_open).filter(|it| it.kind == UNLISTED).count();
            let broken = findings.iter().filter(is_open).filter(|it| it.problem);
            let verdict = match broken.clone().all(|finding| finding.kind == UNREADABLE) {
                _ if *sound && unlisted == 0 => "sound".to_owned(),
                _ if *sound => format!("sound, but {unlisted} complete builds are not listed"),
                true => "cannot be read in part".to_owned(),
                false => "broken".to_owned(),
            };
            output.print(&format!(
                "{}: {verdict}, {}, {}, {}",
                path.display(),
                counted(*entries, "entry", "entries"),
                counted(*blobs, "blob", "blobs"),
                size(*bytes)
            ));
            let is_broken = broken.clone().any(|finding| finding.kind != UNREADABLE);
            if is_broken || unlisted > 0 {
                output.note(
                    "`store check --repair` drops everything broken, with the tags of everything \
                     that needs it, and lists again everything complete",
                );
            }
            // What helps against several is said once.
            let helps = findings.iter().filter(is_open);
            let helps = helps.filter_map(|it| Some((it.kind, it.help.as_deref()?)));
            for (kind, help) in helps.collect::<BTreeSet<_>>() {
                output.note(&format!("help: {kind}: {}", harmless(help)));
            }
        }
        Report::Gc {
            path,
            dry_run,
            blobs,
            size: bytes,
            leftovers,
            young,
            unlisted,
            problems,
            ..
        } => {
            for build in unlisted {
                output.note(&format!("kept, although nothing lists it: {}", build.line()));
            }
            if !unlisted.is_empty() {
                output.note(
                    "`store check --repair` lists it again; after seven days, or with `--grace 0`, gc \
                     removes it",
                );
            }
            for problem in problems {
                output.note(&format!("warning: {}", problem.line()));
            }
            let verb = if *dry_run { "would remove" } else { "removed" };
            let kept = if *young > 0 { format!("; {young} are too young") } else { String::new() };
            output.print(&format!(
                "{}: {verb} {}, {}, and {}{kept}",
                path.display(),
                counted(blobs.len(), "blob", "blobs"),
                size(*bytes),
                counted(leftovers.len(), "leftover", "leftovers")
            ));
        }
    }
}
