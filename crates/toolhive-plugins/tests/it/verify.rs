// SPDX-License-Identifier: Apache-2.0
//! Tests of `verify` (cli.md, verdicts of `verify`). Against the golden vectors, stores that the Go code wrote, and
//! artifacts that were compressed or written by others.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use oci_artifact::comparison::{Aspect, Change, FileChange};
use oci_artifact::extract::{ExtractOptions, extract};
use oci_artifact::store::{Origin, Store};
use oci_artifact::{Digest, Epoch, ErrorKind, platform, reader};
use test_support::vectors::{Expect, load, materialise};
use toolhive_plugins::traits::{Modes, PackageOptions, PackageResult};
use toolhive_plugins::verify::{Difference, Field, Part, Verdict, Verification, verify};
use toolhive_plugins::{Packager, Plugin};

use crate::place::Place;

impl Place {
    /// A plugin with a hook script and some more.
    fn plugin(&self) -> PathBuf {
        let plugin = self.path("source");
        write(&plugin, ".claude-plugin/plugin.json", r#"{"name":"x","version":"1"}"#, 0o644);
        write(&plugin, "hooks/run.sh", "#!/bin/sh\n", 0o755);
        write(&plugin, "agents/a.md", "---\nname: a\n---\n", 0o644);
        plugin
    }

    fn build(&self, path: &Path, options: &PackageOptions) -> PackageResult {
        let packager = Packager::new(self.store.clone());
        packager.package_blocking(path, options, &()).expect("packages")
    }

    fn verify(&self, reference: &str, path: &Path) -> Verification {
        verify::<Plugin>(&self.store, reference, path, &()).expect("can be compared")
    }

    /// Stores an artifact again, its documents as `edit` leaves them, with its layer compressed by
    /// another program.
    fn rewrite(&self, index: &Digest, edit: impl Fn(&str, String) -> String) -> Digest {
        let ingest = self.store.ingest().expect("begins");
        let mut text = self.text(index);
        for manifest in self.store.get_index(index).expect("an index").manifests() {
            let manifest_digest = manifest.digest().try_into().expect("is known");
            let manifest_text = self.text(&manifest_digest);
            let parsed: serde_json::Value = serde_json::from_str(&manifest_text).expect("JSON");
            let mut new = manifest_text.clone();
            let old_layer = digest(&parsed["layers"][0]);
            let mut archive = Vec::new();
            let layer = self.store.get_blob(&old_layer).expect("is there");
            flate2::read::GzDecoder::new(&*layer).read_to_end(&mut archive).expect("gzip");
            let level = flate2::Compression::fast();
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
            encoder.write_all(&archive).expect("compresses");
            let layer = encoder.finish().expect("ends");
            new = replace(&new, &parsed["layers"][0], &ingest.put_blob(&layer), layer.len());
            let config = edit("config", self.text(&digest(&parsed["config"])));
            let stored = ingest.put_blob(config.as_bytes());
            new = replace(&new, &parsed["config"], &stored, config.len());
            new = edit("manifest", new);
            let stored = ingest.put_manifest(new.as_bytes()).expect("stored");
            let size = format!("\"size\":{}", manifest_text.len());
            text = text.replace(&manifest_digest.to_string(), &stored.to_string());
            text = text.replace(&size, &format!("\"size\":{}", new.len()));
        }
        let text = edit("index", text);
        let stored = ingest.put_manifest(text.as_bytes()).expect("stored");
        ingest.tag(&stored, "rewritten", Origin::Remote).expect("a tag");
        ingest.commit().expect("commits");
        stored
    }

    fn text(&self, digest: &Digest) -> String {
        String::from_utf8(self.store.get_blob(digest).expect("is there")).expect("UTF-8")
    }
}

fn digest(descriptor: &serde_json::Value) -> Digest {
    descriptor["digest"].as_str().expect("text").parse().expect("a digest")
}

/// A document with another descriptor's digest and size in it.
fn replace(
    text: &str,
    descriptor: &serde_json::Value,
    digest: &oci_artifact::Result<Digest>,
    size: usize,
) -> String {
    let (old, new) = (&descriptor["digest"], digest.as_ref().expect("stored"));
    let old = format!("{old},\"size\":{}", descriptor["size"]);
    text.replace(&old, &format!("\"{new}\",\"size\":{size}"))
}

fn write(root: &Path, name: &str, text: &str, mode: u32) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().expect("has one")).expect("a directory");
    fs::write(&path, text).expect("a file");
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("set");
}

/// Every difference in a word.
fn told(verification: &Verification) -> Vec<String> {
    let word = |difference: &Difference| match difference {
        Difference::File(change) => file(change),
        Difference::Field(Field { part, name, documents, .. }) => {
            format!("{} {name} {}", part.as_str(), documents.join("+"))
        }
        Difference::Archive => "archive".to_owned(),
        Difference::Compression(..) => "compression".to_owned(),
        Difference::Unbuildable(_) => "unbuildable".to_owned(),
        _ => unreachable!("all are known"),
    };
    verification.differences.iter().map(word).collect()
}

fn file(change: &FileChange) -> String {
    let aspects: Vec<_> = change.aspects().into_iter().map(Aspect::as_str).collect();
    let path = change.path();
    format!("{} {path} {}", change.change.as_str(), aspects.join("+")).trim_end().to_owned()
}

#[test]
fn verify_every_vector_is_exactly_what_its_directory_makes() {
    let parent = Place::new();
    for (number, vector) in load("plugin").iter().enumerate() {
        // The largest are slow, and no different here.
        if matches!(&vector.expect, Expect::Error { .. }) || vector.name.starts_with("size-") {
            continue;
        }
        let path = parent.path(&format!("v{number}"));
        materialise(vector, &path);
        let mut options = PackageOptions::default();
        options.epoch = Epoch::parse(&vector.epoch.to_string()).expect("an epoch");
        let platforms = vector.platforms.iter().map(|text| platform::parse(text));
        options.platforms = platforms.map(|parsed| parsed.expect("a platform")).collect();
        options.modes = if vector.modes == "verbatim" { Modes::Verbatim } else { Modes::Git };
        let packager = Packager::new(parent.store.clone());
        // What we refuse and the reference takes is another test's matter.
        let Ok(result) = packager.package_blocking(&path, &options, &()) else { continue };
        let found = parent.verify(&result.index_digest.to_string(), &path);
        let verdict = found.verdict.without_more();
        assert_eq!(verdict, Verdict::Exact, "{}: {:?}", vector.name, told(&found));
        assert!(found.differences.is_empty());
        // VB-5: what was left out, and nothing else, is more.
        assert_eq!(found.verdict == Verdict::Exact, found.more.is_empty(), "{}", vector.name);
        let said = result.warnings.iter().any(|warning| warning.rule == Some("hidden-left-out"));
        assert!(found.more.is_empty() || said || path.join(".git").exists(), "{}", vector.name);
        fs::remove_dir_all(&path).expect("removed");
    }
}

#[test]
fn verify_takes_what_the_go_code_stored() {
    let parent = Place::new();
    for (store, tags) in [("clean", &["alpha", "beta"][..]), ("octet-stream", &["alpha"])] {
        let store = copy(&test_support::testdata("go-stores").join(store), &parent.path(store));
        for tag in tags {
            let path = parent.path(&format!("extracted-{tag}"));
            let stored = reader::read::<Plugin>(&store, tag).expect("reads");
            if !path.exists() {
                extract::<Plugin>(&store, &stored, &path, &ExtractOptions::default(), &())
                    .expect("extracts");
            }
            let found = verify::<Plugin>(&store, tag, &path, &()).expect("can be compared");
            assert_eq!(found.verdict, Verdict::Exact, "{:?}", told(&found));
            write(&path, "more.txt", "x", 0o644);
            let found = verify::<Plugin>(&store, tag, &path, &()).expect("can be compared");
            assert_eq!(found.verdict, Verdict::Different);
            assert_eq!(told(&found), ["added more.txt"]);
            fs::remove_file(path.join("more.txt")).expect("removed");
        }
    }
}

fn copy(from: &Path, to: &Path) -> Store {
    fn tree(from: &Path, to: &Path) {
        fs::create_dir(to).expect("a directory");
        for entry in fs::read_dir(from).expect("lists").flatten() {
            let to = to.join(entry.file_name());
            match entry.path().is_dir() {
                true => tree(&entry.path(), &to),
                false => drop(fs::copy(entry.path(), to).expect("copies")),
            }
        }
    }
    tree(from, to);
    Store::open_existing(to).expect("opens")
}

#[test]
fn verify_takes_times_platforms_and_modes_from_the_artifact() {
    let place = Place::new();
    let plugin = place.plugin();
    write(&plugin, "private.txt", "x", 0o640);
    let mut options = PackageOptions::default();
    options.epoch = Epoch::new(1_700_000_000, 500_000_000).expect("an epoch");
    options.platforms = vec![platform::parse("linux/arm/v7").expect("a platform")];
    options.modes = Modes::Verbatim;
    let result = place.build(&plugin, &options);
    assert_eq!(place.verify(&result.reference(), &plugin).verdict, Verdict::Exact);
    let by_manifest = place.verify(&result.manifest_digest.to_string(), &plugin);
    assert_eq!(by_manifest.verdict, Verdict::Exact);

    // A zone in the times, as a library's caller can have it (EP-8).
    let zoned = |document: &str, text: String| match document {
        "config" => text.replace("22:13:20.5Z", "23:13:20.5+01:00"),
        _ => text.replace("22:13:20Z", "23:13:20+01:00"),
    };
    let zoned = place.rewrite(&result.index_digest, zoned);
    let found = place.verify(&zoned.to_string(), &plugin);
    assert_eq!(found.verdict, Verdict::Content, "{:?}", told(&found));
}

#[test]
fn verify_another_compressor_is_the_same_content() {
    let place = Place::new();
    let plugin = place.plugin();
    let result = place.build(&plugin, &PackageOptions::default());
    let other = place.rewrite(&result.index_digest, |_, text| text);
    assert_ne!(other, result.index_digest);
    let found = place.verify("rewritten", &plugin);
    assert_eq!(found.verdict, Verdict::Content);
    assert_eq!(told(&found), ["compression"]);
    assert_eq!(found.digest, other);

    fs::write(plugin.join("agents/a.md"), "---\nname: b\n---\n").expect("written");
    let found = place.verify("rewritten", &plugin);
    assert_eq!(found.verdict, Verdict::Different);
    assert_eq!(told(&found), ["changed agents/a.md content"]);
}

#[test]
fn verify_finds_a_changed_byte_mode_file_and_kind() {
    let place = Place::new();
    let plugin = place.plugin();
    let result = place.build(&plugin, &PackageOptions::default());
    let told = || {
        let found = place.verify(&result.reference(), &plugin);
        assert_eq!(found.verdict, Verdict::Different);
        told(&found)
    };
    let script = plugin.join("hooks/run.sh");
    write(&plugin, "hooks/run.sh", "#!/bin/sH\n", 0o755);
    assert_eq!(told(), ["changed hooks/run.sh content"]);
    write(&plugin, "hooks/run.sh", "#!/bin/sh\n", 0o644);
    assert_eq!(told(), ["changed hooks/run.sh mode"]);
    write(&plugin, "hooks/run.sh", "other", 0o600);
    assert_eq!(told(), ["changed hooks/run.sh content+mode"]);
    fs::remove_file(&script).expect("removed");
    assert_eq!(told(), ["removed hooks/run.sh"]);
    symlink("elsewhere", &script).expect("a link");
    assert_eq!(told(), ["unbuildable", "changed hooks/run.sh kind"]);
    fs::remove_file(&script).expect("removed");
    write(&plugin, "hooks/run.sh", "#!/bin/sh\n", 0o755);
    write(&plugin, "hooks/new.sh", "", 0o644);
    assert_eq!(told(), ["added hooks/new.sh"]);
    // Git's modes: what else the owner may do does not matter.
    fs::remove_file(plugin.join("hooks/new.sh")).expect("removed");
    write(&plugin, "hooks/run.sh", "#!/bin/sh\n", 0o700);
    assert_eq!(place.verify(&result.reference(), &plugin).verdict, Verdict::Exact);
    // VB-5: what is not packaged is no difference, but more.
    write(&plugin, ".hidden", "is not packaged", 0o644);
    let found = place.verify(&result.reference(), &plugin);
    assert_eq!(found.verdict, Verdict::ExactAndMore);
    assert_eq!(found.more, [b".hidden"]);
    write(&plugin, ".claude-plugin/plugin.json", r#"{"name":"x","version":"#, 0o644);
    assert_eq!(told(), ["unbuildable", "changed .claude-plugin/plugin.json content"]);
}

#[test]
fn verify_finds_other_metadata() {
    let place = Place::new();
    let plugin = place.plugin();
    let result = place.build(&plugin, &PackageOptions::default());
    let told = |edit: &dyn Fn(&str, String) -> String| {
        let stored = place.rewrite(&result.index_digest, edit);
        let found = place.verify(&stored.to_string(), &plugin);
        assert_eq!(found.verdict, Verdict::Different);
        told(&found)
    };
    let both = "config linux/amd64+config linux/arm64";
    let label = "\"dev.toolhive.plugins.version\":\"1\"";
    let in_config = |document: &str, text: String| match document {
        "config" => text.replace(label, "\"dev.toolhive.plugins.version\":\"2\""),
        _ => text,
    };
    assert_eq!(told(&in_config), [format!("label dev.toolhive.plugins.version {both}")]);
    let gone = |document: &str, text: String| match document {
        "config" => text.replace(&format!(",{label}"), ""),
        _ => text,
    };
    assert_eq!(told(&gone), [format!("label dev.toolhive.plugins.version {both}")]);
    let in_index = |document: &str, text: String| match document {
        "index" => text.replace("1970-01-01T00:00:00Z", "1999-01-01T00:00:00Z"),
        _ => text,
    };
    assert_eq!(told(&in_index), ["annotation org.opencontainers.image.created index"]);
    let platform = |document: &str, text: String| match document {
        "config" => text.replace("\"amd64\"", "\"riscv64\""),
        _ => text,
    };
    assert_eq!(told(&platform), ["field /architecture config linux/amd64"]);
    let spaced = |document: &str, text: String| match document {
        "config" => text.replace("\"os\":\"linux\"", "\"os\": \"linux\""),
        _ => text,
    };
    assert_eq!(told(&spaced), [format!("field  {both}")]);
}

#[test]
fn verify_refuses_what_it_cannot_compare() {
    let place = Place::new();
    let plugin = place.plugin();
    let result = place.build(&plugin, &PackageOptions::default());
    let kind = |reference: &str, path: &Path| {
        verify::<Plugin>(&place.store, reference, path, &()).expect_err("is refused").kind()
    };
    assert_eq!(kind("nothing", &plugin), ErrorKind::NotFound);
    assert_eq!(kind("x", &place.path("nowhere")), ErrorKind::InvalidDir);
    assert_eq!(kind("x", &plugin.join("hooks")), ErrorKind::ManifestMissing);
    let wrong = |document: &str, text: String| match document {
        "config" => text.replace(&result.diff_id.to_string(), &result.layer_digest.to_string()),
        _ => text,
    };
    let wrong = place.rewrite(&result.index_digest, wrong);
    assert_eq!(kind(&wrong.to_string(), &plugin), ErrorKind::DigestMismatch);
    let other = |document: &str, text: String| match document {
        "manifest" => text.replace("dev.toolhive.plugins.v1", "dev.toolhive.skills.v1"),
        _ => text,
    };
    let other = place.rewrite(&result.index_digest, other);
    assert_eq!(kind(&other.to_string(), &plugin), ErrorKind::InvalidDocument);
}

#[test]
fn verify_the_same_files_in_another_archive() {
    let place = Place::new();
    let plugin = place.plugin();
    let mut options = PackageOptions::default();
    let result = place.build(&plugin, &options);
    options.epoch = Epoch::from_seconds(1_000);
    let later = place.build(&plugin, &options);
    // The documents say 1970, the archive says later.
    let ingest = place.store.ingest().expect("begins");
    let swap = |text: String| {
        text.replace(&result.diff_id.to_string(), &later.diff_id.to_string())
            .replace(&result.layer_digest.to_string(), &later.layer_digest.to_string())
            .replace(&format!(":{},", result.layer_size), &format!(":{},", later.layer_size))
    };
    let config = swap(place.text(&result.config_digest));
    let config = ingest.put_blob(config.as_bytes()).expect("stored");
    let manifest = swap(place.text(&result.manifest_digest))
        .replace(&result.config_digest.to_string(), &config.to_string());
    let manifest = ingest.put_manifest(manifest.as_bytes()).expect("stored");
    ingest.tag(&manifest, "odd", Origin::Remote).expect("a tag");
    ingest.commit().expect("commits");
    let found = place.verify("odd", &plugin);
    assert_eq!(found.verdict, Verdict::Different);
    assert_eq!(told(&found), ["archive"]);
}

#[test]
fn verify_says_which_values_a_field_has() {
    let place = Place::new();
    let plugin = place.plugin();
    let result = place.build(&plugin, &PackageOptions::default());
    write(&plugin, ".claude-plugin/plugin.json", r#"{"name":"x","version":"2"}"#, 0o644);
    let found = place.verify(&result.reference(), &plugin);
    assert_eq!(found.verdict, Verdict::Different);
    let field = found.differences.iter().find_map(|difference| match difference {
        Difference::Field(field) if field.part == Part::Label => Some(field),
        _ => None,
    });
    let field = field.expect("the label");
    assert_eq!(field.name, "dev.toolhive.plugins.version");
    assert_eq!((field.before.as_deref(), field.after.as_deref()), (Some("1"), Some("2")));
    let change = found.differences.iter().find_map(|difference| match difference {
        Difference::File(change) => Some(change),
        _ => None,
    });
    assert_eq!(change.map(|change| change.change), Some(Change::Changed));
}
