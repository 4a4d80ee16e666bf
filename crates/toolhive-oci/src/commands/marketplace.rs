// SPDX-License-Identifier: Apache-2.0
//! `marketplace generate`: a catalogue of plugins that are in the store or in
//! registries (plugin-surface.md, 7.2).

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use marketplace::{Catalogue, Entry, Owner};
use oci_artifact::extract::{ExtractOptions, extract};
use oci_artifact::original::{ContentSource, Original};
use oci_artifact::verify::{Verdict, verify};
use oci_artifact::{Diagnostic, Error, ErrorKind, Result, artifact, limits, listing};
use oci_spec::image::Digest;
use serde::Serialize;
use tempfile::NamedTempFile;
use toolhive_plugins::{Plugin, PluginConfig, metadata};

use super::build::absolute;
use crate::args::{Format, Generate};
use crate::context::Context;
use crate::output::{Outcome, harmless};
use crate::place::Place;

/// What the catalogue's directory is called, below its root (S-91).
const CATALOGUE_DIRECTORY: &str = ".claude-plugin";

/// A plugin of the catalogue.
struct Listed {
    place: Place,
    reference: String,
    digest: Digest,
    entry: Entry,
}

#[derive(Serialize)]
struct Report<'a> {
    path: String,
    name: &'a str,
    plugins: Vec<PluginJson<'a>>,
}

#[derive(Serialize)]
struct PluginJson<'a> {
    name: &'a str,
    reference: &'a str,
    digest: &'a str,
}

impl<'a> From<&'a Listed> for PluginJson<'a> {
    fn from(plugin: &'a Listed) -> Self {
        let Listed { reference, digest, entry, .. } = plugin;
        Self { name: &entry.name, reference, digest: digest.as_ref() }
    }
}

pub(super) fn generate(args: &Generate, context: &Context) -> Result<Outcome> {
    let origin = args.from.origin();
    let plugins = args
        .references
        .iter()
        .map(|reference| listed(Place::new::<Plugin>(origin, reference, context)?, reference));
    let plugins = plugins.collect::<Result<Vec<Listed>>>()?;
    let owner =
        Owner { name: args.owner.clone(), email: args.owner_email.clone(), ..Owner::default() };
    let entries = plugins.iter().map(|plugin| plugin.entry.clone()).collect();
    let mut catalogue = Catalogue::new(&args.name, owner, entries)?;
    catalogue.description.clone_from(&args.description);
    context.output.warnings(&catalogue.warnings(), None);

    let Some(file) = &args.output else {
        context.output.print(catalogue.to_json().trim_end());
        return Ok(Outcome::Done);
    };
    let root = root(file)?;
    if args.extract {
        let Some(root) = &root else {
            let message = "plugins can only be extracted beside .claude-plugin";
            return Err(Error::new(ErrorKind::InvalidOption, message)
                .at_path(file)
                .with_help("write the catalogue to .claude-plugin/marketplace.json"));
        };
        for plugin in &plugins {
            extract_below(root, plugin)?;
        }
    }
    write(file, &catalogue.to_json())?;
    for plugin in &plugins {
        if let Some(root) = &root {
            context.output.warnings(check(root, plugin)?.as_slice(), None);
        }
    }
    let path = file.display().to_string();
    match context.output.format {
        Format::Json => {
            let plugins = plugins.iter().map(PluginJson::from).collect();
            context.output.json(&Report { path, name: &catalogue.name, plugins });
        }
        Format::Text => context.output.print(&harmless(&path)),
    }
    Ok(Outcome::Done)
}

/// A plugin as its own manifest describes it, which has to agree with the artifact's labels (S-99).
fn listed(place: Place, reference: &str) -> Result<Listed> {
    let original = Original::read::<Plugin>(&place, reference)?;
    let layer = place.stream(&original.layer)?;
    let limit = limits::MAX_MANIFEST_FILE_SIZE;
    let found = listing::file_of_layer(layer, metadata::MANIFEST_PATH, limit)?;
    let manifest = found.ok_or_else(|| {
        let message = format!("{reference} has no {}", metadata::MANIFEST_PATH);
        Error::new(ErrorKind::ManifestMissing, message)
    })?;
    let entry = Entry::from_manifest(&manifest)?;
    let said = metadata::parse(&manifest)?;
    // Original::read found at least one.
    let config = original.images.first().map(|image| image.config.bytes.as_slice());
    let labels = PluginConfig::from_image_config_bytes(config.unwrap_or_default())?;
    for (what, label, own) in [
        ("name", &labels.name, &said.name),
        ("description", &labels.description, &said.description),
        ("version", &labels.version, &said.version),
        ("license", &labels.license, &said.license),
    ] {
        if label != own {
            let message = format!(
                "the labels of {reference} say that its {what} is {label:?}, its manifest says {own:?}"
            );
            return Err(Error::new(ErrorKind::InvalidDocument, message)
                .with_help("someone changed the artifact: build it again from its sources"));
        }
    }
    Ok(Listed { place, reference: reference.to_owned(), digest: original.digest, entry })
}

/// The directory from which a host resolves the catalogue's paths (S-91), if the file is where hosts
/// look for it.
fn root(file: &Path) -> Result<Option<PathBuf>> {
    let file = absolute(file)?;
    let directory = file.parent().filter(|directory| directory.ends_with(CATALOGUE_DIRECTORY));
    Ok(directory.and_then(Path::parent).map(Path::to_owned))
}

/// Extracts a plugin to where the catalogue says that it is, unless it is there already.
fn extract_below(root: &Path, plugin: &Listed) -> Result<()> {
    // Nothing is extracted that is not in the store.
    let Some(store) = plugin.place.store() else { return Ok(()) };
    let Some(path) = plugin.entry.directory() else { return Ok(()) };
    let directory = root.join(path);
    if directory.is_dir() && is_same(plugin, &directory) {
        return Ok(());
    }
    if let Some(parent) = directory.parent() {
        fs::create_dir_all(parent)
            .map_err(|error| Error::io("cannot make the directory", parent, error))?;
    }
    let stored = artifact::read(store, plugin.digest.as_ref())?;
    extract::<Plugin>(store, &stored, &directory, &ExtractOptions::default(), &())?;
    Ok(())
}

/// What keeps hosts from finding a plugin where the catalogue says that it is (S-101).
fn check(root: &Path, plugin: &Listed) -> Result<Option<Diagnostic>> {
    let Some(path) = plugin.entry.directory() else { return Ok(None) };
    let directory = root.join(path);
    let (message, help) = if !directory.is_dir() {
        (format!("{} is not there yet", plugin.entry.name), "extract it, or use --extract")
    } else if !is_same(plugin, &directory) {
        let (name, reference) = (&plugin.entry.name, &plugin.reference);
        (format!("this is another {name} than {reference}"), "remove it, and use --extract")
    } else {
        return Ok(None);
    };
    let diagnostic = Diagnostic::new(message).with_rule("catalogue-source").at_path(directory);
    Ok(Some(diagnostic.with_help(help)))
}

fn is_same(plugin: &Listed, directory: &Path) -> bool {
    let verification = verify::<Plugin>(&plugin.place, &plugin.reference, directory, &());
    verification.is_ok_and(|found| found.verdict != Verdict::Different)
}

/// Writes the file in one step.
fn write(file: &Path, text: &str) -> Result<()> {
    let failed = |error: std::io::Error| Error::io("cannot write the catalogue", file, error);
    let directory = match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(directory).map_err(failed)?;
    let mut temporary = NamedTempFile::new_in(directory).map_err(failed)?;
    temporary.write_all(text.as_bytes()).map_err(failed)?;
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    temporary.as_file().set_permissions(mode).map_err(failed)?;
    temporary.persist(file).map_err(|error| failed(error.error))?;
    Ok(())
}
