// SPDX-License-Identifier: Apache-2.0
//! Signing without a key that anybody keeps (signatures.md 3.8; SIG-40 to SIG-43): what is asked of an
//! authority and a log, and what is made of their answers. The asking is the caller's.
//!
//! [`Token`] → [`certificate_request`] → [`Draft`] → its two entries for the log → [`Signed`]. Every part
//! of an answer may be missing, and all of what comes is checked as anybody would check it, by the
//! caller, before it is written anywhere.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oci_artifact::digest;
use oci_artifact::json::{Kind, Value, Writer};

use crate::certificate::Certificate;
use crate::entry::Entry;
use crate::fault::{Fault, FaultKind};
use crate::identity::Claims;
use crate::key::PrivateKey;
use crate::layout::Simple;
use crate::sign::{Request, Signed};
use crate::statement::PAYLOAD_TYPE;
use crate::{bundle, envelope, pem, strict};

/// The most bytes of a token.
const MAX_TOKEN: usize = 1 << 16;

/// Turns a fault of a certificate into one of the authority's answer; a certificate that this build cannot read stays
/// one.
fn answered(fault: Fault) -> Fault {
    match fault.kind {
        FaultKind::Unsupported => fault,
        _ => invalid(fault.message),
    }
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::new(FaultKind::InvalidAnswer, message)
}

/// The subject that a token of an issuer is for. The token is not verified: the authority does that.
/// Nothing of it is in an error.
pub struct Token {
    subject: String,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}

impl Token {
    /// Reads a token, a JWT.
    ///
    /// # Errors
    /// [`FaultKind::InvalidAnswer`] if it is not one, or is for nobody.
    pub fn parse(token: &str) -> Result<Self, Fault> {
        let malformed = || invalid("the identity token is not a JWT");
        if token.len() > MAX_TOKEN {
            return Err(malformed());
        }
        let parts: Vec<&str> = token.split('.').collect();
        let [_, claims, _] = parts.as_slice() else { return Err(malformed()) };
        let claims = URL_SAFE_NO_PAD.decode(claims).map_err(|_| malformed())?;
        // What is wrong in it might be shown along with what is in it.
        let claims = strict::read(&claims, "the token").map_err(|_| malformed())?;
        let text = |key: &str| strict::text(claims, key).ok().filter(|text| !text.is_empty());
        let is_verified = match strict::member(claims, "email_verified") {
            Some(value) if value.kind() == Kind::Bool => value.as_bool() == Some(true),
            // Some issuers write it as text.
            Some(value) => value.as_string().as_deref() == Some("true"),
            None => false,
        };
        let subject = text("email").filter(|_| is_verified).or_else(|| text("sub"));
        let subject = subject.ok_or_else(|| invalid("the identity token has no subject"))?;
        Ok(Self { subject })
    }
}

/// Returns the body of the request for a certificate: the public key, and the proof that its owner
/// asks.
///
/// # Errors
/// [`FaultKind::InvalidKey`].
pub fn certificate_request(key: &PrivateKey, token: &Token) -> Result<Vec<u8>, Fault> {
    let public = key.public()?.to_pem();
    let proof = key.sign(token.subject.as_bytes());
    let mut json = Writer::new();
    json.object(|json| {
        json.key("publicKeyRequest").object(|json| {
            json.key("publicKey").object(|json| {
                json.key("algorithm").string("ECDSA");
                json.key("content").string(&public);
            });
            json.key("proofOfPossession").string(strict::encode(&proof));
        });
    });
    Ok(json.into_bytes())
}

/// The certificate of an answer, DER.
fn certificate(answer: &[u8]) -> Result<Vec<u8>, Fault> {
    let what = "the authority's answer";
    let answer = strict::read(answer, what).map_err(|fault| invalid(fault.message))?;
    let signed = ["signedCertificateEmbeddedSct", "signedCertificateDetachedSct"];
    let signed = signed.iter().find_map(|key| strict::member(answer, key));
    let first = signed
        .and_then(|signed| strict::member(signed, "chain"))
        .and_then(|chain| strict::member(chain, "certificates"))
        .and_then(|chain| chain.elements().next())
        .filter(|first| first.kind() == Kind::String)
        .and_then(Value::as_string);
    let first = first.ok_or_else(|| invalid(format!("{what} has no certificate")))?;
    pem::certificate(&first, "the certificate").map_err(|fault| invalid(fault.message))
}

/// Content that is signed already, and in no log yet.
pub struct Draft {
    certificate: Vec<u8>,
    statement: Vec<u8>,
    statement_signature: Vec<u8>,
    payload: Vec<u8>,
    payload_signature: Vec<u8>,
}

impl Draft {
    /// Signs both layouts with the key that the authority's answer certifies.
    ///
    /// # Errors
    /// [`FaultKind::InvalidAnswer`], also where the certificate is of another key;
    /// [`FaultKind::Unsupported`] in a build that reads none (SIG-44).
    pub fn new(request: &Request<'_>, key: &PrivateKey, answer: &[u8]) -> Result<Self, Fault> {
        let certificate = certificate(answer)?;
        let read = Certificate::parse(&certificate).map_err(answered)?;
        if read.key != key.public()? {
            return Err(invalid("the authority's certificate is for another key"));
        }
        let (statement, payload) = (request.statement(), request.payload());
        Ok(Self {
            certificate,
            statement_signature: key.sign(&envelope::signed_bytes(PAYLOAD_TYPE, &statement)),
            payload_signature: key.sign(&payload),
            statement,
            payload,
        })
    }

    /// Returns the certificate's claims about the signer. Nobody has vouched for them yet.
    ///
    /// # Errors
    /// As of [`new`](Self::new).
    pub fn owner(&self) -> Result<Claims, Fault> {
        let read = Certificate::parse(&self.certificate).map_err(answered)?;
        Ok(read.claims)
    }

    fn pem(&self) -> String {
        pem::write("CERTIFICATE", &self.certificate).to_string()
    }

    /// Returns the entry that the log is asked to take in for the bundle.
    pub fn statement_entry(&self) -> Vec<u8> {
        let mut envelope = Writer::new();
        bundle::write_envelope(&mut envelope, &self.statement, &self.statement_signature);
        let mut json = Writer::new();
        json.object(|json| {
            json.key("apiVersion").string("0.0.1");
            json.key("kind").string("dsse");
            json.key("spec").object(|json| {
                json.key("proposedContent").object(|json| {
                    json.key("envelope").string(envelope.into_bytes());
                    json.key("verifiers").strings([strict::encode(self.pem().as_bytes())]);
                });
            });
        });
        json.into_bytes()
    }

    /// Returns the entry that the log is asked to take in for simple signing.
    pub fn payload_entry(&self) -> Vec<u8> {
        let mut json = Writer::new();
        json.object(|json| {
            json.key("apiVersion").string("0.0.1");
            json.key("kind").string("hashedrekord");
            json.key("spec").object(|json| {
                json.key("data").object(|json| {
                    json.key("hash").object(|json| {
                        json.key("algorithm").string("sha256");
                        json.key("value").string(digest::sha256(&self.payload).hex());
                    });
                });
                json.key("signature").object(|json| {
                    json.key("content").string(strict::encode(&self.payload_signature));
                    json.key("publicKey").object(|json| {
                        json.key("content").string(strict::encode(self.pem().as_bytes()));
                    });
                });
            });
        });
        json.into_bytes()
    }

    /// Returns the signatures, with what the log answered to each entry.
    ///
    /// # Errors
    /// [`FaultKind::InvalidAnswer`].
    pub fn finish(self, statement_answer: &[u8], payload_answer: &[u8]) -> Result<Signed, Fault> {
        let of_statement = Entry::of_answer(statement_answer)?;
        let of_payload = Entry::of_answer(payload_answer)?;
        let bundle = bundle::write_certified(
            &self.certificate,
            &of_statement,
            &self.statement,
            &self.statement_signature,
        );
        let simple = Simple {
            payload: digest::sha256(&self.payload),
            size: self.payload.len() as u64,
            signature: self.payload_signature.clone(),
            vouched: Some((self.pem(), of_payload.annotation())),
        };
        Ok(Signed { bundle, payload: self.payload, simple })
    }
}
