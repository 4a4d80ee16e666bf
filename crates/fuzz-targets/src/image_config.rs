// SPDX-License-Identifier: Apache-2.0
//! The metadata in an image config: never panics, and refuses with the one kind of error.

use oci_artifact::ErrorKind;
use oci_artifact::labels::{Labels, parse_counts, parse_list};
use toolhive_plugins::config::PluginConfig;
use toolhive_skills::config::SkillConfig;

/// Runs the target on an input.
pub fn run(image: &[u8]) {
    let plugin = PluginConfig::from_image_config_bytes(image);
    let skill = SkillConfig::from_image_config_bytes(image);
    if let Err(error) = Labels::from_image_config_bytes(image) {
        assert_eq!(error.kind(), ErrorKind::InvalidDocument);
        assert!(plugin.is_err() && skill.is_err());
    }
    for error in [plugin.err(), skill.err()].into_iter().flatten() {
        assert_eq!(error.kind(), ErrorKind::InvalidDocument);
    }
    if let Ok(text) = std::str::from_utf8(image) {
        // What serde_json reads as such a list is one here, and the other way round.
        if let Ok(Some(list)) = parse_list(text) {
            let strict: Option<Vec<Option<String>>> =
                serde_json::from_str(text).unwrap_or_default();
            let theirs = strict.map(|l| l.into_iter().map(Option::unwrap_or_default).collect());
            assert!(theirs.is_none_or(|theirs: Vec<String>| theirs == list));
        }
        if let Ok(Some(counts)) = parse_counts(text) {
            assert!(counts.len() <= text.len());
        }
    }
}
