// SPDX-License-Identifier: Apache-2.0
//! The directory marketplace that is wholly ours: its catalogue lists the plugins that are placed in it (PL-7). Only
//! the person makes it known to hosts.

use std::path::{Path, PathBuf};

use agent_plugin::marketplace::{Catalogue, Entry, Owner};
use oci_artifact::directory::{Directory, read_bounded};
use oci_artifact::{Result, limits};
use toolhive_places::hosts::MARKETPLACE;
use toolhive_places::{Place, Scope, file};
use toolhive_plugins::metadata::MANIFEST_PATH;

use super::project::Project;
use crate::kind::Kind;
use crate::output::visible_json;

/// Its name, by which hosts know it.
pub(crate) const NAME: &str = "toolhive-oci";
const FILE: &str = ".toolhive/marketplace/.claude-plugin/marketplace.json";

/// The names of plugins that stand in the marketplace as the lock file says.
fn placed(project: &Project) -> Result<Vec<String>> {
    let scope = Scope::Project { root: project.root.clone() };
    let places = scope.places(toolhive_places::Read::Plugins, &[MARKETPLACE.name.to_owned()])?;
    let mut names = Vec::new();
    for entry in &project.lock.plugins {
        if project.look(entry, &places)?.iter().any(|found| found.state == "current") {
            names.push(entry.name.clone());
        }
    }
    Ok(names)
}

/// Reads the manifest of the plugin in a directory.
pub(super) fn manifest(plugin: &Path) -> Result<Vec<u8>> {
    let (file, found) = Directory::open(plugin)?.open_manifest(MANIFEST_PATH)?;
    let limit = found.size.min(limits::MAX_MANIFEST_FILE_SIZE.saturating_add(1));
    read_bounded(file, limit, MANIFEST_PATH)
}

fn wanted(project: &Project) -> Result<Option<String>> {
    let names = placed(project)?;
    if names.is_empty() {
        return Ok(None);
    }
    let entry = |name: &String| {
        let tree: PathBuf = project.root.join(MARKETPLACE.project).join(name);
        Ok(Entry::from_manifest(&manifest(&tree)?)?.in_directory(&format!("plugins/{name}")))
    };
    let entries: Vec<Entry> = names.iter().map(entry).collect::<Result<_>>()?;
    let owner = Owner { name: NAME.to_owned(), ..Owner::default() };
    let mut catalogue = Catalogue::new(NAME, owner, entries)?;
    catalogue.description = Some("The plugins of this project's toolhive.lock.yaml".to_owned());
    Ok(Some(visible_json(&catalogue.to_json()).into_owned()))
}

/// Whether one of these places is the marketplace.
pub(crate) fn is_among(places: &[Place]) -> bool {
    let is_it = |client: &String| client == MARKETPLACE.name;
    places.iter().any(|place| place.clients.iter().any(is_it))
}

/// Whether the catalogue lists what is placed there.
pub(crate) fn lists<K: Kind>(places: &[Place]) -> bool {
    K::NAME == "plugin" && is_among(places)
}

/// Writes the catalogue if it lists what is placed there.
pub(crate) fn update<K: Kind>(project: &Project, places: &[Place]) -> Result<()> {
    if lists::<K>(places) { write(project) } else { Ok(()) }
}

/// Whether the catalogue is what the lock file and the trees make it.
pub(crate) fn is_current(project: &Project) -> Result<bool> {
    let limit = limits::MAX_MANIFEST_FILE_SIZE;
    let found = file::read(&project.root, FILE.as_ref(), limit)?;
    Ok(found == wanted(project)?.map(String::into_bytes))
}

/// Writes the catalogue, or removes it where it would list nothing.
pub(crate) fn write(project: &Project) -> Result<()> {
    if is_current(project)? {
        return Ok(());
    }
    match wanted(project)? {
        Some(text) => file::replace(&project.root, FILE.as_ref(), text.as_bytes()),
        None => {
            file::remove(&project.root, FILE.as_ref())?;
            toolhive_places::remove_empty_parents(&project.root, &[project.root.join(FILE)]);
            Ok(())
        }
    }
}
