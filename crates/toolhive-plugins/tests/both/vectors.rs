// SPDX-License-Identifier: Apache-2.0
//! All vectors of one kind, byte for byte, but for what we decided otherwise. Plugins and skills, what
//! is [`crate::twin`] here, share these tests.

use std::io;
use std::path::Path;

use oci_artifact::digest::Hashing;
use oci_artifact::packager::{Artifact, assemble};
use oci_artifact::{Encoder, Epoch, platform};
use oci_spec::image::ImageConfiguration;
use test_support::vectors::{
    self, Expect, Vector, check_all, check_probes, load, load_go127, materialise,
};

use crate::twin::store::Store;
use crate::twin::traits::{Modes, PackageOptions};
use crate::twin::verify::{Verdict, verify};
use crate::twin::{CONFIGS, Config, DEVIATIONS, Kind, NAME, PROBES, Packager, VERIFIED, kept};

/// The options of a vector; the class of the error where they cannot be had.
fn options<E>(vector: &Vector<E>) -> Result<PackageOptions, String> {
    let mut options = PackageOptions::default();
    options.epoch =
        Epoch::parse(&vector.epoch.to_string()).map_err(|error| error.kind().to_string())?;
    let platforms = vector.platforms.iter().map(|text| platform::parse(text));
    // The command's word for an option that cannot be taken.
    options.platforms = platforms.collect::<Result<_, _>>().map_err(|_| "usage".to_owned())?;
    options.modes = if vector.modes == "verbatim" { Modes::Verbatim } else { Modes::Git };
    Ok(options)
}

fn package<E>(vector: &Vector<E>, path: &Path) -> Result<vectors::Artifact, String> {
    package_with(Encoder::default(), vector, path)
}

fn package_with<E>(
    encoder: Encoder,
    vector: &Vector<E>,
    path: &Path,
) -> Result<vectors::Artifact, String> {
    let mut options = options(vector)?;
    options.encoder = encoder;
    let sink = Hashing::new(io::sink());
    let Artifact { layer, layer_blob, images, index, config, .. } =
        assemble::<Kind>(path, &options, sink, &()).map_err(|error| error.kind().to_string())?;
    let first = images.into_iter().next().expect("there is a platform");
    let text = |bytes| String::from_utf8(bytes).ok();
    Ok(vectors::Artifact {
        index_digest: index.blob.digest.to_string(),
        manifest_digest: first.manifest.blob.digest.to_string(),
        config_digest: first.config.blob.digest.to_string(),
        layer_digest: layer_blob.digest.to_string(),
        diff_id: layer.diff_id.to_string(),
        layer_size: layer_blob.size,
        tar_size: layer.archive_size,
        config: serde_json::to_value(config).expect("is JSON"),
        config_json: text(first.config.bytes),
        manifest_json: text(first.manifest.bytes),
        index_json: text(index.bytes),
    })
}

#[test]
fn every_vector_gives_what_the_reference_made_of_it() {
    check_all(&load(NAME), DEVIATIONS, package);
}

#[test]
fn every_vector_gives_what_the_reference_made_of_it_with_go_1_27_g27_4() {
    check_all(&load_go127(NAME), DEVIATIONS, |vector, path| {
        package_with(Encoder::Go127, vector, path)
    });
}

#[test]
fn every_artifact_of_go_1_27_is_verified_to_the_last_byte_e_29() {
    let parent = tempfile::tempdir().expect("a directory can be made");
    let store = Store::open(parent.path().join("store")).expect("can be opened");
    let mut verified = 0;
    for (number, vector) in load_go127(NAME).iter().enumerate() {
        let path = parent.path().join(format!("v{number}"));
        let (Expect::Artifact(expected), Ok(mut options)) = (&vector.expect, options(vector))
        else {
            continue;
        };
        materialise(vector, &path);
        options.encoder = Encoder::Go127;
        let packager = Packager::new(store.clone());
        if let Ok(made) = packager.package_blocking(&path, &options, &()) {
            assert_eq!(made.index_digest.to_string(), expected.index_digest, "{}", vector.name);
            let found =
                verify::<Kind>(&store, &expected.index_digest, &path, &()).expect("compares");
            // Some directories have more than an artifact can have.
            let is_exact = matches!(found.verdict, Verdict::Exact | Verdict::ExactAndMore);
            assert!(is_exact, "{}: {:?}", vector.name, found.verdict);
            assert_eq!(found.encoder, Some(Encoder::Go127), "{}", vector.name);
            verified += 1;
        }
        std::fs::remove_dir_all(&path).expect("can be removed");
    }
    assert_eq!(verified, VERIFIED);
}

#[test]
fn every_probe_gives_what_its_rule_says() {
    assert_eq!(check_probes(NAME, package), PROBES);
}

#[test]
fn the_references_configs_come_back_cx_7() {
    let mut read = 0;
    for vector in load(NAME) {
        let Expect::Artifact(artifact) = &vector.expect else { continue };
        let Some(image) = &artifact.config_json else { continue };
        let config = Config::from_image_config_bytes(image.as_bytes());
        let config = config.unwrap_or_else(|error| panic!("{}: {error}", vector.name));
        let same = ImageConfiguration::from_reader(image.as_bytes()).expect("is a config");
        assert_eq!(Config::from_image_config(&same).expect("is whole"), config);
        // CX-8: the JSON form is that of the reference.
        let packed: Config = serde_json::from_value(artifact.config.clone()).expect("is one");
        assert_eq!(serde_json::json!(packed), artifact.config, "{}", vector.name);
        assert_eq!(serde_json::json!(config), serde_json::json!(kept(packed)), "{}", vector.name);
        read += 1;
    }
    assert_eq!(read, CONFIGS);
}

#[test]
fn a_store_has_what_was_packaged_and_its_config_reads_as_it_was() {
    let parent = tempfile::tempdir().expect("a directory can be made");
    let packager = |name: &str| {
        let store = Store::open(parent.path().join(name)).expect("can be opened");
        Packager::new(store)
    };
    for vector in load(NAME).iter().filter(|vector| vector.name.starts_with("random-")) {
        let path = parent.path().join(&vector.name);
        materialise(vector, &path);
        let made = package(vector, &path).expect("is accepted");
        let store_name = format!("store-{}", vector.name);
        let result = packager(&store_name)
            .package_blocking(&path, &options(vector).expect("they are good"), &())
            .expect("can be packaged");
        assert_eq!(result.index_digest.to_string(), made.index_digest, "{}", vector.name);
        assert_eq!(result.diff_id.to_string(), made.diff_id, "{}", vector.name);

        let store = Store::open(parent.path().join(&store_name)).expect("can be opened again");
        let tagged = store.resolve(&result.reference()).expect("is tagged");
        assert_eq!(tagged.digest, result.index_digest, "{}", vector.name);
        let image = store.get_blob(&result.config_digest).expect("is stored");
        let config = Config::from_image_config_bytes(&image).expect("reads");
        assert_eq!(config, result.config, "{}", vector.name);
    }
}
