// SPDX-License-Identifier: Apache-2.0
//! The packager, the whole flow: directory → files → layer → configs → manifests → index.

mod bound;

use std::borrow::Cow;
use std::io::Write;
use std::path::Path;

use go_deflate::{Encoder, Threads};
use oci_spec::image::Platform;
use toolhive_diagnostics::Diagnostic;

pub use bound::Packager;

use crate::digest::{Digest, Hashing};
use crate::directory::{self, Directory};
use crate::epoch::Epoch;
use crate::error::{Error, ErrorKind, Result};
use crate::kind::{ArtifactKind, Description, Modes};
use crate::layer::{self, Layer, Member, Source};
use crate::listed_modes::ListedModes;
use crate::manifest::Blob;
use crate::media_type::ANNOTATION_CREATED;
use crate::observer::Observer;
use crate::one_or_more::OneOrMore;
use crate::store::{BlobWriter, Ingest, Origin, Store, check_tag};
use crate::{config, digest, index, limits, manifest, platform};

/// A manifest file of up to this many bytes is read once and packaged from memory.
const MANIFEST_IN_MEMORY: u64 = 1 << 20;

/// Settings of the packager.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct PackageOptions {
    /// The instant that the artifact carries; the default is 1970.
    pub epoch: Epoch,
    /// The platforms, with one manifest for each; none means [`platform::defaults`].
    pub platforms: Vec<Platform>,
    /// The modes that files get.
    pub modes: Modes,
    /// The modes that the files have; by default those of the file system (DEV-9).
    pub listed_modes: Option<ListedModes>,
    /// The tags of the build; none means its name.
    pub tags: Vec<String>,
    /// The encoder whose bytes the layer has; the default never changes. Nothing of it stands in the artifact.
    pub encoder: Encoder,
    /// The threads that compress; they do not change the artifact. The default is the caller's.
    pub threads: Threads,
}

/// An artifact that was made of a directory; its layer has gone to the sink.
#[derive(Clone, Debug)]
pub struct Artifact<C> {
    /// The layer, uncompressed.
    pub layer: Layer,
    /// The layer, as it is stored.
    pub layer_blob: Blob,
    /// A config and a manifest for each platform, in the order of the request (PF-4).
    pub images: OneOrMore<Image>,
    /// The image index, the root of the artifact.
    pub index: Document,
    /// The number of its files, the manifest file included.
    pub files: usize,
    /// The artifact's name.
    pub name: String,
    /// The config that all platforms share.
    pub config: C,
    /// Warnings for its author.
    pub warnings: Vec<Diagnostic>,
}

/// The documents of one platform.
#[derive(Clone, Debug)]
pub struct Image {
    /// The platform of the image.
    pub platform: Platform,
    /// Its image config.
    pub config: Document,
    /// The manifest of the image.
    pub manifest: Document,
}

/// A JSON document with its digest and size.
#[derive(Clone, Debug)]
pub struct Document {
    /// The exact bytes.
    pub bytes: Vec<u8>,
    /// Their digest and number.
    pub blob: Blob,
}

impl Document {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self { blob: Blob::of(&bytes), bytes }
    }
}

/// The destination of a layer: a blob of a store, or nowhere.
pub trait BlobSink: Write {
    /// All bytes are written: their digest and number.
    ///
    /// # Errors
    /// As the sink has them.
    fn finish(self) -> Result<Blob>;
}

impl<W: Write> BlobSink for Hashing<W> {
    fn finish(self) -> Result<Blob> {
        let (_, digest, size) = Hashing::finish(self);
        Ok(Blob { digest, size })
    }
}

impl BlobSink for BlobWriter {
    fn finish(self) -> Result<Blob> {
        let (digest, size) = BlobWriter::finish(self)?;
        Ok(Blob { digest, size })
    }
}

/// The artifact that a directory was packaged as.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PackageResult<C> {
    /// The digest of the index, which stands for the artifact.
    pub index_digest: Digest,
    /// The digest of the first platform's manifest (IDX-4).
    pub manifest_digest: Digest,
    /// The digest of the first platform's config.
    pub config_digest: Digest,
    /// The digest of the layer.
    pub layer_digest: Digest,
    /// The digest of the uncompressed layer.
    pub diff_id: Digest,
    /// The number of bytes of the layer.
    pub layer_size: u64,
    /// The number of its files, the manifest file included.
    pub files: usize,
    /// The platforms, in the order of the request.
    pub platforms: Vec<Platform>,
    /// The config of the artifact.
    pub config: C,
    /// The tags that name it now.
    pub tags: Vec<String>,
    /// Warnings for its author (DEV-3).
    pub warnings: Vec<Diagnostic>,
}

impl<C> PackageResult<C> {
    /// Asks for the tags of what was [staged](stage) in that ingest. They move if they are taken.
    ///
    /// # Errors
    /// None, as they were checked.
    pub fn tag(&self, ingest: &Ingest) -> Result<()> {
        let mut tags = self.tags.iter();
        tags.try_for_each(|tag| ingest.tag(&self.index_digest, tag, Origin::LocalBuild))
    }

    /// Returns the first tag; what `push` and `inspect` know it by.
    pub fn reference(&self) -> Cow<'_, str> {
        let digest = || Cow::Owned(self.index_digest.to_string());
        self.tags.first().map_or_else(digest, |tag| Cow::Borrowed(tag.as_str()))
    }
}

/// Packages the directory at `path` into `store` and tags it: with `options.tags`, or else with its
/// name. The tags' entries say that it was built here (LS-3).
///
/// # Errors
/// As [`stage`], and what the store has against it. Nothing is stored then.
pub fn package<K: ArtifactKind>(
    store: &Store,
    path: &Path,
    options: &PackageOptions,
    observer: &dyn Observer,
) -> Result<PackageResult<K::Config>> {
    let ingest = store.ingest()?;
    let result = stage::<K>(&ingest, path, options, observer)?;
    result.tag(&ingest)?;
    ingest.commit()?;
    Ok(result)
}

/// Packages the directory at `path` into `ingest`, as [`package`] does, but leaves its tags to be
/// [asked for](PackageResult::tag) and the ingest to be committed: for many directories at once.
///
/// # Errors
/// As [`assemble`]; [`ErrorKind::InvalidReference`] for a tag
/// that cannot be one; [`ErrorKind::Io`]. What was added to the ingest by
/// then has no name.
pub fn stage<K: ArtifactKind>(
    ingest: &Ingest,
    path: &Path,
    options: &PackageOptions,
    observer: &dyn Observer,
) -> Result<PackageResult<K::Config>> {
    for tag in &options.tags {
        check_tag(tag)?;
    }
    let made = assemble::<K>(path, options, ingest.blob_writer(), observer)?;
    for image in made.images.iter() {
        ingest.put_blob(&image.config.bytes)?;
        ingest.put_manifest(&image.manifest.bytes)?;
    }
    let index_digest = ingest.put_manifest(&made.index.bytes)?;

    let Artifact { layer, layer_blob, files, images, name, config, mut warnings, .. } = made;
    let mut tags = options.tags.clone();
    if tags.is_empty() {
        let (tag, warning) = default_tag(&name);
        warnings.extend(warning);
        tags.push(tag);
    }

    Ok(PackageResult {
        index_digest,
        manifest_digest: images.first.manifest.blob.digest,
        config_digest: images.first.config.blob.digest,
        layer_digest: layer_blob.digest,
        diff_id: layer.diff_id,
        layer_size: layer_blob.size,
        files,
        platforms: images.into_iter().map(|image| image.platform).collect(),
        config,
        tags,
        warnings,
    })
}

/// Returns the tag of an artifact that has only a name. A name may be any text, a tag may not
/// (LS-4).
fn default_tag(name: &str) -> (String, Option<Diagnostic>) {
    if check_tag(name).is_ok() {
        return (name.to_owned(), None);
    }
    let usable = |c: char| if c.is_control() || c == ':' { '-' } else { c };
    let mut tag = String::new();
    for c in name.chars().map(usable) {
        if tag.len() + c.len_utf8() > limits::MAX_TAG_LENGTH {
            break;
        }
        tag.push(c);
    }
    let warning = Diagnostic::new(format!("the name cannot be a tag, so the tag is {tag:?}"))
        .with_rule("tag-not-the-name")
        .with_help("choose another tag");
    (tag, Some(warning))
}

/// Makes an artifact of the directory at `path`, writing its layer to `sink`.
///
/// # Errors
/// The classes of format.md 1.6, in the order of PD-1 and SD-1; [`ErrorKind::InvalidOption`] for an
/// epoch outside the years 0 to 9999 (EP-7, BUG-31) or a platform that is asked for twice.
pub fn assemble<K: ArtifactKind>(
    path: &Path,
    options: &PackageOptions,
    sink: impl BlobSink,
    observer: &dyn Observer,
) -> Result<Artifact<K::Config>> {
    assemble_as::<K>(path, Recipe::of(options)?, sink, observer)
}

/// The recipe of an artifact, to the last text: [`verify`](crate::verify) takes it from one that
/// exists.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    pub(crate) times: Times,
    pub(crate) platforms: OneOrMore<Platform>,
    pub(crate) modes: Modes,
    pub(crate) listed_modes: Option<ListedModes>,
    pub(crate) encoder: Encoder,
    pub(crate) threads: Threads,
}

impl Recipe {
    fn of(options: &PackageOptions) -> Result<Self> {
        Ok(Self {
            times: Times::of(options.epoch)?,
            platforms: platform::requested(&options.platforms)?,
            modes: options.modes,
            listed_modes: options.listed_modes.clone(),
            encoder: options.encoder,
            threads: options.threads,
        })
    }
}

/// The times that an artifact carries, as its parts have them (EP-5).
#[derive(Clone, Debug)]
pub(crate) struct Times {
    /// The time of the tar members and the gzip header.
    pub(crate) epoch: Epoch,
    /// The time of the config (JSON-8).
    pub(crate) created: String,
    /// The time of the annotations (JSON-9).
    pub(crate) annotation: String,
}

impl Times {
    pub(crate) fn of(epoch: Epoch) -> Result<Self> {
        Ok(Self { epoch, created: epoch.rfc3339()?, annotation: epoch.rfc3339_seconds()? })
    }
}

pub(crate) fn assemble_as<K: ArtifactKind>(
    path: &Path,
    recipe: Recipe,
    sink: impl BlobSink,
    observer: &dyn Observer,
) -> Result<Artifact<K::Config>> {
    let Plan { directory, members, archive_size: _, description } = plan::<K>(path, &recipe)?;
    let Recipe { times: Times { epoch, created, annotation }, platforms, encoder, threads, .. } =
        recipe;
    let Description { name, config, labels, mut annotations, warnings } = description;
    annotations.insert(ANNOTATION_CREATED, annotation.into());
    let files = members.len();
    observer.start(members.iter().fold(0, |sum, member| member.size.saturating_add(sum)));
    let (sink, layer) = layer::write(members, &directory, epoch, encoder, threads, sink, observer)?;
    let layer_blob = sink.finish()?;

    let image = |platform: Platform| {
        let config = Document::new(config::write(&created, &platform, &labels, &layer.diff_id));
        let manifest = Document::new(manifest::write(
            K::ARTIFACT_TYPE,
            &config.blob,
            &layer_blob,
            K::LAYER_TITLE,
            &annotations,
        ));
        Image { platform, config, manifest }
    };
    let images = platforms.map(image);
    let index = Document::new(index::write(K::ARTIFACT_TYPE, &images, &annotations));
    Ok(Artifact { layer, layer_blob, files, images, index, name, config, warnings })
}

/// A directory that can be packaged: what would go into the artifact, unread but for the manifest.
struct Plan<C> {
    directory: Directory,
    members: Vec<Member>,
    archive_size: u64,
    description: Description<C>,
}

/// Looks at everything that can keep a directory from being packaged, but for files that cannot be
/// read to their end and the size of the compressed layer.
fn plan<K: ArtifactKind>(path: &Path, recipe: &Recipe) -> Result<Plan<K::Config>> {
    K::check_path(path)?;
    let directory = Directory::open(path)?;
    let (member, manifest) = read_manifest::<K>(&directory)?;
    let tree = directory.walk(&K::HIDDEN, K::MANIFEST_PATH)?;
    planned::<K>(directory, tree, member, manifest, recipe)
}

/// Returns the plan of a tree that was walked already.
fn planned<K: ArtifactKind>(
    directory: Directory,
    tree: directory::Tree,
    manifest_member: Member,
    manifest: K::Manifest,
    recipe: &Recipe,
) -> Result<Plan<K::Config>> {
    let mut files: Vec<&str> = tree.paths().chain([K::MANIFEST_PATH]).collect();
    files.sort_unstable();
    let mut description = K::describe(manifest, &files, &tree, recipe.encoder);
    let Description { labels, annotations, .. } = &mut description;
    for text in labels.values_mut().chain(annotations.values_mut()) {
        *text = config::in_generation(recipe.encoder, text);
    }
    description.warnings.extend(check_config(&description, recipe)?);

    let member = |entry: directory::FileEntry| {
        let mode = match &recipe.listed_modes {
            Some(listed) => listed.of(&entry.path)?,
            None => entry.mode,
        };
        Ok(Member {
            path: entry.path.clone(),
            mode: K::file_mode(mode, recipe.modes),
            size: entry.size,
            source: Source::Entry(entry),
        })
    };
    let mut members = tree.files.into_iter().map(member).collect::<Result<Vec<Member>>>()?;
    members.push(manifest_member);
    let sizes = members.iter().map(|member| (member.path.as_slice(), member.size));
    let archive_size = layer::archive_size(sizes, recipe.times.epoch)?;
    Ok(Plan { directory, members, archive_size, description })
}

/// Checks the size of the configs, which list all files (DEV-7): a warning where ToolHive would not
/// read them.
fn check_config<C>(description: &Description<C>, recipe: &Recipe) -> Result<Option<Diagnostic>> {
    const HELP: &str =
        "the config lists every file: package fewer files, or give them shorter paths";
    // As long as any other.
    let diff_id = digest::sha256(&[]);
    let created = &recipe.times.created;
    let size = |platform| config::write(created, platform, &description.labels, &diff_id).len();
    let largest = recipe.platforms.iter().map(size).max().unwrap_or(0) as u64;
    if largest > limits::MAX_CONFIG_SIZE {
        let limit = limits::MAX_CONFIG_SIZE / limits::MIB;
        let message = format!("the config would have {largest} bytes, more than {limit} MiB");
        return Err(Error::new(ErrorKind::TooLarge, message).with_help(HELP));
    }
    let warning = || {
        let limit = limits::TOOLHIVE_CONFIG_SIZE / limits::MIB;
        let message = format!("the config has {largest} bytes; ToolHive reads at most {limit} MiB");
        Diagnostic::new(message).with_rule("config-size").with_help(HELP)
    };
    Ok((largest > limits::TOOLHIVE_CONFIG_SIZE).then(warning))
}

/// Checks whether the directory at `path` can be packaged, as [`assemble`] does but without reading
/// its files, with the default options. Returns what its author should know.
///
/// # Errors
/// Those of [`assemble`], but for a file that cannot be read to its end.
pub fn check<K: ArtifactKind>(path: &Path) -> Result<Vec<Diagnostic>> {
    let recipe = Recipe::of(&PackageOptions::default())?;
    let plan = plan::<K>(path, &recipe)?;
    check_size::<K>(path, plan, recipe)
}

/// Checks a tree that was surveyed, and in which a walk would refuse nothing, together with the bytes of its
/// manifest: nothing is opened again.
///
/// # Errors
/// As [`check`].
pub fn check_surveyed<K: ArtifactKind>(
    directory: Directory,
    survey: &directory::Survey,
    manifest: &[u8],
) -> Result<Vec<Diagnostic>> {
    let recipe = Recipe::of(&PackageOptions::default())?;
    let (path, size) = (directory.path().to_owned(), manifest.len() as u64);
    K::check_path(&path)?;
    let member = Member {
        path: K::MANIFEST_PATH.as_bytes().to_vec(),
        mode: 0o644,
        size,
        source: Source::Bytes(manifest.to_vec()),
    };
    let read = K::read_manifest(&mut &*manifest, size)?;
    let plan = planned::<K>(directory, survey.tree(K::MANIFEST_PATH), member, read, &recipe)?;
    check_size::<K>(&path, plan, recipe)
}

/// Returns the warnings of a plan, unless its layer is too large.
fn check_size<K: ArtifactKind>(
    path: &Path,
    plan: Plan<K::Config>,
    recipe: Recipe,
) -> Result<Vec<Diagnostic>> {
    /// The allowance for what DEFLATE adds to 100 MiB that cannot be compressed.
    const OVERHEAD: u64 = 64 << 10;
    if plan.archive_size > limits::MAX_BLOB_SIZE - OVERHEAD {
        // Only the compression can tell.
        let sink = Hashing::new(std::io::sink());
        let size = assemble_as::<K>(path, recipe, sink, &())?.layer_blob.size;
        if size > limits::MAX_BLOB_SIZE {
            let limit = limits::MAX_BLOB_SIZE / limits::MIB;
            let message = format!("the layer would have {size} bytes, more than {limit} MiB");
            return Err(Error::new(ErrorKind::TooLarge, message)
                .with_help("keep build output, archives and media out of the directory"));
        }
    }
    Ok(plan.description.warnings)
}

/// Opens, reads and keeps the manifest file.
pub(crate) fn read_manifest<K: ArtifactKind>(
    directory: &Directory,
) -> Result<(Member, K::Manifest)> {
    let (mut file, entry) = directory.open_manifest(K::MANIFEST_PATH)?;
    let (manifest, source) = if entry.size <= MANIFEST_IN_MEMORY {
        let bytes = directory::read_bounded(&file, entry.size, K::MANIFEST_PATH)?;
        if bytes.len() as u64 != entry.size {
            return Err(directory::changed(&entry.path));
        }
        (K::read_manifest(&mut bytes.as_slice(), entry.size)?, Source::Bytes(bytes))
    } else {
        (K::read_manifest(&mut file, entry.size)?, Source::Open(file))
    };
    Ok((Member { path: entry.path, mode: 0o644, size: entry.size, source }, manifest))
}
