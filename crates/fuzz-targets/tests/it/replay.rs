// SPDX-License-Identifier: Apache-2.0
//! Each target over its corpus; and that a target, its corpus and its binary are there together.

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

/// Makes a test for each target, and the list of their names.
macro_rules! targets {
    ($($target:ident)*) => {
        $(
            #[test]
            fn $target() {
                replay(stringify!($target), fuzz_targets::$target::run);
            }
        )*

        const NAMES: &[&str] = &[$(stringify!($target)),*];
    };
}

targets! {
    reference epoch platform json tar_reader deflate_roundtrip deflate_go127 gunzip image_config
    frontmatter plugin_json surface bundle challenge docker_config document link
    lockfile sigstore_bundle sig_manifest payload policy
}

/// The path below `fuzz/`.
fn fuzz(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz").join(path)
}

/// Runs a target on every file of its corpus.
fn replay(target: &str, run: fn(&[u8])) {
    let mut count = 0;
    for entry in fs::read_dir(fuzz("corpus").join(target)).expect("a target has a corpus") {
        let path = entry.expect("a corpus can be listed").path();
        let input = fs::read(&path).expect("a corpus has files only");
        assert!(catch_unwind(|| run(&input)).is_ok(), "{} fails", path.display());
        count += 1;
    }
    assert!(count > 0, "the corpus of {target} is empty");
}

/// The names, without what follows a dot, of what a directory has.
fn names(directory: PathBuf) -> BTreeSet<String> {
    let entries = fs::read_dir(&directory).expect("a directory");
    let stem = |path: PathBuf| path.file_stem()?.to_str().map(str::to_owned);
    entries.map(|entry| stem(entry.expect("an entry").path()).expect("a name in UTF-8")).collect()
}

#[test]
fn every_target_has_a_module_a_corpus_and_a_binary() {
    let tested: BTreeSet<String> = NAMES.iter().map(|name| (*name).to_owned()).collect();
    let mut modules = names(Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    modules.remove("lib");
    assert_eq!(modules, tested, "modules, and what is tested");
    assert_eq!(names(fuzz("corpus")), tested, "corpora, and what is tested");
    assert_eq!(names(fuzz("fuzz_targets")), tested, "binaries, and what is tested");
    let manifest = fs::read_to_string(fuzz("Cargo.toml")).expect("a manifest");
    for name in &tested {
        assert!(manifest.contains(&format!("\nname = \"{name}\"\npath")), "{name}: no [[bin]]");
    }
}
