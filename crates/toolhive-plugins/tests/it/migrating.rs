// SPDX-License-Identifier: Apache-2.0
//! `docs/migrating.md`: every Rust name of its table exists, for all of them are used here, and this
//! compiles. What is spelt for plugins here the twin crate has for skills.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use oci_artifact::extract::extract;
use oci_artifact::layer;
use oci_artifact::limits::{MAX_BLOB_SIZE, MAX_LAYER_SIZE, MAX_MANIFEST_SIZE, MAX_MEMBER_SIZE};
use oci_artifact::observer::Observer;
use oci_artifact::{Descriptor, Digest, content, gzip, platform, reader, tar};
use oci_spec::image::{Arch, ImageConfiguration, Os};
use toolhive_plugins::config::{
    self, ComponentInventory, parse_components_annotation, parse_requires_annotation,
};
use toolhive_plugins::error::{Error, ErrorKind, Result};
use toolhive_plugins::media_types::{
    ANNOTATION_PLUGIN_NAME, ARTIFACT_TYPE_PLUGIN, LABEL_PLUGIN_NAME,
};
use toolhive_plugins::registry::{CredentialStore, Environment, PullOptions, PushOptions};
use toolhive_plugins::traits::{PackageOptions, PackageResult, PluginPackager, RegistryClient};
use toolhive_plugins::{Packager, Plugin, PluginConfig, registry, store};

/// Names of the table that other crates have, or that a feature hides.
const ELSEWHERE: &[&str] = &[
    "ANNOTATION_SKILL_NAME",
    "ARTIFACT_TYPE_SKILL",
    "LABEL_SKILL_NAME",
    "MANIFEST_PATH",
    "MockPluginPackager",
    "MockRegistryClient",
    "MockSkillPackager",
    "SkillConfig",
    "SkillPackager",
    "expect_",
    "mockall",
    "mocks",
    "toolhive_skills",
];

/// The names that the Go packages export, at commit 24d618f, except for methods of mocks.
const EXPORTED: &str = "
    AnnotationPluginComponents AnnotationPluginDescription AnnotationPluginFiles AnnotationPluginLicense
    AnnotationPluginName AnnotationPluginRequires AnnotationPluginVersion AnnotationSkillDescription
    AnnotationSkillName AnnotationSkillRequires AnnotationSkillVersion ArchAMD64 ArchARM64
    ArtifactTypePlugin ArtifactTypeSkill ComponentInventory Compress CompressTar CreateTar Decompress
    DecompressTar DecompressWithLimit DefaultGzipOptions DefaultPackageOptions DefaultPlatforms
    DefaultStoreRoot DefaultTarOptions DeleteBuild DeleteTag ErrInvalidFrontmatter ErrInvalidPluginDir
    ErrInvalidPluginFile ErrInvalidPluginManifest ErrInvalidSkillDir ErrInvalidSkillFile
    ErrPluginManifestMissing ErrPluginTooLarge ErrSkillMDMissing ErrSkillTooLarge ErrTooManyFiles Exists
    ExtractTar ExtractTarWithLimit Fetch FileEntry GetBlob GetIndex GetManifest GzipOptions IsIndex
    LabelPluginComponents LabelPluginDescription LabelPluginFiles LabelPluginLicense LabelPluginName
    LabelPluginRequires LabelPluginVersion LabelSkillAllowedTools LabelSkillDescription LabelSkillFiles
    LabelSkillLicense LabelSkillName LabelSkillVersion ListTags MaxBlobSize MaxDecompressedSize
    MaxManifestSize MaxTarFileSize MockPluginPackager MockRegistryClient MockSkillPackager NewPackager
    NewRegistry NewStore NewValidatingTarget OSLinux Package PackageOptions PackageResult Packager
    ParseComponentsAnnotation ParsePlatform ParseRequiresAnnotation PlatformString PluginConfig
    PluginConfigFromImageConfig PluginPackager Pull Push PutBlob PutManifest Registry RegistryClient
    RegistryOption Resolve Root SkillConfig SkillConfigFromImageConfig SkillFileName SkillPackager Store
    StoreRoot Tag TarOptions Target ValidatingTarget WithCredentialStore WithPlainHTTP
";

/// Compiled, never run.
async fn packaging(dir: &Path, store: store::Store, value: &OsStr) -> Result<()> {
    let packager: Box<dyn PluginPackager> = Box::new(Packager::new(store.clone()));
    let mut options = PackageOptions::default();
    (options.epoch, _) = oci_artifact::Epoch::from_source_date_epoch(Some(value));
    let PackageOptions { platforms, modes, tags, threads, encoder, .. } = &options;
    let _ = (platforms, modes, tags, threads, encoder);
    let result: PackageResult = packager.package(dir, &options, Arc::new(())).await?;
    let _ = (result.index_digest, result.manifest_digest, result.config_digest);
    let _ = (result.layer_digest, result.config, result.platforms, result.tags, result.warnings);
    Packager::new(store).package_blocking(dir, &options, &()).map(drop)
}

fn metadata(
    image: &ImageConfiguration,
    bytes: &[u8],
    text: &BTreeMap<String, String>,
) -> Result<bool> {
    let read: PluginConfig = PluginConfig::from_image_config(image)?;
    PluginConfig::from_image_config_bytes(bytes)?;
    let components: Option<ComponentInventory> = config::parse_components_annotation(text);
    let counts: Option<BTreeMap<String, i64>> = parse_components_annotation(text);
    let _ = (ARTIFACT_TYPE_PLUGIN, ANNOTATION_PLUGIN_NAME, LABEL_PLUGIN_NAME);
    let (nil, empty) = (None, Some(vec![]));
    Ok(components == counts && (read.requires == nil || parse_requires_annotation(text) == empty))
}

fn stores(root: PathBuf, data_home: &Path, digest: &Digest) -> Result<()> {
    let store = store::Store::open(root)?;
    store::Store::open_existing(store::default_store_root()?)?;
    store::Store::open(store::store_root(data_home))?;
    store.put_blob(&store.get_blob(digest)?)?;
    store.put_manifest(&store.get_manifest(digest)?)?;
    let _ = (store.get_index(digest)?, store.is_index(digest)?);
    let _ = (store.open_blob(digest)?, store.blob_writer()?);
    let found: Descriptor = store.resolve("tag")?;
    let source: &dyn reader::ContentSource = &store;
    let _ = (reader::read_config::<Plugin>(source, "tag")?, found, store.ingest()?);
    let _ = (store.resolve("tag")?, store.tag(digest, "tag")?, store.list_tags()?);
    let _ = (store.delete_tag("tag")?, store.delete_build("tag")?, store.root());
    Ok(())
}

async fn registries(
    store: &store::Store,
    digest: &Digest,
    reference: &str,
    environment: &Environment,
) -> Result<()> {
    let source = CredentialStore::discover(environment);
    let registry = registry::Registry::builder().plain_http().credential_store(source).build()?;
    registry.push(store, digest, reference, &PushOptions::default()).await?;
    let client: &dyn RegistryClient = &registry;
    client.pull(store, reference, &PullOptions::default()).await.map(drop)
}

fn errors(error: &Error) -> bool {
    error.kind() == ErrorKind::InvalidDir
        || matches!(
            error.kind(),
            ErrorKind::ManifestMissing
                | ErrorKind::InvalidManifest
                | ErrorKind::TooManyFiles
                | ErrorKind::TooLarge
                | ErrorKind::InvalidFile
        )
}

fn primitives(observer: &dyn Observer, text: &str) -> Result<()> {
    let _ = (extract::<Plugin>, layer::write::<Vec<u8>>, observer.is_cancelled());
    let _ = (tar::Writer::<Vec<u8>>::new, tar::Reader::<&[u8]>::new);
    let _ = (gzip::Writer::<Vec<u8>>::new, gzip::Reader::<&[u8]>::new);
    let _ = (platform::to_text(&platform::parse(text)?), platform::defaults());
    let _ = (Os::Linux, Arch::Amd64, Arch::ARM64);
    let limits = content::Limits::default();
    content::check_descriptor(&Descriptor::new("a/b", 1, Digest::Sha256([0; 32])), &limits)?;
    let _ = (content::read_index(b"", &limits)?, content::read_manifest(b"", &limits)?);
    let _ = (MAX_MEMBER_SIZE, MAX_LAYER_SIZE, MAX_MANIFEST_SIZE, MAX_BLOB_SIZE);
    Ok(())
}

#[test]
fn every_rust_name_of_the_table_exists() {
    let _ = (packaging, metadata, stores, registries, errors, primitives);
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/migrating.md");
    let page = std::fs::read_to_string(page).expect("the page can be read");
    let here = words(include_str!("migrating.rs"));
    let mut seen = 0;
    for row in page.lines().filter(|line| line.starts_with("| ")) {
        let rust = row.split('|').nth(2).expect("a table of two columns");
        for word in rust.split('`').skip(1).step_by(2).flat_map(words) {
            let is_known = here.contains(&word) || ELSEWHERE.contains(&word);
            assert!(is_known, "`{word}` of the row {row}");
            seen += 1;
        }
    }
    assert!(seen > 100, "only {seen} names: are they looked for in the right way?");
}

#[test]
fn everything_that_the_go_packages_export_is_in_the_table() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/migrating.md");
    let page = std::fs::read_to_string(page).expect("the page can be read");
    let go = page.lines().filter_map(|line| line.strip_prefix("| ")?.split('|').next());
    let there: Vec<&str> = go.flat_map(words).collect();
    for name in EXPORTED.split_whitespace() {
        assert!(there.contains(&name), "{name}");
    }
}

/// The words of a text that can be names.
fn words(text: &str) -> Vec<&str> {
    let is_sign = |c: char| !c.is_alphanumeric() && c != '_';
    text.split(is_sign).filter(|word| !word.is_empty()).collect()
}
