// SPDX-License-Identifier: Apache-2.0
//! Credentials, and where they are looked for (R-21 to R-26). Nothing here reads the environment:
//! its variables and paths are parameters.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use oci_artifact::reference::{is_docker_hub, is_registry};

use crate::auth::docker_config::DockerConfig;
use crate::auth::helper::{Answer, Helper};
use crate::auth::memory::Memory;
use crate::error::{Error, ErrorKind, Result};
use crate::transport::gate::lock;
use crate::transport::redact::Secret;
use crate::transport::retry::{Clock, SystemClock};

/// The name of Docker's Hub in its files and to its helpers.
const DOCKER_HUB_KEY: &str = "https://index.docker.io/v1/";

/// A credential for a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credential {
    /// A user name and a password.
    Basic {
        /// The user name, without a colon.
        username: String,
        /// The password of the user.
        password: Secret,
    },
    /// A token that a token server exchanges for others (R-11).
    IdentityToken {
        /// The identity token, which is exchanged for another one.
        token: Secret,
    },
    /// A token that goes to the registry as it is.
    RegistryToken {
        /// The token for the registry itself.
        token: Secret,
    },
}

impl Credential {
    /// Returns a user name and a password.
    ///
    /// # Errors
    /// [`ErrorKind::Credentials`] if the name has a colon, which Basic authentication cannot carry
    /// (R-19), or is empty.
    pub fn basic(username: impl Into<String>, password: impl Into<String>) -> Result<Self> {
        let (username, password) = (username.into(), Secret::new(password));
        if username.is_empty() || username.contains(':') {
            let message = "a user name is not empty and has no colon";
            return Err(Error::new(ErrorKind::Credentials, message));
        }
        if username == "<token>" {
            return Ok(Self::IdentityToken { token: password });
        }
        Ok(Self::Basic { username, password })
    }

    /// Returns every secret in it, for scrubbing.
    pub(crate) fn secret(&self) -> &str {
        match self {
            Self::Basic { password: secret, .. }
            | Self::IdentityToken { token: secret }
            | Self::RegistryToken { token: secret } => secret.expose(),
        }
    }
}

/// A credential and where it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The credential that was found.
    pub credential: Credential,
    /// The source of it, for people: a file, a helper. It is no secret.
    pub source: String,
}

/// A source of credentials for a client.
#[async_trait]
pub trait CredentialSource: fmt::Debug + Send + Sync {
    /// Returns the credential for a repository of a registry, if there is one.
    ///
    /// # Errors
    /// [`ErrorKind::Credentials`] if a source cannot be read.
    async fn lookup(&self, registry: &str, repository: &str) -> Result<Option<Found>>;

    /// Returns the problem with credentials when they were looked for last for that registry: the
    /// file or helper and what is wrong with it, without its value. It may be why there are none
    /// (R-94).
    fn unusable(&self, _registry: &str) -> Vec<String> {
        Vec::new()
    }
}

/// No credentials, ever.
#[derive(Clone, Copy, Debug, Default)]
pub struct Anonymous;

#[async_trait]
impl CredentialSource for Anonymous {
    async fn lookup(&self, _: &str, _: &str) -> Result<Option<Found>> {
        Ok(None)
    }
}

/// The variables of the environment that say where credentials are. The caller, who may read it, fills this in; what
/// is not set is none.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Environment {
    /// `DOCKER_AUTH_CONFIG`: the text of a config file.
    pub docker_auth_config: Option<Secret>,
    /// `REGISTRY_AUTH_FILE`: a file that must exist.
    pub registry_auth_file: Option<PathBuf>,
    /// `DOCKER_CONFIG`: the directory of `config.json`.
    pub docker_config: Option<PathBuf>,
    /// The value of `HOME`.
    pub home: Option<PathBuf>,
    /// The value of `XDG_RUNTIME_DIR`.
    pub xdg_runtime_dir: Option<PathBuf>,
    /// The value of `XDG_CONFIG_HOME`.
    pub xdg_config_home: Option<PathBuf>,
    /// The user's number, for `/run/containers/UID`.
    pub uid: Option<u32>,
    /// The directories in which helpers are looked for, from `PATH`.
    pub search_path: Vec<PathBuf>,
}

impl Environment {
    /// Returns the environment that the variables describe; `get` is `std::env::var_os` or whatever stands for it.
    /// The user's number is no variable.
    pub fn from_vars(get: impl Fn(&str) -> Option<OsString>) -> Self {
        let path = |name| get(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        Self {
            docker_auth_config: get("DOCKER_AUTH_CONFIG")
                .filter(|text| !text.is_empty())
                .map(|text| Secret::new(text.to_string_lossy())),
            registry_auth_file: path("REGISTRY_AUTH_FILE"),
            docker_config: path("DOCKER_CONFIG"),
            home: path("HOME"),
            xdg_runtime_dir: path("XDG_RUNTIME_DIR"),
            xdg_config_home: path("XDG_CONFIG_HOME"),
            uid: None,
            search_path: get("PATH").iter().flat_map(std::env::split_paths).collect(),
        }
    }

    /// Docker's config file: the one that `login` writes.
    pub fn docker_config_file(&self) -> Option<PathBuf> {
        let own = || self.home.as_ref().map(|home| home.join(".docker"));
        Some(self.docker_config.clone().or_else(own)?.join("config.json"))
    }
}

/// Whether a file must exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// A file that may be missing: then it has no credentials.
    Optional,
    /// A file that must exist, because somebody named it (F-43).
    Required,
}

/// Credentials as Docker and Podman find them: an ordered list of sources, of which the first one
/// that has an entry for the registry wins (R-21).
#[derive(Debug)]
pub struct CredentialStore {
    sources: Vec<Place>,
    helpers: Helper,
    clock: Arc<dyn Clock>,
    /// Messages about entries that could not be used, by registry.
    unusable: Mutex<BTreeMap<String, BTreeSet<String>>>,
    /// The answers of helpers, by helper and server.
    answers: Memory<Answer>,
}

#[derive(Debug)]
enum Place {
    /// None is any registry.
    Given {
        registry: Option<String>,
        credential: Credential,
    },
    Text {
        name: &'static str,
        text: Secret,
    },
    File {
        path: PathBuf,
        presence: Presence,
    },
}

impl Default for CredentialStore {
    fn default() -> Self {
        Self::new()
    }
}

impl CredentialStore {
    /// Creates a store without sources.
    pub fn new() -> Self {
        Self {
            sources: Vec::new(),
            helpers: Helper::default(),
            clock: Arc::new(SystemClock),
            unusable: Mutex::default(),
            answers: Memory::default(),
        }
    }

    /// Returns all places where Docker and Podman look, Docker's first (R-21).
    pub fn discover(environment: &Environment) -> Self {
        let mut store = Self::new().with_search_path(environment.search_path.clone());
        if let Some(text) = &environment.docker_auth_config {
            store.sources.push(Place::Text { name: "DOCKER_AUTH_CONFIG", text: text.clone() });
        }
        if let Some(path) = &environment.registry_auth_file {
            store = store.with_file(path, Presence::Required);
        }
        if let Some(path) = environment.docker_config_file() {
            store = store.with_file(path, Presence::Optional);
        }
        let run = environment.uid.map(|uid| Path::new("/run/containers").join(uid.to_string()));
        let runtime = environment.xdg_runtime_dir.as_ref().map(|dir| dir.join("containers"));
        let home = environment.home.as_ref();
        let config = environment.xdg_config_home.clone().or_else(|| Some(home?.join(".config")));
        let config = config.map(|dir| dir.join("containers"));
        for directory in [runtime.or(run), config].into_iter().flatten() {
            store = store.with_file(directory.join("auth.json"), Presence::Optional);
        }
        match home {
            Some(home) => store.with_file(home.join(".dockercfg"), Presence::Optional),
            None => store,
        }
    }

    /// A credential for one registry, before all sources that were added so far (R-21).
    #[must_use]
    pub fn with_credential(mut self, registry: impl Into<String>, credential: Credential) -> Self {
        let registry = Some(registry.into());
        self.sources.insert(0, Place::Given { registry, credential });
        self
    }

    /// A credential for every registry that the client speaks with, before all other sources: for
    /// a client of one registry.
    #[must_use]
    pub fn with_credential_for_all(mut self, credential: Credential) -> Self {
        self.sources.insert(0, Place::Given { registry: None, credential });
        self
    }

    /// A file in Docker's or Podman's format, after all sources that were added so far.
    #[must_use]
    pub fn with_file(mut self, path: impl Into<PathBuf>, presence: Presence) -> Self {
        self.sources.push(Place::File { path: path.into(), presence });
        self
    }

    /// Sets the directories in which helpers are looked for.
    #[must_use]
    pub fn with_search_path(mut self, directories: Vec<PathBuf>) -> Self {
        self.helpers.search_path = directories;
        self
    }

    /// Sets the time that a helper may take; 30 seconds by default (R-24).
    #[must_use]
    pub fn with_helper_timeout(mut self, timeout: Duration) -> Self {
        self.helpers.timeout = timeout;
        self
    }

    /// Replaces the clock by which helpers' answers expire.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    async fn look_in(
        &self,
        config: &DockerConfig,
        source: &str,
        registry: &str,
        repository: &str,
    ) -> Result<Option<Found>> {
        let helper = config.helper(registry).into_iter().chain(config.store());
        for name in helper {
            let asked = self.ask(name, registry).await;
            match asked.map_err(|error| error.named_in(source))? {
                Answer::Found(credential) => {
                    let source = format!("the credential helper {name:?}, named in {source}");
                    return Ok(Some(Found { credential, source }));
                }
                Answer::Nothing => {}
                Answer::Missing => self.cannot_use(
                    registry,
                    format!(
                        "the credential helper {name:?}, named in {source}, is not installed: \
                         there is no docker-credential-{name} in PATH"
                    ),
                ),
            }
        }
        let (credential, problems) = config.entry(registry, repository, source);
        for problem in problems {
            self.cannot_use(registry, problem);
        }
        Ok(credential.map(|credential| Found { credential, source: source.to_owned() }))
    }

    fn cannot_use(&self, registry: &str, problem: String) {
        tracing::warn!("{problem}");
        lock(&self.unusable).entry(registry.to_owned()).or_default().insert(problem);
    }

    /// Asks a helper, or remembers what it said; of many who ask at once, one asks it (R-24).
    async fn ask(&self, name: &str, registry: &str) -> Result<Answer> {
        let key = helper_key(registry);
        self.answers.get((name, key), self.clock.as_ref(), self.helpers.get(name, key)).await
    }
}

#[async_trait]
impl CredentialSource for CredentialStore {
    async fn lookup(&self, registry: &str, repository: &str) -> Result<Option<Found>> {
        lock(&self.unusable).remove(registry);
        for place in &self.sources {
            let found = match place {
                Place::Given { registry: its, credential } => {
                    let source = "the options".to_owned();
                    its.as_deref()
                        .is_none_or(|its| same_host(its, registry))
                        .then(|| Found { credential: credential.clone(), source })
                }
                Place::Text { name, text } => match DockerConfig::parse(text.expose().as_bytes()) {
                    Ok(config) => self.look_in(&config, name, registry, repository).await?,
                    Err(error) => {
                        self.cannot_use(registry, format!("{name} cannot be used: {error}"));
                        None
                    }
                },
                Place::File { path, presence } => {
                    let name = format!("the file {}", path.display());
                    match DockerConfig::read(path, *presence).await? {
                        Some(config) => self.look_in(&config, &name, registry, repository).await?,
                        None => None,
                    }
                }
            };
            if let Some(found) = found {
                tracing::debug!(registry, source = found.source, "found credentials");
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    fn unusable(&self, registry: &str) -> Vec<String> {
        lock(&self.unusable).get(registry).into_iter().flatten().cloned().collect()
    }
}

/// Returns the name of a registry to a helper.
pub(crate) fn helper_key(registry: &str) -> &str {
    if is_docker_hub(registry) { DOCKER_HUB_KEY } else { registry }
}

/// Returns a key of a credential file, or a registry: its host in one spelling, and the path behind
/// it. `https://h/v1/` is `h`, all names of Docker Hub are one, and so are `h` and `h:443` (R-22).
pub(crate) fn normalise(key: &str) -> (String, &str) {
    let bare = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
    let (host, path) = bare.split_once('/').unwrap_or((bare, ""));
    let path = match path.trim_end_matches('/') {
        "v1" | "v2" => "",
        path => path,
    };
    if is_docker_hub(host) {
        return ("docker.io".to_owned(), path);
    }
    let host = host.strip_suffix(":443").or_else(|| host.strip_suffix(':')).unwrap_or(host);
    (host.to_ascii_lowercase(), path)
}

fn same_host(one: &str, other: &str) -> bool {
    normalise(one).0 == normalise(other).0
}

/// Whether a text may be a server's name for a helper or a file (D15).
pub(crate) fn check_registry(registry: &str) -> Result<()> {
    if is_registry(registry) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::InvalidOption, format!("{registry:?} is not a registry")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_in_one_spelling_r_22() {
        for (key, host, path) in [
            ("https://index.docker.io/v1/", "docker.io", ""),
            ("docker.io", "docker.io", ""),
            ("registry-1.docker.io", "docker.io", ""),
            ("https://H.io/v2/", "h.io", ""),
            ("h.io:443", "h.io", ""),
            ("h.io:5000", "h.io:5000", ""),
            ("h.io/org/x", "h.io", "org/x"),
            ("http://h.io", "h.io", ""),
        ] {
            assert_eq!(normalise(key), (host.to_owned(), path), "{key}");
        }
    }

    #[test]
    fn names_with_a_colon_are_refused_r_19() {
        assert!(Credential::basic("a:b", "c").is_err());
        let token = Credential::basic("<token>", "t").expect("fine");
        assert!(matches!(token, Credential::IdentityToken { .. }));
        assert!(!format!("{token:?}").contains("\"t\""));
    }

    #[tokio::test]
    async fn what_is_given_goes_first_r_21() {
        let given = Credential::basic("u", "p").expect("fine");
        let store = CredentialStore::discover(&Environment {
            docker_auth_config: Some(Secret::new(
                r#"{"auths":{"h.io":{"username":"x","password":"y"}}}"#,
            )),
            ..Environment::default()
        })
        .with_credential("h.io", given.clone());
        let found = store.lookup("h.io", "x").await.expect("fine").expect("some");
        assert_eq!(found.credential, given);
        assert_eq!(store.lookup("other.io", "x").await.expect("fine"), None);
    }

    #[tokio::test]
    async fn a_malformed_variable_is_ignored_f_44() {
        let store = CredentialStore::discover(&Environment {
            docker_auth_config: Some(Secret::new("canary")),
            ..Environment::default()
        });
        assert_eq!(store.lookup("h.io", "x").await.expect("a warning"), None);
    }
}
