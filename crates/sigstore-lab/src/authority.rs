// SPDX-License-Identifier: Apache-2.0
//! The authority: P-384, and certificates of ten minutes with what their owners are called, where they
//! work, and the word of a log of certificates.

use std::time::Duration;

pub use rcgen::ExtendedKeyUsagePurpose;
use rcgen::string::Ia5String;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, OtherNameValue, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384,
    PKCS_ED25519, PKCS_RSA_SHA256, PublicKeyData, SanType, SerialNumber, SignatureAlgorithm,
    date_time_ymd,
};

use crate::{Key, NOW, sha256};

/// The validity of certificates, in seconds.
const VALID: u64 = 600;
/// 1.3.6.1.4.1.57264.1, below which an authority says what it knows.
const ARC: [u64; 8] = [1, 3, 6, 1, 4, 1, 57264, 1];
/// The extension with the words of logs of certificates.
const SCTS: [u64; 10] = [1, 3, 6, 1, 4, 1, 11129, 2, 4, 2];

/// A name of a certificate's owner.
#[derive(Clone, Debug)]
pub enum Name {
    /// A name that is a URI.
    Uri(String),
    /// An address for mail.
    Mail(String),
    /// A user of an issuer without addresses.
    User(String),
    /// A name that is a host.
    Host(String),
    /// A name of a kind that nobody knows.
    Other(String),
}

/// The word of a log of certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sct {
    /// A timestamp of the root's log.
    Own,
    /// No timestamp.
    Missing,
    /// A timestamp of an unknown log.
    Foreign,
    /// A timestamp of the root's log, over another certificate.
    OfAnother,
}

/// A certificate's owner, and what is odd about the certificate.
#[derive(Clone, Debug)]
pub struct Owner {
    /// The names of the subject.
    pub names: Vec<Name>,
    /// The issuer, and whether the older extension says it.
    pub issuer: Option<String>,
    /// The further facts, by the last number of their extension.
    pub facts: Vec<(u64, String)>,
    /// The start of the certificate's validity.
    pub since: u64,
    /// Whether it is for signing code.
    pub usages: Vec<ExtendedKeyUsagePurpose>,
    /// The word of a log.
    pub sct: Sct,
}

impl Owner {
    /// Returns a job of a repository on GitHub.
    pub fn job(repository: &str) -> Self {
        let uri =
            format!("https://github.com/{repository}/.github/workflows/release.yml@refs/tags/v1");
        Self {
            names: vec![Name::Uri(uri)],
            issuer: Some("https://token.actions.githubusercontent.com".to_owned()),
            facts: vec![
                // Both extensions say who vouches, as Fulcio writes them.
                (1, "https://token.actions.githubusercontent.com".to_owned()),
                (11, "github-hosted".to_owned()),
                (12, format!("https://github.com/{repository}")),
                (14, "refs/tags/v1".to_owned()),
            ],
            since: NOW,
            usages: vec![ExtendedKeyUsagePurpose::CodeSigning],
            sct: Sct::Own,
        }
    }

    /// Returns an owner with that e-mail address.
    pub fn person(address: &str) -> Self {
        let names = vec![Name::Mail(address.to_owned())];
        let issuer = Some("https://accounts.example".to_owned());
        Self { names, issuer, facts: Vec::new(), ..Self::job("") }
    }
}

/// A public key of somebody.
struct Point<'a>(&'a [u8]);

impl PublicKeyData for Point<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        match self.0.len() {
            32 => &PKCS_ED25519,
            65 => &PKCS_ECDSA_P256_SHA256,
            97 => &PKCS_ECDSA_P384_SHA384,
            _ => &PKCS_RSA_SHA256,
        }
    }
}

/// An authority, and its log of certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    der: Vec<u8>,
    spki: Vec<u8>,
    /// The key of its log of certificates.
    pub ct: Key,
}

impl Authority {
    /// Creates a new one.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let mut name = DistinguishedName::new();
        name.push(DnType::OrganizationName, "sigstore.lab");
        name.push(DnType::CommonName, "authority");
        params.distinguished_name = name;
        params.not_before = time(NOW - 365 * 86_400);
        params.not_after = time(NOW + 3650 * 86_400);
        let key = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).expect("a key");
        let der = params.self_signed(&key).expect("a certificate").der().to_vec();
        let spki = key.subject_public_key_info();
        Self { issuer: Issuer::new(params, key), der, spki, ct: Key::new() }
    }

    /// Returns its certificate, DER.
    pub fn certificate(&self) -> &[u8] {
        &self.der
    }

    /// Returns a certificate, DER, for the owner of the key with that point.
    pub fn issue(&self, owner: &Owner, point: &[u8]) -> Vec<u8> {
        let plain = self.sign(owner, point, None);
        let tbs = match owner.sct {
            Sct::Missing => return plain,
            Sct::OfAnother => {
                first_member(&self.sign(&Owner::job("some/other"), point, None)).to_vec()
            }
            Sct::Own | Sct::Foreign => first_member(&plain).to_vec(),
        };
        let foreign = Key::new();
        let log = if owner.sct == Sct::Foreign { &foreign } else { &self.ct };
        let sct = sct(log, &sha256(&self.spki), &tbs, owner.since * 1000);
        self.sign(owner, point, Some(sct))
    }

    fn sign(&self, owner: &Owner, point: &[u8], sct: Option<Vec<u8>>) -> Vec<u8> {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.serial_number = Some(SerialNumber::from(vec![7; 16]));
        params.not_before = time(owner.since);
        params.not_after = time(owner.since + VALID);
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages.clone_from(&owner.usages);
        params.subject_alt_names = owner.names.iter().map(san).collect();
        let issuer = owner.issuer.iter().map(|issuer| (8, issuer.clone()));
        for (number, text) in issuer.chain(owner.facts.iter().cloned()) {
            let mut oid = ARC.to_vec();
            oid.push(number);
            let content = if number < 8 { text.into_bytes() } else { der(0x0c, text.as_bytes()) };
            params.custom_extensions.push(CustomExtension::from_oid_content(&oid, content));
        }
        if let Some(sct) = sct {
            params.custom_extensions.push(CustomExtension::from_oid_content(&SCTS, der(4, &sct)));
        }
        let signed = params.signed_by(&Point(point), &self.issuer).expect("a certificate");
        signed.der().to_vec()
    }
}

/// Returns the time that many seconds after 1970.
fn time(seconds: u64) -> time::OffsetDateTime {
    date_time_ymd(1970, 1, 1) + Duration::from_secs(seconds)
}

fn san(name: &Name) -> SanType {
    let ia5 = |text: &str| Ia5String::try_from(text).expect("ASCII");
    match name {
        Name::Uri(text) => SanType::URI(ia5(text)),
        Name::Mail(text) => SanType::Rfc822Name(ia5(text)),
        Name::Host(text) => SanType::DnsName(ia5(text)),
        Name::User(text) | Name::Other(text) => {
            let mut oid = ARC.to_vec();
            oid.push(if matches!(name, Name::User(_)) { 7 } else { 99 });
            SanType::OtherName((oid, OtherNameValue::Utf8String(text.clone())))
        }
    }
}

/// Returns the list with one word of a log over a certificate without it (RFC 6962, 3.2 and 3.3).
fn sct(log: &Key, issuer: &[u8; 32], tbs: &[u8], milliseconds: u64) -> Vec<u8> {
    let length = u32::try_from(tbs.len()).expect("short").to_be_bytes();
    let head = [&[0][..], &[0], &milliseconds.to_be_bytes(), &[0, 1]].concat();
    let signed = [&head[..], issuer, &length[1..], tbs, &[0, 0]].concat();
    let signature = log.sign(&signed);
    let length = |bytes: usize| u16::try_from(bytes).expect("short").to_be_bytes();
    let one = [
        &[0][..],
        &log.id(),
        &milliseconds.to_be_bytes(),
        &[0, 0],
        &[4, 3],
        &length(signature.len()),
        &signature,
    ]
    .concat();
    [&length(one.len() + 2)[..], &length(one.len()), &one].concat()
}

/// DER with that tag.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let head = match length {
        0..=127 => vec![tag, length as u8],
        128..=255 => vec![tag, 0x81, length as u8],
        _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    };
    [head, content.to_vec()].concat()
}

/// Returns the first member of a sequence, with its head: of a certificate, what is signed.
fn first_member(sequence: &[u8]) -> &[u8] {
    let head = |bytes: &[u8]| match bytes[1] {
        length @ 0..=127 => (2, usize::from(length)),
        0x81 => (3, usize::from(bytes[2])),
        0x82 => (4, usize::from(bytes[2]) << 8 | usize::from(bytes[3])),
        other => panic!("a length of {other}"),
    };
    let (start, _) = head(sequence);
    let inner = &sequence[start..];
    let (start, length) = head(inner);
    &inner[..start + length]
}
