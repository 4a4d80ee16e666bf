// SPDX-License-Identifier: Apache-2.0
//! The rules for an entry (lock.md, 2.1 and 2.2): the same for what is read and what is written.

use oci_artifact::reference::{Defaults, Reference};

use crate::model::{Entry, Provenance};

/// The most bytes of a reference or of a field of `provenance`.
const MAX_TEXT: usize = 512;
/// The most characters of a public key: RSA of 8,192 bits has some 1,400.
const MAX_PUBLIC_KEY: usize = 2_048;

/// A key of an entry, or of its `provenance`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "they are the keys' names")]
pub enum Field {
    Name,
    Version,
    Source,
    ResolvedReference,
    Digest,
    ContentDigest,
    Provenance,
    Unsigned,
    RequiredBy,
    Explicit,
    SignerIdentity,
    CertIssuer,
    RepositoryUri,
    RepositoryRef,
    RunnerEnvironment,
    SigstoreUrl,
    Provisional,
    PublicKey,
}

impl Field {
    /// The keys of an entry, in the order in which they are written.
    pub(crate) const ENTRY: &[(Self, &'static str)] = &[
        (Self::Name, "name"),
        (Self::Version, "version"),
        (Self::Source, "source"),
        (Self::ResolvedReference, "resolvedReference"),
        (Self::Digest, "digest"),
        (Self::ContentDigest, "contentDigest"),
        (Self::Provenance, "provenance"),
        (Self::Unsigned, "unsigned"),
        (Self::RequiredBy, "requiredBy"),
        (Self::Explicit, "explicit"),
    ];
    /// The keys of `provenance`, in the order in which they are written.
    pub(crate) const PROVENANCE: &[(Self, &'static str)] = &[
        (Self::SignerIdentity, "signerIdentity"),
        (Self::CertIssuer, "certIssuer"),
        (Self::RepositoryUri, "repositoryUri"),
        (Self::RepositoryRef, "repositoryRef"),
        (Self::RunnerEnvironment, "runnerEnvironment"),
        (Self::SigstoreUrl, "sigstoreUrl"),
        (Self::Provisional, "provisional"),
        (Self::PublicKey, "publicKey"),
    ];

    /// Returns the key.
    pub fn as_str(self) -> &'static str {
        let mut all = Self::ENTRY.iter().chain(Self::PROVENANCE);
        all.find(|(field, _)| *field == self).map_or("", |(_, key)| key)
    }
}

/// A rule that an entry breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The key that is meant.
    pub field: Field,
    /// The problem, as a sentence without a full stop.
    pub message: String,
}

/// Everything that is wrong with an entry by itself.
pub(crate) fn check(entry: &Entry) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let mut refuse = |field: Field, why: &str| {
        refusals.push(Refusal { field, message: format!("`{}` {why}", field.as_str()) });
    };
    if !is_name(&entry.name) {
        refuse(Field::Name, NAME);
    }
    if entry.source.is_empty() {
        refuse(Field::Source, "is missing");
    }
    if let Err(why) = reference(&entry.resolved_reference) {
        refuse(Field::ResolvedReference, why);
    }
    if entry.digest.is_empty() {
        refuse(Field::Digest, "is missing");
    } else if !is_sha256(&entry.digest) && !is_commit(&entry.digest) {
        refuse(
            Field::Digest,
            "must be `sha256:` and 64 lower-case hexadecimal digits, or a full git commit",
        );
    }
    if !entry.content_digest.is_empty() && !is_sha256(&entry.content_digest) {
        refuse(Field::ContentDigest, "must be `sha256:` and 64 lower-case hexadecimal digits");
    }
    if let Some(provenance) = &entry.provenance {
        if entry.unsigned {
            refuse(
                Field::Unsigned,
                "is true next to `provenance`: an entry either has a signer or is unsigned",
            );
        }
        check_provenance(provenance, &mut refuse);
    }
    if entry.required_by.iter().any(|name| !is_name(name)) {
        refuse(Field::RequiredBy, "has an item that is not a name");
    }
    refusals
}

fn check_provenance(provenance: &Provenance, refuse: &mut impl FnMut(Field, &str)) {
    let provisional = provenance.provisional.as_ref().map_or("", |scalar| scalar.text.as_str());
    let texts = [
        (Field::SignerIdentity, provenance.signer_identity.as_str()),
        (Field::CertIssuer, &provenance.cert_issuer),
        (Field::RepositoryUri, &provenance.repository_uri),
        (Field::RepositoryRef, &provenance.repository_ref),
        (Field::RunnerEnvironment, &provenance.runner_environment),
        (Field::SigstoreUrl, &provenance.sigstore_url),
        (Field::Provisional, provisional),
    ];
    for (field, text) in texts {
        if text.len() > MAX_TEXT {
            refuse(field, "has more than 512 bytes");
        } else if !is_graphic(text) {
            refuse(field, "has white space or an invisible character");
        }
    }
    let key = &provenance.public_key;
    if key.is_empty() {
        if provenance.signer_identity.is_empty() {
            refuse(Field::SignerIdentity, "is missing, and there is no `publicKey`");
        }
        if provenance.cert_issuer.is_empty() {
            refuse(Field::CertIssuer, "is missing, and there is no `publicKey`");
        }
        return;
    }
    if !provenance.signer_identity.is_empty() || !provenance.cert_issuer.is_empty() {
        refuse(Field::PublicKey, "cannot be given together with an identity");
    }
    if key.len() > MAX_PUBLIC_KEY || !is_base64(key) {
        refuse(Field::PublicKey, "must be base64 on one line");
    }
}

/// The text about a name that is not one.
pub(crate) const NAME: &str = "must be 2 to 64 lower-case letters, digits and single hyphens, and \
                               must not begin or end with a hyphen";

/// Whether a text is the name of an entry: no path leads out by it.
pub fn is_name(text: &str) -> bool {
    (2..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.contains("--")
}

fn reference(text: &str) -> Result<(), &'static str> {
    if text.is_empty() {
        return Ok(());
    }
    if text.len() > MAX_TEXT {
        return Err("has more than 512 bytes");
    }
    if !is_graphic(text) {
        return Err("has white space or an invisible character");
    }
    if let Some(rest) = text.strip_prefix("git://") {
        return git(rest);
    }
    let registry = Reference::parse(text, Defaults::Strict).ok().filter(is_whole);
    if text.contains("://") || registry.is_none() {
        return Err(
            "must be `git://…`, or a reference with a registry, which is localhost or has a dot or a \
                    port, a whole repository, and a tag or digest",
        );
    }
    Ok(())
}

/// Whether a reference names what the reference program, which guesses nothing here either, takes for a
/// registry, and a whole repository in it (LK-8).
fn is_whole(reference: &Reference) -> bool {
    let (registry, repository) = (reference.registry(), reference.repository());
    let is_hub = matches!(registry, "docker.io" | "index.docker.io");
    let is_registry = registry == "localhost" || registry.contains(['.', ':']);
    is_registry && (!is_hub || repository.contains('/'))
}

/// Checks `host/owner/repository[@ref][#path]` (LK-8).
fn git(rest: &str) -> Result<(), &'static str> {
    let (rest, path) = rest.split_once('#').unwrap_or((rest, ""));
    let (rest, revision) = rest.split_once('@').unwrap_or((rest, ""));
    let (host, repository) = rest.split_once('/').unwrap_or((rest, ""));
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/');
    if host.is_empty() || !repository.contains('/') {
        return Err("must name a host, an owner and a repository after `git://`");
    }
    if !revision.chars().all(is_word) || revision.contains("..") {
        return Err("has an invalid git revision");
    }
    if path.starts_with('/') || path.contains('\\') || path.split('/').any(|part| part == "..") {
        return Err("has a path that leads out of the git repository");
    }
    Ok(())
}

/// Whether a text is `sha256:` and 64 lower-case hexadecimal digits.
pub(crate) fn is_sha256(text: &str) -> bool {
    text.strip_prefix("sha256:").is_some_and(|hex| hex.len() == 64 && is_hex(hex))
}

fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && is_hex(text)
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    text.len().is_multiple_of(4)
        && text.len().saturating_sub(body.len()) <= 2
        && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

/// Whether every character can be seen: no control, no white space, nothing that only changes how
/// others are shown, nothing that is nobody's.
fn is_graphic(text: &str) -> bool {
    text.chars().all(|of| {
        let is_invisible = matches!(of,
            '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{e000}'..='\u{f8ff}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}'
            | '\u{fffe}'..='\u{ffff}' | '\u{e0000}'..='\u{10ffff}');
        !of.is_control() && !of.is_whitespace() && !is_invisible
    })
}
