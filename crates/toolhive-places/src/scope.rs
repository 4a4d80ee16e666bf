// SPDX-License-Identifier: Apache-2.0
//! A project's or a user's directories, made of the table.

use std::path::{Component, Path, PathBuf};

use oci_artifact::{Error, ErrorKind, Result};

use crate::hosts::{HOSTS, Host, find, find_for_plugins};

/// The kind of tree that hosts read from a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// The places of skills.
    Skills,
    /// The places of plugins.
    Plugins,
}

/// The owner of the directories that are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// A project's, below its root.
    Project {
        /// The root of the project.
        root: PathBuf,
    },
    /// The places of a user.
    User {
        /// The home directory.
        home: PathBuf,
        /// `CLAUDE_CONFIG_DIR`, where that is set.
        claude: Option<PathBuf>,
    },
}

/// A directory below which trees are placed, each under its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The clients that read it.
    pub clients: Vec<String>,
    /// The directory of the place.
    pub directory: PathBuf,
}

impl Scope {
    /// Returns the directory below which all relative ones lie.
    pub fn root(&self) -> &Path {
        match self {
            Self::Project { root } => root,
            Self::User { home, .. } => home,
        }
    }

    /// Returns the places of these clients, in their order; two with one directory are one place.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidOption`] for a client that is not known, and a `dir:` that leads out.
    pub fn places(&self, read: Read, clients: &[String]) -> Result<Vec<Place>> {
        let mut places: Vec<Place> = Vec::new();
        for client in clients {
            let directory = match client.strip_prefix("dir:") {
                Some(path) => self.named(path)?,
                None if read == Read::Plugins => self.directory(find_for_plugins(client)?),
                None => self.directory(find(client)?),
            };
            match places.iter_mut().find(|place| place.directory == directory) {
                Some(place) if place.clients.contains(client) => {}
                Some(place) => place.clients.push(client.clone()),
                None => places.push(Place { clients: vec![client.clone()], directory }),
            }
        }
        Ok(places)
    }

    /// Returns the places of all hosts that are known by name.
    ///
    /// # Errors
    /// As [`places`](Self::places).
    pub fn all(&self) -> Result<Vec<Place>> {
        self.places(
            Read::Skills,
            &HOSTS.iter().map(|host| host.name.to_owned()).collect::<Vec<_>>(),
        )
    }

    fn directory(&self, host: &Host) -> PathBuf {
        match self {
            Self::Project { root } => root.join(host.project),
            Self::User { claude: Some(claude), .. } if host.name == "claude-code" => {
                claude.join("skills")
            }
            Self::User { home, .. } => home.join(host.user),
        }
    }

    /// Returns a directory below the root, without a link on the way to it (PL-6).
    fn named(&self, path: &str) -> Result<PathBuf> {
        let below = Path::new(path).strip_prefix(self.root()).unwrap_or(Path::new(path));
        let is_below = below.components().all(|part| matches!(part, Component::Normal(_)));
        if below.as_os_str().is_empty() || !is_below {
            let message = format!("dir:{path} is not a directory below {}", self.root().display());
            let error = Error::new(ErrorKind::InvalidOption, message);
            return Err(error.with_help("name a directory below it, without `.` and `..`"));
        }
        Ok(self.root().join(below))
    }
}
