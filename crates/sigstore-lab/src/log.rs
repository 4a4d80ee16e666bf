// SPDX-License-Identifier: Apache-2.0
//! A log of signatures, of the first generation: bodies, promises, proofs, checkpoints.

use serde_json::{Value, json};

use crate::merkle::{Hash, leaf, path, root};
use crate::{Key, base64, hex, pem, sha256};

/// A transparency log.
pub struct Log {
    /// The key of the log.
    pub key: Key,
    /// The log's name for itself.
    pub origin: String,
    leaves: Vec<Hash>,
}

/// A log's statement about an entry: each part can be taken from another one.
#[derive(Clone, Debug)]
pub struct Logged {
    /// The kind of body: `dsse` or `hashedrekord`.
    pub kind: &'static str,
    /// The body of the entry.
    pub body: String,
    /// The time at which it was taken in.
    pub time: u64,
    /// The number of the entry.
    pub index: u64,
    /// The log's name.
    pub log: [u8; 32],
    /// The promise of inclusion.
    pub promise: Vec<u8>,
    /// The tree's root.
    pub root: Hash,
    /// The tree's size.
    pub size: u64,
    /// The proof of inclusion.
    pub hashes: Vec<Hash>,
    /// The tree's head, signed.
    pub checkpoint: String,
}

impl Log {
    /// Creates a new one, with that many entries of others.
    pub fn new(others: u64) -> Self {
        let leaves = (0..others).map(|index| leaf(&index.to_be_bytes())).collect();
        Self { key: Key::new(), origin: "log.lab - 1".to_owned(), leaves }
    }

    /// Takes an entry in.
    pub fn add(&mut self, kind: &'static str, body: &Value, time: u64) -> Logged {
        let body = body.to_string();
        let index = self.leaves.len();
        self.leaves.push(leaf(body.as_bytes()));
        // Others come after it.
        self.leaves.push(leaf(b"later"));
        let root = root(&self.leaves);
        let promised = json!({
            "body": base64(&body), "integratedTime": time, "logID": hex(&self.key.id()),
            "logIndex": index,
        });
        let size = self.leaves.len() as u64;
        Logged {
            kind,
            time,
            index: index as u64,
            log: self.key.id(),
            promise: self.key.sign(promised.to_string().as_bytes()),
            root,
            size,
            hashes: path(&self.leaves, index),
            checkpoint: self.checkpoint(&root, size, &self.key),
            body,
        }
    }

    /// Returns the head of a tree, signed by that key.
    pub fn checkpoint(&self, root: &Hash, size: u64, key: &Key) -> String {
        let origin = &self.origin;
        let note = format!("{origin}\n{size}\n{}\n", base64(root));
        // The signer's name has no space.
        let name = origin.split(' ').next().expect("a name");
        let hint = key.id()[..4].to_vec();
        let signature = [hint, key.sign(note.as_bytes())].concat();
        format!("{note}\n\u{2014} {name} {}\n", base64(signature))
    }
}

impl Logged {
    /// Returns the entry as a bundle has it.
    pub fn in_bundle(&self) -> Value {
        let hashes: Vec<String> = self.hashes.iter().map(base64).collect();
        json!({
            "logIndex": self.index.to_string(),
            "logId": {"keyId": base64(self.log)},
            "kindVersion": {"kind": self.kind, "version": "0.0.1"},
            "integratedTime": self.time.to_string(),
            "inclusionPromise": {"signedEntryTimestamp": base64(&self.promise)},
            "inclusionProof": {
                "logIndex": self.index.to_string(),
                "rootHash": base64(self.root),
                "treeSize": self.size.to_string(),
                "hashes": hashes,
                "checkpoint": {"envelope": self.checkpoint},
            },
            "canonicalizedBody": base64(&self.body),
        })
    }

    /// Returns the entry as an annotation has it.
    pub fn in_annotation(&self) -> Value {
        json!({
            "SignedEntryTimestamp": base64(&self.promise),
            "Payload": {
                "body": base64(&self.body), "integratedTime": self.time, "logIndex": self.index,
                "logID": hex(&self.log),
            },
        })
    }

    /// Returns the entry as the log answers with it.
    pub fn in_answer(&self) -> Value {
        let hashes: Vec<String> = self.hashes.iter().map(|hash| hex(hash)).collect();
        json!({
            "body": base64(&self.body),
            "integratedTime": self.time,
            "logID": hex(&self.log),
            "logIndex": self.index,
            "verification": {
                "signedEntryTimestamp": base64(&self.promise),
                "inclusionProof": {
                    "logIndex": self.index,
                    "rootHash": hex(&self.root),
                    "treeSize": self.size,
                    "hashes": hashes,
                    "checkpoint": self.checkpoint,
                },
            },
        })
    }
}

/// Returns the body for a statement in an envelope.
pub fn dsse(payload: &[u8], signature: &[u8], certificate: &[u8]) -> Value {
    let hash = |bytes: &[u8]| json!({"algorithm": "sha256", "value": hex(&sha256(bytes))});
    json!({"apiVersion": "0.0.1", "kind": "dsse", "spec": {
        "envelopeHash": hash(signature),
        "payloadHash": hash(payload),
        "signatures": [{
            "signature": base64(signature),
            "verifier": base64(pem("CERTIFICATE", certificate)),
        }],
    }})
}

/// Returns the body for a message.
pub fn hashed(message: &[u8], signature: &[u8], certificate: &[u8]) -> Value {
    json!({"apiVersion": "0.0.1", "kind": "hashedrekord", "spec": {
        "data": {"hash": {"algorithm": "sha256", "value": hex(&sha256(message))}},
        "signature": {
            "content": base64(signature),
            "publicKey": {"content": base64(pem("CERTIFICATE", certificate))},
        },
    }})
}
