// SPDX-License-Identifier: Apache-2.0
//! A plugin of a catalogue, and where it lies.

use std::fs;
use std::path::Path;

use marketplace::Entry;
use oci_artifact::directory::{Directory, read_bounded};
use oci_artifact::extract::{ExtractOptions, extract};
use oci_artifact::original::{ContentSource, Original};
use oci_artifact::verify::{Verdict, verify};
use oci_artifact::{Diagnostic, Error, ErrorKind, Result, artifact, limits, listing};
use oci_spec::image::Digest;
use toolhive_plugins::{Plugin, PluginConfig, metadata};

use crate::place::Place;

/// A plugin of the catalogue.
pub(super) struct Listed {
    /// As it was named.
    pub(super) reference: String,
    pub(super) entry: Entry,
    /// The artifact that it is; a directory is what it is.
    artifact: Option<(Place, Digest)>,
}

impl Listed {
    /// A plugin as its own manifest describes it, which has to agree with the artifact's labels (S-99).
    pub(super) fn artifact(place: Place, reference: &str) -> Result<Self> {
        let original = Original::read::<Plugin>(&place, reference)?;
        let layer = place.stream(&original.layer)?;
        let limit = limits::MAX_MANIFEST_FILE_SIZE;
        let diff_id = &original.diff_id;
        let found = listing::file_of_layer(layer, diff_id, metadata::MANIFEST_PATH, limit)?;
        let manifest = found.ok_or_else(|| {
            let message = format!("{reference} has no {}", metadata::MANIFEST_PATH);
            Error::new(ErrorKind::ManifestMissing, message)
        })?;
        let entry = Entry::from_manifest(&manifest)?;
        let said = metadata::parse(&manifest)?;
        let labels = PluginConfig::from_config(&original.config)?;
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
        Ok(Self {
            reference: reference.to_owned(),
            entry,
            artifact: Some((place, original.digest)),
        })
    }

    /// The plugin in a directory below the catalogue's root, where it stays.
    pub(super) fn directory(path: &Path, root: &Path) -> Result<Self> {
        let limit = limits::MAX_MANIFEST_FILE_SIZE;
        let (file, found) = Directory::open(path)?.open_manifest(metadata::MANIFEST_PATH)?;
        let manifest = read_bounded(file, found.size.min(limit + 1), metadata::MANIFEST_PATH)?;
        let located = |error: Error| error.at_path(path.join(metadata::MANIFEST_PATH));
        metadata::parse(&manifest).map_err(located)?;
        let entry = Entry::from_manifest(&manifest).map_err(located)?;
        let real = path.canonicalize();
        let real = real.map_err(|error| Error::io("cannot find the directory", path, error))?;
        // There may be nothing yet.
        let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        let below = real.strip_prefix(&root).ok().and_then(Path::to_str).ok_or_else(|| {
            let message = format!("this is not below {}, from where hosts look", root.display());
            let error = Error::new(ErrorKind::InvalidOption, message).at_path(path);
            error.with_help("move it there, or build it and name its tag")
        })?;
        let entry = entry.in_directory(below);
        Ok(Self { reference: path.display().to_string(), entry, artifact: None })
    }

    /// The digest of the artifact.
    pub(super) fn digest(&self) -> Option<&Digest> {
        self.artifact.as_ref().map(|(_, digest)| digest)
    }

    /// Extracts a plugin to where the catalogue says that it is, unless it is there already.
    pub(super) fn extract_below(&self, root: &Path) -> Result<()> {
        let Some((place, digest)) = &self.artifact else { return Ok(()) };
        // Nothing is extracted that is not in the store.
        let Some(store) = place.store() else { return Ok(()) };
        let Some(path) = self.entry.directory() else { return Ok(()) };
        let directory = root.join(path);
        if directory.is_dir() && self.is(place, &directory) {
            return Ok(());
        }
        if let Some(parent) = directory.parent() {
            fs::create_dir_all(parent)
                .map_err(|error| Error::io("cannot make the directory", parent, error))?;
        }
        let stored = artifact::read::<Plugin>(store, digest.as_ref())?;
        extract::<Plugin>(store, &stored, &directory, &ExtractOptions::default(), &())?;
        Ok(())
    }

    /// What keeps hosts from finding a plugin where the catalogue says that it is (S-101).
    pub(super) fn check(&self, root: &Path) -> Option<Diagnostic> {
        let (place, _) = self.artifact.as_ref()?;
        let directory = root.join(self.entry.directory()?);
        let (message, help) = if !directory.is_dir() {
            (format!("{} is not there yet", self.entry.name), "extract it, or use --extract")
        } else if !self.is(place, &directory) {
            let (name, reference) = (&self.entry.name, &self.reference);
            (format!("this is another {name} than {reference}"), "remove it, and use --extract")
        } else {
            return None;
        };
        let diagnostic = Diagnostic::new(message).with_rule("catalogue-source").at_path(directory);
        Some(diagnostic.with_help(help))
    }

    /// Whether that directory holds this plugin.
    fn is(&self, place: &Place, directory: &Path) -> bool {
        let verification = verify::<Plugin>(place, &self.reference, directory, &());
        verification.is_ok_and(|found| found.verdict != Verdict::Different)
    }
}
