// SPDX-License-Identifier: Apache-2.0
//! The page and the Markdown of every fixture in `testdata/surface/`, beside it in `testdata/report/`. After a
//! change that is meant, run the test with `REPORT_BLESS=1` and read the difference that git shows.

use std::fs;
use std::path::{Path, PathBuf};

use agent_plugin::Inventory;
use toolhive_report::Report;

use crate::fixture;

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata")
}

/// Every fixture's name and report.
pub(crate) fn reports() -> Vec<(String, Report)> {
    let entries = fs::read_dir(testdata().join("surface")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut all: Vec<(String, Report)> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "fixture"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let text = fs::read_to_string(path).unwrap();
            let files = fixture::files(&text);
            let inventory = Inventory::of(&files, &fixture::root(&text, &name));
            (name, Report::of(&inventory, &files))
        })
        .collect();
    all.sort_by(|one, other| one.0.cmp(&other.0));
    all
}

#[expect(clippy::disallowed_methods, reason = "a switch for who changes the golden files")]
fn blesses() -> bool {
    std::env::var_os("REPORT_BLESS").is_some()
}

fn compare(name: &str, extension: &str, found: &str) {
    let path = testdata().join("report").join(format!("{name}.{extension}"));
    if blesses() {
        fs::write(path, found).unwrap();
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    for (number, (found, expected)) in found.lines().zip(expected.lines()).enumerate() {
        assert_eq!(found, expected, "{}:{}", path.display(), number + 1);
    }
    assert_eq!(found, expected, "{}", path.display());
}

#[test]
fn the_markdown_of_every_fixture_rp_3() {
    for (name, report) in reports() {
        compare(&name, "md", &report.to_markdown());
    }
}

/// Without the style, and an element a line.
#[test]
fn the_page_of_every_fixture_rp_1() {
    for (name, report) in reports() {
        let page = report.to_html();
        let (start, rest) = page.split_once("<style>").unwrap();
        let (_, rest) = rest.split_once("</style>").unwrap();
        let lines = format!("{start}{rest}").replace("><", ">\n<");
        compare(&name, "html", &(lines + "\n"));
    }
}

#[test]
fn each_entry_of_the_text_is_on_the_page_rp_2() {
    for (name, report) in reports() {
        let page = report.to_html();
        for item in report.parts.iter().flat_map(|part| &part.items) {
            for cell in [&item.label, &item.text, &item.note] {
                let escaped = cell.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                assert!(page.contains(&escaped.replace('"', "&quot;")), "{name}: {cell}");
            }
        }
    }
}
