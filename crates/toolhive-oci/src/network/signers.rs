// SPDX-License-Identifier: Apache-2.0
//! Reads the expected signers: keys in files, owners of certificates, and the root that vouches for them.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use oci_artifact::Digest;
use oci_artifact::{Error, ErrorKind, Result};
use serde::Serialize;
use signatures::FaultKind;
use signatures::identity::Identity;
use signatures::key::{MAX_KEY_FILE, PublicKey};
use signatures::root::{BUILT_IN_DAY, BUILT_IN_SECONDS, FRESH_DAYS, Root};
use signatures::sign::Signed;
use signatures::verify::{Accepted, Expected, Owners, verify_bundle, verify_simple};

use super::args::{Expectation, Whom};
use super::material::content;
use crate::output::Output;

/// The most bytes of a root.
const MAX_ROOT: u64 = 1 << 20;

/// The authorities for certificates, and where they were read.
pub(super) struct Trust {
    root: Root,
    source: String,
}

/// The trust of a signature, as JSON.
#[derive(Serialize)]
pub(super) struct TrustJson<'a> {
    source: &'a str,
    sha256: &'a str,
}

impl Trust {
    /// Reads the root of a file, or the one that is built in. Whatever needs certificates needs one: in a
    /// build that checks none this is the error (SIG-44).
    pub(super) fn new(file: Option<&Path>, output: Output) -> Result<Self> {
        let read = match file {
            Some(file) => Root::parse(&content(file, MAX_ROOT)?),
            None => Root::built_in(),
        };
        let root = read.map_err(|fault| match (fault.kind, file) {
            (FaultKind::Unsupported, _) => Error::from(fault).with_help(
                "a released program does; from source, \
                 `cargo install --locked --path crates/toolhive-oci --features certificates`",
            ),
            (_, Some(file)) => Error::from(fault).at_path(file),
            (_, None) => Error::from(fault),
        })?;
        let source = match file {
            Some(file) => file.display().to_string(),
            None => {
                warn_of_age(output);
                format!("built in, as of {BUILT_IN_DAY}")
            }
        };
        Ok(Self { root, source })
    }

    /// Whether this build can check certificates.
    pub(super) fn is_supported() -> bool {
        Root::is_supported()
    }

    /// The signer that is expected where those owners of certificates are.
    pub(super) fn of<'a>(
        &'a self,
        artifact: &'a Digest,
        manifest: &'a [u8],
        owners: Owners<'a>,
    ) -> Expected<'a> {
        Expected::new(artifact, manifest, &[]).or_certificates(owners, &self.root)
    }

    /// Checks what an authority and a log made of a signature, as anybody would; whose it is then
    /// (SIG-42).
    pub(super) fn check(
        &self,
        signed: &Signed,
        artifact: &Digest,
        manifest: &[u8],
    ) -> Result<Accepted> {
        let expected = self.of(artifact, manifest, Owners::Anyone);
        let checked = verify_bundle(&signed.bundle, &expected).and_then(|accepted| {
            verify_simple(&signed.payload, &signed.simple.annotations(), &expected)?;
            Ok(accepted)
        });
        checked.map_err(|fault| {
            let message = format!(
                "the answers of the authority and the log are not valid: {}: {}",
                fault.kind.as_str(),
                fault.message
            );
            Error::new(ErrorKind::InvalidDocument, message).with_help(
                "nothing was written; is the root, --trusted-root, that of these services?",
            )
        })
    }

    pub(super) fn json(&self) -> TrustJson<'_> {
        TrustJson { source: &self.source, sha256: self.root.sha256() }
    }
}

/// Says that the root that is built in is old (SIG-34).
fn warn_of_age(output: Output) {
    let built = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(BUILT_IN_SECONDS));
    let age = built.and_then(|built| SystemTime::now().duration_since(built).ok());
    let days = age.unwrap_or_default().as_secs() / (24 * 60 * 60);
    output.detail(&format!("the root of certificates is the built-in one of {BUILT_IN_DAY}"));
    if days > FRESH_DAYS && !output.is_json() {
        let what = format!(
            "the root of certificates is {days} days old, so newer authorities are not trusted; a \
             newer version of this program has a newer root, and --trusted-root FILE gives another"
        );
        output.note(&format!("warning: {what}"));
    }
}

/// Owners that are expected of certificates.
enum Wanted {
    These(Vec<Identity>),
    Anyone,
}

/// The signers of whom a signature is expected.
#[derive(Default)]
pub(super) struct Signers {
    keys: Vec<PublicKey>,
    certificates: Option<(Wanted, Trust)>,
    /// The authorities for logs that keys' signatures are in, where somebody was named.
    log: Option<Trust>,
    predicate_type: Option<String>,
    /// Whether what counts is only shown.
    pub(super) is_show: bool,
}

impl Signers {
    /// Reads what was said on the command line; a policy is not for this.
    pub(super) fn said(expectation: &Expectation, output: Output) -> Result<Self> {
        let Expectation { whom, trusted_root, predicate_type } = expectation;
        let trust = || Trust::new(trusted_root.as_deref(), output);
        let mut signers = match whom {
            Whom::Keys(files) => {
                let log = trusted_root.as_ref().map(|_| trust()).transpose()?;
                Self { keys: keys(files)?, log, ..Self::default() }
            }
            Whom::Owner(identity) => {
                let wanted = Wanted::These(vec![identity.as_ref().clone()]);
                Self { certificates: Some((wanted, trust()?)), ..Self::default() }
            }
            Whom::Anyone(files) => Self {
                keys: keys(files)?,
                certificates: Some((Wanted::Anyone, trust()?)),
                is_show: true,
                ..Self::default()
            },
            Whom::Policy(_) => Self::default(),
        };
        signers.predicate_type.clone_from(predicate_type);
        Ok(signers)
    }

    /// Returns the signers of a policy.
    pub(super) fn new(
        keys: Vec<PublicKey>,
        owners: Vec<Identity>,
        root: Option<&Path>,
        output: Output,
    ) -> Result<Self> {
        let certificates = match owners.is_empty() {
            true => None,
            false => Some((Wanted::These(owners), Trust::new(root, output)?)),
        };
        let log = match (root, keys.is_empty()) {
            (Some(root), false) => Some(Trust::new(Some(root), output)?),
            _ => None,
        };
        Ok(Self { keys, certificates, log, ..Self::default() })
    }

    /// Expects an attestation of that predicate type instead of a signature.
    pub(super) fn with_predicate_type(mut self, predicate_type: Option<String>) -> Self {
        self.predicate_type = predicate_type;
        self
    }

    /// Their signature of the artifact with that digest and those bytes.
    pub(super) fn of<'a>(&'a self, artifact: &'a Digest, manifest: &'a [u8]) -> Expected<'a> {
        let mut expected = Expected::new(artifact, manifest, &self.keys);
        if let Some((wanted, trust)) = &self.certificates {
            let owners = match wanted {
                Wanted::These(identities) => Owners::These(identities),
                Wanted::Anyone => Owners::Anyone,
            };
            expected = expected.or_certificates(owners, &trust.root);
        }
        if let Some(trust) = &self.log {
            expected = expected.with_log(&trust.root);
        }
        match &self.predicate_type {
            Some(predicate_type) => expected.with_predicate_type(predicate_type),
            None => expected,
        }
    }

    /// The keys of theirs that are known.
    pub(super) fn keys(&self) -> &[PublicKey] {
        &self.keys
    }

    /// The authorities for certificates, if any are needed.
    pub(super) fn trust(&self) -> Option<&Trust> {
        self.certificates.as_ref().map(|(_, trust)| trust).or(self.log.as_ref())
    }
}

/// Reads the public keys that are expected.
pub(super) fn keys(files: &[PathBuf]) -> Result<Vec<PublicKey>> {
    let read = |file: &PathBuf| {
        let key = PublicKey::from_pem(&content(file, MAX_KEY_FILE as u64)?);
        key.map_err(|fault| Error::from(fault).at_path(file))
    };
    files.iter().map(read).collect()
}
