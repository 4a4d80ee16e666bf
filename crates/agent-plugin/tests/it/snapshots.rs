// SPDX-License-Identifier: Apache-2.0
//! The text and JSON of every fixture in `testdata/surface/`. After a change that is meant, run the
//! test with `SURFACE_BLESS=1` and read the difference that git shows.

use std::fs;
use std::path::{Path, PathBuf};

use agent_plugin::Inventory;

use crate::fixture;

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/surface")
}

fn names() -> Vec<String> {
    let entries = fs::read_dir(directory()).expect("it is there");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut names: Vec<String> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "fixture"))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    names
}

fn inventory(name: &str) -> Inventory {
    let path = directory().join(name).with_extension("fixture");
    let text = fs::read_to_string(path).expect("a fixture");
    Inventory::of(&fixture::files(&text), &fixture::root(&text, name))
}

#[expect(clippy::disallowed_methods, reason = "a switch for who changes the snapshots")]
fn blesses() -> bool {
    std::env::var_os("SURFACE_BLESS").is_some()
}

fn compare(name: &str, extension: &str, found: &str) {
    let path = directory().join(name).with_extension(extension);
    if blesses() {
        fs::write(path, found).expect("it can be written");
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    for (number, (found, expected)) in found.lines().zip(expected.lines()).enumerate() {
        assert_eq!(found, expected, "{}:{}", path.display(), number + 1);
    }
    assert_eq!(found, expected, "{}", path.display());
}

#[test]
fn the_json_of_every_fixture_s_78() {
    for name in names() {
        compare(&name, "json", &(inventory(&name).to_json() + "\n"));
    }
}

#[test]
fn the_text_of_every_fixture_s_83() {
    for name in names() {
        compare(&name, "txt", &inventory(&name).render());
    }
}

#[test]
fn equal_trees_give_equal_bytes_in_any_order_s_78() {
    for name in names() {
        let path = directory().join(&name).with_extension("fixture");
        let text = fs::read_to_string(path).expect("a fixture");
        let (head, rest) = text.split_once("\n-- ").expect("an entry");
        let mut entries: Vec<&str> = rest.split("\n-- ").collect();
        let last = entries.pop().expect("an entry").trim_end();
        entries.push(last);
        entries.reverse();
        let turned = format!("{head}\n-- {}\n", entries.join("\n-- "));
        let one = Inventory::of(&fixture::files(&text), &fixture::root(&text, &name));
        let other = Inventory::of(&fixture::files(&turned), &fixture::root(&turned, &name));
        assert_eq!(one.to_json(), other.to_json(), "{name}");
    }
}

#[test]
fn every_line_of_text_is_ours_s_83() {
    for name in names() {
        for line in inventory(&name).render().lines().skip(1) {
            let first = line.chars().next();
            let own = line.is_empty()
                || line.starts_with("  ")
                || line.starts_with("Not examined")
                || first.is_some_and(|c| c.is_ascii_uppercase());
            assert!(own, "{name}: {line}");
            assert!(!line.chars().any(|c| c.is_control() || c == '\u{202e}'), "{name}: {line:?}");
        }
    }
    let text = inventory("hostile").render();
    assert_eq!(text.matches("\nRUNS BY ITSELF").count(), 1, "{text}");
    assert_eq!(text.matches("\nCONNECTS TO").count(), 1, "{text}");
    assert_eq!(text.matches("\nWARNINGS").count(), 1, "{text}");
    assert!(!text.contains("ghp_abcdefgh"), "{text}");
}
