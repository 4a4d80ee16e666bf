// SPDX-License-Identifier: Apache-2.0
//! `KIND inspect TAG|DIGEST`: what an artifact is, from what the store has.

use oci_artifact::artifact::{self, FileInfo, Stored};
use oci_artifact::{Result, platform};
use serde::Serialize;

use crate::args::{Format, Inspect};
use crate::context::Context;
use crate::kind::Kind;
use crate::output::{Outcome, Table, size};

#[derive(Serialize)]
struct Report<'a, C> {
    artifact: Artifact<'a>,
    config: &'a C,
}

#[derive(Serialize)]
struct Artifact<'a> {
    reference: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    index_digest: Option<&'a str>,
    manifest_digest: &'a str,
    config_digest: &'a str,
    layer_digest: &'a str,
    diff_id: &'a str,
    layer_size: u64,
    files: usize,
    platforms: Vec<String>,
    annotations: &'a std::collections::BTreeMap<String, String>,
}

pub(super) fn run<K: Kind>(args: &Inspect, context: &Context) -> Result<Outcome> {
    let store = context.store::<K>()?;
    let stored = artifact::read(&store, &args.reference)?;
    stored.check_kind::<K>()?;
    let config = K::read_config(&stored.config)?;
    let files = artifact::files(&store, &stored.layer)?;
    let report = Artifact {
        reference: &args.reference,
        index_digest: stored.index_digest.as_ref().map(AsRef::as_ref),
        manifest_digest: stored.manifest_digest.as_ref(),
        config_digest: stored.config_digest.as_ref(),
        layer_digest: stored.layer.digest().as_ref(),
        diff_id: stored.diff_id.as_ref(),
        layer_size: stored.layer.size(),
        files: files.len(),
        platforms: stored.platforms.iter().map(platform::to_text).collect(),
        annotations: &stored.annotations,
    };
    match context.output.format {
        Format::Json => context.output.json(&Report { artifact: report, config: &config }),
        Format::Text => context.output.print(&text::<K>(&report, &stored, &files)),
    }
    Ok(Outcome::Done)
}

fn text<K: Kind>(report: &Artifact<'_>, stored: &Stored, files: &[FileInfo]) -> String {
    let annotation = |key| stored.annotations.get(key).map_or("", String::as_str);
    let mut facts = Table::new();
    let mut fact = |name: &str, value: &str| {
        if !value.is_empty() {
            facts.row([name, value]);
        }
    };
    fact("Name", annotation(K::LABEL_NAME));
    fact("Version", annotation(K::LABEL_VERSION));
    fact("Description", annotation(K::LABEL_DESCRIPTION));
    fact("Platforms", &report.platforms.join(", "));
    fact("Index", report.index_digest.unwrap_or_default());
    fact("Manifest", report.manifest_digest);
    fact("Config", report.config_digest);
    fact("Layer", &format!("{} ({})", report.layer_digest, size(report.layer_size)));
    fact("Diff ID", report.diff_id);

    let mut listing = Table::new();
    for FileInfo { path, mode, size: bytes } in files {
        listing.row([format!("  {mode:04o}"), format!("{:>10}", size(*bytes)), path.clone()]);
    }
    format!("{}\n\nFiles ({}):\n{}", facts.render(), files.len(), listing.render())
}
