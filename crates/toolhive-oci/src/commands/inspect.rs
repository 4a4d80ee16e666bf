// SPDX-License-Identifier: Apache-2.0
//! `KIND inspect TAG|DIGEST|PATH`: what it is, and what it would run.

pub(crate) mod agreement;
mod ending;

use std::io::Read;
use std::path::Path;

use agent_plugin::inventory::{Launch, Pin, Severity};
use agent_plugin::{Collector, Files, Inventory, Limits};
use oci_artifact::document::Document;
use oci_artifact::reader::ContentSource as _;
use oci_artifact::reader::{self, Stored};
use oci_artifact::{Digest, Encoder, Result, listing, platform};
use serde::Serialize;
use toolhive_lockfile::content_digest::of_listing;

use self::agreement::Own;
use self::ending::Ending;
use super::build::absolute;
use super::reading;
use crate::args::{FailOn, Format, Inspect};
use crate::context::Context;
use crate::kind::{self, Kind};
use crate::output::{self, Outcome, Table, harmless, size};
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
    /// That of its files, as a lock file has it (lock.md, 2.5).
    #[serde(skip_serializing_if = "Option::is_none")]
    content_digest: Option<String>,
    /// What the end of the layer hints at; `verify` proves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    encoder_hint: Option<&'static str>,
    files: usize,
    platforms: Vec<String>,
    annotations: &'a std::collections::BTreeMap<String, String>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    referrers: &'a [Attached],
}

pub(super) fn run<K: Kind>(args: &Inspect, context: &Context) -> Result<Outcome> {
    let path = Path::new(&args.reference);
    if names_a_directory(path) && args.from.origin() == Origin::Store {
        return directory::<K>(args, path, context);
    }
    let place = Place::new::<K>(&args.from, &args.reference, context);
    let read = place.and_then(|place| {
        kind::check::<K>(&place, &args.reference, &["inspect", &args.reference])?;
        let stored = reader::read::<K>(&place, &args.reference)?;
        Ok((place, stored))
    });
    let Some((place, stored)) = or_directory(path, read)? else {
        return directory::<K>(args, path, context);
    };
    let layer = place.stream(&stored.layer)?;
    let attached = attached(&place, &args.reference, context);
    found::<K>(args, &stored, layer, &attached, context)
}

/// What is attached to the artifact and to every manifest below it (SIG-5). Where that cannot be told,
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
    let mut found = place.attached(&root.digest)?;
    for link in &document.manifests {
        found.extend(place.attached(&link.digest)?);
    }
    Ok(found)
}

fn directory<K: Kind>(args: &Inspect, path: &Path, context: &Context) -> Result<Outcome> {
    let files = Files::from_directory(path, &K::HIDDEN, Limits::default())?;
    let path = absolute(path)?;
    let path = path.canonicalize().unwrap_or(path);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let called = name.clone().unwrap_or_default();
    let surface = reading::inventory::<K>(&files, called, name.as_deref(), &args.reading)?;
    let report = Report::<K::Config> { artifact: None, config: None, surface: &surface };
    match (context.output.format, context.page) {
        (Format::Json, _) => context.output.json(&report),
        (Format::Text, Some(page)) => {
            let mut report = toolhive_report::Report::of(&surface, &files);
            report.table("FILES", listed(&files));
            context.output.report(page, &report, args.file.output.as_deref())?;
        }
        (Format::Text, None) => {
            context.output.print_painted(surface.render_within(output::line()).trim_end());
        }
    }
    Ok(outcome(args.fail_on, &surface))
}

/// An artifact, wherever it was found. Its layer is read once.
fn found<K: Kind>(
    args: &Inspect,
    stored: &Stored,
    layer: impl Read,
    attached: &[Attached],
    context: &Context,
) -> Result<Outcome> {
    let config = K::read_config(&stored.config)?;
    let mut layer = Ending::of(layer);
    let mut files = Collector::new(Limits::default());
    let read = listing::of_layer_with(&mut layer, |file| files.layer_file(file))?;
    listing::check_diff_id(&read.diff_id, &stored.diff_id)?;
    let files = files.finish();
    // None where a lock file could not name it: it has no file, or one with a control character.
    let content_digest = of_listing(&read.files).ok();
    let encoder = layer.encoder(stored.layer.size);
    let name = stored.annotations.get(K::LABEL_NAME).cloned().unwrap_or_default();
    let mut surface = reading::inventory::<K>(&files, name, None, &args.reading)?;
    let own = agreement::own::<K>(&files);
    surface.add_findings(agreement::check::<K>(stored, &own));
    let artifact = Artifact {
        reference: &args.reference,
        index_digest: stored.index_digest.as_ref(),
        manifest_digest: &stored.manifest_digest,
        config_digest: &stored.config_digest,
        layer_digest: &stored.layer.digest,
        diff_id: &stored.diff_id,
        layer_size: stored.layer.size,
        content_digest,
        encoder_hint: encoder.map(Encoder::as_str),
        files: files.iter().count(),
        platforms: stored.platforms.iter().map(platform::to_text).collect(),
        annotations: &stored.annotations,
        referrers: attached,
    };
    match (context.output.format, context.page) {
        (Format::Json, _) => context.output.json(&Report {
            artifact: Some(artifact),
            config: Some(&config),
            surface: &surface,
        }),
        (Format::Text, Some(page)) => {
            let mut report = toolhive_report::Report::of(&surface, &files);
            for (name, value) in facts::<K>(&artifact, stored, own.as_ref().ok()) {
                report.fact(&name, &value);
            }
            let rows = attached.iter().map(|one| {
                let about = format!("{}, {}", size(one.size), one.layout);
                [one.artifact_type.clone(), one.digest.to_string(), about]
            });
            report.table(&attached_title(attached), rows);
            report.table("FILES", listed(&files));
            context.output.report(page, &report, args.file.output.as_deref())?;
        }
        (Format::Text, None) => {
            let text = text::<K>(&artifact, stored, own.as_ref().ok(), &files);
            let surface = surface.render_within(output::line());
            context.output.print_painted(&format!("{surface}\n{text}"));
        }
    }
    Ok(outcome(args.fail_on, &surface))
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

fn text<K: Kind>(
    report: &Artifact<'_>,
    stored: &Stored,
    own: Option<&Own>,
    files: &Files,
) -> String {
    let mut table = Table::new();
    for (name, value) in facts::<K>(report, stored, own) {
        table.row([name.as_str(), value.as_str()]);
    }
    let mut attached = Table::new();
    for Attached { artifact_type, digest, size: bytes, layout, .. } in report.referrers {
        attached.row([
            format!("  {artifact_type}"),
            digest.to_string(),
            size(*bytes),
            (*layout).into(),
        ]);
    }
    let attached = match attached.render() {
        rows if rows.is_empty() => rows,
        rows => {
            format!(
                "\n\n{} ({}):\n{rows}",
                attached_title(report.referrers),
                report.referrers.len()
            )
        }
    };

    let mut listing = Table::new();
    for entry in files.iter() {
        let (mode, bytes) = (entry.mode, format!("{:>10}", size(entry.size)));
        listing.row([format!("  {mode:04o}"), bytes, entry.path.clone()]);
    }
    let facts = table.render();
    format!("{facts}{attached}\n\nFiles ({}):\n{}", report.files, listing.render())
}

/// Names and values, those that are empty left out.
fn facts<K: Kind>(
    report: &Artifact<'_>,
    stored: &Stored,
    own: Option<&Own>,
) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    let mut fact = |name: &str, value: &str| {
        if !value.is_empty() {
            facts.push((name.to_owned(), value.to_owned()));
        }
    };
    for (name, key) in [
        ("Name", K::LABEL_NAME),
        ("Version", K::LABEL_VERSION),
        ("Description", K::LABEL_DESCRIPTION),
    ] {
        // A host takes what the files say; a label is what somebody says of them.
        let files = own.map(|own| own.label(key));
        fact(name, files.as_deref().unwrap_or_default());
        for (said, what) in [(stored.label(key), "label"), (stored.annotation(key), "annotation")] {
            if files.as_deref() != Some(said) {
                fact(&format!("{name} ({what})"), said);
            }
        }
    }
    fact("Platforms", &report.platforms.join(", "));
    fact("Index", &report.index_digest.map(Digest::to_string).unwrap_or_default());
    fact("Manifest", &report.manifest_digest.to_string());
    fact("Config", &report.config_digest.to_string());
    fact("Layer", &format!("{} ({})", report.layer_digest, size(report.layer_size)));
    if let Some(hint) = report.encoder_hint.filter(|hint| *hint != Encoder::default().as_str()) {
        fact("Compressed", &format!("as by {hint}, it seems; `verify` proves it"));
    }
    fact("Diff ID", &report.diff_id.to_string());

    facts
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
