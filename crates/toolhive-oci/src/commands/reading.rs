// SPDX-License-Identifier: Apache-2.0
//! Files → what they would run, to the host that is asked for, with the entry that is given
//! (plugin-surface.md, S-16, S-19).

use agent_plugin::{CatalogueEntry, Files, Host, Inventory, Limits};
use agent_plugin::{Findings, Profile};
use oci_artifact::{Error, ErrorKind, Result};

use crate::args::Reading;
use crate::bounded;
use crate::kind::Kind;

/// The inventory of files, with all that is wrong with them: what `validate` says, but for what concerns the
/// packaging. `name` is what the plugin is called if its manifest does not say, `directory` what its
/// directory is called, if it has one.
pub(crate) fn inventory<K: Kind>(
    files: &Files,
    name: String,
    directory: Option<&str>,
    reading: &Reading,
) -> Result<Inventory> {
    let mut inventory = found::<K>(files, name, reading)?;
    // Only the host's own reading has more rules, and an entry may stand for what a manifest lacks.
    if inventory.subject.host == Host::Claude && !inventory.subject.entry_considered {
        let mut findings = Findings::new(Profile::Claude);
        K::check(files, &inventory, directory, &mut findings);
        agent_plugin::check::warnings::adopt(&mut inventory, findings);
    }
    Ok(inventory)
}

fn found<K: Kind>(files: &Files, name: String, reading: &Reading) -> Result<Inventory> {
    let root = K::surface_root(name);
    if (reading.entry.is_some() || reading.host.is_some()) && !root.is_plugin() {
        let message = "--entry and --host are for plugins; a skill is the same for every host";
        return Err(Error::new(ErrorKind::InvalidOption, message));
    }
    let root = root.for_host(reading.host.map_or(Host::Claude, Host::from));
    let Some(path) = &reading.entry else { return Ok(Inventory::of(files, &root)) };
    let limits = Limits::default();
    let document = bounded::read(path, limits.config_size)
        .map_err(|error| Error::from_io("the entry cannot be read", path, error))?;
    let shown = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let entry = CatalogueEntry::choose(shown, document, &root.plugin_name(files), &limits)?;
    Ok(Inventory::of(files, &root.with_entry(entry)))
}
