// SPDX-License-Identifier: Apache-2.0
//! `SCENARIOS.md` is true: it has every scenario, and the tests that it names exist and have its number.

use std::fs;
use std::path::Path;

const SCENARIOS: usize = 125;

/// All Rust sources below a directory, as one text.
fn sources(directory: &Path) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(directory).expect("there").map(|entry| entry.expect("fine")) {
        let path = entry.path();
        if path.is_dir() {
            all.push_str(&sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            all.push_str(&fs::read_to_string(&path).expect("text"));
        }
    }
    all
}

#[test]
fn the_table_of_scenarios_is_true() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let places = [here.join("src"), here.join("tests"), here.join("../oci-layout/src/reference")];
    let sources: String = places.iter().map(|place| sources(place)).collect();
    let table = fs::read_to_string(here.join("SCENARIOS.md")).expect("there");
    let rows = table.lines().filter_map(|line| {
        let mut cells = line.split(" | ");
        let number = cells.next()?.strip_prefix("| ")?.parse::<usize>().ok()?;
        Some((number, cells.nth(1)?))
    });
    let mut last = 0;
    for (number, tests) in rows {
        last += 1;
        assert_eq!(number, last, "in order, and none is missing");
        let tests: Vec<&str> = tests.split(", ").map(|test| test.trim_matches('`')).collect();
        assert!(tests.iter().all(|test| !test.is_empty()), "F-{number} has no test");
        for test in tests {
            assert!(sources.contains(&format!("fn {test}(")), "F-{number}: there is no {test}");
            assert!(format!("{test}_").contains(&format!("_f_{number}_")), "F-{number}: {test}");
        }
    }
    assert_eq!(last, SCENARIOS);
}
