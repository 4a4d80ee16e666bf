// SPDX-License-Identifier: Apache-2.0
//! Decides whether an artifact comes from a directory. It is made again, with the times, the
//! platforms and the modes that the artifact itself has, and compared (cli.md, verdicts of
//! `verify`).
//!
//! Layers are streams: what is kept of either side is a line a file.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use go_deflate::{Encoder, Threads};
use toolhive_diagnostics::Diagnostic;

use crate::comparison::{self, FileChange, Moves, Renamed};
use crate::digest::{Digest, Hashing};
use crate::epoch::Epoch;
use crate::error::{ErrorKind, Result};
use crate::kind::{ArtifactKind, Modes};
use crate::listing::{self, LayerListing, Listing};
use crate::observer::{Observer, Watched};
use crate::packager::{self, Artifact, Document, Recipe, Times};
use crate::platform;
use crate::reader::{ContentSource, Original};
use crate::surplus;

/// The result of a comparison.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Verification {
    /// The digest of the artifact that was compared.
    pub digest: Digest,
    /// Whether it is what the directory makes.
    pub verdict: Verdict,
    /// The encoder whose bytes it has, if the directory makes the very same artifact.
    pub encoder: Option<Encoder>,
    /// The differences; none if the directory makes the very same artifact.
    pub differences: Vec<Difference>,
    /// The paths of what the directory has and packaging leaves out, so that the artifact does not
    /// have it; of large directories the name alone, with a `/` at the end (VB-5).
    pub more: Vec<Vec<u8>>,
}

oci_layout::worded! {
    /// Whether an artifact is what a directory makes.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Verdict {
        /// The directory gives the same digest, to the last byte.
        Exact = "exact",
        /// All but the compression, which is that of another program than ToolHive: config digests and
        /// diff ID are the same, so every byte that a user would get is.
        Content = "content",
        /// As [`Exact`](Self::Exact), but a reader of the directory finds more in it.
        ExactAndMore = "exact-and-more",
        /// As [`Content`](Self::Content), but a reader of the directory finds more in it.
        ContentAndMore = "content-and-more",
        /// The artifact does not come from the directory.
        Different = "different",
    }
}

impl Verdict {
    /// The verdict on the artifact alone, for those who know that nobody reads the rest of the
    /// directory.
    #[must_use]
    pub fn without_more(self) -> Self {
        match self {
            Self::ExactAndMore => Self::Exact,
            Self::ContentAndMore => Self::Content,
            other => other,
        }
    }

    fn with_more(self) -> Self {
        match self {
            Self::Exact => Self::ExactAndMore,
            Self::Content => Self::ContentAndMore,
            other => other,
        }
    }
}

/// One thing in which the artifact is not what the directory makes. What is *before* is the
/// artifact's, what is *after* the directory's.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Difference {
    /// A difference of a file.
    File(FileChange),
    /// A label, an annotation, or another member of a document.
    Field(Field),
    /// The files are the same, their archive is not: the members' order, times or owners, or the
    /// format.
    Archive,
    /// The archive is the same, its compression is not: the digests of the layers.
    Compression(Digest, Digest),
    /// The directory makes no artifact, for these reasons.
    Unbuildable(Vec<Diagnostic>),
}

/// A member of one document, or of the same ones of several platforms.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// The kind of member.
    pub part: Part,
    /// The key of a label or annotation; of anything else its JSON pointer.
    pub name: String,
    /// The documents that have it so: `index`, `manifest linux/amd64`, `config linux/amd64`.
    pub documents: Vec<String>,
    /// The value in the artifact; `None` if there is none.
    pub before: Option<String>,
    /// The value that the directory makes; `None` if there is none.
    pub after: Option<String>,
}

oci_layout::worded! {
    /// The part of a document that a member belongs to.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub enum Part {
        /// The labels of a config.
        Label = "label",
        /// The annotations of a manifest or an index.
        Annotation = "annotation",
        /// Any other part.
        Other = "field",
    }
}

/// Compares the artifact that `reference` names in `source` with what the directory at `path` makes.
///
/// # Errors
/// Those of reading the artifact from `source`; [`ErrorKind::DigestMismatch`] if its layer is not what its config says;
/// [`ErrorKind::InvalidDir`] and [`ErrorKind::ManifestMissing`] if `path` is no directory of this kind;
/// [`ErrorKind::Cancelled`]. A directory that cannot be packaged for another reason is different, and that is one of
/// the differences. A directory that has what packaging leaves out is not exact: a host would read that, too (VB-5).
pub fn verify<K: ArtifactKind>(
    source: &dyn ContentSource,
    reference: &str,
    path: &Path,
    observer: &dyn Observer,
) -> Result<Verification> {
    let original = Original::read::<K>(source, reference)?;
    let patience = Patience(observer);
    let layer = Watched::new(source.stream(&original.layer)?, &patience);
    let LayerListing { files, diff_id } = listing::of_layer(layer)?;
    listing::check_diff_id(&diff_id, &original.diff_id)?;

    let recipe = recipe(&original, &files)?;
    let modes = recipe.modes;
    let verdict = |verdict: Verdict, differences| {
        let (digest, more) = (original.digest, surplus::of_directory::<K>(path)?);
        let verdict = if more.is_empty() { verdict } else { verdict.with_more() };
        Ok(Verification { digest, verdict, encoder: None, differences, more })
    };
    let exact = |encoder| {
        let verification = verdict(Verdict::Exact, Vec::new())?;
        Ok(Verification { encoder: Some(encoder), ..verification })
    };
    let changes = || -> Result<Vec<Difference>> {
        let now = listing::of_directory::<K>(path, modes)?;
        let changes = comparison::files(&files, &now, Moves::Apart);
        Ok(changes.into_iter().map(Difference::File).collect())
    };
    let sink = Hashing::new(io::sink());
    let made = match packager::assemble_as::<K>(path, recipe.clone(), sink, observer) {
        Ok(made) => made,
        Err(error) if is_of_the_tree(error.kind()) => {
            let mut differences = vec![Difference::Unbuildable(error.diagnostics().to_vec())];
            differences.extend(changes()?);
            return verdict(Verdict::Different, differences);
        }
        Err(error) => return Err(error),
    };
    if made_digest(&original, &made) == original.digest {
        return exact(recipe.encoder);
    }
    if let Some(encoder) = other_encoder::<K>(&original, &made, path, &recipe, &patience)? {
        return exact(encoder);
    }

    let mut differences = Vec::new();
    if made.layer.diff_id != diff_id {
        differences = changes()?;
        if differences.is_empty() {
            differences.push(Difference::Archive);
        }
    }
    // The list of files among the labels follows from the files.
    let has_files = !differences.is_empty();
    let mut fields = documents(&original, &made);
    fields.retain(|field| !(has_files && field.name == K::LABEL_FILES));
    differences.extend(fields.into_iter().map(Difference::Field));
    if !differences.is_empty() {
        return verdict(Verdict::Different, differences);
    }
    let theirs = original.layer.digest;
    let ours = made.layer_blob.digest;
    verdict(Verdict::Content, vec![Difference::Compression(theirs, ours)])
}

/// Returns the encoder with which the directory makes the artifact to the last byte, where `made`,
/// by the default one, is not that (E-29).
fn other_encoder<K: ArtifactKind>(
    original: &Original,
    made: &Artifact<K::Config>,
    path: &Path,
    recipe: &Recipe,
    observer: &dyn Observer,
) -> Result<Option<Encoder>> {
    // No other has the default one's stream, and none can make up for another archive.
    let is_same_stream = made.layer_blob.digest == original.layer.digest;
    if is_same_stream || made.layer.diff_id != original.diff_id {
        return Ok(None);
    }
    for encoder in Encoder::ALL.into_iter().filter(|encoder| *encoder != recipe.encoder) {
        let recipe = Recipe { encoder, ..recipe.clone() };
        let sink = Hashing::new(io::sink());
        let made = packager::assemble_as::<K>(path, recipe, sink, observer)?;
        if made_digest(original, &made) == original.digest {
            return Ok(Some(encoder));
        }
    }
    Ok(None)
}

/// Counts nothing, but can be stopped: the work that an observer sees is the packaging.
struct Patience<'a>(&'a dyn Observer);

impl Observer for Patience<'_> {
    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }
}

/// Whether that failure says what is wrong with a tree that is there.
fn is_of_the_tree(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::InvalidManifest
            | ErrorKind::InvalidFile
            | ErrorKind::TooManyFiles
            | ErrorKind::TooLarge
    )
}

/// The recipe to make the artifact again.
fn recipe(original: &Original, files: &Listing) -> Result<Recipe> {
    // Git knows two modes; a layer with any other was made without its policy (DEV-1).
    let is_git = files.iter().all(|file| matches!(file.mode, 0o644 | 0o755));
    Ok(Recipe {
        times: original
            .created
            .as_deref()
            .and_then(times)
            .map_or_else(|| Times::of(Epoch::UNIX), Ok)?,
        platforms: original.images.clone().map(|image| image.platform),
        modes: if is_git { Modes::Git } else { Modes::Verbatim },
        // Where the file system has no modes, the artifact's are as good as any.
        listed_modes: cfg!(windows)
            .then(|| files.iter().map(|file| (file.path.clone(), file.mode & 0o777)).collect()),
        encoder: Encoder::default(),
        threads: Threads::ONE,
    })
}

/// Returns the times of an artifact whose config says `created`: with its zone (EP-8), and with the
/// year 1 that the reference can write where it was given no epoch (EP-3); nothing here does on its
/// own.
fn times(created: &str) -> Option<Times> {
    let epoch = Epoch::from_rfc3339(created)?;
    let annotation = match created.split_once('.') {
        Some((seconds, fraction)) => {
            let zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            format!("{seconds}{zone}")
        }
        None => created.to_owned(),
    };
    Some(Times { epoch, created: created.to_owned(), annotation })
}

/// Returns the digest that stands for what was made, in the way in which the original has one.
fn made_digest<C>(original: &Original, made: &Artifact<C>) -> Digest {
    match original.index {
        Some(_) => made.index.blob.digest,
        None => made.images.first.manifest.blob.digest,
    }
}

/// Compares config, manifest and index of every platform. What follows from another difference is
/// not reported.
fn documents<C>(original: &Original, made: &Artifact<C>) -> Vec<Field> {
    let mut renamed = Renamed::new();
    let mut rename = |theirs: &Digest, ours: &Digest| {
        renamed.insert(*theirs, *ours);
    };
    rename(&original.diff_id, &made.layer.diff_id);
    rename(&original.layer.digest, &made.layer_blob.digest);
    let pairs = || original.images.iter().zip(made.images.iter());
    for (theirs, ours) in pairs() {
        rename(&theirs.config.blob.digest, &ours.config.blob.digest);
        rename(&theirs.manifest.blob.digest, &ours.manifest.blob.digest);
    }

    let mut fields = Fields::default();
    let is_same_layer = original.diff_id == made.layer.diff_id;
    for (theirs, ours) in pairs() {
        let name = format!("config {}", platform::to_text(&theirs.platform));
        let told = fields.compare(&name, &theirs.config, &ours.config, &renamed);
        if told == 0 && is_same_layer && theirs.config.bytes != ours.config.bytes {
            fields.add(&name, Part::Other, String::new(), None, None);
        }
    }
    for (theirs, ours) in pairs() {
        let name = format!("manifest {}", platform::to_text(&theirs.platform));
        fields.compare(&name, &theirs.manifest, &ours.manifest, &renamed);
    }
    if let Some(index) = &original.index {
        fields.compare("index", index, &made.index, &renamed);
    }
    fields.all
}

/// Fields that differ, those of several documents together.
#[derive(Default)]
struct Fields {
    all: Vec<Field>,
    places: BTreeMap<(Part, String, Option<String>, Option<String>), usize>,
}

impl Fields {
    /// Compares two documents; the number of their differences.
    fn compare(
        &mut self,
        name: &str,
        theirs: &Document,
        ours: &Document,
        renamed: &Renamed,
    ) -> usize {
        let changes = comparison::documents(&theirs.bytes, &ours.bytes, renamed);
        let count = changes.len();
        for change in changes {
            let (part, key) = match change.place.as_slice() {
                [config, labels, key] if config == "config" && labels == "Labels" => {
                    (Part::Label, key.clone())
                }
                [annotations, key] if annotations == "annotations" => {
                    (Part::Annotation, key.clone())
                }
                _ => (Part::Other, change.pointer()),
            };
            self.add(name, part, key, change.before, change.after);
        }
        count
    }

    fn add(
        &mut self,
        document: &str,
        part: Part,
        name: String,
        before: Option<String>,
        after: Option<String>,
    ) {
        let key = (part, name.clone(), before.clone(), after.clone());
        let place = *self.places.entry(key).or_insert(self.all.len());
        if place == self.all.len() {
            self.all.push(Field { part, name, documents: Vec::new(), before, after });
        }
        if let Some(field) = self.all.get_mut(place) {
            field.documents.push(document.to_owned());
        }
    }
}
