// SPDX-License-Identifier: Apache-2.0
//! `inspect`, `validate` and `diff` give one answer to one question: of every tree and every rule, both name the
//! same places, as severe; and what loads to one loads to all.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use agent_plugin::diff::{Class, Difference};
use agent_plugin::inventory::{Launch, Severity};
use agent_plugin::{Files, Inventory, Limits, Root};
use oci_artifact::kind::ArtifactKind as _;
use tempfile::TempDir;
use toolhive_plugins::kind::Plugin;
use toolhive_plugins::validate::{
    Checker, Finding, Findings, Profile, Report, Rule, check, rule, validate,
};

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

/// The findings of a rule: file, line and severity.
type Found = Vec<(Option<String>, Option<usize>, Severity)>;

/// Returns the result of `inspect` for a rule.
fn inspected(inventory: &Inventory, code: &str) -> Found {
    let own = inventory.warnings.iter().filter(|warning| warning.code() == code);
    let mut found: Found =
        own.map(|one| (one.path().map(str::to_owned), one.line(), one.severity)).collect();
    found.sort();
    found
}

/// Returns the result of `validate` for a rule.
fn validated(report: &Report, code: &str) -> Found {
    let own = report.findings.iter().filter(|finding| finding.code() == code);
    let place = |finding: &Finding| {
        let diagnostic = &finding.diagnostic;
        let path = diagnostic.path.as_ref().map(|path| path.to_string_lossy().into_owned());
        (path, diagnostic.position.map(|position| position.line), finding.severity)
    };
    let mut found: Found = own.map(place).collect();
    found.sort();
    found
}

/// Rules of the packaging, which `inspect` is not asked about, with what it says instead.
const PACKAGING: [&str; 11] = [
    "manifest-missing",
    "not-packaged",
    "thv-path",
    "symlink-escape",
    "path-clash",
    "path-windows",
    "key-spelling",
    "duplicate-key",
    "component-empty",
    "component-shape",
    "hidden-left-out",
];

#[test]
fn inspect_validate_and_diff_give_one_answer_to_every_rule_of_every_fixture_s_85() {
    let all = fixtures();
    assert!(all.len() >= 8, "{}", all.len());
    let (mut asked, mut diffed) = (0, 0);
    for (name, text) in all {
        let place = TempDir::new().expect("a directory");
        let root = place.path().join(&name);
        fs::create_dir(&root).expect("a directory");
        write(&text, &root);
        let files = Files::from_directory(&root, &Plugin::HIDDEN, Limits::default());
        let files = files.unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut inventory = Inventory::of(&files, &Root::plugin(&name));
        let mut findings = Findings::new(Profile::Claude);
        check(&inventory, &files, Some(&name), &mut findings);
        agent_plugin::check::warnings::adopt(&mut inventory, findings);
        let report = validate(&root, Profile::Claude).expect("a directory");
        for rule in rule::RULES {
            if !is_of_both(rule) {
                continue;
            }
            asked += 1;
            let (one, other) = (inspected(&inventory, rule.code), validated(&report, rule.code));
            assert_eq!(one, other, "{name}: {}", rule.code);
            stopped(&name, &inventory, &report, rule.code);
            let places: BTreeSet<String> = one.into_iter().filter_map(|(path, ..)| path).collect();
            for path in places {
                compared_without(&name, &root, &inventory, &path);
                diffed += 1;
            }
        }
        // What it finds, it finds as severe as its rule has it, under every profile.
        for profile in [Profile::Claude, Profile::Toolhive, Profile::Agentskills] {
            let report = validate(&root, profile).expect("a directory");
            for finding in &report.findings {
                let rule = finding.rule.unwrap_or_else(|| panic!("{name}: {}", finding.code()));
                let severity = rule.severity(profile).expect("counts");
                // What cannot be packaged is an error under every one.
                assert!(finding.severity <= severity, "{name}: {}", rule.code);
            }
        }
        compared(&name, &inventory);
    }
    assert!(asked > 800 && diffed > 40, "{asked} {diffed}");
}

/// A small plugin of the facts on the host.
#[derive(serde::Deserialize)]
struct Case {
    name: String,
    files: Vec<CaseFile>,
}

#[derive(serde::Deserialize)]
struct CaseFile {
    path: String,
    mode: Option<String>,
    text: Option<String>,
    symlink: Option<String>,
}

/// Writes a case below a directory.
fn write_case(case: &Case, root: &Path) {
    fs::create_dir_all(root).expect("a directory");
    for file in &case.files {
        let path = root.join(&file.path);
        fs::create_dir_all(path.parent().expect("has one")).expect("a directory");
        if let Some(target) = &file.symlink {
            symlink(target, path).expect("a link");
            continue;
        }
        fs::write(&path, file.text.as_deref().unwrap_or_default()).expect("a file");
        let mode = if file.mode.as_deref() == Some("0755") { 0o755 } else { 0o644 };
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
    }
}

#[test]
fn inspect_and_validate_give_one_answer_to_every_plugin_that_the_host_was_asked_of_s_85() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/surface");
    let mut asked = 0;
    for name in ["host-cases.json", "host-observed.json"] {
        let text = fs::read(directory.join(name)).expect("is there");
        let cases: Vec<Case> = serde_json::from_slice(&text).expect("is JSON");
        for case in cases {
            let place = TempDir::new().expect("a directory");
            let root = place.path().join("demo");
            write_case(&case, &root);
            let files = Files::from_directory(&root, &Plugin::HIDDEN, Limits::default());
            let files = files.unwrap_or_else(|error| panic!("{}: {error}", case.name));
            let mut inventory = Inventory::of(&files, &Root::plugin("demo"));
            let mut findings = Findings::new(Profile::Claude);
            check(&inventory, &files, Some("demo"), &mut findings);
            agent_plugin::check::warnings::adopt(&mut inventory, findings);
            let report = validate(&root, Profile::Claude).expect("a directory");
            // To the packaging alone `null` is an empty manifest, so one without a name.
            let is_null = case.files.iter().any(|file| file.text.as_deref() == Some("null"));
            for rule in rule::RULES.iter().filter(|rule| is_of_both(rule)) {
                if is_null && rule.code == "name-missing" {
                    continue;
                }
                let both = (inspected(&inventory, rule.code), validated(&report, rule.code));
                assert_eq!(both.0, both.1, "{}: {}", case.name, rule.code);
            }
            asked += 1;
        }
    }
    assert!(asked > 1_200, "{asked}");
}

/// Whether both `inspect` and `validate` look at what a rule is about.
fn is_of_both(rule: &Rule) -> bool {
    let mut checkers = rule.checkers.iter();
    checkers.any(|one| matches!(one, Checker::Claude | Checker::Own))
        && !PACKAGING.contains(&rule.code)
}

/// Checks that `inspect` and `validate` report a component that a rule stops, and that to `diff` it is not new.
fn stopped(name: &str, inventory: &Inventory, report: &Report, code: &str) {
    let of_rule = |launch: &&Launch| launch.loads == Err(code_of(code));
    let stopped: Vec<&Launch> = inventory.launches.iter().filter(of_rule).collect();
    if stopped.is_empty() {
        return;
    }
    assert!(!inspected(inventory, code).is_empty(), "{name}: {code} is not told by inspect");
    assert!(!validated(report, code).is_empty(), "{name}: {code} is not told by validate");
}

/// The name of a rule as the table has it.
fn code_of(code: &str) -> &'static str {
    rule::find(code).expect("a rule").code
}

/// Without the file of a finding, `diff` names whatever loads then and did not before, or the other way round.
fn compared_without(name: &str, root: &Path, inventory: &Inventory, path: &str) {
    let place = TempDir::new().expect("a directory");
    let other = place.path().join(name);
    copy(root, &other);
    let file = other.join(path);
    // A finding can be about something that is not there.
    if fs::symlink_metadata(&file).is_ok_and(|found| found.is_dir()) {
        fs::remove_dir_all(&file).expect("a directory");
    } else if fs::remove_file(&file).is_err() {
        return;
    }
    let files = Files::from_directory(&other, &Plugin::HIDDEN, Limits::default());
    let without = Inventory::of(&files.expect("is read"), &Root::plugin(name));
    let difference = Difference::of(inventory, &without);
    let loading = |inventory: &Inventory| -> BTreeSet<String> {
        let all = inventory.launches.iter().filter(|launch| launch.loads.is_ok());
        all.map(|launch| launch.id.clone()).collect()
    };
    let (before, after) = (loading(inventory), loading(&without));
    for id in before.symmetric_difference(&after) {
        let is_named = difference.changes.iter().any(|change| change.id == *id);
        // A hook can go on in another place, under another id.
        let goes_on = id.starts_with("hook/") && !difference.changes.is_empty();
        assert!(is_named || goes_on, "{name}: without {path}, diff says nothing of {id}");
    }
    for change in difference.changes.iter().filter(|change| change.class == Class::New) {
        let is_launch = ["hook", "mcp", "lsp", "run"].contains(&change.kind);
        assert!(!is_launch || after.contains(&change.id), "{name}: without {path}: {change:?}");
    }
}

/// Copies a tree, links as links.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("is there") {
        let entry = entry.expect("an entry");
        let (kind, target) = (entry.file_type().expect("a type"), to.join(entry.file_name()));
        if kind.is_dir() {
            copy(&entry.path(), &target);
        } else if kind.is_symlink() {
            symlink(fs::read_link(entry.path()).expect("a link"), target).expect("a link");
        } else {
            fs::copy(entry.path(), target).expect("a file");
        }
    }
}

/// Checks with `diff` that everything that would run according to `inspect` is new beside nothing, and the same
/// beside itself.
fn compared(name: &str, inventory: &Inventory) {
    let nothing = Inventory::of(&Files::default(), &Root::plugin(name));
    let all = Difference::of(&nothing, inventory);
    for launch in &inventory.launches {
        let is_new =
            all.changes.iter().any(|change| change.id == launch.id && change.class == Class::New);
        // Of two servers of one name, one may load.
        let loads = inventory.launches.iter().any(|one| one.id == launch.id && one.loads.is_ok());
        assert_eq!(is_new, loads, "{name}: {}", launch.id);
    }
    assert!(Difference::of(inventory, inventory).changes.is_empty(), "{name}");
}
