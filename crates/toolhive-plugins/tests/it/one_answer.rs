// SPDX-License-Identifier: Apache-2.0
//! `inspect` and `validate` give one answer to one question: of every tree, each finding of the inventory
//! is one of the report, as severe; and both read what loads in the same way.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use oci_artifact::kind::ArtifactKind as _;
use tempfile::TempDir;
use toolhive_plugins::kind::Plugin;
use toolhive_plugins::validate::{Profile, rule, validate};
use toolhive_surface::{Files, Inventory, Limits, Root};

/// The trees of `testdata/surface`, those that are plugins of Claude Code by themselves.
fn fixtures() -> Vec<(String, String)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/surface");
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).expect("is there") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "fixture") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a fixture");
        let head = text.split("\n-- ").next().unwrap_or_default();
        if !head.contains("skill: ") && !head.contains("host: ") && !text.contains("-- ../") {
            found.push((path.file_stem().expect("a name").to_string_lossy().into_owned(), text));
        }
    }
    found
}

/// Writes the entries of a fixture below a directory.
fn write(text: &str, root: &Path) {
    let mut path = None;
    for line in text.split_inclusive('\n') {
        let marker = line.trim_end().strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --"));
        let Some(marker) = marker else {
            if let Some(path) = &path {
                let before = fs::read(path).expect("was written");
                fs::write(path, [before.as_slice(), line.as_bytes()].concat()).expect("a file");
            }
            continue;
        };
        let (name, mode) = match marker.rsplit_once(' ') {
            Some((name, "0755")) => (name, 0o755),
            _ => (marker, 0o644),
        };
        let (name, target) = match name.split_once(" -> ") {
            Some((name, target)) => (name, Some(target)),
            None => (name, None),
        };
        let full = root.join(name);
        fs::create_dir_all(full.parent().expect("has one")).expect("a directory");
        path = None;
        match target {
            Some(target) => symlink(target, full).expect("a link"),
            None => {
                fs::write(&full, "").expect("a file");
                fs::set_permissions(&full, fs::Permissions::from_mode(mode)).expect("a mode");
                path = Some(full);
            }
        }
    }
}

#[test]
fn what_inspect_finds_validate_finds_as_severe_s_85() {
    let all = fixtures();
    assert!(all.len() >= 8, "{}", all.len());
    for (name, text) in all {
        let place = TempDir::new().expect("a directory");
        let root = place.path().join(&name);
        fs::create_dir(&root).expect("a directory");
        write(&text, &root);
        let files = Files::from_directory(&root, &Plugin::HIDDEN, Limits::default());
        let files = files.unwrap_or_else(|error| panic!("{name}: {error}"));
        let inventory = Inventory::of(&files, &Root::plugin(&name));
        for profile in [Profile::Claude, Profile::Toolhive, Profile::Agentskills] {
            let report = validate(&root, profile).expect("a directory");
            for warning in &inventory.warnings {
                let told: Vec<_> = report
                    .findings
                    .iter()
                    .filter(|finding| {
                        let path =
                            finding.diagnostic.path.as_ref().map(|path| path.to_string_lossy());
                        finding.code() == warning.code && path.as_deref() == warning.path.as_deref()
                    })
                    .collect();
                let rule = rule::find(warning.code).expect("is a rule");
                let severity = rule.severity(profile).expect("counts");
                assert!(!told.is_empty(), "{name}: {} {:?}", warning.code, warning.path);
                for finding in told {
                    // What cannot be packaged is an error under every profile.
                    let is_refusal = finding.severity < severity;
                    assert!(
                        finding.severity == severity || is_refusal,
                        "{name}: {} is {:?} and {severity:?}",
                        warning.code,
                        finding.severity
                    );
                }
            }
        }
    }
}
