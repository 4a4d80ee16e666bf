// SPDX-License-Identifier: Apache-2.0
//! Credential helpers: programs that keep secrets for Docker.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::time::timeout;

use crate::auth::credential::{Credential, helper_key};
use crate::error::{Error, ErrorKind, Result};

/// The most that is read of what a helper prints.
const MAX_OUTPUT: u64 = 64 * 1024;
/// The answer of helpers that know nothing. It is no failure.
const NOT_FOUND: &str = "credentials not found in native keychain";
/// The answer of some helpers that are asked to keep or forget something.
const NOT_IMPLEMENTED: &str = "not implemented";

/// A credential helper, as a program.
#[derive(Clone, Debug)]
pub struct Helper {
    /// The directories in which they are looked for.
    pub search_path: Vec<PathBuf>,
    /// The time that one may take.
    pub timeout: Duration,
}

impl Default for Helper {
    fn default() -> Self {
        Self { search_path: Vec::new(), timeout: Duration::from_secs(30) }
    }
}

/// The answer of a helper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Found(Credential),
    Nothing,
    /// The helper is not installed.
    Missing,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Output {
    #[serde(default)]
    username: String,
    #[serde(default)]
    secret: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Input<'a> {
    #[serde(rename = "ServerURL")]
    server_url: &'a str,
    username: &'a str,
    secret: &'a str,
}

impl Helper {
    /// Asks for the credential of a server.
    pub(crate) async fn get(&self, name: &str, server: &str) -> Result<Answer> {
        let failed = |why: &str| failure(name, why);
        let Some((is_success, output)) = self.run(name, "get", server.as_bytes()).await? else {
            return Ok(Answer::Missing);
        };
        if !is_success {
            let text = String::from_utf8_lossy(&output);
            return match text.trim() {
                NOT_FOUND => Ok(Answer::Nothing),
                // Its text may hold anything, so it is not passed on.
                _ => Err(failed("failed")),
            };
        }
        let output: Output = serde_json::from_slice(&output)
            .map_err(|_| failed("printed something other than JSON"))?;
        if output.username.is_empty() && output.secret.is_empty() {
            return Ok(Answer::Nothing);
        }
        let credential = Credential::basic(output.username, output.secret);
        Ok(Answer::Found(credential.map_err(|_| failed("gave no valid user name"))?))
    }

    /// Gives a helper a credential to keep.
    ///
    /// # Errors
    /// [`ErrorKind::Credentials`] if it is not installed, fails, or keeps nothing.
    pub async fn store(&self, name: &str, registry: &str, credential: &Credential) -> Result<()> {
        let (username, secret) = match credential {
            Credential::Basic { username, password } => (username.as_str(), password.expose()),
            Credential::IdentityToken { token } => ("<token>", token.expose()),
            Credential::RegistryToken { .. } => {
                return Err(failure(name, "cannot store a registry token"));
            }
        };
        let input = Input { server_url: helper_key(registry), username, secret };
        let input = serde_json::to_vec(&input).map_err(|_| failure(name, "cannot be asked"))?;
        self.change(name, "store", &input).await.map(drop)
    }

    /// Makes a helper forget the credential of a registry: whether it had one. Most do not say that
    /// they had none.
    ///
    /// # Errors
    /// [`ErrorKind::Credentials`] if it is not installed or fails.
    pub async fn erase(&self, name: &str, registry: &str) -> Result<bool> {
        self.change(name, "erase", helper_key(registry).as_bytes()).await
    }

    /// Whether the helper changed anything, as far as it says.
    async fn change(&self, name: &str, action: &str, input: &[u8]) -> Result<bool> {
        match self.run(name, action, input).await? {
            None => Err(failure(name, "is not installed")),
            Some((true, _)) => Ok(true),
            Some((false, output)) => match String::from_utf8_lossy(&output).trim() {
                NOT_FOUND => Ok(false),
                text if text.contains(NOT_IMPLEMENTED) => {
                    tracing::warn!(helper = name, "the credential helper has nothing stored");
                    Ok(false)
                }
                _ => Err(failure(name, "failed")),
            },
        }
    }

    /// Runs a helper: whether it succeeded, and what it printed. None where there is no such
    /// program. It is killed when it takes too long or the future is dropped.
    async fn run(&self, name: &str, action: &str, input: &[u8]) -> Result<Option<(bool, Vec<u8>)>> {
        let is_word = |b: u8| b.is_ascii_alphanumeric();
        let is_name = name.bytes().next().is_some_and(is_word)
            && name.bytes().all(|b| is_word(b) || b"._-".contains(&b));
        if !is_name {
            return Err(failure(name, "has a name that no program can have"));
        }
        if input.iter().any(|b| matches!(b, b'\r' | b'\n' | 0)) {
            return Err(failure(name, "is not asked about a server with a line break in its name"));
        }
        let Some(program) = self.find(name) else { return Ok(None) };
        let mut child = match Command::new(program)
            .arg(action)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
        {
            Ok(child) => child,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(_) => return Err(failure(name, "cannot be started")),
        };
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let talk = async {
            let say = async {
                if let Some(mut stdin) = stdin {
                    // A helper that reads nothing closes its end; its answer counts.
                    let _ = stdin.write_all(input).await;
                }
            };
            let ((), output) = tokio::join!(say, read_capped(stdout));
            let output = output.ok_or_else(|| failure(name, "printed too much"))?;
            let status = child.wait().await.map_err(|_| failure(name, "cannot be waited for"))?;
            Ok((status.success(), output))
        };
        match timeout(self.timeout, talk).await {
            Ok(done) => done.map(Some),
            Err(_) => Err(failure(name, "did not answer in time")),
        }
    }

    fn find(&self, name: &str) -> Option<PathBuf> {
        let suffixes: &[&str] = if cfg!(windows) { &[".exe", ".cmd", ""] } else { &[""] };
        let directories = self.search_path.iter().filter(|directory| directory.is_absolute());
        directories
            .flat_map(|directory| {
                let file =
                    move |suffix| directory.join(format!("docker-credential-{name}{suffix}"));
                suffixes.iter().map(file)
            })
            .find(|path| path.is_file())
    }
}

async fn read_capped(output: Option<impl AsyncRead + Unpin>) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    if let Some(output) = output {
        output.take(MAX_OUTPUT + 1).read_to_end(&mut all).await.ok()?;
    }
    (all.len() as u64 <= MAX_OUTPUT).then_some(all)
}

fn failure(name: &str, why: &str) -> Error {
    let name = crate::transport::redact::clean(name);
    Error::new(ErrorKind::Credentials, format!("the credential helper {name:?} {why}"))
        .with_help("run docker-credential-NAME by hand to see what it says")
}
