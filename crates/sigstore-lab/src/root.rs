// SPDX-License-Identifier: Apache-2.0
//! Roots that trust an authority and logs.

use serde_json::{Value, json};

use crate::{Authority, Key, Log, base64};

/// A root, of which single parts can be others.
pub struct Root {
    /// The issuers of certificates: DER, and the time in which they may.
    pub authorities: Vec<(Vec<u8>, Value)>,
    /// Keys of logs of certificates.
    pub ct: Vec<Vec<u8>>,
    /// Keys of logs of signatures.
    pub logs: Vec<Vec<u8>>,
}

impl Root {
    /// Creates a root that trusts these.
    pub fn new(authority: &Authority, log: &Log) -> Self {
        Self {
            authorities: vec![(
                authority.certificate().to_vec(),
                json!({"start": "2020-01-01T00:00:00Z"}),
            )],
            ct: vec![authority.ct.spki()],
            logs: vec![log.key.spki()],
        }
    }

    /// Returns the root with another key for the log of signatures.
    pub fn with_log(mut self, key: &Key) -> Self {
        self.logs = vec![key.spki()];
        self
    }

    /// Returns the root as a file.
    pub fn json(&self) -> String {
        let log = |spki: &Vec<u8>| {
            json!({
                "baseUrl": "https://log.lab",
                "hashAlgorithm": "SHA2_256",
                "publicKey": {
                    "rawBytes": base64(spki),
                    "keyDetails": "PKIX_ECDSA_P256_SHA_256",
                    "validFor": {"start": "2020-01-01T00:00:00Z"},
                },
                "logId": {"keyId": base64(crate::sha256(spki))},
            })
        };
        let authority = |(der, valid): &(Vec<u8>, Value)| {
            json!({
                "subject": {"organization": "sigstore.lab", "commonName": "authority"},
                "uri": "https://authority.lab",
                "certChain": {"certificates": [{"rawBytes": base64(der)}]},
                "validFor": valid,
            })
        };
        json!({
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": self.logs.iter().map(log).collect::<Vec<_>>(),
            "certificateAuthorities": self.authorities.iter().map(authority).collect::<Vec<_>>(),
            "ctlogs": self.ct.iter().map(log).collect::<Vec<_>>(),
            "timestampAuthorities": [],
        })
        .to_string()
    }
}
