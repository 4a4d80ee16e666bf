// SPDX-License-Identifier: Apache-2.0
//! Under which paths a plugin is taken.

use std::fs;
use std::path::{Path, PathBuf};

use toolhive_plugins::Packager;
use toolhive_plugins::traits::PackageOptions;

use crate::place::Place;

#[test]
fn a_relative_path_gives_what_the_absolute_one_gives_pd_1_bug_07() {
    let place = Place::new();
    let plugin = place.path("hello");
    fs::create_dir_all(plugin.join(".claude-plugin")).expect("a directory");
    fs::write(plugin.join(".claude-plugin/plugin.json"), r#"{"name":"hello"}"#).expect("a file");
    // From where the test runs up to the root, and down again.
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).canonicalize().expect("is there");
    let up: PathBuf = here.components().skip(1).map(|_| "..").collect();
    let down = plugin.canonicalize().expect("is there");
    let relative = up.join(down.strip_prefix("/").expect("is absolute"));
    assert!(relative.is_relative());
    let packager = Packager::new(place.store.clone());
    let [one, other] = [relative, plugin].map(|path| {
        packager.package_blocking(path, &PackageOptions::default(), &()).expect("packages")
    });
    assert_eq!(one.index_digest, other.index_digest);
}
