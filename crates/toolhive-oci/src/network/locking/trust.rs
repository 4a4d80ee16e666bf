// SPDX-License-Identifier: Apache-2.0
//! Signers of what the lock file names: recorded by the first verified install, and the same ever after.
//! Nothing is invented: what was not verified is not recorded (LK-3).

use oci_artifact::store::Store;
use oci_artifact::{Digest, Result, digest};
use signatures::key::PublicKey;
use signatures::verify::{Expected, Owners};
use toolhive_lockfile::{Entry, Provenance};

use super::obtain::owner;
use crate::commands::sync::Signer;
use crate::context::Context;
use crate::network::admission::{InForce, MOST};
use crate::network::material::judge;
use crate::network::signers::Trust as Vouching;

/// Checks an artifact of a store against its entry.
pub(crate) fn check_signer(store: &Store, entry: &Entry, context: &Context) -> Result<Signer> {
    let Some(provenance) = &entry.provenance else { return Ok(Signer::NoneNamed) };
    let digest = digest::parse(&entry.digest)?;
    let manifest = store.get_blob(&digest)?;
    if provenance.public_key.is_empty() {
        return check_owner(store, &digest, &manifest, provenance, context);
    }
    let keys = [key_of(&provenance.public_key)?];
    let expected = Expected::new(&digest, &manifest, &keys);
    let verdict = judge(store, &digest, &expected, MOST)?;
    Ok(match verdict.as_str() {
        "trusted" => Signer::Checked,
        // It may be that nobody took the signatures along.
        "unsigned" => Signer::NotChecked,
        _ => {
            let why = verdict.rejected.first().map_or("", |bad| bad.message.as_str());
            Signer::Wrong(format!("no signature with the key of the lock file is valid: {why}"))
        }
    })
}

/// Checks the owners of certificates against the one of an entry, by the signatures that the store has and
/// without a network. Who vouches for them is the root of the policy in force, or the one that is built in;
/// of a signature for which it does not vouch, nothing is known; nor of any, in a build that checks none (SIG-44).
fn check_owner(
    store: &Store,
    digest: &Digest,
    manifest: &[u8],
    provenance: &Provenance,
    context: &Context,
) -> Result<Signer> {
    // In a build that checks no certificates (SIG-44) nothing is known of any.
    if !cfg!(feature = "certificates") {
        return Ok(Signer::NotChecked);
    }
    let root = InForce::find(None)?.and_then(|policy| policy.root());
    if !Vouching::is_supported() {
        return Ok(Signer::NotChecked);
    }
    let vouching = Vouching::new(root.as_deref(), context.output)?;
    let expected = vouching.of(digest, manifest, Owners::Anyone);
    let verdict = judge(store, digest, &expected, MOST)?;
    let owners: Vec<_> = verdict.accepted.iter().filter_map(owner).collect();
    Ok(match owners.first() {
        None => Signer::NotChecked,
        Some(_) if owners.iter().any(|owner| is_same(provenance, owner)) => Signer::Checked,
        Some(other) => Signer::Wrong(format!(
            "{} signed it, and the lock file names {}",
            other.signer_identity, provenance.signer_identity
        )),
    })
}

/// The key of an entry.
pub(super) fn key_of(base64: &str) -> Result<PublicKey> {
    let mut pem = "-----BEGIN PUBLIC KEY-----\n".to_owned();
    let (lines, rest) = base64.as_bytes().as_chunks::<64>();
    for line in lines.iter().map(|line| &line[..]).chain([rest]).filter(|line| !line.is_empty()) {
        pem.push_str(&String::from_utf8_lossy(line));
        pem.push('\n');
    }
    pem.push_str("-----END PUBLIC KEY-----\n");
    Ok(PublicKey::from_pem(pem.as_bytes())?)
}

/// The text of a key in an entry: base64 of its SubjectPublicKeyInfo, on one line.
fn base64_of(key: &PublicKey) -> String {
    key.to_pem().lines().filter(|line| !line.starts_with('-')).collect()
}

/// The known signer of a version.
pub(super) enum Trust {
    /// Signed with this key.
    Signed(PublicKey),
    /// The owner of a certificate did, whom a policy expects.
    Owned(Box<Provenance>),
    /// Signed by somebody who cannot be checked, since no key was given.
    Unchecked,
    /// Signed by nobody.
    Unsigned,
}

/// The signers whose word is enough.
#[derive(Clone, Copy)]
pub(super) struct Policy {
    pub(super) allow_unsigned: bool,
    pub(super) allow_signer_change: bool,
}

/// The reason for which a version is not taken.
pub(super) struct Refusal {
    pub(super) reason: &'static str,
    pub(super) message: String,
    pub(super) is_change: bool,
}

/// Whether a version is taken, and what its entry says of its signer; `old` is the entry as it is.
pub(super) fn admit(
    trust: &Trust,
    old: Option<&Entry>,
    policy: Policy,
) -> Result<(Option<Provenance>, bool), Refusal> {
    let known = old.and_then(|old| old.provenance.as_ref());
    let change = |message: &str| {
        Err(Refusal { reason: "signer-mismatch", message: message.to_owned(), is_change: true })
    };
    if let Some(known) = known.filter(|_| !policy.allow_signer_change) {
        return match trust {
            Trust::Signed(key) if base64_of(key) == known.public_key => {
                Ok((Some(known.clone()), false))
            }
            Trust::Owned(owner) if is_same(known, owner) => Ok((Some(known.clone()), false)),
            Trust::Signed(_) | Trust::Unchecked if known.public_key.is_empty() => change(&format!(
                "the lock file says that {} signed it, and nothing says so of this version; \
                 --policy checks it, --allow-signer-change accepts it all the same",
                known.signer_identity
            )),
            Trust::Owned(_) => change(
                "it was signed by somebody other than the lock file says; --allow-signer-change \
                 accepts that",
            ),
            Trust::Signed(_) => change(
                "it was signed with another key than the lock file says; --allow-signer-change \
                 accepts that",
            ),
            Trust::Unchecked => change(
                "no signature of it was made with the key of the lock file; --allow-signer-change \
                 accepts it all the same",
            ),
            Trust::Unsigned => change(
                "it is not signed, and the version in the lock file is; --allow-signer-change \
                 accepts it all the same",
            ),
        };
    }
    // What was taken without a signature once may be so again.
    let is_accepted = policy.allow_unsigned
        || (known.is_some() && policy.allow_signer_change)
        || old.is_some_and(|old| old.provenance.is_none());
    let reject = |message: &str| {
        Err(Refusal { reason: "unsigned-rejected", message: message.to_owned(), is_change: false })
    };
    match trust {
        Trust::Signed(key) => {
            let public_key = base64_of(key);
            Ok((Some(Provenance { public_key, ..Provenance::default() }), false))
        }
        Trust::Owned(owner) => Ok((Some(owner.as_ref().clone()), false)),
        Trust::Unsigned if is_accepted => Ok((None, true)),
        Trust::Unchecked if is_accepted => Ok((None, false)),
        Trust::Unsigned => reject(
            "it is not signed; --allow-unsigned accepts it, and records that in the lock file",
        ),
        Trust::Unchecked => reject(
            "it is signed, but no signer was named; --public-key FILE names the key, \
             --allow-unsigned accepts it unchecked",
        ),
    }
}

/// Whether an owner is the one of an entry. What is empty there constrains nothing, and another version has
/// another tag.
fn is_same(known: &Provenance, owner: &Provenance) -> bool {
    let pairs = [
        (&known.signer_identity, &owner.signer_identity),
        (&known.cert_issuer, &owner.cert_issuer),
        (&known.repository_uri, &owner.repository_uri),
        (&known.runner_environment, &owner.runner_environment),
    ];
    known.public_key.is_empty()
        && !known.signer_identity.is_empty()
        && pairs.into_iter().all(|(known, found)| known.is_empty() || known == found)
}
