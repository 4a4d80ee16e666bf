// SPDX-License-Identifier: Apache-2.0
//! A plugin's manifest: never panics, and what comes out keeps the rules.

use oci_artifact::ErrorKind;
use oci_artifact::json::Writer;
use oci_artifact::labels::parse_list;
use toolhive_plugins::metadata::{MANIFEST_PATH, PluginManifest, missing_inventory, parse};

/// Runs the target on an input.
pub fn run(plugin_json: &[u8]) {
    match parse(plugin_json) {
        Ok(manifest) => check(&manifest, plugin_json),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::InvalidManifest);
            let problems = error.diagnostics();
            assert!(problems.iter().all(|p| p.path.as_deref() == Some(MANIFEST_PATH.as_ref())));
            assert!(problems.is_sorted_by_key(|problem| problem.position));
        }
    }
}

fn check(manifest: &PluginManifest, plugin_json: &[u8]) {
    assert!(!manifest.name.is_empty());
    if let Some(components) = &manifest.components {
        assert!(!components.is_empty() && components.values().all(|count| *count > 0));
    }
    if let Some(requires) = &manifest.requires {
        assert!(requires.is_sorted_by(|a, b| a < b), "sorted, without repetition");
        let mut label = Writer::new();
        label.strings(requires);
        let label = String::from_utf8(label.into_bytes()).expect("the writer writes UTF-8");
        assert_eq!(parse_list(&label).expect("is a list").as_ref(), Some(requires));
    }
    assert!(manifest.warnings.iter().all(|w| w.rule.is_some() && w.position.is_some()));
    let files = ["commands/a.md"];
    assert_eq!(missing_inventory(manifest, files).is_some(), manifest.components.is_none());

    // White space around it changes nothing (PJ-1) but places.
    let padded = [b"\xc2\xa0\n", plugin_json, b"\x0c"].concat();
    if let Ok(again) = parse(&padded) {
        assert_eq!(again.name, manifest.name);
        assert_eq!(again.components, manifest.components);
        assert_eq!(again.requires, manifest.requires);
        assert_eq!(again.warnings.len(), manifest.warnings.len());
    } else {
        assert!(padded.len() > 65_536);
    }
}
