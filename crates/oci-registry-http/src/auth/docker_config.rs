// SPDX-License-Identifier: Apache-2.0
//! Credential files: Docker's `config.json`, Podman's `auth.json`, the old `.dockercfg` (R-22, R-23,
//! R-26). No value of theirs ever gets into an error or a warning.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;

use crate::auth::credential::{Credential, Presence, normalise};
use crate::error::{Error, ErrorKind, Result};
use crate::transport::redact::Secret;

/// The largest file that is read.
const MAX_SIZE: u64 = 4 << 20;

/// Base 64 with padding or without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The contents of a credential file.
#[derive(Debug, Default, Deserialize)]
pub struct DockerConfig {
    #[serde(default)]
    auths: Option<BTreeMap<String, Written>>,
    #[serde(default, rename = "credHelpers")]
    helpers: Option<BTreeMap<String, String>>,
    #[serde(default, rename = "credsStore")]
    store: Option<String>,
}

/// An entry as it is written. One that is none spoils no other.
#[derive(Deserialize)]
#[serde(transparent)]
struct Written(serde_json::Value);

impl std::fmt::Debug for Written {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Written {
    /// Returns the credential that it holds, or what is wrong with it.
    fn credential(&self) -> Result<Option<Credential>, &'static str> {
        let Self(value) = self;
        let other = "its values do not have the types of an entry";
        match value {
            serde_json::Value::Null => Ok(None),
            serde_json::Value::Object(_) => {
                Entry::deserialize(value).map_err(|_| other)?.credential()
            }
            _ => Err(other),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
    registrytoken: Option<String>,
}

impl DockerConfig {
    /// Reads a file's text. An empty one has nothing; a byte order mark is passed over.
    ///
    /// # Errors
    /// [`ErrorKind::Credentials`], with the place and without the text, where it is not JSON of the
    /// right form.
    pub fn parse(text: &[u8]) -> Result<Self> {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        if text.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        // serde_json's message may quote a value, so only the place is reported.
        serde_json::from_slice(text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let message = format!("the credentials are malformed at line {line}, column {column}");
            Error::new(ErrorKind::Credentials, message)
        })
    }

    /// Reads a file, off the executor's threads; none if it is missing and may be.
    ///
    /// # Errors
    /// [`ErrorKind::Credentials`] if it cannot be read, is larger than 4 MiB, or malformed.
    pub async fn read(path: &Path, presence: Presence) -> Result<Option<Self>> {
        let owned = path.to_owned();
        let reading = tokio::task::spawn_blocking(move || read_capped(&owned));
        let text = reading.await.unwrap_or_else(|_| Err(std::io::ErrorKind::Interrupted.into()));
        let failed = |why: String| {
            let message = format!("the credential file {} {why}", path.display());
            Error::new(ErrorKind::Credentials, message)
        };
        match text {
            Ok(text) if text.len() as u64 > MAX_SIZE => Err(failed("is too large".into())),
            Ok(text) => {
                let parsed = match path.file_name().is_some_and(|name| name == ".dockercfg") {
                    true => Self::parse_legacy(&text),
                    false => Self::parse(&text),
                };
                Ok(Some(parsed.map_err(|error| failed(format!("cannot be used: {error}")))?))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => match presence {
                Presence::Optional => Ok(None),
                Presence::Required => Err(failed("does not exist".into())),
            },
            Err(error) => Err(failed(format!("cannot be read: {error}"))),
        }
    }

    /// The old format has the entries at the top.
    fn parse_legacy(text: &[u8]) -> Result<Self> {
        let wrapped = [b"{\"auths\":", text.trim_ascii(), b"}"].concat();
        if text.trim_ascii().is_empty() { Ok(Self::default()) } else { Self::parse(&wrapped) }
    }

    /// Returns the helper for that registry alone.
    pub(crate) fn helper(&self, registry: &str) -> Option<&str> {
        let wanted = normalise(registry).0;
        let helpers = self.helpers.iter().flatten();
        let mut fitting = helpers.filter(|(key, _)| normalise(key).0 == wanted);
        let (_, name) = fitting.next()?;
        (!name.is_empty()).then_some(name)
    }

    /// Returns the helper for all registries.
    pub(crate) fn store(&self) -> Option<&str> {
        self.store.as_deref().filter(|name| !name.is_empty())
    }

    /// Whether there is an entry for the whole registry, whatever it holds.
    pub(crate) fn lists(&self, registry: &str) -> bool {
        let wanted = normalise(registry).0;
        let mut keys = self.auths.iter().flatten().map(|(key, _)| normalise(key));
        keys.any(|(host, path)| host == wanted && path.is_empty())
    }

    /// Returns the entry of the registry: the one for the longest part of the repository's name, as
    /// Podman has it, or the one for the whole registry. Beside it, what of the entries cannot be
    /// used and why, without their values (R-94).
    pub(crate) fn entry(
        &self,
        registry: &str,
        repository: &str,
        file: &str,
    ) -> (Option<Credential>, Vec<String>) {
        let wanted = normalise(registry).0;
        let fits = |path: &str| {
            let rest = repository.strip_prefix(path);
            path.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let mut fitting: Vec<(&str, bool, &String, &Written)> = self
            .auths
            .iter()
            .flatten()
            .filter_map(|(key, entry)| {
                let (host, path) = normalise(key);
                (host == wanted && fits(path)).then_some((path, key == registry, key, entry))
            })
            .collect();
        fitting.sort_by_key(|(path, exact, ..)| std::cmp::Reverse((path.len(), *exact)));
        let mut problems = Vec::new();
        let found = fitting.into_iter().find_map(|(.., key, written)| {
            written.credential().unwrap_or_else(|why| {
                problems.push(format!("the entry {key:?} of {file} cannot be used: {why}"));
                None
            })
        });
        (found, problems)
    }
}

/// Reads a file, and of one that is too large a byte more than it may have.
pub(crate) fn read_capped(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    let mut text = Vec::new();
    std::fs::File::open(path)?.take(MAX_SIZE + 1).read_to_end(&mut text)?;
    Ok(text)
}

impl Entry {
    /// Returns the credential that it holds; an empty one holds nothing (R-23).
    fn credential(&self) -> Result<Option<Credential>, &'static str> {
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        if let Some(token) = filled(&self.registrytoken) {
            return Ok(Some(Credential::RegistryToken { token: Secret::new(token) }));
        }
        if let Some(token) = filled(&self.identitytoken) {
            return Ok(Some(Credential::IdentityToken { token: Secret::new(token) }));
        }
        let (username, password) = match (filled(&self.auth), filled(&self.username)) {
            (Some(auth), _) => {
                let decoded = BASE64.decode(auth.trim()).map_err(|_| "it is not base64")?;
                let text = String::from_utf8(decoded).map_err(|_| "it is not UTF-8")?;
                let (username, password) = text.split_once(':').ok_or("it has no colon")?;
                (username.to_owned(), password.trim_end_matches('\0').to_owned())
            }
            (None, Some(username)) => (username, self.password.clone().unwrap_or_default()),
            (None, None) => return Ok(None),
        };
        Credential::basic(username, password).map(Some).map_err(|_| "its user name is malformed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(config: &str, registry: &str, repository: &str) -> Option<Credential> {
        DockerConfig::parse(config.as_bytes()).expect(config).entry(registry, repository, "f").0
    }

    fn basic(username: &str, password: &str) -> Option<Credential> {
        Some(Credential::basic(username, password).expect("fine"))
    }

    #[test]
    fn every_form_of_an_entry_f_34() {
        for (json, wanted) in [
            (r#"{"auth":"dTpw"}"#, basic("u", "p")),
            (r#"{"auth":"dTpwOnE6"}"#, basic("u", "p:q:")),
            (r#"{"auth":"dXM6cA"}"#, basic("us", "p")),
            (r#"{"auth":"dXM6cA=="}"#, basic("us", "p")),
            (r#"{"auth":"dTpwAAA="}"#, basic("u", "p")),
            (r#"{"username":"u","password":"p"}"#, basic("u", "p")),
            (r#"{"auth":"","username":"u","password":"p"}"#, basic("u", "p")),
            (r#"{"auth":"dXA="}"#, None),
            (r#"{"auth":"/////w=="}"#, None),
            (r#"{"auth":"%%%"}"#, None),
            ("{}", None),
            (
                r#"{"identitytoken":"t"}"#,
                Some(Credential::IdentityToken { token: Secret::new("t") }),
            ),
            (
                r#"{"auth":"PHRva2VuPjp0"}"#,
                Some(Credential::IdentityToken { token: Secret::new("t") }),
            ),
            (
                r#"{"registrytoken":"t"}"#,
                Some(Credential::RegistryToken { token: Secret::new("t") }),
            ),
        ] {
            let config = format!(r#"{{"auths":{{"h.io":{json}}},"unknown":[1]}}"#);
            assert_eq!(entry(&config, "h.io", "x"), wanted, "{json}");
        }
    }

    #[test]
    fn files_without_entries_f_34() {
        for text in ["", " \n", "{}", "\u{feff}{}", r#"{"auths":null}"#, r#"{"auths":{}}"#] {
            assert_eq!(entry(text, "h.io", "x"), None);
        }
    }

    #[test]
    fn no_value_gets_into_an_error_f_34() {
        for text in [
            "canary",
            r#"{"auths":"canary"}"#,
            r#"{"credsStore":{"canary":1}}"#,
            r#"{"auths":{"h.io":{"auth":"canary"#,
        ] {
            let error = DockerConfig::parse(text.as_bytes()).expect_err(text);
            assert_eq!(error.kind(), ErrorKind::Credentials);
            assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
        }
        let config = DockerConfig::parse(br#"{"auths":{"h.io":{"auth":"canary"}}}"#).expect("fine");
        assert!(!format!("{config:?}").contains("canary"));
    }

    #[test]
    fn entries_that_cannot_be_used_are_named_without_their_values_r_94() {
        for (entry, why) in [
            (r#"{"auth":"%%%canary"}"#, "it is not base64"),
            (r#"{"auth":"/////w=="}"#, "it is not UTF-8"),
            (r#"{"auth":"Y2FuYXJ5"}"#, "it has no colon"),
            (r#"{"auth":"OmNhbmFyeQ=="}"#, "its user name is malformed"),
            (r#"{"username":"canary:","password":"canary"}"#, "its user name is malformed"),
            (r#"{"auth":["canary"]}"#, "its values do not have the types of an entry"),
            (r#"{"auth":5}"#, "its values do not have the types of an entry"),
            (r#""canary""#, "its values do not have the types of an entry"),
            ("5", "its values do not have the types of an entry"),
            ("[]", "its values do not have the types of an entry"),
        ] {
            let config = format!(r#"{{"auths":{{"h.io":{entry},"i.io":{{"auth":"dTpw"}}}}}}"#);
            let config = DockerConfig::parse(config.as_bytes()).expect(entry);
            let (found, problems) = config.entry("h.io", "x", "the file F");
            assert_eq!(found, None, "{entry}");
            let wanted = format!("the entry \"h.io\" of the file F cannot be used: {why}");
            assert_eq!(problems, [wanted], "{entry}");
            assert_eq!(config.entry("i.io", "x", "f"), (basic("u", "p"), Vec::new()), "{entry}");
        }
    }

    #[test]
    fn legacy_keys_f_42() {
        for key in
            ["https://index.docker.io/v1/", "docker.io", "index.docker.io", "http://docker.io/v2"]
        {
            let config = format!(r#"{{"auths":{{"{key}":{{"auth":"dTpw"}}}}}}"#);
            assert_eq!(entry(&config, "docker.io", "library/x"), basic("u", "p"), "{key}");
            assert_eq!(entry(&config, "h.io", "x"), None);
        }
        for key in ["https://h.io/v1/", "h.io:443", "H.io", "h.io/"] {
            let config = format!(r#"{{"auths":{{"{key}":{{"auth":"dTpw"}}}}}}"#);
            assert_eq!(entry(&config, "h.io", "x"), basic("u", "p"), "{key}");
        }
        for key in
            ["https://index.docker.io/v1/access-token", "https://index.docker.io/v1/refresh-token"]
        {
            let config = format!(r#"{{"auths":{{"{key}":{{"auth":"dTpw"}}}}}}"#);
            assert_eq!(entry(&config, "docker.io", "library/x"), None, "R-26");
        }
    }

    #[test]
    fn the_longest_name_wins_f_43() {
        let config = r#"{"auths":{
            "h.io":{"username":"host","password":"p"},
            "h.io/org":{"username":"org","password":"p"},
            "h.io/org/x":{"username":"x","password":"p"}}}"#;
        for (repository, user) in
            [("org/x", "x"), ("org/x/y", "x"), ("org/xy", "org"), ("org", "org"), ("o", "host")]
        {
            assert_eq!(entry(config, "h.io", repository), basic(user, "p"), "{repository}");
        }
    }

    #[test]
    fn helpers_are_found_by_host_r_22() {
        let config = br#"{"credHelpers":{"https://h.io":"a","i.io":""},"credsStore":"b"}"#;
        let config = DockerConfig::parse(config).expect("fine");
        assert_eq!(
            (config.helper("h.io"), config.helper("i.io"), config.store()),
            (Some("a"), None, Some("b"))
        );
    }

    #[test]
    fn the_old_format_has_entries_at_the_top_r_21() {
        let config = DockerConfig::parse_legacy(br#" {"h.io":{"auth":"dTpw","email":"x"}} "#);
        assert_eq!(config.expect("fine").entry("h.io", "x", "f").0, basic("u", "p"));
    }

    proptest! {
        #[test]
        fn any_text_is_taken_or_refused(auth in "\\PC{0,40}", bytes in any::<Vec<u8>>()) {
            let _ = DockerConfig::parse(&bytes);
            let config = serde_json::json!({"auths": {"h.io": {"auth": auth}}}).to_string();
            let _ = entry(&config, "h.io", "x");
        }
    }
}
