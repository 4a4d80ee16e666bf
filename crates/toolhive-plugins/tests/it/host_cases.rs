// SPDX-License-Identifier: Apache-2.0
//! Small plugins, and what the host itself (2.1.332) accepts, loads and finds in each: our reading has
//! to agree. `cargo xtask oracle` asks the host again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use agent_plugin::inventory::{ComponentType, Launch, Severity};
use agent_plugin::{Files, Inventory, Limits, Root};
use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;
use toolhive_plugins::kind::Plugin;
use toolhive_plugins::validate::{Checker, Profile, Report, validate};

#[derive(Deserialize)]
struct Case {
    name: String,
    files: Vec<CaseFile>,
    host: Host,
}

/// A plugin of one or two files, and whether the host accepts it, and what it then loads.
#[derive(Deserialize)]
struct Observed {
    name: String,
    files: Vec<CaseFile>,
    accepts: bool,
    loads: BTreeSet<String>,
}

#[derive(Deserialize)]
struct CaseFile {
    path: String,
    mode: Option<String>,
    text: Option<String>,
    symlink: Option<String>,
}

#[derive(Deserialize)]
struct Host {
    accepts: bool,
    provides: BTreeMap<String, Value>,
    errors: Vec<String>,
    warnings: Vec<String>,
}

fn facts(name: &str) -> Vec<u8> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/surface");
    fs::read(directory.join(name)).expect("is there")
}

fn cases() -> Vec<Case> {
    serde_json::from_slice(&facts("host-cases.json")).expect("is JSON")
}

fn write(files: &[CaseFile], root: &Path) {
    fs::create_dir_all(root).expect("a directory");
    for file in files {
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

impl Case {
    /// Returns the components that the host loads, as `type name`.
    fn loads(&self) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        for (kind, list) in &self.host.provides {
            for one in list.as_array().expect("a list") {
                let text = |key: &str| one[key].as_str().unwrap_or_default();
                let name = match one.as_str() {
                    Some(name) => name.split_once(':').map_or(name, |(_, rest)| rest).to_owned(),
                    None if kind == "hooks" => {
                        let what = ["command", "url", "tool", "prompt"].map(text);
                        let what = what.into_iter().find(|what| !what.is_empty());
                        format!("{} {} {}", text("event"), text("type"), what.unwrap_or_default())
                            .trim_end_matches('/')
                            .to_owned()
                    }
                    None if kind == "modules" => text("path").to_owned(),
                    None => text("name").to_owned(),
                };
                all.insert(format!("{kind} {name}"));
            }
        }
        all
    }
}

/// Returns the components that load according to our inventory.
fn loads(inventory: &Inventory) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for component in inventory.components.iter().filter(|component| component.loads.is_ok()) {
        let kind = match component.kind {
            ComponentType::Skill => "skills",
            ComponentType::Command => "commands",
            ComponentType::Agent => "agents",
            ComponentType::Module => {
                all.insert(format!("modules {}", component.path));
                continue;
            }
            ComponentType::McpServer => "mcpServers",
            ComponentType::LspServer => "lspServers",
            ComponentType::Monitor => "monitors",
            ComponentType::OutputStyle => "outputStyles",
            ComponentType::Theme => "themes",
            ComponentType::Workflow => "workflows",
            ComponentType::Bin => "bin",
            _ => continue,
        };
        all.insert(format!("{kind} {}", component.name));
    }
    // A skill's own hooks are no part of what the host's validator lists.
    let own = |hook: &&Launch| hook.loads.is_ok() && hook.component.is_none();
    for launch in inventory.hooks().into_iter().filter(own) {
        let hook = launch.hook().expect("a hook");
        let what = [&launch.command, &launch.url, &hook.tool, &hook.prompt];
        let what = what.into_iter().flatten().next().cloned().unwrap_or_default();
        all.insert(format!("hooks {} {} {what}", hook.event, hook.kind.as_str()));
    }
    all
}

/// The files that have findings of that severity, by rules that the host checks too.
fn files_with(report: &Report, severity: Severity) -> BTreeSet<String> {
    let found = report.of(severity).filter(|one| one.checkers().contains(&Checker::Claude));
    found
        .filter_map(|one| Some(one.diagnostic.path.as_ref()?.to_string_lossy().into_owned()))
        .collect()
}

/// The files that the host finds fault with.
fn files_of(places: &[String]) -> BTreeSet<String> {
    places.iter().filter_map(|place| Some(place.split_once(':')?.0.to_owned())).collect()
}

fn read(name: &str, all: &[CaseFile]) -> (Inventory, Report) {
    let place = TempDir::new().expect("a directory");
    let root = place.path().join(name);
    write(all, &root);
    let hidden = <Plugin as oci_artifact::kind::ArtifactKind>::HIDDEN;
    let files = Files::from_directory(&root, &hidden, Limits::default()).expect("a directory");
    let inventory = Inventory::of(&files, &Root::plugin(name));
    (inventory, validate(&root, Profile::Claude).expect("a directory"))
}

/// A test a case, and one that no case lacks its test.
macro_rules! cases {
    ($($test:ident $name:literal,)*) => {
        $(
            #[test]
            fn $test() {
                agree($name);
            }
        )*

        #[test]
        fn every_case_has_a_test_s_105() {
            let tested = BTreeSet::from([$($name),*]);
            let all = cases();
            let all: BTreeSet<&str> = all.iter().map(|case| case.name.as_str()).collect();
            assert_eq!(tested, all);
        }
    };
}

fn agree(name: &str) {
    let all = cases();
    let case = all.iter().find(|case| case.name == name).expect("is a case");
    let (inventory, report) = read(name, &case.files);
    let errors = files_with(&report, Severity::Error);
    let told = || {
        let one = |f: &toolhive_plugins::validate::Finding| {
            format!("{} {} {}", f.severity.as_str(), f.code(), f.diagnostic)
        };
        report.findings.iter().map(one).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(errors.is_empty(), case.host.accepts, "{}", told());
    // Of what it refuses, the host does not say what it would load.
    if case.host.accepts {
        assert_eq!(loads(&inventory), case.loads(), "{}", told());
    }
    for file in files_of(&case.host.errors) {
        // It names the file as it should be called.
        let is_there = errors.iter().any(|error| error.eq_ignore_ascii_case(&file));
        assert!(is_there, "no error in {file}:\n{}", told());
    }
    let warned = files_with(&report, Severity::Warning);
    for file in files_of(&case.host.warnings) {
        assert!(warned.contains(&file) || errors.contains(&file), "{file}:\n{}", told());
    }
}

/// Over a thousand plugins of one or two files, each with one thing in it that the host may or may not take:
/// every field of the manifest, of hooks, servers, monitors, frontmatter, and names, with values of each
/// type; and every place and case of a file's name.
#[test]
fn every_observed_plugin_is_read_as_the_host_reads_it_s_110() {
    let all: Vec<Observed> = serde_json::from_slice(&facts("host-observed.json")).expect("is JSON");
    assert!(all.len() > 1_000, "{}", all.len());
    let mut differences = Vec::new();
    for one in &all {
        let (inventory, report) = read(&one.name, &one.files);
        let errors = report.of(Severity::Error).filter(|f| f.checkers().contains(&Checker::Claude));
        let errors: Vec<String> =
            errors.map(|f| format!("{}: {}", f.code(), f.diagnostic)).collect();
        if errors.is_empty() != one.accepts {
            differences
                .push(format!("{}: the host accepts: {}; {errors:?}", one.name, one.accepts));
        }
        let loads: BTreeSet<String> = loads(&inventory)
            .into_iter()
            // Of a handler, its event and its type.
            .map(|one| match one.strip_prefix("hooks ") {
                Some(rest) => {
                    let words: Vec<&str> = rest.splitn(3, ' ').take(2).collect();
                    format!("hooks {}", words.join(" "))
                }
                None => one,
            })
            .collect();
        if one.accepts && loads != one.loads {
            differences.push(format!("{}: {loads:?}, the host {:?}", one.name, one.loads));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

cases! {
    host_case_y2_hide_s_105 "y2-hide",
    host_case_y_colon_s_105 "y-colon",
    host_case_y_at_s_105 "y-at",
    host_case_y_backtick_s_105 "y-backtick",
    host_case_y_bracket_s_105 "y-bracket",
    host_case_y_dup_s_105 "y-dup",
    host_case_y_unclosed_s_105 "y-unclosed",
    host_case_y_multi_s_105 "y-multi",
    host_case_d_m1_s_105 "d-m1",
    host_case_d_m2_s_105 "d-m2",
    host_case_case_cmds_s_105 "case-cmds",
    host_case_case2_sk3_s_105 "case2-sk3",
    host_case_d_c1_s_105 "d-c1",
    host_case_d_c2_s_105 "d-c2",
    host_case_both_s_105 "both",
    host_case_case_mcptypes_s_105 "case-mcptypes",
    host_case_case_upper_s_105 "case-upper",
    host_case_case2_os_s_105 "case2-os",
    host_case_i_network_s_105 "i-network",
    host_case_i_types299_s_105 "i-types299",
    host_case_ks_s_105 "ks",
    host_case_ks2_s_105 "ks2",
    host_case_c3_skfront_s_105 "c3-skfront",
    host_case_d_h1_s_105 "d-h1",
    host_case_d_h2_s_105 "d-h2",
    host_case_i_suite2_s_105 "i-suite2",
    host_case_case_arr_s_105 "case-arr",
    host_case_case_nogroup_s_105 "case-nogroup",
    host_case_case_wrapped_s_105 "case-wrapped",
    host_case_c3_exp_s_105 "c3-exp",
    host_case_c3_netmcp_s_105 "c3-netmcp",
}
