// SPDX-License-Identifier: Apache-2.0
//! `KIND inspect TAG|DIGEST|PATH`: what it is, and what it would run.

pub(crate) mod agreement;
mod ending;
mod seen;

use std::path::Path;

use agent_plugin::inventory::{Launch, Pin, Severity};
use agent_plugin::{Files, Inventory, Limits};
use oci_artifact::document::Document;
use oci_artifact::reader;
use oci_artifact::reader::ContentSource as _;
use oci_artifact::{Digest, Encoder, Result, platform};
use serde::Serialize;
use toolhive_lockfile::content_digest::of_listing;

pub(crate) use self::seen::Seen;
use super::build::absolute;
use super::reading;
use crate::args::{FailOn, Inspect};
use crate::context::Context;
use crate::kind::{self, Kind};
use crate::output::{self, Outcome, Table, harmless, size, wrapped};
use crate::place::{Attached, Origin, Place, names_a_directory, or_directory};

/// The document; of a directory only the surface is there.
#[derive(Serialize)]
struct Report<'a, C> {
    #[serde(skip_serializing_if = "Option::is_none")]
    artifact: Option<Artifact<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    config: Option<&'a C>,
    #[serde(flatten)]
    surface: &'a Inventory,
}

#[derive(Serialize)]
struct Artifact<'a> {
    reference: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    index_digest: Option<&'a Digest>,
    manifest_digest: &'a Digest,
    config_digest: &'a Digest,
    layer_digest: &'a Digest,
    diff_id: &'a Digest,
    layer_size: u64,
    /// The content digest of its files, as a lock file has it (lock.md, 2.5).
    #[serde(skip_serializing_if = "Option::is_none")]
    content_digest: Option<String>,
    /// The encoder that the end of the layer hints at; `verify` proves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    encoder_hint: Option<&'static str>,
    files: usize,
    platforms: Vec<String>,
    annotations: &'a std::collections::BTreeMap<String, String>,
    /// The signatures for which a policy let it in.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    signed_by: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    referrers: &'a [Attached],
}

pub(super) fn run<K: Kind>(args: &Inspect, context: &Context) -> Result<Outcome> {
    let path = Path::new(&args.reference);
    if names_a_directory(path) && args.from.origin() == Origin::Store {
        return directory::<K>(args, path, context);
    }
    let place = Place::admitted::<K>(&args.from, &args.reference, context);
    let read = place.and_then(|(place, signed_by)| {
        kind::check::<K>(&place, &args.reference, &["inspect", &args.reference])?;
        let stored = reader::read::<K>(&place, &args.reference)?;
        Ok((place, signed_by, stored))
    });
    let Some((place, signed_by, stored)) = or_directory(path, read)? else {
        return directory::<K>(args, path, context);
    };
    let attached = attached(&place, &args.reference, context);
    let mut seen = Seen::read(&place, stored, &args.reading)?;
    seen.signed_by = signed_by;
    found::<K>(args, &seen, &attached, context)
}

/// The attachments of the artifact and of every manifest below it (SIG-5). Where they cannot be found out,
/// the rest still can.
fn attached(place: &Place, reference: &str, context: &Context) -> Vec<Attached> {
    all_attached(place, reference).unwrap_or_else(|error| {
        context.output.note(&harmless(&format!("warning: what is attached is not known: {error}")));
        Vec::new()
    })
}

fn all_attached(place: &Place, reference: &str) -> Result<Vec<Attached>> {
    let root = place.resolve(reference)?;
    let document = Document::parse(&place.document(&root)?, Some(&root.media_type))?;
    let parts = document.manifests.iter().map(|link| link.digest);
    place.attached(&std::iter::once(root.digest).chain(parts).collect::<Vec<_>>())
}

fn directory<K: Kind>(args: &Inspect, path: &Path, context: &Context) -> Result<Outcome> {
    let files = Files::from_directory(path, &K::HIDDEN, Limits::default())?;
    let path = absolute(path)?;
    let path = path.canonicalize().unwrap_or(path);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let called = name.clone().unwrap_or_default();
    let surface = reading::inventory::<K>(&files, called, name.as_deref(), &args.reading)?;
    let report = Report::<K::Config> { artifact: None, config: None, surface: &surface };
    let page = || {
        let mut page = toolhive_report::Report::of(&surface, &files);
        page.table("FILES", listed(&files));
        page
    };
    context.output.show(&report, page, &args.file, |output| {
        output.print_painted(surface.render_within(output::line()).trim_end());
    })?;
    Ok(outcome(args.fail_on, &surface))
}

/// An artifact, wherever it was found.
fn found<K: Kind>(
    args: &Inspect,
    seen: &Seen<K>,
    attached: &[Attached],
    context: &Context,
) -> Result<Outcome> {
    let (stored, surface) = (&seen.stored, &seen.surface);
    let report = Report {
        artifact: Some(Artifact {
            reference: &args.reference,
            index_digest: stored.index_digest.as_ref(),
            manifest_digest: &stored.manifest_digest,
            config_digest: &stored.config_digest,
            layer_digest: &stored.layer.digest,
            diff_id: &stored.diff_id,
            layer_size: stored.layer.size,
            // None where a lock file could not name it: it has no file, or one with a control character.
            content_digest: of_listing(&seen.listing).ok(),
            encoder_hint: seen.encoder.map(Encoder::as_str),
            files: seen.files.iter().count(),
            platforms: stored.platforms.iter().map(platform::to_text).collect(),
            annotations: &stored.annotations,
            signed_by: &seen.signed_by,
            referrers: attached,
        }),
        config: Some(&seen.config),
        surface,
    };
    let page = || {
        let mut page = seen.report();
        let rows = attached.iter().map(|one| {
            let about = format!("{}, {}", size(one.size), one.layout);
            [one.artifact_type.clone(), one.digest.to_string(), about]
        });
        page.table(&attached_title(attached), rows);
        page.table("FILES", listed(&seen.files));
        page
    };
    context.output.show(&report, page, &args.file, |output| {
        // A pipe gets one line for each.
        let text = text(seen, attached, output::columns().unwrap_or(usize::MAX));
        let surface = surface.render_within(output::line());
        output.print_painted(&format!("{surface}\n{text}"));
    })?;
    Ok(outcome(args.fail_on, surface))
}

/// Whether a condition holds that was to be looked for (S-85). What was not read may hold anything.
fn outcome(fail_on: Option<FailOn>, surface: &Inventory) -> Outcome {
    let finds = |severity| surface.warnings.iter().any(|warning| warning.severity <= severity);
    let mut automatic = surface.launches.iter().filter(|launch| launch.is_automatic());
    let holds = match fail_on {
        None => return Outcome::Done,
        Some(FailOn::Error) => finds(Severity::Error),
        Some(FailOn::Warning) => finds(Severity::Warning),
        Some(FailOn::Moving) => {
            automatic.flat_map(Launch::fetches).any(|fetch| fetch.pin == Pin::Moving)
        }
        Some(FailOn::Automatic) => automatic.next().is_some(),
        Some(FailOn::Unread) => {
            surface.components.iter().any(|one| one.loads.is_ok() && one.unread)
        }
    };
    if holds || surface.limits.truncated { Outcome::Negative } else { Outcome::Done }
}

/// Renders the facts of an artifact in lines of at most `columns` characters.
fn text<K: Kind>(seen: &Seen<K>, all: &[Attached], columns: usize) -> String {
    let facts = output::facts(&seen.facts(), columns);
    let attached = match attached_rows(all, columns) {
        rows if rows.is_empty() => rows,
        rows => format!("\n\n{} ({}):\n{rows}", attached_title(all), all.len()),
    };
    let mut listing = Vec::new();
    for entry in seen.files.iter() {
        let head = format!("  {:04o}  {:>10}  ", entry.mode, size(entry.size));
        let path = harmless(&entry.path);
        let lines = wrapped(&path, columns.saturating_sub(head.len())).into_iter().enumerate();
        listing.extend(lines.map(|(number, line)| match number {
            0 => format!("{head}{line}"),
            _ => format!("{:1$}{line}", "", head.len()),
        }));
    }
    let count = seen.files.iter().count();
    format!("{facts}{attached}\n\nFiles ({count}):\n{}", listing.join("\n"))
}

/// A row for each thing that is attached; where they are too long, two lines.
fn attached_rows(all: &[Attached], columns: usize) -> String {
    let mut table = Table::new();
    for Attached { artifact_type, digest, size: bytes, layout, .. } in all {
        table.row([
            format!("  {artifact_type}"),
            digest.to_string(),
            size(*bytes),
            (*layout).into(),
        ]);
    }
    let rows = table.render();
    if output::width(&rows) <= columns {
        return rows;
    }
    let mut lines = Vec::new();
    for Attached { artifact_type, digest, size: bytes, layout, .. } in all {
        let what = format!("{}  {}  {layout}", harmless(artifact_type), size(*bytes));
        for (indent, text) in [(2, what), (4, digest.to_string())] {
            let text = wrapped(&text, columns.saturating_sub(indent));
            lines.extend(text.into_iter().map(|line| format!("{:indent$}{line}", "")));
        }
    }
    lines.join("\n")
}

/// The headline of what is attached: who says that it is.
fn attached_title(attached: &[Attached]) -> String {
    let is_hearsay = attached.iter().any(|one| one.stated_by.is_some());
    format!("Attached{}", if is_hearsay { ", the registry says" } else { "" })
}

/// Path, size and mode of each file.
fn listed(files: &Files) -> impl Iterator<Item = [String; 3]> {
    files.iter().map(|entry| {
        [entry.path.clone(), String::new(), format!("{}, {:04o}", size(entry.size), entry.mode)]
    })
}
