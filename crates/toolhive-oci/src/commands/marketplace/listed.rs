// SPDX-License-Identifier: Apache-2.0
//! A plugin of a catalogue, and where it lies.

use std::fs;
use std::io;
use std::path::Path;

use agent_plugin::marketplace::Entry;
use oci_artifact::extract::{ExtractOptions, extract};
use oci_artifact::reader::{ContentSource, Original};
use oci_artifact::verify::{Verdict, verify};
use oci_artifact::{Diagnostic, Digest, Error, ErrorKind, Result, limits, listing, reader};
use toolhive_plugins::{Plugin, PluginConfig, metadata};

use crate::commands::catalogue;
use crate::kind;
use crate::place::Place;
use crate::signals::Stop;

/// A plugin of the catalogue.
pub(super) struct Listed {
    /// The reference as it was given.
    pub(super) reference: String,
    pub(super) entry: Entry,
    /// The artifact that it is; a directory is what it is.
    artifact: Option<(Place, Digest)>,
}

impl Listed {
    /// A plugin as its own manifest describes it, which has to agree with the artifact's labels (S-99).
    pub(super) fn artifact(place: Place, reference: &str) -> Result<Self> {
        kind::check::<Plugin>(&place, reference, &[])?;
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
                    "the labels of {reference} say that its {what} is {label:?}, and its manifest \
                     says {own:?}"
                );
                return Err(Error::new(ErrorKind::InvalidDocument, message)
                    .with_help("somebody changed the artifact: build it again from its sources"));
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
        let manifest = catalogue::manifest(path)?;
        let located = |error: Error| error.at_path(path.join(metadata::MANIFEST_PATH));
        metadata::parse(&manifest).map_err(located)?;
        let entry = Entry::from_manifest(&manifest).map_err(located)?;
        let real = path.canonicalize();
        let real = real.map_err(|error| Error::io("cannot find the directory", path, error))?;
        // There may be nothing yet.
        let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        let below = real.strip_prefix(&root).ok().and_then(Path::to_str).ok_or_else(|| {
            let message = format!("this is not below {}, where hosts look", root.display());
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
    pub(super) fn extract_below(&self, root: &Path, stop: &Stop) -> Result<()> {
        let Some((place, digest)) = &self.artifact else { return Ok(()) };
        // Nothing is extracted that is not in the store.
        let Some(store) = place.store() else { return Ok(()) };
        let Some(path) = self.entry.directory() else { return Ok(()) };
        let directory = root.join(path);
        match self.found(place, digest, &directory, stop)? {
            There::Same => return Ok(()),
            There::More(more) => {
                let error = Error::new(ErrorKind::AlreadyExists, self.has_more(&more));
                return Err(error.at_path(directory).with_help(REMOVE));
            }
            There::Nothing | There::Other => {}
        }
        let stored = reader::read_at::<Plugin>(store, store.describe(digest)?)?;
        extract::<Plugin>(store, &stored, &directory, &ExtractOptions::default(), stop)?;
        Ok(())
    }

    /// The obstacle to finding a plugin where the catalogue says that it is (S-101).
    ///
    /// # Errors
    /// Where that cannot be found out.
    pub(super) fn check(&self, root: &Path, stop: &Stop) -> Result<Option<Diagnostic>> {
        let Some((place, digest)) = &self.artifact else { return Ok(None) };
        let Some(path) = self.entry.directory() else { return Ok(None) };
        let directory = root.join(path);
        let name = &self.entry.name;
        let (message, help) = match self.found(place, digest, &directory, stop)? {
            There::Same => return Ok(None),
            There::Nothing => {
                (format!("{name} does not exist yet"), "extract it, or use --extract")
            }
            There::More(more) => (self.has_more(&more), REMOVE),
            There::Other => {
                let message = format!("the files here are not those of {}", self.reference);
                (message, "remove it, and use --extract")
            }
        };
        let diagnostic = Diagnostic::new(message).with_rule("catalogue-source").at_path(directory);
        Ok(Some(diagnostic.with_help(help)))
    }

    fn has_more(&self, more: &[Vec<u8>]) -> String {
        const NAMED: usize = 5;
        let shown = more.iter().take(NAMED).map(|path| String::from_utf8_lossy(path).into_owned());
        let mut shown: Vec<String> = shown.collect();
        if more.len() > NAMED {
            shown.push(format!("{} more", more.len() - NAMED));
        }
        format!(
            "this has files that {} does not have, and a host reads them: {}",
            self.reference,
            shown.join(", ")
        )
    }

    /// The content of that directory, beside the artifact that was read, whatever its tag names by now.
    fn found(
        &self,
        place: &Place,
        digest: &Digest,
        directory: &Path,
        stop: &Stop,
    ) -> Result<There> {
        match fs::metadata(directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(There::Nothing),
            Err(error) => return Err(Error::io("cannot examine the directory", directory, error)),
            Ok(found) if !found.is_dir() => return Ok(There::Other),
            Ok(_) => {}
        }
        // A registry is asked for a tag once.
        let reference = match place.store() {
            Some(_) => digest.to_string(),
            None => self.reference.clone(),
        };
        let found = match verify::<Plugin>(place, &reference, directory, stop) {
            Err(error) if error.kind() == ErrorKind::ManifestMissing => return Ok(There::Other),
            found => found?,
        };
        Ok(match found.verdict {
            _ if found.digest != *digest => There::Other,
            Verdict::Exact | Verdict::Content => There::Same,
            Verdict::ExactAndMore | Verdict::ContentAndMore => There::More(found.more),
            Verdict::Different => There::Other,
        })
    }
}

/// The advice about more than a plugin.
const REMOVE: &str = "remove them, or the whole directory, and use --extract";

/// The content of the place where a catalogue says that a plugin is.
enum There {
    Nothing,
    /// The plugin, and nothing else.
    Same,
    /// The plugin, and these paths beside it.
    More(Vec<Vec<u8>>),
    Other,
}
