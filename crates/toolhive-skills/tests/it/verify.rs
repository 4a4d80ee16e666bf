// SPDX-License-Identifier: Apache-2.0
//! Tests of `verify`. The plugins' tests have the rest.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use oci_artifact::Digest;
use oci_artifact::Encoder;
use oci_artifact::store::{Origin, Store};
use tempfile::TempDir;
use test_support::vectors::{Expect, load, materialise};
use toolhive_skills::traits::PackageOptions;
use toolhive_skills::verify::{Difference, Verdict, verify};
use toolhive_skills::{Packager, Skill};

#[test]
fn verify_every_vector_is_exactly_what_its_directory_makes() {
    let parent = TempDir::new().expect("a temporary directory");
    let store = Store::open(parent.path().join("store")).expect("opens");
    for (number, vector) in load("skill").iter().enumerate() {
        // The largest are slow, and no different here.
        if matches!(&vector.expect, Expect::Error { .. }) || vector.name.starts_with("size-") {
            continue;
        }
        let path = parent.path().join(format!("v{number}"));
        materialise(vector, &path);
        let packager = Packager::new(store.clone());
        let made = packager.package_blocking(&path, &PackageOptions::default(), &());
        let Ok(result) = made else { continue };
        let found = verify::<Skill>(&store, &result.index_digest.to_string(), &path, &())
            .expect("compares");
        assert_eq!(found.verdict.without_more(), Verdict::Exact, "{}", vector.name);
        // VB-5: what was left out, and nothing else, is more.
        assert_eq!(found.verdict == Verdict::Exact, found.more.is_empty(), "{}", vector.name);
        fs::remove_dir_all(&path).expect("removed");
    }
}

#[test]
fn verify_mode_2_a_skill_has_no_modes() {
    let parent = TempDir::new().expect("a temporary directory");
    let store = Store::open(parent.path().join("store")).expect("opens");
    let skill = parent.path().join("s");
    fs::create_dir(&skill).expect("a directory");
    fs::write(skill.join("SKILL.md"), "---\nname: s\n---\n").expect("a file");
    fs::write(skill.join("run.sh"), "#!/bin/sh\n").expect("a file");
    let packager = Packager::new(store.clone());
    packager.package_blocking(&skill, &PackageOptions::default(), &()).expect("packages");
    let executable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(skill.join("run.sh"), executable).expect("set");
    let found = verify::<Skill>(&store, "s", &skill, &()).expect("compares");
    assert_eq!(found.verdict, Verdict::Exact);
}

/// The reference's skills of a caller that gave no epoch: documents of the year 1, a layer of 1970.
#[test]
fn verify_ep_3_the_year_1_of_the_reference() {
    let parent = TempDir::new().expect("a temporary directory");
    let store = Store::open(parent.path().join("store")).expect("opens");
    let skill = parent.path().join("s");
    fs::create_dir(&skill).expect("a directory");
    fs::write(skill.join("SKILL.md"), "---\nname: s\n---\n").expect("a file");
    let packager = Packager::new(store.clone());
    let made = packager.package_blocking(&skill, &PackageOptions::default(), &());
    let result = made.expect("packages");

    let ingest = store.ingest().expect("begins");
    let year_1 = |digest: &Digest| {
        let text = String::from_utf8(store.get_blob(digest).expect("is there")).expect("UTF-8");
        text.replace("1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z")
    };
    let mut index = year_1(&result.index_digest);
    for manifest in store.get_index(&result.index_digest).expect("an index").manifests() {
        let digest = manifest.digest().try_into().expect("is known");
        let mut text = year_1(&digest);
        let parsed: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let old = parsed["config"]["digest"].as_str().expect("text");
        let config = year_1(&old.parse().expect("a digest"));
        let config = ingest.put_blob(config.as_bytes()).expect("stored");
        text = text.replace(old, &config.to_string());
        let stored = ingest.put_manifest(text.as_bytes()).expect("stored");
        index = index.replace(&digest.to_string(), &stored.to_string());
    }
    let index = ingest.put_manifest(index.as_bytes()).expect("stored");
    ingest.tag(&index, "year-1", Origin::Remote).expect("a tag");
    ingest.commit().expect("commits");

    let found = verify::<Skill>(&store, "year-1", &skill, &()).expect("compares");
    assert_eq!(found.verdict, Verdict::Exact);
    fs::write(skill.join("more.md"), "x").expect("a file");
    let found = verify::<Skill>(&store, "year-1", &skill, &()).expect("compares");
    assert_eq!(found.verdict, Verdict::Different);
    assert!(matches!(found.differences.as_slice(), [Difference::File(_)]));
}

/// Texts from `!!binary` need not be UTF-8 (FM-20).
#[test]
fn verify_finds_the_json_of_go_1_27_too_g27_3() {
    let parent = TempDir::new().expect("a temporary directory");
    let store = Store::open(parent.path().join("store")).expect("opens");
    let skill = parent.path().join("s");
    fs::create_dir(&skill).expect("a directory");
    // 61 80 ff.
    let text = "---\nname: s\ndescription: !!binary YYD/\n---\n";
    fs::write(skill.join("SKILL.md"), text).expect("a file");
    let packager = Packager::new(store.clone());
    for (encoder, description) in
        [(Encoder::Go126, r"a\ufffd\ufffd"), (Encoder::Go127, "a\u{fffd}\u{fffd}")]
    {
        let mut options = PackageOptions::default();
        options.encoder = encoder;
        let made = packager.package_blocking(&skill, &options, &()).expect("packages");
        let config = store.get_blob(&made.config_digest).expect("is there");
        let config = String::from_utf8(config.to_vec()).expect("UTF-8");
        let label = format!("\"dev.toolhive.skills.description\":\"{description}\"");
        assert!(config.contains(&label), "{encoder}: {config}");
        let found =
            verify::<Skill>(&store, &made.index_digest.to_string(), &skill, &()).expect("compares");
        assert_eq!((found.verdict, found.encoder), (Verdict::Exact, Some(encoder)));
    }
}
