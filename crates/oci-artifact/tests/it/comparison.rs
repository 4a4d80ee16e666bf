// SPDX-License-Identifier: Apache-2.0
//! Two lists of files side by side.

use std::fs;
use std::io::Read as _;

use oci_artifact::comparison::{Aspect, Moves, files};
use oci_artifact::directory::{Directory, Found, FoundKind, Hidden, HiddenSpecials, Surveyor};
use oci_artifact::listing::{
    FileState, LayerFile, Listing, file_of_layer, of_layer, of_layer_with,
};
use oci_artifact::{Error, ErrorKind, digest, tar};
use proptest::prelude::*;
use tempfile::TempDir;

/// The lists of two layers with these files.
fn listing(entries: &[(&str, &str, u32)]) -> Listing {
    of_layer(layer(entries).as_slice()).expect("is one").files
}

fn layer(entries: &[(&str, &str, u32)]) -> Vec<u8> {
    let gzip = oci_artifact::gzip::Writer::new(Vec::new(), 0).expect("begins");
    let mut tar = tar::Writer::new(gzip, oci_artifact::Epoch::UNIX);
    for (path, text, mode) in entries {
        let size = text.len() as u64;
        tar.append(path.as_bytes(), *mode, size, &mut text.as_bytes()).expect("written");
    }
    tar.finish().expect("ends").finish().expect("ends")
}

fn told(before: &Listing, after: &Listing, moves: Moves) -> Vec<String> {
    let tell = |change: oci_artifact::comparison::FileChange| {
        let aspects: Vec<_> = change.aspects().into_iter().map(Aspect::as_str).collect();
        let text = format!("{} {} {}", change.change.as_str(), change.path(), aspects.join("+"));
        text.trim_end().to_owned()
    };
    files(before, after, moves).into_iter().map(tell).collect()
}

#[test]
fn files_with_equal_bytes_elsewhere_are_moved_s_86() {
    let before = listing(&[("a", "one", 0o644), ("b", "two", 0o644), ("empty", "", 0o644)]);
    let after = listing(&[("c", "one", 0o755), ("d", "", 0o644), ("e", "one", 0o644)]);
    assert_eq!(
        told(&before, &after, Moves::Told),
        ["removed b", "moved c mode", "added d", "added e", "removed empty"]
    );
    let apart = ["removed a", "removed b", "added c", "added d", "added e", "removed empty"];
    assert_eq!(told(&before, &after, Moves::Apart), apart);
}

#[test]
fn a_file_of_a_layer_is_found_if_it_is_small_enough() {
    let layer = layer(&[("a", "one", 0o644), ("b/c", "three", 0o644)]);
    let diff_id = of_layer(layer.as_slice()).expect("is one").diff_id;
    let read =
        |path, limit| file_of_layer(layer.as_slice(), &diff_id, path, limit).expect("is read");
    assert_eq!(read("b/c", 5).as_deref(), Some(&b"three"[..]));
    assert_eq!(read("b/c", 4), None);
    assert_eq!(read("c", 5), None);
    let cut = &layer[..layer.len() - 9];
    assert!(file_of_layer(cut, &diff_id, "a", 9).is_err(), "read to its end");
    let other = file_of_layer(layer.as_slice(), &digest::sha256(b"other"), "a", 9);
    assert_eq!(other.expect_err("is another").kind(), ErrorKind::DigestMismatch);
}

#[test]
fn a_layer_is_listed_however_much_of_its_files_is_looked_at() {
    let layer = layer(&[("a", "one", 0o644), ("b", "", 0o600), ("c", "three", 0o755)]);
    let wanted = of_layer(layer.as_slice()).expect("is one");
    for most in [0, 1, 100] {
        let mut seen = Vec::new();
        let found = of_layer_with(layer.as_slice(), |file| {
            let mut text = String::new();
            file.content.take(most).read_to_string(&mut text).expect("reads");
            seen.push((file.path.to_vec(), file.mode, file.size, text.len() as u64));
            Ok(())
        });
        let found = found.expect("is one");
        assert_eq!((found.files, found.diff_id), (wanted.files.clone(), wanted.diff_id));
        let file = |path: &str, mode, size: u64| (path.into(), mode, size, size.min(most));
        assert_eq!(seen, [file("a", 0o644, 3), file("b", 0o600, 0), file("c", 0o755, 5)]);
    }
    let enough = |_: LayerFile<'_>| Err(Error::new(ErrorKind::Cancelled, "enough"));
    let refused = of_layer_with(layer.as_slice(), enough).expect_err("is enough");
    assert_eq!(refused.kind(), ErrorKind::Cancelled);
}

#[cfg(unix)]
#[test]
fn a_survey_names_everything_and_stops_at_nothing() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::os::unix::net::UnixListener;
    let root = TempDir::new().expect("a directory");
    let path = |name: &str| root.path().join(name);
    fs::create_dir_all(path(".git")).expect("a directory");
    fs::create_dir_all(path(".kept/deep")).expect("a directory");
    fs::create_dir_all(path("a/.b")).expect("a directory");
    for name in [".git/x", ".kept/x", ".kept/named", ".kept/deep/x", "a/.b/x", "a/x", ".hidden"] {
        fs::write(path(name), "text").expect("a file");
    }
    symlink("a", path("link")).expect("a link");
    let _socket = UnixListener::bind(path("socket")).expect("a socket");
    fs::set_permissions(path("a/x"), fs::Permissions::from_mode(0o751)).expect("set");
    let hidden = Hidden {
        directories: &[".kept"],
        files: &[".kept/named"],
        specials: HiddenSpecials::Ignore,
    };
    let survey = Directory::open(root.path()).expect("opens").survey(&hidden).expect("lists");
    let told: Vec<_> = survey
        .entries
        .iter()
        .map(|found| (String::from_utf8_lossy(&found.path).into_owned(), found.kind, found.counts))
        .collect();
    let file = |name: &str, counts| (name.to_owned(), FoundKind::File, counts);
    assert_eq!(
        told,
        [
            file(".hidden", false),
            file(".kept/deep/x", false),
            file(".kept/named", true),
            file(".kept/x", false),
            file("a/.b/x", false),
            file("a/x", true),
            ("link".to_owned(), FoundKind::Link, true),
            ("socket".to_owned(), FoundKind::Special, true),
        ]
    );
    assert!(survey.is_complete);
    let x = &survey.entries[5];
    assert_eq!((x.mode, x.size, x.file().is_some()), (0o751, 4, true));
}

/// Counts what is handed over.
#[derive(Default)]
struct Counter {
    files: Vec<String>,
    asked: Vec<String>,
}

impl Surveyor for Counter {
    fn enters(&mut self, path: &[u8]) -> bool {
        self.asked.push(String::from_utf8_lossy(path).into_owned());
        false
    }

    fn file(&mut self, found: &Found, mut file: fs::File) -> oci_artifact::Result<()> {
        let mut text = String::new();
        file.read_to_string(&mut text).expect("is readable");
        assert_eq!(text, "text");
        self.files.push(String::from_utf8_lossy(&found.path).into_owned());
        Ok(())
    }
}

#[test]
fn a_survey_hands_over_each_file_once_and_knows_what_a_walk_finds_walk_1() {
    let root = TempDir::new().expect("a directory");
    for name in [".git/x", ".kept/named", ".left/y", "a/b/c", "a/x", ".hidden", "manifest"] {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().expect("has one")).expect("a directory");
        fs::write(path, "text").expect("a file");
    }
    let hidden = Hidden {
        directories: &[".kept"],
        files: &[".kept/named"],
        specials: HiddenSpecials::Ignore,
    };
    let directory = Directory::open(root.path()).expect("opens");
    let mut counter = Counter::default();
    let survey = directory.survey_with(&hidden, &mut counter).expect("lists");
    counter.files.sort();
    assert_eq!(counter.files, [".hidden", ".kept/named", "a/b/c", "a/x", "manifest"]);
    assert_eq!(counter.asked, [".left"], "of directories that a walk leaves out");
    let (found, walked) =
        (survey.tree("manifest"), directory.walk(&hidden, "manifest").expect("walks"));
    assert_eq!((found.files, found.size), (walked.files, walked.size));
    // A survey passes version control over without a word.
    let mut omitted: Vec<_> = walked.omitted.into_iter().filter(|path| path != b".git/").collect();
    omitted.sort();
    assert_eq!(found.omitted, omitted);
}

/// A list with these paths, all files different.
fn states(paths: std::collections::BTreeMap<String, u8>) -> Listing {
    let text = |(path, content): (String, u8)| (path, content.to_string());
    let texts: Vec<(String, String)> = paths.into_iter().map(text).collect();
    let entries: Vec<(&str, &str, u32)> =
        texts.iter().map(|(path, text)| (path.as_str(), text.as_str(), 0o644)).collect();
    listing(&entries)
}

proptest! {
    #[test]
    fn every_file_is_told_once_and_a_change_back_is_the_mirror(
        before in proptest::collection::btree_map("[a-d]{1,2}", 0_u8..4, 0..8),
        after in proptest::collection::btree_map("[a-d]{1,2}", 0_u8..4, 0..8),
    ) {
        let (before, after) = (states(before), states(after));
        for moves in [Moves::Told, Moves::Apart] {
            let changes = files(&before, &after, moves);
            let back = files(&after, &before, moves);
            prop_assert_eq!(changes.len(), back.len());
            // What is not reported is the same on both sides.
            let is_told = |state: &FileState| {
                let side = |side: &Option<FileState>| side.as_ref() == Some(state);
                changes.iter().any(|change| side(&change.before) || side(&change.after))
            };
            for state in &before {
                prop_assert_eq!(is_told(state), !after.contains(state));
            }
            for state in &after {
                prop_assert_eq!(is_told(state), !before.contains(state));
            }
        }
        prop_assert!(files(&before, &before, Moves::Told).is_empty());
    }
}

#[test]
fn digests_are_those_of_the_bytes() {
    let listing = listing(&[("a", "text", 0o644)]);
    assert_eq!(listing[0].digest, Some(digest::sha256(b"text")));
    assert_eq!((listing[0].size, listing[0].mode), (4, 0o644));
}
