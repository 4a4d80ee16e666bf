// SPDX-License-Identifier: Apache-2.0
//! The pages in a real Chromium: those of all fixtures, and those of plugins whose every text is hostile.

use std::fs;
use std::path::Path;
use std::process::Command;

use test_support::tools;

use crate::{golden, hostile};

#[test]
fn in_a_browser_nothing_runs_is_asked_for_or_overflows_rp_1() {
    if !tools::are_installed(&["chromium", "node", "npm"]) {
        return;
    }
    let pages = tempfile::tempdir().unwrap();
    for (name, report) in golden::reports() {
        fs::write(pages.path().join(format!("{name}.html")), report.to_html()).unwrap();
    }
    for (at, (_, reports)) in hostile::all().iter().enumerate() {
        for (side, report) in reports.iter().enumerate() {
            let name = format!("hostile-{at}-{side}.html");
            fs::write(pages.path().join(name), report.to_html()).unwrap();
        }
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.ci/pages.mjs");
    let mut node = Command::new("node");
    node.arg(script).args(["/usr/bin/chromium", env!("CARGO_TARGET_TMPDIR")]).arg(pages.path());
    let output = node.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stdout));
}
