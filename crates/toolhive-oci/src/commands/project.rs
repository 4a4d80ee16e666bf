// SPDX-License-Identifier: Apache-2.0
//! A project: its root, its lock file, and the places of its hosts.

use std::path::{Path, PathBuf};

use oci_artifact::{Error, ErrorKind, Result};
use serde::Serialize;
use toolhive_lockfile::{Entry, LockFile, Value, load};
use toolhive_places::hosts::HOSTS;
use toolhive_places::{Place, Scope, State, state};

use crate::args;
use crate::kind::Kind;

/// The key of the lock file under which this program keeps what is its own.
const OWN_KEY: &str = "x-toolhive-oci";
/// The hosts of a project that says nothing.
const DEFAULT: [&str; 2] = ["agents", "claude-code"];
/// The one host that reads plugins where it reads skills.
const PLUGINS: &str = "claude-code";

/// A project and what its lock file says.
pub(super) struct Project {
    pub(super) root: PathBuf,
    pub(super) lock: LockFile,
}

/// An entry in a place.
#[derive(Serialize)]
pub(super) struct Found {
    pub(super) clients: Vec<String>,
    pub(super) path: String,
    pub(super) state: &'static str,
}

impl Project {
    /// Reads the lock file, which has to be there.
    pub(super) fn open(args: &args::Project) -> Result<Self> {
        let root = root(args)?;
        let Some(lock) = load(&root)? else {
            let message = "this project has no toolhive.lock.yaml";
            return Err(Error::new(ErrorKind::NotFound, message)
                .at_path(root)
                .with_help("--project-root names another project"));
        };
        Ok(Self { root, lock })
    }

    /// The entries of a kind.
    pub(super) fn entries<K: Kind>(&self) -> &[Entry] {
        match K::PLURAL {
            "skills" => &self.lock.skills,
            _ => &self.lock.plugins,
        }
    }

    /// The places of these clients, or of those that the lock file or the project names.
    pub(super) fn places<K: Kind>(&self, clients: &[String]) -> Result<Vec<Place>> {
        let mut clients = match clients {
            [] => self.clients(),
            named => named.to_vec(),
        };
        if K::PLURAL == "plugins" {
            clients.retain(|client| client == PLUGINS || client.starts_with("dir:"));
        }
        Scope::Project { root: self.root.clone() }.places(&clients)
    }

    fn clients(&self) -> Vec<String> {
        let own = self.lock.other.iter().find(|(key, _)| key.text == OWN_KEY);
        if let Some((_, Value::Map(pairs))) = own
            && let Some((_, Value::List(items))) =
                pairs.iter().find(|(key, _)| key.text == "clients")
        {
            let text = |item: &Value| match item {
                Value::Scalar(scalar) => Some(scalar.text.clone()),
                _ => None,
            };
            return items.iter().filter_map(text).collect();
        }
        let is_there = |path: &str| self.root.join(path).symlink_metadata().is_ok();
        let present: Vec<String> = HOSTS
            .iter()
            .filter(|host| is_there(host.project))
            .map(|host| host.name.to_owned())
            .collect();
        if present.is_empty() { DEFAULT.map(str::to_owned).to_vec() } else { present }
    }

    /// What lies in each place under an entry's name.
    pub(super) fn look(&self, entry: &Entry, places: &[Place]) -> Result<Vec<Found>> {
        let look = |place: &Place| {
            let found = state(&self.root, &place.directory, &entry.name, &entry.content_digest)?;
            // An entry without a content digest cannot be compared with anything.
            let state = match found {
                State::Drifted(_) if entry.content_digest.is_empty() => "unknown",
                found => found.as_str(),
            };
            let path = place.directory.join(&entry.name);
            let path = path.strip_prefix(&self.root).unwrap_or(&path).display().to_string();
            Ok(Found { clients: place.clients.clone(), path, state })
        };
        places.iter().map(look).collect()
    }
}

/// The project's root: the one that is named, or the nearest directory upwards with `.git`.
pub(super) fn root(args: &args::Project) -> Result<PathBuf> {
    if let Some(root) = &args.project_root {
        return std::path::absolute(root)
            .map_err(|error| Error::io("cannot tell where this is", root, error));
    }
    let here = std::env::current_dir()
        .map_err(|error| Error::io("cannot tell where this is", Path::new("."), error))?;
    for directory in here.ancestors() {
        // A file in a worktree.
        match directory.join(".git").symlink_metadata() {
            Ok(_) => return Ok(directory.to_owned()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::io("cannot look for .git in", directory, error)),
        }
    }
    Err(Error::new(ErrorKind::NotFound, "no directory upwards from here has .git")
        .at_path(here)
        .with_help("name the project with --project-root"))
}
