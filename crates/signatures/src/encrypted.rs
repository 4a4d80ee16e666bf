// SPDX-License-Identifier: Apache-2.0
//! Private keys that a password protects, as cosign keeps them (signatures.md 3.7; SIG-21): scrypt makes
//! a key of the password, and NaCl's secretbox opens the rest.

use dryoc::classic::crypto_secretbox::{crypto_secretbox_easy, crypto_secretbox_open_easy};
use oci_artifact::json::{Value, Writer};
use scrypt::Params;
use zeroize::Zeroizing;

use crate::fault::{Fault, FaultKind};
use crate::strict;

/// The label of the PEM block that is written, and the one that older versions wrote.
pub(crate) const LABELS: [&str; 2] =
    ["ENCRYPTED SIGSTORE PRIVATE KEY", "ENCRYPTED COSIGN PRIVATE KEY"];
/// The parameters that are written: 64 MiB of memory.
const LOG_N: u8 = 16;
/// The number of bytes by which what is sealed is longer.
const SEAL: usize = 16;

/// Random bytes for one encryption, which must not be used again.
#[derive(Clone)]
pub struct Randomness {
    /// The salt of scrypt.
    pub salt: [u8; 32],
    /// The nonce of secretbox.
    pub nonce: [u8; 24],
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::new(FaultKind::InvalidKey, message)
}

/// Opens what a PEM block has: the key as PKCS #8.
pub(crate) fn open(content: &[u8], password: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let read = |content| -> Result<_, Fault> {
        let value = strict::read(content, "the encrypted key")?;
        let kdf = strict::object(value, "kdf")?;
        let cipher = strict::object(value, "cipher")?;
        let names = (strict::text(kdf, "name")?, strict::text(cipher, "name")?);
        if (names.0.as_str(), names.1.as_str()) != ("scrypt", "nacl/secretbox") {
            return Err(invalid("the key is encrypted in an unknown way"));
        }
        let params = strict::object(kdf, "params")?;
        let number = |key: &str| strict::member(params, key).and_then(Value::as_integer);
        let log_n = match number("N") {
            Some(32_768) => 15,
            Some(65_536) => 16,
            _ => return Err(invalid("the key's N for scrypt is not 32768 or 65536")),
        };
        let (r, p) = (number("r"), number("p"));
        let r = r.and_then(|r| u32::try_from(r).ok()).filter(|r| (1..=8).contains(r));
        let (Some(r), Some(1)) = (r, p) else {
            return Err(invalid("the key's r for scrypt is more than 8, or its p is not 1"));
        };
        let salt = strict::bytes(kdf, "salt")?;
        let nonce = strict::bytes(cipher, "nonce")?;
        Ok((log_n, r, salt, nonce, strict::bytes(value, "ciphertext")?))
    };
    let (log_n, r, salt, nonce, sealed) = read(content).map_err(|fault| invalid(fault.message))?;
    let nonce: [u8; 24] =
        nonce.try_into().map_err(|_| invalid("the key's nonce does not have 24 bytes"))?;
    let Some(length) = sealed.len().checked_sub(SEAL) else {
        return Err(invalid("the encrypted key is too short"));
    };
    let key = derive(password, &salt, log_n, r)?;
    let mut opened = Zeroizing::new(vec![0; length]);
    crypto_secretbox_open_easy(&mut opened, &sealed, &nonce, &key)
        .map_err(|_| invalid("the password does not open the key"))?;
    Ok(opened)
}

/// Seals a key, PKCS #8, with a password.
pub(crate) fn seal(
    content: &[u8],
    password: &[u8],
    randomness: &Randomness,
) -> Result<Vec<u8>, Fault> {
    let Randomness { salt, nonce } = randomness;
    let key = derive(password, salt, LOG_N, 8)?;
    let mut sealed = vec![0; content.len().saturating_add(SEAL)];
    crypto_secretbox_easy(&mut sealed, content, nonce, &key)
        .map_err(|_| invalid("the key cannot be encrypted"))?;
    let mut json = Writer::new();
    json.object(|json| {
        json.key("kdf").object(|json| {
            json.key("name").string("scrypt");
            json.key("params").object(|json| {
                json.key("N").integer(1 << LOG_N);
                json.key("r").integer(8);
                json.key("p").integer(1);
            });
            json.key("salt").string(strict::encode(salt));
        });
        json.key("cipher").object(|json| {
            json.key("name").string("nacl/secretbox");
            json.key("nonce").string(strict::encode(nonce));
        });
        json.key("ciphertext").string(strict::encode(&sealed));
    });
    Ok(json.into_bytes())
}

fn derive(password: &[u8], salt: &[u8], log_n: u8, r: u32) -> Result<Zeroizing<[u8; 32]>, Fault> {
    let params =
        Params::new(log_n, r, 1).map_err(|_| invalid("scrypt does not accept these parameters"))?;
    let mut key = Zeroizing::new([0; 32]);
    scrypt::scrypt(password, salt, &params, &mut key[..])
        .map_err(|_| invalid("scrypt did not derive a key"))?;
    Ok(key)
}
