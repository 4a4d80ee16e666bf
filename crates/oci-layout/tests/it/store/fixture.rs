// SPDX-License-Identifier: Apache-2.0
//! Small builds in stores of their own.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use oci_layout::document::Document;
use oci_layout::json::Writer;
use oci_layout::store::{Ingest, Origin, Store};
use oci_layout::{Digest, Error, Result};
use tempfile::TempDir;

/// A new store, and the directory that ends with it.
pub(super) fn empty() -> (TempDir, Store) {
    let dir = TempDir::new().expect("a directory");
    let store = Store::open(dir.path().join("store")).expect("opens");
    (dir, store)
}

/// A copy of a store that the Go code wrote, with the modes that it gave.
pub(super) fn go_store(name: &str) -> (TempDir, PathBuf) {
    let dir = TempDir::new().expect("a directory");
    let root = dir.path().join(name);
    copy(&test_support::testdata("go-stores").join(name), &root);
    for blob in fs::read_dir(root.join("blobs/sha256")).expect("blobs") {
        let path = blob.expect("a blob").path();
        set_mode(&path, 0o444);
    }
    (dir, root)
}

/// Gives a file that mode, where files have one.
pub(super) fn set_mode(path: &Path, mode: u32) {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).expect("chmod");
    #[cfg(not(unix))]
    let _ = (path, mode);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("mkdir");
    for entry in fs::read_dir(from).expect("a directory").map(|entry| entry.expect("an entry")) {
        let to = to.join(entry.file_name());
        match entry.path() {
            path if path.is_dir() => copy(&path, &to),
            path => drop(fs::copy(path, to).expect("copies")),
        }
    }
}

/// The content that a build put into a store.
#[derive(Clone, Debug)]
pub(super) struct Build {
    pub(super) index: Digest,
    pub(super) manifests: Vec<Digest>,
    pub(super) layer: Digest,
    /// All of its blobs.
    pub(super) blobs: Vec<Digest>,
}

/// A build for two platforms of a layer with that text: six blobs. Configs and manifests depend on
/// `name` too.
pub(super) fn put(ingest: &Ingest, name: &str, layer: &str) -> Build {
    try_put(ingest, name, layer).expect("puts")
}

/// Writes a build, which may fail.
pub(super) fn try_put(ingest: &Ingest, name: &str, layer: &str) -> Result<Build> {
    let mut blobs = Vec::new();
    let mut add = |bytes: &[u8]| {
        let digest = ingest.put_blob(bytes)?;
        blobs.push(digest);
        Ok::<_, Error>((digest, bytes.len()))
    };
    let layer = add(layer.as_bytes())?;
    let mut manifests = Vec::new();
    for architecture in ["amd64", "arm64"] {
        let config = add(&document(|json| {
            json.key("name").string(name);
            json.key("architecture").string(architecture);
        }))?;
        manifests.push(add(&document(|json| {
            json.key("schemaVersion").integer(2);
            json.key("mediaType").string(MANIFEST);
            json.key("config");
            descriptor(json, "application/vnd.oci.image.config.v1+json", &config);
            json.key("layers").array(|json| {
                descriptor(json, "application/vnd.oci.image.layer.v1.tar+gzip", &layer);
            });
        }))?);
    }
    let index = add(&document(|json| {
        json.key("schemaVersion").integer(2);
        json.key("mediaType").string(INDEX);
        json.key("manifests").array(|json| {
            manifests.iter().for_each(|manifest| descriptor(json, MANIFEST, manifest));
        });
    }))?;
    let manifests = manifests.into_iter().map(|(digest, _)| digest).collect();
    Ok(Build { index: index.0, manifests, layer: layer.0, blobs })
}

/// A build under that tag, committed.
pub(super) fn build(store: &Store, tag: &str) -> Build {
    build_with_layer(store, tag, &format!("the layer of {tag}"))
}

/// Writes a build with that layer.
pub(super) fn build_with_layer(store: &Store, tag: &str, layer: &str) -> Build {
    let ingest = store.ingest().expect("starts");
    let build = put(&ingest, tag, layer);
    ingest.tag(&build.index, tag, Origin::LocalBuild).expect("a tag");
    ingest.commit().expect("commits");
    build
}

pub(super) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(super) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

pub(super) fn document(members: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut json = Writer::new();
    json.object(members);
    json.into_bytes()
}

pub(super) fn descriptor(json: &mut Writer, media_type: &str, (digest, size): &(Digest, usize)) {
    json.object(|json| {
        json.key("mediaType").string(media_type);
        json.key("digest").string(digest.to_string());
        json.key("size").integer(i128::try_from(*size).expect("small"));
    });
}

/// The path of a blob.
pub(super) fn path(store: &Store, digest: &Digest) -> PathBuf {
    store.root().join("blobs").join(digest.algorithm().as_str()).join(digest.hex())
}

/// Returns the number of blobs of a store.
pub(super) fn count(store: &Store) -> usize {
    fs::read_dir(store.root().join("blobs/sha256")).map_or(0, Iterator::count)
}

/// Returns the number of entries in the directory of ingests.
pub(super) fn leftovers(store: &Store) -> usize {
    fs::read_dir(store.root().join("ingest")).map_or(0, Iterator::count)
}

pub(super) fn index_text(store: &Store) -> String {
    fs::read_to_string(store.root().join("index.json")).expect("an index file")
}

#[expect(clippy::disallowed_methods, reason = "tests have a clock")]
pub(super) fn now() -> SystemTime {
    SystemTime::now()
}

/// Sets the time of a file's last change.
pub(super) fn set_time(file: &Path, time: SystemTime) {
    // Windows wants the right to write for that; elsewhere a blob gives it to nobody.
    let file = fs::File::options().read(true).write(cfg!(windows)).open(file).expect("opens");
    file.set_modified(time).expect("sets");
}

/// Reads a build with all that it has.
pub(super) fn complete(store: &Store, index: &Digest) -> oci_layout::Result<()> {
    for manifest in store.get_index(index)?.manifests() {
        let manifest = store.get_manifest(&manifest.digest().try_into()?)?;
        for part in Document::parse(&manifest, None)?.children() {
            store.get_blob(&part.digest)?;
        }
    }
    Ok(())
}

/// A text from the environment.
#[expect(clippy::disallowed_methods, reason = "a process is told so")]
pub(super) fn text(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
