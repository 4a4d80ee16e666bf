// SPDX-License-Identifier: Apache-2.0
//! `marketplace validate`: a catalogue, its entries, and the plugins that lie beside it (S-112).

use std::fs;
use std::path::Path;

use agent_plugin::marketplace::check::{self, Local};
use agent_plugin::{Findings, Report};
use oci_artifact::{Diagnostic, Error, ErrorKind, Result, directory, limits};
use toolhive_plugins::{metadata, validate};

use super::root;
use crate::args::Validate;
use crate::commands::build::absolute;
use crate::commands::validate::tell;
use crate::context::Context;
use crate::output::Outcome;

/// The place where hosts look for a catalogue (S-91).
const CATALOGUE: &str = ".claude-plugin/marketplace.json";

pub(in crate::commands) fn validate(args: &Validate, context: &Context) -> Result<Outcome> {
    let given = absolute(&args.path)?;
    let (root, file, shown) = match given.is_dir() {
        true => (given.clone(), given.join(CATALOGUE), CATALOGUE.to_owned()),
        false => {
            let name = given.file_name().map(|name| name.to_string_lossy().into_owned());
            let above = given.parent().unwrap_or(Path::new("/")).to_owned();
            (root(&given).unwrap_or(above), given.clone(), name.unwrap_or_default())
        }
    };
    let opened = fs::File::open(&file).map_err(|error| {
        let error = Error::io("the catalogue cannot be opened", &file, error);
        error
            .with_kind(ErrorKind::NotFound)
            .with_help("name the file, or the directory above .claude-plugin")
    })?;
    let text = directory::read_bounded(opened, limits::MIB, &shown)?;
    let mut findings = Findings::new(args.profile.into());
    let locals = check::check(&text, &shown, &mut findings);
    let mut plugins = Vec::new();
    for local in &locals {
        let directory = root.join(&local.directory);
        if !directory.is_dir() {
            let message = format!("the plugin {:?} is not at {:?}", local.name, local.directory);
            findings.add(Diagnostic::new(message).with_rule("catalogue-missing").at_path(&shown));
            continue;
        }
        agrees(local, &directory, &shown, &mut findings);
        plugins.push((local, validate::validate(&directory, args.profile.into())?));
    }
    let mut report = findings.into_report();
    for (local, own) in plugins {
        add(&mut report, local, own);
    }
    tell::<toolhive_plugins::Plugin>(&report, args, &root, context)
}

/// Name and version of an entry and of its plugin.
fn agrees(local: &Local, directory: &Path, shown: &str, findings: &mut Findings) {
    // The plugin's own check reports what cannot be read.
    let Ok(bytes) = fs::read(directory.join(metadata::MANIFEST_PATH)) else { return };
    let Ok(manifest) = metadata::parse(&bytes) else { return };
    if manifest.name != local.name {
        let message =
            format!("the plugin of the entry {:?} calls itself {:?}", local.name, manifest.name);
        findings.add(Diagnostic::new(message).with_rule("catalogue-other-name").at_path(shown));
    }
    if let Some(version) = local.version.as_ref().filter(|version| **version != manifest.version) {
        let message = format!(
            "the entry {:?} has version {version:?}, its manifest {:?}, which counts",
            local.name, manifest.version
        );
        findings.add(Diagnostic::new(message).with_rule("entry-version").at_path(shown));
    }
}

/// Adds the findings of a plugin, with paths from the root. Without a manifest the entry is it (S-16).
fn add(report: &mut Report, local: &Local, own: Report) {
    report.is_truncated |= own.is_truncated;
    let of_manifest = ["manifest-missing", "not-a-plugin"];
    let kept = own.findings.into_iter().filter(|finding| !of_manifest.contains(&finding.code()));
    for mut finding in kept {
        let path = finding.diagnostic.path.take().unwrap_or_default();
        finding.diagnostic.path = Some(Path::new(&local.directory).join(path));
        report.findings.push(finding);
    }
}
