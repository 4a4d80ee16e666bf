// SPDX-License-Identifier: Apache-2.0
//! Roots: the authorities, logs and clocks that vouch for certificates (signatures.md 4; SIG-34
//! to SIG-38). What is checked of a certificate beside its owner is checked with one.
//!
//! Without the feature `certificates` there is no root: to read one is an error (SIG-44), and so nothing
//! can be asked of one.

use std::fmt;

use oci_artifact::digest;

use crate::fault::{Fault, FaultKind};
use crate::strict;
use crate::vouching::{self, BUILT_IN, Verifier};

/// The day on which the built-in root was the newest one, and the seconds since 1970 until then.
pub const BUILT_IN_DAY: &str = "2026-10-23";
/// The day [`BUILT_IN_DAY`], in seconds since 1970.
pub const BUILT_IN_SECONDS: u64 = 1_792_713_600;
/// The number of days after which the built-in root may lack what has been added since (SIG-34).
pub const FRESH_DAYS: u64 = 180;

/// The beginning of the media types of roots.
const MEDIA_TYPE: &str = "application/vnd.dev.sigstore.trustedroot";

/// The time at which something was signed, and the place where that is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proven {
    /// The time, as of RFC 3339.
    pub time: Option<String>,
    /// The number of the log's entry.
    pub log_index: Option<u64>,
}

/// Authorities, logs and clocks that are trusted.
pub struct Root {
    pub(crate) verifier: Verifier,
    sha256: String,
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Root({})", self.sha256)
    }
}

impl Root {
    /// Reads a `trusted_root.json`.
    ///
    /// # Errors
    /// [`FaultKind::InvalidRoot`] if something in it cannot be used: nothing of it is passed over.
    /// [`FaultKind::Unsupported`] in a build that checks no certificates (SIG-44).
    pub fn parse(json: &[u8]) -> Result<Self, Fault> {
        Self::read(json).map_err(|fault| match fault.kind {
            FaultKind::Unsupported => fault,
            _ => {
                let message = format!("the root cannot be used: {}", fault.message);
                Fault::new(FaultKind::InvalidRoot, message)
            }
        })
    }

    /// Whether this build can read a root at all, and so check certificates (SIG-44).
    pub fn is_supported() -> bool {
        vouching::prepare().is_ok()
    }

    fn read(json: &[u8]) -> Result<Self, Fault> {
        // Where none can be used, it does not matter what is wrong with this one.
        vouching::prepare()?;
        let read = strict::read(json, "the root")?;
        let media_type = strict::text(read, "mediaType").unwrap_or_default();
        if !media_type.starts_with(MEDIA_TYPE) {
            return Err(Fault::malformed(format!(
                "roots of type {media_type:?} are not supported"
            )));
        }
        let text =
            std::str::from_utf8(json).map_err(|error| Fault::malformed(error.to_string()))?;
        let sha256 = digest::sha256(json).hex();
        Verifier::new(text).map(|verifier| Self { verifier, sha256 })
    }

    /// Returns the root of Sigstore's public instance, as it was on [`BUILT_IN_DAY`].
    ///
    /// # Errors
    /// As of [`parse`](Self::parse).
    pub fn built_in() -> Result<Self, Fault> {
        Self::parse(BUILT_IN.as_bytes())
    }

    /// Returns the SHA-256 of the file.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }
}

/// The use of a log that is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Log {
    /// Its promise to take the entry in.
    Promise,
    /// The proof that it did.
    Proof,
}
