// SPDX-License-Identifier: Apache-2.0
//! A project: its root, its lock file, and the places of its hosts.

use std::path::{Path, PathBuf};

use oci_artifact::{Error, ErrorKind, Result};
use serde::Serialize;
use toolhive_lockfile::{Entry, LockFile, Value, load};
use toolhive_places::hosts::{HOSTS, MARKETPLACE};
use toolhive_places::{Place, Read, Scope, State, state};

use crate::args;
use crate::kind::Kind;

/// The key of the lock file under which this program keeps what is its own.
pub(crate) const OWN_KEY: &str = "x-toolhive-oci";
/// The hosts of a project that says nothing.
const DEFAULT: [&str; 2] = ["agents", "claude-code"];
/// The most trees that are placed in a project (`place.md`, 3).
const MOST_TREES: usize = 1_000;

/// A project and what its lock file says.
pub(crate) struct Project {
    pub(crate) root: PathBuf,
    pub(crate) lock: LockFile,
    scope: Scope,
}

/// An entry in a place.
#[derive(Serialize)]
pub(crate) struct Found {
    pub(crate) clients: Vec<String>,
    pub(crate) path: String,
    pub(crate) state: &'static str,
}

impl Project {
    /// Reads the lock file, which has to be there.
    pub(crate) fn open(args: &args::Project) -> Result<Self> {
        let root = root(args)?;
        let Some(lock) = load(&root)? else {
            let message = "this project has no toolhive.lock.yaml";
            return Err(Error::new(ErrorKind::NotFound, message)
                .at_path(root)
                .with_help("`install` creates it; --project-root names another project"));
        };
        Ok(Self::new(root, lock))
    }

    /// A project with a lock file that was read already.
    pub(crate) fn new(root: PathBuf, lock: LockFile) -> Self {
        let scope = Scope::Project { root: root.clone() };
        Self { root, lock, scope }
    }

    /// The user's own places, of which no lock file says anything (PL-10).
    pub(crate) fn of_user(clients: &[String]) -> Result<Self> {
        if clients.is_empty() {
            let message = "a user's places are used only if hosts are named";
            return Err(
                Error::new(ErrorKind::InvalidOption, message).with_help("name them with --clients")
            );
        }
        let home = std::env::home_dir()
            .filter(|home| home.is_absolute())
            .ok_or_else(|| Error::new(ErrorKind::NotFound, "this user has no home directory"))?;
        let home = canonical(&home, "the home directory cannot be opened")?;
        let claude = std::env::var_os("CLAUDE_CONFIG_DIR").filter(|path| !path.is_empty());
        let scope = Scope::User { home: home.clone(), claude: claude.map(PathBuf::from) };
        Ok(Self { root: home, lock: LockFile::default(), scope })
    }

    /// The entries of a kind.
    pub(crate) fn entries<K: Kind>(&self) -> &[Entry] {
        K::locked(&self.lock)
    }

    /// The entry of that name.
    pub(crate) fn entry<K: Kind>(&self, name: &str) -> Option<&Entry> {
        self.entries::<K>().iter().find(|entry| entry.name == name)
    }

    /// The places of these clients, or of those that the lock file or the project names.
    pub(crate) fn places<K: Kind>(&self, clients: &[String]) -> Result<Vec<Place>> {
        let clients = match clients {
            [] => self.clients(K::READ)?,
            named => named.to_vec(),
        };
        self.scope.places(K::READ, &clients)
    }

    /// Returns the clients of the lock file, or else of the project.
    pub(crate) fn clients(&self, read: Read) -> Result<Vec<String>> {
        if let Some(named) = self.named_clients(read)? {
            return Ok(named);
        }
        if read == Read::Plugins {
            return Ok(vec![MARKETPLACE.name.to_owned()]);
        }
        let is_there = |path: &str| self.root.join(path).symlink_metadata().is_ok();
        // One place is one host's, even if others read it.
        let mut present: Vec<&str> = Vec::new();
        let mut seen: Vec<&str> = Vec::new();
        for host in HOSTS.iter().filter(|host| is_there(host.project)) {
            if !seen.contains(&host.project) {
                seen.push(host.project);
                present.push(host.name);
            }
        }
        let clients = if present.is_empty() { DEFAULT.to_vec() } else { present };
        Ok(clients.into_iter().map(str::to_owned).collect())
    }

    /// The clients that the lock file names.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDocument`] if it names them in another way than as a list of texts.
    pub(crate) fn named_clients(&self, read: Read) -> Result<Option<Vec<String>>> {
        let key = clients_key(read);
        let misnamed = || {
            let message = format!("{OWN_KEY}: {key} of the lock file is not a list of hosts");
            Error::new(ErrorKind::InvalidDocument, message)
                .at_path(self.root.join(toolhive_lockfile::FILE_NAME))
                .with_help("write one host on each line, after `- `")
        };
        let own = self.lock.other.iter().find(|(key, _)| key.text == OWN_KEY);
        let Some((_, own)) = own else { return Ok(None) };
        let Value::Map(pairs) = own else { return Err(misnamed()) };
        let list = pairs.iter().find(|(name, _)| name.text == key);
        let Some((_, list)) = list else { return Ok(None) };
        let Value::List(items) = list else { return Err(misnamed()) };
        let text = |item: &Value| match item {
            Value::Scalar(scalar) => Ok(scalar.text.clone()),
            _ => Err(misnamed()),
        };
        items.iter().map(text).collect::<Result<_>>().map(Some)
    }

    /// The trees of a kind that have to be placed are not too many.
    pub(crate) fn check_count<K: Kind>(&self, places: &[Place]) -> Result<()> {
        let trees = self.entries::<K>().len().saturating_mul(places.len());
        if trees <= MOST_TREES {
            return Ok(());
        }
        let message =
            format!("{trees} directories would be placed, and a project can have {MOST_TREES}");
        Err(Error::new(ErrorKind::TooLarge, message).with_help("name fewer hosts with --clients"))
    }

    /// The state of each place under an entry's name.
    pub(crate) fn look(&self, entry: &Entry, places: &[Place]) -> Result<Vec<Found>> {
        let look = |place: &Place| {
            let found = state(&self.root, &place.directory, &entry.name, &entry.content_digest)?;
            // An entry without a content digest cannot be compared with anything.
            let state = match found {
                State::Drifted(_) if entry.content_digest.is_empty() => "unknown",
                found => found.as_str(),
            };
            let path = self.shown(&place.directory.join(&entry.name));
            Ok(Found { clients: place.clients.clone(), path, state })
        };
        places.iter().map(look).collect()
    }

    /// A path as it is shown: from the root.
    pub(crate) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}

/// Whether nothing is in a lock file but what this program put there beside the entries.
pub(crate) fn is_only_ours(lock: &LockFile) -> bool {
    lock.skills.is_empty()
        && lock.plugins.is_empty()
        && lock.other.iter().all(|(key, _)| key.text == OWN_KEY)
}

/// The key below our own that names the clients of a kind.
pub(crate) fn clients_key(read: Read) -> &'static str {
    match read {
        Read::Skills => "clients",
        Read::Plugins => "pluginClients",
    }
}

fn canonical(path: &Path, failed: &str) -> Result<PathBuf> {
    path.canonicalize()
        .map_err(|error| Error::new(ErrorKind::InvalidDir, failed).at_path(path).caused_by(error))
}

/// The project's root: the one that is named, or the nearest directory upwards with `.git`.
pub(crate) fn root(args: &args::Project) -> Result<PathBuf> {
    if let Some(root) = &args.project_root {
        let root = std::path::absolute(root)
            .map_err(|error| Error::io("the absolute path of this cannot be found", root, error))?;
        // What is placed is reported with its path below the root, so that has to be one.
        return canonical(&root, "the project's root cannot be opened");
    }
    let here = std::env::current_dir().map_err(|error| {
        Error::io("the absolute path of this cannot be found", Path::new("."), error)
    })?;
    for directory in here.ancestors() {
        // A file in a worktree.
        match directory.join(".git").symlink_metadata() {
            Ok(_) => return Ok(directory.to_owned()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::io("cannot look for .git in", directory, error)),
        }
    }
    Err(Error::new(ErrorKind::NotFound, "neither this directory nor one above it has .git")
        .at_path(here)
        .with_help("name the project with --project-root"))
}
