// SPDX-License-Identifier: Apache-2.0
//! Keys (SIG-13, SIG-18): public ones of four kinds to check with, P-256 to sign with.

use std::fmt;

use oci_artifact::digest;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use p256::pkcs8::der::{Decode as _, Encode as _};
use p256::pkcs8::spki::{ObjectIdentifier, SubjectPublicKeyInfoRef};
use p256::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, EncodePublicKey as _};
use p256::{PublicKey as P256, SecretKey};
use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use zeroize::Zeroizing;

pub use crate::encrypted::Randomness;
use crate::fault::{Fault, FaultKind};
use crate::{encrypted, pem, strict};

const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const CURVE_P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const CURVE_P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// The most bytes of a key file.
pub const MAX_KEY_FILE: usize = 1 << 16;

/// The kind of a key, which decides how its signatures are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA over P-256, of SHA-256.
    P256,
    /// ECDSA over P-384, of SHA-256 or SHA-384: signers differ.
    P384,
    /// Ed25519.
    Ed25519,
    /// RSA of 2048 to 4096 bits, PKCS #1 v1.5, of SHA-256.
    Rsa,
}

/// A public key that is expected.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    algorithm: Algorithm,
    /// The whole of it, DER.
    spki: Vec<u8>,
    /// The key alone.
    bits: Vec<u8>,
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey")
            .field("algorithm", &self.algorithm)
            .field("id", &self.id())
            .finish()
    }
}

impl PublicKey {
    /// Reads a PEM file with one `PUBLIC KEY`.
    ///
    /// # Errors
    /// [`FaultKind::InvalidKey`] if it is not one, or of another kind.
    pub fn from_pem(pem: &[u8]) -> Result<Self, Fault> {
        let (label, spki) = pem::read(pem, MAX_KEY_FILE)?;
        if label != "PUBLIC KEY" {
            let message = format!("the file contains {label:?}, and \"PUBLIC KEY\" is expected");
            return Err(invalid(message));
        }
        Self::from_der(&spki)
    }

    /// Reads a SubjectPublicKeyInfo.
    ///
    /// # Errors
    /// As of [`from_pem`](Self::from_pem).
    pub fn from_der(spki: &[u8]) -> Result<Self, Fault> {
        let read = SubjectPublicKeyInfoRef::from_der(spki)
            .map_err(|_| invalid("the public key is malformed"))?;
        let bits = read.subject_public_key.as_bytes().unwrap_or_default().to_vec();
        let curve = || read.algorithm.parameters_oid().ok();
        let algorithm = match read.algorithm.oid {
            EC if curve() == Some(CURVE_P256) => Algorithm::P256,
            EC if curve() == Some(CURVE_P384) => Algorithm::P384,
            ED25519 if bits.len() == 32 => Algorithm::Ed25519,
            RSA => Algorithm::Rsa,
            other => {
                return Err(invalid(format!(
                    "the public key is of the kind {other}; P-256, P-384, Ed25519 and RSA are \
                     accepted"
                )));
            }
        };
        match algorithm {
            Algorithm::P256 => {
                P256::from_sec1_bytes(&bits).map_err(|_| invalid("the point is not on P-256"))?;
            }
            // An uncompressed point; ring looks at the curve when it checks a signature.
            Algorithm::P384 if bits.len() != 97 || bits.first() != Some(&4) => {
                return Err(invalid("the public key is not an uncompressed point of P-384"));
            }
            // A modulus of more than 4096 bits, and its frame.
            Algorithm::Rsa if !(256..=540).contains(&bits.len()) => {
                return Err(invalid("an RSA key has 2048 to 4096 bits"));
            }
            _ => {}
        }
        Ok(Self { algorithm, spki: spki.to_vec(), bits })
    }

    /// Returns the whole of it, DER.
    pub(crate) fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// Returns the kind of key.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Returns the SHA-256 of its SubjectPublicKeyInfo, which is its name here.
    pub fn id(&self) -> String {
        digest::sha256(self.spki()).hex()
    }

    /// Returns the hint that a bundle has for the key, as base64.
    pub fn hint(&self) -> String {
        strict::encode(digest::sha256(self.spki()).as_bytes())
    }

    /// Returns the key as a PEM file.
    pub fn to_pem(&self) -> String {
        pem::write("PUBLIC KEY", &self.spki).to_string()
    }

    /// Whether `signature` is this key's over `message`.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let algorithms: &[&'static dyn VerificationAlgorithm] = match self.algorithm {
            Algorithm::P256 => &[&signature::ECDSA_P256_SHA256_ASN1],
            Algorithm::P384 => {
                &[&signature::ECDSA_P384_SHA256_ASN1, &signature::ECDSA_P384_SHA384_ASN1]
            }
            Algorithm::Ed25519 => &[&signature::ED25519],
            Algorithm::Rsa => &[&signature::RSA_PKCS1_2048_8192_SHA256],
        };
        let check = |algorithm: &&'static dyn VerificationAlgorithm| {
            UnparsedPublicKey::new(*algorithm, &self.bits).verify(message, signature).is_ok()
        };
        algorithms.iter().any(check)
    }

    /// Whether `signature` is over the SHA-384 of the message: with P-384 signers differ, and all others are
    /// over its SHA-256.
    pub(crate) fn is_over_sha384(&self, message: &[u8], signature: &[u8]) -> bool {
        let algorithm = &signature::ECDSA_P384_SHA384_ASN1;
        self.algorithm == Algorithm::P384
            && UnparsedPublicKey::new(algorithm, &self.bits).verify(message, signature).is_ok()
    }
}

/// A private key to sign with. Neither errors nor `Debug` show anything of it.
pub struct PrivateKey(SecretKey);

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(..)")
    }
}

impl PrivateKey {
    /// Makes a key of random bytes.
    ///
    /// # Errors
    /// [`FaultKind::InvalidKey`] for bytes that are no key of the curve, which is one case in 2³²: draw
    /// others.
    pub fn from_random(bytes: &[u8; 32]) -> Result<Self, Fault> {
        let key = SecretKey::from_slice(bytes);
        key.map(Self).map_err(|_| invalid("these bytes do not make a key"))
    }

    /// Reads a PEM file of a P-256 key: PKCS #8 `PRIVATE KEY`, SEC 1 `EC PRIVATE KEY`, or cosign's
    /// encrypted form, which `password` opens (SIG-18, SIG-21).
    ///
    /// # Errors
    /// [`FaultKind::InvalidKey`] if it is none of them, or the password is another one.
    pub fn from_pem(pem: &[u8], password: &[u8]) -> Result<Self, Fault> {
        let (label, content) = pem::read(pem, MAX_KEY_FILE)?;
        let key = match label {
            "PRIVATE KEY" => SecretKey::from_pkcs8_der(&content).ok(),
            "EC PRIVATE KEY" => SecretKey::from_sec1_der(&content).ok(),
            label if encrypted::LABELS.contains(&label) => {
                SecretKey::from_pkcs8_der(&encrypted::open(&content, password)?).ok()
            }
            other => {
                return Err(invalid(format!(
                    "the file contains {other:?}, which is not a private key"
                )));
            }
        };
        key.map(Self).ok_or_else(|| invalid("the private key is malformed, or not one of P-256"))
    }

    /// Returns the key as a PEM file, PKCS #8.
    ///
    /// # Errors
    /// [`FaultKind::InvalidKey`] if it cannot be encoded.
    pub fn to_pem(&self) -> Result<Zeroizing<String>, Fault> {
        let encoded = self.0.to_pkcs8_der().map_err(|_| invalid("the key cannot be encoded"))?;
        Ok(pem::write("PRIVATE KEY", encoded.as_bytes()))
    }

    /// Returns the key as a PEM file that a password opens, as cosign keeps it (SIG-21).
    ///
    /// # Errors
    /// As of [`to_pem`](Self::to_pem).
    pub fn to_encrypted_pem(
        &self,
        password: &[u8],
        randomness: &Randomness,
    ) -> Result<Zeroizing<String>, Fault> {
        let encoded = self.0.to_pkcs8_der().map_err(|_| invalid("the key cannot be encoded"))?;
        let sealed = encrypted::seal(encoded.as_bytes(), password, randomness)?;
        Ok(pem::write(encrypted::LABELS[0], &sealed))
    }

    /// Returns its public part.
    ///
    /// # Errors
    /// [`FaultKind::InvalidKey`] if it cannot be encoded.
    pub fn public(&self) -> Result<PublicKey, Fault> {
        let encoded = self.0.public_key().to_public_key_der();
        let encoded = encoded.map_err(|_| invalid("the public key cannot be encoded"))?;
        PublicKey::from_der(encoded.as_bytes())
    }

    /// Signs a message: DER. The nonce is made of key and message (RFC 6979), so that the same key signs
    /// the same message in the same way.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let signature: Signature = SigningKey::from(&self.0).sign(message);
        signature.to_der().to_der().unwrap_or_default()
    }
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::new(FaultKind::InvalidKey, message)
}
