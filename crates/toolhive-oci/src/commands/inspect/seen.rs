// SPDX-License-Identifier: Apache-2.0
//! An artifact that was read to its end: what it says, what is in it, what it would run. `inspect` shows
//! it, and so do the pages of a registry.

use agent_plugin::{Collector, Files, Finding, Inventory, Limits};
use oci_artifact::listing::Listing;
use oci_artifact::reader::{ContentSource, Stored};
use oci_artifact::{Digest, Encoder, Result, listing, platform};

use super::agreement::{self, Own};
use super::ending::Ending;
use crate::args::Reading;
use crate::commands::reading;
use crate::kind::Kind;
use crate::output::size;

/// An artifact with its files.
pub(crate) struct Seen<K: Kind> {
    pub(crate) stored: Stored,
    pub(crate) config: K::Config,
    pub(crate) listing: Listing,
    pub(crate) files: Files,
    pub(crate) surface: Inventory,
    pub(super) encoder: Option<Encoder>,
    own: Result<Own, Box<Finding>>,
    /// The signatures for which a policy let it in, for people.
    pub(super) signed_by: Vec<String>,
}

impl<K: Kind> Seen<K> {
    /// Reads its layer, once, from where its documents were read.
    ///
    /// # Errors
    /// Those of reading the layer; [`ErrorKind::DigestMismatch`](oci_artifact::ErrorKind::DigestMismatch) if it is
    /// not what the config says.
    pub(crate) fn read(
        source: &dyn ContentSource,
        stored: Stored,
        reading: &Reading,
    ) -> Result<Self> {
        let config = K::read_config(&stored.config)?;
        let mut layer = Ending::of(source.stream(&stored.layer)?);
        let mut files = Collector::new(Limits::default());
        let read = listing::of_layer_with(&mut layer, |file| files.layer_file(file))?;
        listing::check_diff_id(&read.diff_id, &stored.diff_id)?;
        let files = files.finish();
        let encoder = layer.encoder(stored.layer.size);
        let name = stored.annotations.get(K::LABEL_NAME).cloned().unwrap_or_default();
        let mut surface = reading::inventory::<K>(&files, name, None, reading)?;
        let own = agreement::own::<K>(&files);
        surface.add_findings(agreement::check::<K>(&stored, &own));
        Ok(Self {
            stored,
            config,
            listing: read.files,
            files,
            surface,
            encoder,
            own,
            signed_by: Vec::new(),
        })
    }

    /// Names and values, those that are empty left out.
    pub(crate) fn facts(&self) -> Vec<(String, String)> {
        let stored = &self.stored;
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
            let files = self.own.as_ref().ok().map(|own| own.label(key));
            fact(name, files.as_deref().unwrap_or_default());
            for (said, what) in
                [(stored.label(key), "label"), (stored.annotation(key), "annotation")]
            {
                if files.as_deref() != Some(said) {
                    fact(&format!("{name} ({what})"), said);
                }
            }
        }
        let platforms: Vec<String> = stored.platforms.iter().map(platform::to_text).collect();
        fact("Platforms", &platforms.join(", "));
        fact("Index", &stored.index_digest.as_ref().map(Digest::to_string).unwrap_or_default());
        fact("Manifest", &stored.manifest_digest.to_string());
        fact("Config", &stored.config_digest.to_string());
        fact("Layer", &format!("{} ({})", stored.layer.digest, size(stored.layer.size)));
        let hint = self.encoder.map(Encoder::as_str);
        if let Some(hint) = hint.filter(|hint| *hint != Encoder::default().as_str()) {
            fact("Compressed", &format!("apparently by {hint}; `verify` proves it"));
        }
        fact("Diff ID", &stored.diff_id.to_string());
        self.signed_by.iter().for_each(|who| fact("Signed by", who));
        facts
    }

    /// The report: what it would run, and these facts.
    pub(crate) fn report(&self) -> toolhive_report::Report {
        let mut report = toolhive_report::Report::of(&self.surface, &self.files);
        for (name, value) in self.facts() {
            report.fact(&name, &value);
        }
        report
    }
}
