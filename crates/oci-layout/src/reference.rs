// SPDX-License-Identifier: Apache-2.0
//! References: `registry/repository[:tag][@digest]` (format.md 10.1, registry.md B1).

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::digest::{self, Digest};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::{MAX_REFERENCE_LENGTH, MAX_REGISTRY_TAG_LENGTH, MAX_REPOSITORY_LENGTH};

/// The registry that [`Defaults::DockerLike`] adds.
const DOCKER_HUB: &str = "docker.io";
/// The host at which Docker Hub answers (R-3).
const DOCKER_HUB_API: &str = "registry-1.docker.io";
/// Help for a tag that is none.
pub const TAG_HELP: &str = "a tag has at most 128 letters, digits, '_', '.' and '-', and starts with \
                            none of the last two";

/// The parts that a reference may leave out (R-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Defaults {
    /// No defaults: registry, repository, and a tag or a digest are required (REF-1 to REF-3).
    Strict,
    /// Docker's defaults: no registry means Docker Hub, a name of one part gets `library/` there,
    /// and no tag means `latest`.
    DockerLike,
}

/// The address of an artifact: a registry, a repository in it, and a tag, a digest, or both.
///
/// ```
/// use oci_layout::reference::{Defaults, Reference};
///
/// let reference = Reference::parse("ghcr.io/org/plugin:v1", Defaults::Strict)?;
/// assert_eq!((reference.registry(), reference.repository()), ("ghcr.io", "org/plugin"));
/// assert_eq!(reference.tag(), Some("v1"));
///
/// let short = Reference::parse("alpine", Defaults::DockerLike)?;
/// assert_eq!(short.canonical(), "docker.io/library/alpine:latest");
/// assert_eq!(short.api_host(), "registry-1.docker.io");
/// # Ok::<(), oci_layout::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    text: String,
    repository: RepositoryName,
    points: Points,
}

/// The part of a reference that selects content in a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Points {
    Tag(String),
    /// A tag beside it only informs.
    Digest(Digest, Option<String>),
}

/// A repository in a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryName {
    registry: String,
    repository: String,
}

/// The part of a reference that points at a manifest. A digest goes before a tag (R-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// A tag, which may move.
    Tag(&'a str),
    /// A digest, which is the content's own.
    Digest(&'a Digest),
}

impl fmt::Display for Target<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => f.write_str(tag),
            Self::Digest(digest) => write!(f, "{digest}"),
        }
    }
}

impl Reference {
    /// Reads a reference.
    ///
    /// With [`Defaults::Strict`], what stands between `:` and `@` is dropped where it is not a tag
    /// (REF-1).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidReference`] if `text` does not follow the grammar (REF-2, R-1, R-2), or
    /// names neither tag nor digest (REF-3).
    pub fn parse(text: &str, defaults: Defaults) -> Result<Self> {
        let (repository, rest) = split_name(text, defaults)?;
        let (tag, digest) = match rest.split_once('@') {
            Some((tag, digest)) => (tag, Some(digest)),
            None => (rest, None),
        };
        let digest = match digest {
            Some("") if defaults == Defaults::Strict => return Err(without_target(text)),
            Some(digest) => Some(digest::parse(digest).map_err(|error| {
                refused(text, "its digest is malformed")
                    .with_help("a digest is sha256: and 64 lower-case hexadecimal digits")
                    .caused_by(error)
            })?),
            None => None,
        };
        let tag = match tag.strip_prefix(':') {
            Some(tag) if is_tag(tag) => Some(tag.to_owned()),
            Some(_) if digest.is_some() && defaults == Defaults::Strict => None,
            Some("") if defaults == Defaults::Strict => return Err(without_target(text)),
            Some(_) => {
                return Err(refused(text, "its tag is malformed").with_help(TAG_HELP));
            }
            None if digest.is_none() && defaults == Defaults::DockerLike => {
                Some("latest".to_owned())
            }
            None => None,
        };
        let points = match (digest, tag) {
            (Some(digest), tag) => Points::Digest(digest, tag),
            (None, Some(tag)) => Points::Tag(tag),
            (None, None) => return Err(without_target(text)),
        };
        Ok(Self { text: text.to_owned(), repository, points })
    }

    /// Returns the reference as it was written; the store's tag of what was pulled by it (PULL-1,
    /// BUG-59).
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the registry as it was written: a host, with a port or without.
    pub fn registry(&self) -> &str {
        &self.repository.registry
    }

    /// Returns the repository's name in the registry.
    pub fn repository(&self) -> &str {
        &self.repository.repository
    }

    /// Returns the registry and the repository.
    pub fn name(&self) -> &RepositoryName {
        &self.repository
    }

    /// Returns the tag. Beside a digest it only informs (R-4).
    pub fn tag(&self) -> Option<&str> {
        match &self.points {
            Points::Tag(tag) => Some(tag),
            Points::Digest(_, tag) => tag.as_deref(),
        }
    }

    /// Returns the digest.
    pub fn digest(&self) -> Option<&Digest> {
        match &self.points {
            Points::Tag(_) => None,
            Points::Digest(digest, _) => Some(digest),
        }
    }

    /// Returns the part that points: the digest, if it has one.
    pub fn target(&self) -> Target<'_> {
        match &self.points {
            Points::Tag(tag) => Target::Tag(tag),
            Points::Digest(digest, _) => Target::Digest(digest),
        }
    }

    /// Returns the host to connect to (R-3).
    pub fn api_host(&self) -> &str {
        self.repository.api_host()
    }

    /// The one way to write it (R-3).
    pub fn canonical(&self) -> String {
        let mut text = self.repository.canonical();
        if let Some(tag) = self.tag() {
            text.push(':');
            text.push_str(tag);
        }
        if let Some(digest) = self.digest() {
            text.push('@');
            text.push_str(&digest.to_string());
        }
        text
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl RepositoryName {
    /// Reads `registry/repository`, without tag or digest.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidReference`] if `text` does not follow the grammar (REF-2, R-2).
    pub fn parse(text: &str, defaults: Defaults) -> Result<Self> {
        match split_name(text, defaults)? {
            (name, "") => Ok(name),
            (name, _) => Err(refused(text, "a repository is written without tag or digest here")
                .with_help(format!("write {name}"))),
        }
    }

    /// Returns the registry as it was written.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// Returns the repository's name in the registry.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// Returns the host to connect to: Docker Hub's names all mean `registry-1.docker.io` (R-3),
    /// and an empty port is none.
    pub fn api_host(&self) -> &str {
        api_host(&self.registry)
    }

    /// `registry/repository` in the one way to write it (R-3).
    pub fn canonical(&self) -> String {
        let hub = is_docker_hub(&self.registry);
        let registry =
            if hub { DOCKER_HUB.to_owned() } else { self.api_host().to_ascii_lowercase() };
        let library = if hub && !self.repository.contains('/') { "library/" } else { "" };
        format!("{registry}/{library}{}", self.repository)
    }

    /// Whether `registry/repository` is longer than the 255 characters that registries must take
    /// (R-5). Pushing to such a name is refused, pulling from it is tried.
    pub fn is_too_long(&self) -> bool {
        self.registry.len() + 1 + self.repository.len() > MAX_REPOSITORY_LENGTH
    }
}

impl fmt::Display for RepositoryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)
    }
}

/// Whether `registry` is one of Docker Hub's names, with an empty port or none (R-3).
pub fn is_docker_hub(registry: &str) -> bool {
    let registry = registry.strip_suffix(':').unwrap_or(registry);
    [DOCKER_HUB, "index.docker.io", DOCKER_HUB_API]
        .iter()
        .any(|known| registry.eq_ignore_ascii_case(known))
}

/// Returns the host to connect to for `registry` (R-3).
pub fn api_host(registry: &str) -> &str {
    if is_docker_hub(registry) {
        return DOCKER_HUB_API;
    }
    registry.strip_suffix(':').unwrap_or(registry)
}

/// Whether `text` is a tag: `[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}` (REF-2).
pub fn is_tag(text: &str) -> bool {
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let mut bytes = text.bytes();
    bytes.next().is_some_and(is_word)
        && text.len() <= MAX_REGISTRY_TAG_LENGTH
        && bytes.all(|b| is_word(b) || matches!(b, b'.' | b'-'))
}

/// Whether `text` is a repository's name: parts of lower-case letters and digits, joined by one `.`,
/// one or two `_`, or any number of `-`; and `/` between parts (REF-2).
pub fn is_repository(text: &str) -> bool {
    text.split('/').all(is_repository_part)
}

fn is_repository_part(part: &str) -> bool {
    let is_word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = part.as_bytes();
    let edges = bytes.first().zip(bytes.last());
    edges.is_some_and(|(first, last)| is_word(*first) && is_word(*last))
        && bytes.split(|b| is_word(*b)).all(|separator| {
            matches!(separator, b"" | b"." | b"_" | b"__") || separator.iter().all(|b| *b == b'-')
        })
}

/// Whether `text` is a registry: a host that a URL keeps as it is, with a port or without (R-2).
pub fn is_registry(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, port)) if host.parse::<Ipv6Addr>().is_ok() => (None, port),
        Some(_) => return false,
        None => match text.find(':') {
            Some(at) => (text.get(..at), text.get(at..).unwrap_or_default()),
            None => (Some(text), ""),
        },
    };
    host.is_none_or(is_host) && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
}

fn is_host(host: &str) -> bool {
    let is_allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    // A URL reads a host whose last part is a number as an IPv4 address, in many spellings.
    let last = host.strip_suffix('.').unwrap_or(host).rsplit('.').next().unwrap_or_default();
    let is_hex = last.get(..2).is_some_and(|x| x.eq_ignore_ascii_case("0x"))
        && last.bytes().skip(2).all(|b| b.is_ascii_hexdigit());
    let is_number = !last.is_empty() && (last.bytes().all(|b| b.is_ascii_digit()) || is_hex);
    !host.is_empty()
        && host.len() <= 253
        && host.bytes().all(is_allowed)
        && (!is_number || host.parse::<Ipv4Addr>().is_ok())
}

/// The digits of a port: none, or 1 to 65535.
fn is_port(digits: &str) -> bool {
    digits.is_empty()
        || digits.bytes().all(|b| b.is_ascii_digit())
            && digits.parse::<u16>().is_ok_and(|port| port > 0)
}

/// Splits the registry and the repository from the rest, which is empty or starts with `:` or `@`.
fn split_name(text: &str, defaults: Defaults) -> Result<(RepositoryName, &str)> {
    if text.len() > MAX_REFERENCE_LENGTH {
        let start: String = text.chars().take(60).collect();
        return Err(refused(&format!("{start}…"), "it is too long"));
    }
    let (registry, rest) = match text.split_once('/') {
        Some((registry, rest)) if defaults == Defaults::Strict || looks_like_host(registry) => {
            (registry, rest)
        }
        _ if defaults == Defaults::DockerLike => (DOCKER_HUB, text),
        _ => return Err(without_registry(text)),
    };
    if let Some((scheme, rest)) = text.split_once("://") {
        return Err(
            refused(text, &format!("leave out {scheme}://")).with_help(format!("write {rest}"))
        );
    }
    if !is_registry(registry) {
        return Err(
            refused(text, "its registry is not a host with an optional port").with_help(EXAMPLE)
        );
    }
    let end = rest.find([':', '@']).unwrap_or(rest.len());
    let (repository, rest) = rest.split_at_checked(end).unwrap_or((rest, ""));
    if !is_repository(repository) {
        return Err(without_repository(text, registry, repository, rest));
    }
    let add_library =
        defaults == Defaults::DockerLike && is_docker_hub(registry) && !repository.contains('/');
    let repository =
        if add_library { format!("library/{repository}") } else { repository.to_owned() };
    Ok((RepositoryName { registry: registry.to_owned(), repository }, rest))
}

/// Whether Docker reads the first part of a reference as a host (R-2).
fn looks_like_host(part: &str) -> bool {
    part == "localhost" || part.contains(['.', ':']) || part.bytes().any(|b| b.is_ascii_uppercase())
}

fn refused(text: &str, why: &str) -> Error {
    Error::new(ErrorKind::InvalidReference, format!("{text:?} is not a reference: {why}"))
}

/// The advice for those who left out the registry.
const EXAMPLE: &str = "a reference begins with its registry, as in ghcr.io/org/name:v1";

/// The error for what has no `/`: a name, or a registry alone.
fn without_registry(text: &str) -> Error {
    let host = text.split_once(':').map_or(text, |(host, _)| host);
    if host == "localhost" || host.contains('.') && is_registry(text) {
        return refused(text, "it is a registry, and names no repository in it")
            .with_help(format!("write {text}/org/name:v1"));
    }
    refused(text, "it names no registry").with_help(EXAMPLE)
}

/// The error for what is no repository's name.
fn without_repository(text: &str, registry: &str, repository: &str, rest: &str) -> Error {
    if repository.is_empty() {
        return refused(text, "it names no repository")
            .with_help(format!("write {registry}/org/name:v1"));
    }
    let lower = repository.to_ascii_lowercase();
    if is_repository(&lower) {
        return refused(text, "a repository has no capital letters")
            .with_help(format!("write {registry}/{lower}{rest}"));
    }
    refused(text, "its repository is malformed").with_help(
        "a repository has lower-case letters and digits, with '.', '_', '__' or '-' between them, in \
         parts joined by '/'",
    )
}

fn without_target(text: &str) -> Error {
    refused(text, "it names neither a tag nor a digest")
        .with_help("add :TAG or @sha256:DIGEST to it")
}

#[cfg(test)]
mod tests;
