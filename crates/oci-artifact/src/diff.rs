// SPDX-License-Identifier: Apache-2.0
//! Two artifacts, or directories that would become some: which files and which words about them
//! changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use go_deflate::Encoder;

use crate::comparison::{self, FileChange, Moves};
use crate::digest::Digest;
use crate::directory::Directory;
use crate::error::Result;
use crate::kind::{ArtifactKind, Description, Modes};
use crate::listing::{self, LayerFile, Listing};
use crate::packager::{self, Document};
use crate::reader::{ContentSource, Original};
use crate::verify::Part;
use crate::{media_type, platform};

/// One of two things that are compared.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Side {
    /// The artifact's digest; a directory has none.
    pub digest: Option<Digest>,
    /// The files of this side.
    pub files: Listing,
    /// The labels of its config.
    pub labels: BTreeMap<String, String>,
    /// The annotations of its index, or else of its manifest.
    pub annotations: BTreeMap<String, String>,
    /// Its platforms; a directory has none.
    pub platforms: Option<Vec<String>>,
    /// Its documents and their names: configs, manifests, index. A directory has none.
    documents: Vec<(String, Document)>,
}

/// The changes from one side to the other.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Diff {
    /// The files, in byte order of their paths.
    pub files: Vec<FileChange>,
    /// Labels, annotations, and the platforms.
    pub fields: Vec<FieldDiff>,
}

impl Diff {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.fields.is_empty()
    }
}

/// A label, an annotation, or the list of platforms that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldDiff {
    /// The part of the artifact that has it.
    pub part: Part,
    /// The key of the field.
    pub name: String,
    /// The value of the first side; `None` if there is none.
    pub before: Option<String>,
    /// The value of the second side.
    pub after: Option<String>,
}

impl Side {
    /// Returns the artifact that `reference` names. Its layer is read once, as a stream.
    ///
    /// # Errors
    /// Those of reading it from `source`; [`ErrorKind::DigestMismatch`](crate::ErrorKind::DigestMismatch) if the layer is
    /// not what the config says.
    pub fn of_artifact<K: ArtifactKind>(
        source: &dyn ContentSource,
        reference: &str,
    ) -> Result<Self> {
        Self::of_artifact_with::<K>(source, reference, |_| Ok(()))
    }

    /// Reads a side, and lets `look` see every file on the way, so that the layer need not be read
    /// again.
    ///
    /// # Errors
    /// As [`of_artifact`](Self::of_artifact), and those of `look`.
    pub fn of_artifact_with<K: ArtifactKind>(
        source: &dyn ContentSource,
        reference: &str,
        look: impl FnMut(LayerFile<'_>) -> Result<()>,
    ) -> Result<Self> {
        let original = Original::read::<K>(source, reference)?;
        let layer = listing::of_layer_with(source.stream(&original.layer)?, look)?;
        listing::check_diff_id(&layer.diff_id, &original.diff_id)?;
        let platforms = original.images.iter().map(|image| platform::to_text(&image.platform));
        let platforms: Vec<String> = platforms.collect();
        let (mut documents, mut manifests) = (Vec::new(), Vec::new());
        for (image, platform) in original.images.into_iter().zip(&platforms) {
            documents.push((format!("config {platform}"), image.config));
            manifests.push((format!("manifest {platform}"), image.manifest));
        }
        documents.extend(manifests);
        documents.extend(original.index.map(|index| ("index".to_owned(), index)));
        Ok(Self {
            digest: Some(original.digest),
            files: layer.files,
            labels: original.config.labels.unwrap_or_default(),
            annotations: original.annotations,
            platforms: Some(platforms),
            documents,
        })
    }

    /// Returns the directory at `path`, as it would be packaged.
    ///
    /// # Errors
    /// Those of packaging it.
    pub fn of_directory<K: ArtifactKind>(path: &Path) -> Result<Self> {
        K::check_path(path)?;
        let directory = Directory::open(path)?;
        let (_, manifest) = packager::read_manifest::<K>(&directory)?;
        let tree = directory.walk(&K::HIDDEN, K::MANIFEST_PATH)?;
        let mut paths: Vec<&str> = tree.paths().chain([K::MANIFEST_PATH]).collect();
        paths.sort_unstable();
        let Description { labels, annotations, .. } =
            K::describe(manifest, &paths, &tree, Encoder::default());
        let texts = |map: crate::config::TextMap| {
            let text = |(key, text): (&str, Vec<u8>)| {
                (key.to_owned(), String::from_utf8_lossy(&text).into_owned())
            };
            map.into_iter().map(text).collect()
        };
        Ok(Self {
            digest: None,
            files: listing::of_directory::<K>(path, Modes::Git)?,
            labels: texts(labels),
            annotations: texts(annotations),
            platforms: None,
            documents: Vec::new(),
        })
    }
}

/// Compares two sides. The list of files among the labels is not reported, since the files are; an
/// annotation whose label says the same is not reported again, nor are the time or the platforms if
/// one side is a directory, which has none.
pub fn compare<K: ArtifactKind>(before: &Side, after: &Side) -> Diff {
    let files = comparison::files(&before.files, &after.files, Moves::Told);
    let mut fields = texts(Part::Label, &before.labels, &after.labels);
    // A set, as there may be many of both.
    let mut known: BTreeSet<(Option<String>, Option<String>)> =
        fields.iter().map(|field| (field.before.clone(), field.after.clone())).collect();
    for field in texts(Part::Annotation, &before.annotations, &after.annotations) {
        let is_of_directory = before.digest.is_none() || after.digest.is_none();
        let is_timeless = is_of_directory && field.name == media_type::ANNOTATION_CREATED;
        if !is_timeless && known.insert((field.before.clone(), field.after.clone())) {
            fields.push(field);
        }
    }
    fields.retain(|field| field.name != K::LABEL_FILES);
    if let (Some(old), Some(new)) = (&before.platforms, &after.platforms)
        && old != new
    {
        let (part, name) = (Part::Other, "platforms".to_owned());
        let (before, after) = (Some(old.join(", ")), Some(new.join(", ")));
        fields.push(FieldDiff { part, name, before, after });
    }
    let are_artifacts = before.digest.is_some() && after.digest.is_some();
    if are_artifacts && files.is_empty() && fields.is_empty() && before.digest != after.digest {
        fields = documents(&before.documents, &after.documents);
    }
    Diff { files, fields }
}

/// Returns the differences of two artifacts whose files, modes and words are the same. Never nothing if any document
/// differs, as one does whenever the digests do.
fn documents(before: &[(String, Document)], after: &[(String, Document)]) -> Vec<FieldDiff> {
    fn find<'a>(all: &'a [(String, Document)], name: &str) -> Option<&'a Document> {
        all.iter().find(|(other, _)| other == name).map(|(_, document)| document)
    }
    let both = before.iter().filter_map(|(name, old)| Some((name, old, find(after, name)?)));
    let pairs: Vec<_> = both.filter(|(_, old, new)| old.bytes != new.bytes).collect();
    // What follows from another difference is not reported.
    let text = |document: &Document| document.blob.digest.to_string();
    let renamed = pairs.iter().map(|(_, old, new)| (old.blob.digest, new.blob.digest)).collect();
    let mut fields = Vec::new();
    let mut tell = |name: String, before: Option<String>, after: Option<String>| {
        fields.push(FieldDiff { part: Part::Other, name, before, after });
    };
    for (name, old, new) in &pairs {
        for change in comparison::documents(&old.bytes, &new.bytes, &renamed) {
            tell(format!("{name} {}", change.pointer()), change.before, change.after);
        }
    }
    // A manifest that no index lists beside one that an index does.
    for (name, old) in before.iter().filter(|(name, _)| find(after, name).is_none()) {
        tell(name.clone(), Some(text(old)), None);
    }
    for (name, new) in after.iter().filter(|(name, _)| find(before, name).is_none()) {
        tell(name.clone(), None, Some(text(new)));
    }
    if fields.is_empty() {
        // The same content, written differently.
        let digests = pairs.iter().map(|(name, old, new)| FieldDiff {
            part: Part::Other,
            name: format!("{name}, its bytes"),
            before: Some(text(old)),
            after: Some(text(new)),
        });
        fields.extend(digests);
    }
    fields
}

fn texts(
    part: Part,
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
) -> Vec<FieldDiff> {
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let change = |name: &String| {
        let (before, after) = (before.get(name).cloned(), after.get(name).cloned());
        let name = name.clone();
        (before != after).then_some(FieldDiff { part, name, before, after })
    };
    keys.into_iter().filter_map(change).collect()
}
