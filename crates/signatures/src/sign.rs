// SPDX-License-Identifier: Apache-2.0
//! Signatures of one artifact, in both layouts (signatures.md 3): two, one a payload.

use std::collections::BTreeMap;

use oci_artifact::Digest;
use oci_artifact::digest;

use crate::fault::Fault;
use crate::key::PrivateKey;
use crate::layout::Simple;
use crate::{bundle, envelope, payload, statement};

/// The content to be signed.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    artifact: &'a Digest,
    docker_reference: &'a str,
    annotations: BTreeMap<String, String>,
}

impl<'a> Request<'a> {
    /// Returns the artifact, and `REGISTRY/REPOSITORY`, which the payload repeats and no reader
    /// believes.
    pub fn new(artifact: &'a Digest, docker_reference: &'a str) -> Self {
        Self { artifact, docker_reference, annotations: BTreeMap::new() }
    }

    /// Adds annotations to what is signed.
    #[must_use]
    pub fn with_annotations(mut self, annotations: BTreeMap<String, String>) -> Self {
        self.annotations = annotations;
        self
    }

    /// Returns the statement that is signed in a bundle.
    pub fn statement(&self) -> Vec<u8> {
        statement::write(self.artifact, &self.annotations)
    }

    /// Returns the payload that is signed in simple signing.
    pub fn payload(&self) -> Vec<u8> {
        payload::write(self.docker_reference, self.artifact, &self.annotations)
    }
}

/// An artifact's signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The bundle, for a referrer.
    pub bundle: Vec<u8>,
    /// The payload of simple signing.
    pub payload: Vec<u8>,
    /// Its signature, for the tag.
    pub simple: Simple,
}

impl Signed {
    /// Signs an artifact with a key.
    ///
    /// # Errors
    /// [`InvalidKey`](crate::FaultKind::InvalidKey).
    pub fn new(request: &Request<'_>, key: &PrivateKey) -> Result<Self, Fault> {
        let statement = request.statement();
        let signature = key.sign(&envelope::signed_bytes(statement::PAYLOAD_TYPE, &statement));
        let bundle = bundle::write(&key.public()?.hint(), &statement, &signature);
        let payload = request.payload();
        let simple = Simple {
            payload: digest::sha256(&payload),
            size: payload.len() as u64,
            signature: key.sign(&payload),
            vouched: None,
        };
        Ok(Self { bundle, payload, simple })
    }
}
