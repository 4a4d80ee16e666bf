// SPDX-License-Identifier: Apache-2.0
//! A certificate authority, a log of certificates, a log of signatures, and the root that trusts them: a
//! Sigstore of its own for each test, made of other code than what it tests. For tests only: it panics
//! where it cannot do what is asked of it.

pub mod authority;
pub mod log;
pub mod merkle;
pub mod root;
pub mod material;
pub mod server;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, PKCS_RSA_SHA256,
    PublicKeyData as _, SigningKey as _,
};
use sha2::{Digest as _, Sha256};

pub use authority::{Authority, Name, Owner, Sct};
pub use log::{Log, Logged};
pub use material::{Alter, Lab, Made};
pub use root::Root;
pub use server::Server;

/// 2024-01-01, on which everything is signed unless another time is asked for.
pub const NOW: u64 = 1_704_067_200;

/// A private key, of P-256 unless another kind is asked for.
pub struct Key(KeyPair);

impl Key {
    /// Creates a new one.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Self(KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key"))
    }

    /// Returns a new one of P-384, which signs the SHA-384 of a message.
    pub fn p384() -> Self {
        Self(KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).expect("a key"))
    }

    /// Returns a new one of Ed25519.
    pub fn ed25519() -> Self {
        Self(KeyPair::generate_for(&PKCS_ED25519).expect("a key"))
    }

    /// Returns one of RSA, PKCS#8 as PEM, which signs by PKCS#1 v1.5 with SHA-256.
    pub fn rsa(pem: &str) -> Self {
        Self(KeyPair::from_pkcs8_pem_and_sign_algo(pem, &PKCS_RSA_SHA256).expect("a key"))
    }

    /// Returns its SubjectPublicKeyInfo, DER.
    pub fn spki(&self) -> Vec<u8> {
        self.0.subject_public_key_info()
    }

    /// Returns the key itself within its SubjectPublicKeyInfo: an uncompressed point, or all that RSA has.
    pub fn point(&self) -> Vec<u8> {
        self.0.der_bytes().to_vec()
    }

    /// Returns its signature over a message, in the form that is usual for its kind.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).expect("a signature")
    }

    /// Returns the name that logs have: the SHA-256 of the SubjectPublicKeyInfo.
    pub fn id(&self) -> [u8; 32] {
        sha256(&self.spki())
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Returns the SHA-256 in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Encodes bytes as standard base64.
pub fn base64(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

/// PEM with that label, 64 columns, ending in a newline.
pub fn pem(label: &str, der: &[u8]) -> String {
    let text = base64(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
