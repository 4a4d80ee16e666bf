// SPDX-License-Identifier: Apache-2.0
//! Keeping and forgetting credentials (R-27): in the helper that a config file names, or in the file
//! itself, of which one entry changes and nothing else.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use oci_artifact::json::{self, Kind, Writer};

use crate::auth::credential::{Credential, Presence, check_registry, helper_key, normalise};
use crate::auth::docker_config::{DockerConfig, read_capped};
use crate::auth::helper::Helper;
use crate::error::{Error, ErrorKind, Result};
use crate::transport::redact::Secret;

/// The pause between two tries, and their number, while another process writes the file.
const LOCK_PAUSE: Duration = Duration::from_millis(20);
const LOCK_ATTEMPTS: u32 = 250;

/// The place where a credential is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Kept by that helper.
    Helper(String),
    /// Kept in that file, as plain text for anybody who may read it.
    File(PathBuf),
}

/// The result of a logout.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoggedOut {
    /// The places whose credentials are forgotten now. A helper that does not say is taken to have
    /// kept something.
    pub forgotten: Vec<Kept>,
    /// All places that were looked at.
    pub looked_in: Vec<Kept>,
}

/// Keeps a credential for a registry, as `file` (a Docker config) says.
///
/// # Errors
/// [`ErrorKind::Credentials`] if the file is malformed or cannot be written, or the helper is
/// missing or fails; [`ErrorKind::InvalidOption`] if `registry` is not one.
pub async fn login(
    file: &Path,
    helpers: &Helper,
    registry: &str,
    credential: &Credential,
) -> Result<Kept> {
    check_registry(registry)?;
    if credential.secret().is_empty() {
        return Err(Error::new(ErrorKind::Credentials, "an empty password is not accepted"));
    }
    if let Some(name) = helper_of(file, registry).await? {
        helpers.store(&name, registry, credential).await?;
        return Ok(Kept::Helper(name));
    }
    let entry = entry(credential);
    change(file, registry, Some(entry)).await?;
    Ok(Kept::File(file.to_owned()))
}

/// Forgets the credential for a registry. That there is none is no error.
///
/// # Errors
/// Those of [`login`].
pub async fn logout(file: &Path, helpers: &Helper, registry: &str) -> Result<LoggedOut> {
    check_registry(registry)?;
    let mut done = LoggedOut::default();
    if let Some(name) = helper_of(file, registry).await? {
        if helpers.erase(&name, registry).await? {
            done.forgotten.push(Kept::Helper(name.clone()));
        }
        done.looked_in.push(Kept::Helper(name));
    }
    let config = DockerConfig::read(file, Presence::Optional).await?;
    if config.is_some_and(|config| config.lists(registry)) {
        change(file, registry, None).await?;
        done.forgotten.push(Kept::File(file.to_owned()));
    }
    done.looked_in.push(Kept::File(file.to_owned()));
    Ok(done)
}

async fn helper_of(file: &Path, registry: &str) -> Result<Option<String>> {
    let config = DockerConfig::read(file, Presence::Optional).await?.unwrap_or_default();
    Ok(config.helper(registry).or(config.store()).map(str::to_owned))
}

/// Returns the entry in the file.
fn entry(credential: &Credential) -> Secret {
    let mut json = Writer::new();
    json.object(|json| match credential {
        Credential::Basic { username, password } => {
            let text = Secret::new(format!("{username}:{}", password.expose()));
            json.key("auth").string(BASE64_STANDARD.encode(text.expose()));
        }
        Credential::IdentityToken { token } => {
            json.key("identitytoken").string(token.expose());
        }
        Credential::RegistryToken { token } => {
            json.key("registrytoken").string(token.expose());
        }
    });
    Secret::new(String::from_utf8_lossy(&json.into_bytes()))
}

async fn change(file: &Path, registry: &str, entry: Option<Secret>) -> Result<()> {
    let (path, registry) = (file.to_owned(), registry.to_owned());
    let changed = tokio::task::spawn_blocking(move || change_now(&path, &registry, entry.as_ref()));
    let failed = |why: String| {
        let message = format!("the credential file {} cannot be changed: {why}", file.display());
        Error::new(ErrorKind::Credentials, message)
    };
    match changed.await {
        Ok(result) => result.map_err(|error| failed(error.to_string())),
        Err(_) => Err(failed("the program is ending".to_owned())),
    }
}

/// Locks, reads, edits, writes beside, renames.
fn change_now(path: &Path, registry: &str, entry: Option<&Secret>) -> io::Result<()> {
    // A link stays one: what it points to is replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let directory = path.parent().filter(|d| !d.as_os_str().is_empty()).unwrap_or(Path::new("."));
    make_private(directory)?;
    let lock = File::open(directory)?;
    wait_for(&lock)?;
    let text = match read_capped(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        read => read?,
    };
    let text = edit(&text, registry, entry.map(Secret::expose))
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "it is malformed"))?;
    // Readable by its owner alone from its first moment.
    let mut new = tempfile::NamedTempFile::new_in(directory)?;
    new.write_all(&text)?;
    new.as_file().sync_all()?;
    new.persist(&path).map_err(|error| error.error)?;
    lock.sync_all()
}

/// Makes a directory that its owner alone may look into, unless it is there (R-27).
fn make_private(directory: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

fn wait_for(lock: &File) -> io::Result<()> {
    for _ in 0..LOCK_ATTEMPTS {
        match lock.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::TimedOut, "another process is writing to it"))
}

/// Returns the file's text with another entry, or none, for the registry. All else stays as it is.
fn edit(text: &[u8], registry: &str, entry: Option<&str>) -> Option<Vec<u8>> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let text = if text.trim_ascii().is_empty() { b"{}".as_slice() } else { text };
    let document = json::parse(text).ok().filter(|value| value.kind() == Kind::Object)?;
    let auths = document.get("auths").filter(|value| !value.is_null());
    if auths.is_some_and(|auths| auths.kind() != Kind::Object) {
        return None;
    }
    let wanted = normalise(registry).0;
    let kept = auths.into_iter().flat_map(json::Value::members).filter(|member| {
        let (host, path) = normalise(&member.key);
        host != wanted || !path.is_empty()
    });
    let mut members: Vec<Vec<u8>> =
        kept.map(|member| write_member(&member.key, member.value.raw())).collect();
    members.extend(entry.map(|entry| write_member(helper_key(registry), entry.as_bytes())));
    let auths_text = match members.is_empty() {
        true => b"{}".to_vec(),
        false => [b"{\n\t\t".as_slice(), &members.join(&b",\n\t\t"[..]), b"\n\t}"].concat(),
    };
    let (before, after) = match document.get("auths").map(json::Value::span) {
        Some(span) => (text.get(..span.start)?.to_vec(), text.get(span.end..)?.to_vec()),
        None => {
            let end = document.span().end.checked_sub(1)?;
            let head = text.get(..end)?.trim_ascii_end();
            let comma: &[u8] = if document.members().next().is_some() { b"," } else { b"" };
            ([head, comma, b"\n\t\"auths\": "].concat(), [b"\n", text.get(end..)?].concat())
        }
    };
    Some([before, auths_text, after].concat())
}

fn write_member(key: &str, value: &[u8]) -> Vec<u8> {
    let mut json = Writer::new();
    json.string(key);
    [json.into_bytes().as_slice(), b": ", value].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(text: &str, registry: &str, entry: Option<&str>) -> String {
        let edited = edit(text.as_bytes(), registry, entry).expect(text);
        json::parse(&edited).expect("still JSON");
        String::from_utf8(edited).expect("text")
    }

    #[test]
    fn one_entry_changes_and_nothing_else_r_27() {
        let before = "{\n\t\"z\": 1.50,\n\t\"auths\": {\"a.io\":{\"auth\":\"x\",\"y\":2}},\n\t\"b\": [ ]\n}\n";
        let after = edited(before, "b.io", Some("{}"));
        assert_eq!(
            after,
            "{\n\t\"z\": 1.50,\n\t\"auths\": {\n\t\t\"a.io\": {\"auth\":\"x\",\"y\":2},\n\t\t\"b.io\": {}\n\t},\n\t\"b\": [ ]\n}\n"
        );
        assert_eq!(edited(&after, "b.io", None).matches("b.io").count(), 0);
        assert_eq!(edited(&after, "a.io:443", Some("{}")).matches("a.io").count(), 1);
        assert_eq!(edited("", "a.io", Some("{}")), "{\n\t\"auths\": {\n\t\t\"a.io\": {}\n\t}\n}");
        assert_eq!(edited("{\"x\":1}", "a.io", None), "{\"x\":1,\n\t\"auths\": {}\n}");
        let hub = edited("{}", "docker.io", Some("{}"));
        assert!(hub.contains("https://index.docker.io/v1/"), "{hub}");
        for bad in ["[]", "x", r#"{"auths":[]}"#] {
            assert_eq!(edit(bad.as_bytes(), "a.io", None), None, "{bad}");
        }
    }

    #[tokio::test]
    async fn logins_at_once_lose_nothing_and_the_file_is_private_f_46() {
        let directory = tempfile::tempdir().expect("a directory");
        let directory = directory.path().join("home/.docker");
        let file = directory.join("config.json");
        let helpers = Helper::default();
        let empty = Credential::basic("u", "").expect("fine");
        login(&file, &helpers, "r.io", &empty).await.expect_err("an empty password");
        let logins = (0..20).map(|number| {
            let (file, helpers) = (&file, &helpers);
            async move {
                let credential = Credential::basic(format!("u{number}"), "p").expect("fine");
                login(file, helpers, &format!("r{number}.io"), &credential).await
            }
        });
        for kept in futures_util::future::join_all(logins).await {
            assert_eq!(kept.expect("fine"), Kept::File(file.clone()));
        }
        let config = DockerConfig::read(&file, Presence::Required).await.expect("fine");
        let config = config.expect("there");
        for number in 0..20 {
            let wanted = Credential::basic(format!("u{number}"), "p").ok();
            assert_eq!(config.entry(&format!("r{number}.io"), "x", "f").0, wanted);
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&file).expect("there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            for made in [&*directory, directory.parent().expect("there")] {
                let mode = fs::metadata(made).expect("there").permissions().mode();
                assert_eq!(mode & 0o777, 0o700, "{}", made.display());
            }
        }
        let place = [Kept::File(file.clone())];
        let done = logout(&file, &helpers, "r3.io").await.expect("fine");
        assert_eq!((&done.forgotten[..], &done.looked_in[..]), (&place[..], &place[..]));
        let done = logout(&file, &helpers, "r3.io").await.expect("twice is fine");
        assert_eq!((&done.forgotten[..], &done.looked_in[..]), (&[][..], &place[..]));
        let config = DockerConfig::read(&file, Presence::Required).await.expect("fine");
        assert_eq!(config.expect("there").entry("r3.io", "x", "f").0, None);
        assert_eq!(fs::read_dir(&directory).expect("there").count(), 1, "nothing is left");
    }
}
