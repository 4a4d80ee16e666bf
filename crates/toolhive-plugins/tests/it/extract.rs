// SPDX-License-Identifier: Apache-2.0
//! Layer to directory (format.md, 11; issue of the store).

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use oci_artifact::extract::{Existing, ExtractOptions, extract};
use oci_artifact::observer::Observer;
use oci_artifact::store::Origin;
use oci_artifact::{Error, ErrorKind, digest, gzip, media_type, reader};
use toolhive_plugins::media_types::ARTIFACT_TYPE_PLUGIN;
use toolhive_plugins::traits::PackageOptions;
use toolhive_plugins::{Packager, Plugin};

use crate::place::Place;

impl Place {
    /// Packages a plugin with these files, under that tag.
    fn package(&self, tag: &str, files: &[(&str, &str, u32)]) {
        let plugin = self.path(&format!("source-{tag}"));
        let manifest = (".claude-plugin/plugin.json", r#"{"name":"x"}"#, 0o644);
        for (name, text, mode) in files.iter().chain([&manifest]) {
            let path = plugin.join(name);
            fs::create_dir_all(path.parent().expect("has one")).expect("a directory");
            fs::write(&path, text).expect("a file");
            fs::set_permissions(&path, fs::Permissions::from_mode(*mode)).expect("set");
        }
        let mut options = PackageOptions::default();
        options.tags.push(tag.to_owned());
        let packager = Packager::new(self.store.clone());
        packager.package_blocking(&plugin, &options, &()).expect("packages");
    }

    /// Stores an artifact of that archive, whatever it is, as `hostile`.
    fn hostile(&self, archive: &[u8]) {
        self.hostile_with(archive, &digest::sha256(archive).to_string());
    }

    fn hostile_with(&self, archive: &[u8], diff_id: &str) {
        let mut layer = gzip::Writer::new(Vec::new(), 0).expect("begins");
        layer.write_all(archive).expect("compresses");
        let layer = layer.finish().expect("ends");
        let config = format!(
            r#"{{"architecture":"amd64","os":"linux","rootfs":{{"type":"layers","diff_ids":["{diff_id}"]}}}}"#
        );
        let descriptor = |media_type: &str, bytes: &[u8]| {
            let (digest, size) = (digest::sha256(bytes), bytes.len());
            format!(r#"{{"mediaType":"{media_type}","digest":"{digest}","size":{size}}}"#)
        };
        let (own, kind) = (media_type::IMAGE_MANIFEST, ARTIFACT_TYPE_PLUGIN);
        let config_descriptor = descriptor(media_type::IMAGE_CONFIG, config.as_bytes());
        let layer_descriptor = descriptor(media_type::IMAGE_LAYER_GZIP, &layer);
        let manifest = format!(
            r#"{{"schemaVersion":2,"mediaType":"{own}","artifactType":"{kind}","config":{config_descriptor},"layers":[{layer_descriptor}]}}"#
        );
        let ingest = self.store.ingest().expect("begins");
        ingest.put_blob(config.as_bytes()).expect("stored");
        ingest.put_blob(&layer).expect("stored");
        let digest = ingest.put_manifest(manifest.as_bytes()).expect("stored");
        ingest.tag(&digest, "hostile", Origin::Remote).expect("a tag");
        ingest.commit().expect("commits");
    }

    fn extract(&self, tag: &str, name: &str, existing: Existing) -> Result<usize, Error> {
        self.watched(tag, name, existing, &())
    }

    fn watched(
        &self,
        tag: &str,
        name: &str,
        existing: Existing,
        observer: &dyn Observer,
    ) -> Result<usize, Error> {
        let stored = reader::read::<Plugin>(&self.store, tag)?;
        let mut options = ExtractOptions::default();
        options.existing = existing;
        let extracted =
            extract::<Plugin>(&self.store, &stored, &self.path(name), &options, observer)?;
        assert!(extracted.left.is_none(), "{:?}", extracted.left);
        Ok(extracted.files)
    }

    /// Returns the names beside the store: nothing may be left behind.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.root.path()).expect("reads").map(|e| e.expect("an entry"));
        let mut names: Vec<_> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.retain(|name| name != "store" && !name.starts_with("source-"));
        names.sort();
        names
    }
}

/// Every file below a directory: its text and mode.
fn tree(root: &Path) -> BTreeMap<String, (String, u32)> {
    let mut found = BTreeMap::new();
    let mut todo = vec![root.to_owned()];
    while let Some(directory) = todo.pop() {
        for entry in fs::read_dir(directory).expect("reads").map(|e| e.expect("an entry")) {
            let path = entry.path();
            if path.is_dir() {
                todo.push(path);
                continue;
            }
            let mode = entry.metadata().expect("has").permissions().mode() & 0o777;
            let name = path.strip_prefix(root).expect("below").to_string_lossy().into_owned();
            found.insert(name, (fs::read_to_string(path).expect("reads"), mode));
        }
    }
    found
}

fn kind(result: Result<usize, Error>) -> ErrorKind {
    result.expect_err("has to fail").kind()
}

#[test]
fn a_tree_comes_back_as_it_was_packaged() {
    let place = Place::new();
    place.package("a", &[("bin/run.sh", "echo", 0o755), ("b/c/d.txt", "text", 0o644)]);
    assert_eq!(place.extract("a", "out", Existing::Keep).expect("extracts"), 3);
    assert_eq!(tree(&place.path("out")), tree(&place.path("source-a")));
    let mode = |name| fs::metadata(place.path(name)).expect("has").permissions().mode() & 0o777;
    assert_eq!((mode("out"), mode("out/b/c")), (0o755, 0o755), "under the usual umask");
    assert_eq!(place.names(), ["out"]);
}

#[test]
fn what_is_there_is_kept_or_replaced_whole() {
    let place = Place::new();
    place.package("a", &[("only-a", "a", 0o644), ("both", "a", 0o644)]);
    place.package("b", &[("only-b", "b", 0o644), ("both", "b", 0o644)]);
    fs::create_dir(place.path("out")).expect("a directory");
    place.extract("a", "out", Existing::Keep).expect("an empty directory is no obstacle");
    assert_eq!(kind(place.extract("b", "out", Existing::Keep)), ErrorKind::AlreadyExists);
    assert_eq!(tree(&place.path("out")), tree(&place.path("source-a")));
    place.extract("b", "out", Existing::Replace).expect("replaces");
    assert_eq!(tree(&place.path("out")), tree(&place.path("source-b")));
    assert_eq!(place.names(), ["out"]);
}

#[test]
fn only_directories_are_replaced() {
    let place = Place::new();
    place.package("a", &[]);
    fs::write(place.path("file"), "x").expect("a file");
    fs::create_dir(place.path("real")).expect("a directory");
    symlink("real", place.path("link")).expect("a link");
    for name in ["file", "link", "file/out"] {
        assert_eq!(kind(place.extract("a", name, Existing::Replace)), ErrorKind::InvalidDir);
    }
    assert_eq!(place.names(), ["file", "link", "real"]);
    assert!(tree(&place.path("real")).is_empty());
}

/// An archive of one member with that raw name and type.
fn member(name: &[u8], kind: tar::EntryType, link: &str) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name);
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_size(0);
    if !link.is_empty() {
        header.set_link_name_literal(link).expect("fits");
    }
    header.set_cksum();
    let mut archive = header.as_bytes().to_vec();
    archive.resize(2_048, 0);
    archive
}

#[test]
fn nothing_is_written_outside_ex_13_ex_15() {
    use tar::EntryType;
    let hostile = [
        member(b"../evil", EntryType::Regular, ""),
        member(b"/tmp/evil", EntryType::Regular, ""),
        member(b"a/../../evil", EntryType::Regular, ""),
        member(b"..\\evil", EntryType::Regular, ""),
        member(b"link", EntryType::Symlink, "/etc"),
        member(b"link", EntryType::Link, "../store/index.json"),
        member(b"device", EntryType::Char, ""),
        member(b"fifo", EntryType::Fifo, ""),
        [&member(b"a", EntryType::Regular, "")[..512], &member(b"a/b", EntryType::Regular, "")]
            .concat(),
        b"no archive at all".repeat(100),
    ];
    for archive in hostile {
        let place = Place::new();
        place.hostile(&archive);
        let found = kind(place.extract("hostile", "out", Existing::Keep));
        assert_eq!(found, ErrorKind::InvalidArchive);
        assert_eq!(place.names(), [""; 0], "neither the destination nor anything else");
    }
}

#[test]
fn damage_leaves_the_old_tree_as_it_was() {
    let place = Place::new();
    place.package("a", &[("file", "a", 0o644)]);
    place.extract("a", "out", Existing::Keep).expect("extracts");
    let archive = member(b"file", tar::EntryType::Regular, "");
    place.hostile_with(&archive, &digest::sha256(b"something else").to_string());
    let found = kind(place.extract("hostile", "out", Existing::Replace));
    assert_eq!(found, ErrorKind::DigestMismatch, "the diff ID is compared");

    place.package("b", &[("file", &"b".repeat(5_000), 0o644)]);
    let layer = reader::read::<Plugin>(&place.store, "b").expect("reads").layer;
    let blob = place.path("store/blobs/sha256").join(layer.digest.hex());
    let mut bytes = fs::read(&blob).expect("reads");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::remove_file(&blob).expect("removed");
    fs::write(&blob, bytes).expect("written");
    place.extract("b", "out", Existing::Replace).expect_err("LS-8: the layer is damaged");
    assert_eq!(tree(&place.path("out")), tree(&place.path("source-a")));
    assert_eq!(place.names(), ["out"]);
}

#[test]
fn limits_are_parameters() {
    let place = Place::new();
    place.package("a", &[("file", "a", 0o644), ("other", "b", 0o644)]);
    let stored = reader::read::<Plugin>(&place.store, "a").expect("reads");
    let with = |change: fn(&mut ExtractOptions)| {
        let mut options = ExtractOptions::default();
        change(&mut options);
        let out = place.path("out");
        let extracted = extract::<Plugin>(&place.store, &stored, &out, &options, &());
        kind(extracted.map(|extracted| extracted.files))
    };
    assert_eq!(with(|options| options.layer_size = 1_000), ErrorKind::TooLarge);
    assert_eq!(with(|options| options.members.members = 2), ErrorKind::TooManyFiles);
    assert_eq!(with(|options| options.members.member_size = 0), ErrorKind::TooLarge);
    assert_eq!(place.names(), [""; 0]);
}

#[test]
fn a_cancelled_extraction_leaves_nothing() {
    struct Cancel;
    impl Observer for Cancel {
        fn is_cancelled(&self) -> bool {
            true
        }
    }
    let place = Place::new();
    place.package("a", &[("file", "a", 0o644)]);
    let found = place.watched("a", "out", Existing::Keep, &Cancel);
    assert_eq!(kind(found), ErrorKind::Cancelled);
    assert_eq!(place.names(), [""; 0]);
}
