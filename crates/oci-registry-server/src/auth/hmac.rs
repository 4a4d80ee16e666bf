// SPDX-License-Identifier: Apache-2.0
//! HMAC-SHA256 (RFC 2104): what only the holder of a key can make.

use oci_artifact::Result;
use sha2::{Digest as _, Sha256};

use crate::random;

/// The block of SHA-256, in bytes.
const BLOCK: usize = 64;

/// A key that signs, and recognises what it signed.
pub(super) struct Key([u8; BLOCK]);

/// A message authentication code.
#[derive(Clone, Copy)]
pub(super) struct Mac([u8; 32]);

impl Key {
    /// Returns a key that nobody else has.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](oci_artifact::ErrorKind::Io) if the system gives no random numbers.
    pub(super) fn random() -> Result<Self> {
        Ok(Self::new(&random::key()?))
    }

    fn new(bytes: &[u8]) -> Self {
        let hash;
        let bytes = match bytes.len() <= BLOCK {
            true => bytes,
            false => {
                hash = Sha256::digest(bytes);
                &hash
            }
        };
        let mut key = [0; BLOCK];
        key.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        Self(key)
    }

    pub(super) fn sign(&self, message: &[u8]) -> Mac {
        let inner = Sha256::new().chain_update(self.0.map(|byte| byte ^ 0x36));
        let inner = inner.chain_update(message).finalize();
        let outer = Sha256::new().chain_update(self.0.map(|byte| byte ^ 0x5c));
        Mac(outer.chain_update(inner).finalize().into())
    }
}

impl Mac {
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether these bytes are it.
    pub(super) fn is(&self, bytes: &[u8]) -> bool {
        is_same(&self.0, bytes)
    }
}

/// Whether two texts are the same. Takes as long wherever they differ.
pub(super) fn is_same(one: &[u8], other: &[u8]) -> bool {
    let difference = one.iter().zip(other).fold(0, |all, (a, b)| all | (a ^ b));
    one.len() == other.len() && difference == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test cases 1, 2 and 6.
    #[test]
    fn signatures_are_those_of_rfc_4231() {
        let cases: [(&[u8], &[u8], &str); 3] = [
            (
                &[0x0b; 20],
                b"Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ];
        for (key, message, expected) in cases {
            let mac = Key::new(key).sign(message);
            let text: String = mac.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(text, expected);
            assert!(mac.is(&mac.0) && !mac.is(&mac.0[..31]) && !mac.is(&[0; 32]) && !mac.is(&[]));
        }
    }
}
