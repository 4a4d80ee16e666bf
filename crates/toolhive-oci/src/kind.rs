// SPDX-License-Identifier: Apache-2.0
//! The two kinds, as the command line sees them.

pub(crate) mod check;

use std::path::{Path, PathBuf};

use agent_plugin::files::Content;
use agent_plugin::{Files, Inventory};
use agent_plugin::{Findings, Profile, Report};
use oci_artifact::Result;
use oci_artifact::kind::ArtifactKind;
use oci_artifact::reader::Stored;
use serde::Serialize;
use toolhive_lockfile::{Entry, LockFile};
use toolhive_plugins::Plugin;
use toolhive_skills::Skill;

pub(crate) use check::check;

/// A kind of artifact whose config can be printed and which has a store of its own.
pub(crate) trait Kind: ArtifactKind<Config: Serialize> {
    /// The kind's name of several.
    const PLURAL: &'static str;
    /// The name and the artifact type of the other kind, and where its manifest is.
    const OTHER: Other;

    /// The root of this user's store.
    fn default_store_root() -> Result<PathBuf>;

    /// The root of its files, for reading what they would run.
    fn surface_root(name: String) -> agent_plugin::Root;

    /// Finds what is wrong with files besides what their inventory says; `directory` is what theirs is
    /// called.
    fn check(files: &Files, inventory: &Inventory, directory: Option<&str>, found: &mut Findings);

    /// The first files of a new one: their paths and what is in them.
    fn template(name: &str, description: &str) -> Vec<(&'static str, String)>;

    /// Everything that is wrong with a directory.
    fn validate(directory: &Path, profile: Profile) -> Result<Report>;

    /// The places that hosts read it from.
    const READ: toolhive_places::Read;

    /// Its list of a lock file.
    fn locked(lock: &LockFile) -> &Vec<Entry>;

    /// Returns the entries of that kind for changing.
    fn locked_mut(lock: &mut LockFile) -> &mut Vec<Entry>;

    /// The references of what it needs, as the artifact and its manifest file say; a plugin's are not
    /// resolved (lock.md, 3.1).
    fn requires(stored: &Stored, files: &Files) -> Result<Vec<String>>;
}

/// The other kind than the one that a command is for.
pub(crate) struct Other {
    pub(crate) name: &'static str,
    artifact_type: &'static str,
    pub(crate) manifest_path: &'static str,
}

impl Other {
    const fn of<K: ArtifactKind>() -> Self {
        Self { name: K::NAME, artifact_type: K::ARTIFACT_TYPE, manifest_path: K::MANIFEST_PATH }
    }
}

impl Kind for Plugin {
    const PLURAL: &'static str = "plugins";
    const OTHER: Other = Other::of::<Skill>();

    fn default_store_root() -> Result<PathBuf> {
        toolhive_plugins::store::default_store_root()
    }

    fn surface_root(name: String) -> agent_plugin::Root {
        agent_plugin::Root::plugin(name)
    }

    fn check(files: &Files, inventory: &Inventory, directory: Option<&str>, found: &mut Findings) {
        toolhive_plugins::validate::check(inventory, files, directory, found);
    }

    fn template(name: &str, description: &str) -> Vec<(&'static str, String)> {
        let manifest = serde_json::json!({
            "name": name,
            "version": "0.1.0",
            "description": description,
            "author": { "name": "Your name" },
        });
        let manifest = serde_json::to_string_pretty(&manifest).unwrap_or_default();
        let command =
            "---\ndescription: Says hello\n---\n\nSay hello, and what this plugin does.\n";
        vec![
            (Self::MANIFEST_PATH, manifest + "\n"),
            ("commands/hello.md", command.to_owned()),
            ("README.md", format!("# {name}\n\n{description}.\n")),
        ]
    }

    fn validate(directory: &Path, profile: Profile) -> Result<Report> {
        toolhive_plugins::validate::validate(directory, profile)
    }

    const READ: toolhive_places::Read = toolhive_places::Read::Plugins;

    fn locked(lock: &LockFile) -> &Vec<Entry> {
        &lock.plugins
    }

    fn locked_mut(lock: &mut LockFile) -> &mut Vec<Entry> {
        &mut lock.plugins
    }

    /// Returns nothing: what a plugin needs is the host's to install (LK-9).
    fn requires(_stored: &Stored, _files: &Files) -> Result<Vec<String>> {
        Ok(Vec::new())
    }
}

impl Kind for Skill {
    const PLURAL: &'static str = "skills";
    const OTHER: Other = Other::of::<Plugin>();

    fn default_store_root() -> Result<PathBuf> {
        toolhive_skills::store::default_store_root()
    }

    fn surface_root(name: String) -> agent_plugin::Root {
        agent_plugin::Root::skill(name)
    }

    fn check(files: &Files, _: &Inventory, directory: Option<&str>, found: &mut Findings) {
        toolhive_skills::validate::check(files, directory, found);
    }

    fn template(name: &str, description: &str) -> Vec<(&'static str, String)> {
        // A JSON string is a YAML string, whatever is in it.
        let quoted = serde_json::Value::from(description).to_string();
        let text = format!(
            "---\nname: {name}\ndescription: {quoted}\n---\n\n# {name}\n\n\
             ## When to use\n\nSay what the user asks for when this skill helps.\n\n\
             ## Steps\n\n1. Say what to do first.\n2. Say how to check that it worked.\n"
        );
        vec![(Self::MANIFEST_PATH, text)]
    }

    fn validate(directory: &Path, profile: Profile) -> Result<Report> {
        toolhive_skills::validate::validate(directory, profile)
    }

    const READ: toolhive_places::Read = toolhive_places::Read::Skills;

    fn locked(lock: &LockFile) -> &Vec<Entry> {
        &lock.skills
    }

    fn locked_mut(lock: &mut LockFile) -> &mut Vec<Entry> {
        &mut lock.skills
    }

    fn requires(stored: &Stored, files: &Files) -> Result<Vec<String>> {
        let annotated = toolhive_skills::config::parse_requires_annotation(&stored.annotations);
        let mut all = annotated.unwrap_or_default();
        if let Some(Content::Bytes(manifest)) = files.content(Self::MANIFEST_PATH) {
            let manifest = toolhive_skills::metadata::parse(manifest)?;
            let said = manifest.requires.iter().chain(&manifest.requires_at_top);
            all.extend(said.map(|one| one.to_string()));
        }
        all.retain(|one| !one.is_empty());
        all.sort_unstable();
        all.dedup();
        Ok(all)
    }
}
