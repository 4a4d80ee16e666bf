// SPDX-License-Identifier: Apache-2.0
//! The twins mirror each other: `toolhive-plugins` and `toolhive-skills` have the same files, so
//! who knows one knows the other.

use std::collections::BTreeSet;

use super::Finding;

const PLUGINS: &str = "crates/toolhive-plugins/src/";
const SKILLS: &str = "crates/toolhive-skills/src/";

pub(super) fn check(files: &[String]) -> Vec<Finding> {
    let below = |root: &str| -> BTreeSet<String> {
        files.iter().filter_map(|path| path.strip_prefix(root)).map(Into::into).collect()
    };
    let (plugins, skills) = (below(PLUGINS), below(SKILLS));
    let only_plugins = plugins.difference(&skills).map(|name| (PLUGINS, name, SKILLS));
    let only_skills = skills.difference(&plugins).map(|name| (SKILLS, name, PLUGINS));
    only_plugins
        .chain(only_skills)
        .map(|(has, name, lacks)| format!("{has}{name}: {lacks} has no such file"))
        .collect()
}
