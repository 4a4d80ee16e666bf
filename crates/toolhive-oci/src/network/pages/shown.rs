// SPDX-License-Identifier: Apache-2.0
//! The parts of an artifact's page that follow from its digest: made once, wherever the artifact lies.

use maud::{Markup, html};
use oci_artifact::document::Document;
use oci_artifact::kind::ArtifactKind as _;
use oci_artifact::listing::Listing;
use oci_artifact::reader::{self, ContentSource as _};
use oci_artifact::{Descriptor, Digest, Result};
use oci_registry_server::OneRepository;
use toolhive_plugins::Plugin;
use toolhive_report::Report;
use toolhive_skills::Skill;

use super::address;
use crate::args::Reading;
use crate::commands::inspect::Seen;
use crate::kind::Kind;
use crate::output::{harmless, size};

/// The most files that a page lists (RP-4).
const MOST_FILES: usize = 2_000;

/// An artifact's page, without what depends on where it lies.
pub(super) struct Shown {
    /// `plugin` or `skill`; none for anything else.
    pub(super) kind: Option<&'static str>,
    pub(super) title: String,
    /// Its heading and its table of contents.
    pub(super) head: String,
    /// The sections of the report, and its files.
    pub(super) sections: String,
    /// Its files; none of what is no plugin and no skill.
    pub(super) listing: Listing,
    /// Its layer, and what that is uncompressed, to read files from.
    pub(super) layer: Option<(Descriptor, Digest)>,
    /// The manifests of its platforms, to which something may be attached as well.
    pub(super) manifests: Vec<Digest>,
}

impl Shown {
    /// Reads an artifact to its end.
    ///
    /// # Errors
    /// Those of reading it. What is neither a plugin nor a skill is shown by its documents.
    pub(super) fn of(source: &OneRepository, root: Descriptor) -> Result<Self> {
        let document = Document::parse(&source.document(&root)?, Some(&root.media_type))?;
        match document.kind().unwrap_or_default() {
            Plugin::ARTIFACT_TYPE => Self::of_kind::<Plugin>(source, root, &document),
            Skill::ARTIFACT_TYPE => Self::of_kind::<Skill>(source, root, &document),
            _ => Ok(Self::of_other(&root, &document)),
        }
    }

    fn of_kind<K: Kind>(
        source: &OneRepository,
        root: Descriptor,
        document: &Document,
    ) -> Result<Self> {
        let digest = root.digest.to_string();
        let stored = reader::read_at::<K>(source, root)?;
        let layer = Some((stored.layer.clone(), stored.diff_id));
        let seen = Seen::<K>::read(source, stored, &Reading::default())?;
        let report = seen.report();
        let files = files(&digest, &seen.listing);
        Ok(Self {
            kind: Some(K::NAME),
            listing: seen.listing,
            layer,
            ..Self::made(&report, document, files)
        })
    }

    fn of_other(root: &Descriptor, document: &Document) -> Self {
        let mut report = Report::default();
        let kind = document.kind().unwrap_or_default();
        report.title = harmless(if kind.is_empty() { &document.media_type } else { kind });
        report.kind = "Neither a plugin nor a skill: only its documents are shown".to_owned();
        report.fact("Media type", &document.media_type);
        report.fact("Manifest", &root.digest.to_string());
        let row = |link: &oci_artifact::document::Link| {
            [link.media_type.clone(), link.digest.to_string(), size(link.size)]
        };
        report.table("MANIFESTS", document.manifests.iter().map(row));
        report.table("BLOBS", document.config.iter().chain(&document.layers).map(row));
        let annotations = document.annotations.iter();
        report
            .table("ANNOTATIONS", annotations.map(|(k, v)| [k.clone(), v.clone(), String::new()]));
        Self::made(&report, document, html! {})
    }

    fn made(report: &Report, document: &Document, files: Markup) -> Self {
        Self {
            kind: None,
            title: report.title.clone(),
            head: html! { (report.heading()) (report.contents()) }.into_string(),
            sections: html! { (report.sections()) (files) }.into_string(),
            listing: Listing::new(),
            layer: None,
            manifests: document.manifests.iter().map(|link| link.digest).collect(),
        }
    }

    /// About how much memory it takes.
    pub(super) fn bytes(&self) -> usize {
        let texts = [&self.title, &self.head, &self.sections];
        let files = self.listing.iter().map(|file| file.path.len() + 128);
        texts.iter().map(|text| text.len()).sum::<usize>() + files.sum::<usize>() + 1_024
    }
}

fn files(digest: &str, listing: &Listing) -> Markup {
    html! {
        section aria-labelledby="files" {
            h2 #files { "FILES (" (listing.len()) ")" }
            div .wide role="region" aria-label="Files" tabindex="0" { table {
                thead { tr { th { "Path" } th { "Mode" } th { "Size" } } }
                tbody {
                    @for file in listing.iter().take(MOST_FILES) {
                        tr {
                            td { (link(digest, &file.path)) }
                            td { code { (format!("{:04o}", file.mode)) } }
                            td .size { (size(file.size)) }
                        }
                    }
                }
            } }
            @if listing.len() > MOST_FILES {
                p { "and " (listing.len() - MOST_FILES) " more, which are not shown here" }
            }
        }
    }
}

/// A path that leads to its file; one that is not UTF-8 cannot be asked for.
fn link(digest: &str, path: &[u8]) -> Markup {
    let shown = harmless(&String::from_utf8_lossy(path));
    html! {
        @match std::str::from_utf8(path) {
            Ok(path) => { a href=(address::file(digest, path)) { code { (shown) } } }
            Err(_) => { code { (shown) } }
        }
    }
}
