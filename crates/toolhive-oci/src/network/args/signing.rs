// SPDX-License-Identifier: Apache-2.0
//! Arguments of commands for signatures (signatures.md 2).

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use oci_artifact::reference::Reference;

use super::expectation::Expectation;
use super::reference;
use crate::place::Origin;

#[derive(Debug, Args)]
pub(crate) struct Sign {
    /// registry/repository:tag or registry/repository@digest; the digest that it names now is
    /// signed
    #[arg(value_name = "REF", value_parser = reference)]
    pub(crate) reference: Reference,
    /// The private key, a PEM file: P-256 in PKCS #8 or SEC 1, or encrypted as cosign does it, with
    /// the password in $COSIGN_PASSWORD
    #[arg(long, value_name = "FILE", required_unless_present = "keyless")]
    pub(crate) key: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) keyless: Keyless,
    /// The place of the signature: ToolHive and cosign 1 and 2 look at the tag, cosign 3 at referrers
    /// first
    #[arg(long, value_name = "LAYOUT", default_value = "both")]
    pub(crate) layout: LayoutArg,
    /// Also write the bundle to a file
    #[arg(long, value_name = "FILE")]
    pub(crate) bundle: Option<PathBuf>,
    /// An annotation to sign as well; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = annotation)]
    pub(crate) annotation: Vec<(String, String)>,
}

/// Signing with a certificate.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("authority").args(["fulcio_url", "public_good"]))]
pub(crate) struct Keyless {
    /// Sign with a one-time key, for which an authority certifies your identity; the signature, and
    /// your name in the certificate, stay in a public log for ever
    #[arg(long, conflicts_with = "key", requires = "authority")]
    pub(crate) keyless: bool,
    /// The file with the identity token for the authority, or - for stdin [default:
    /// $SIGSTORE_ID_TOKEN, or that of the GitHub job]
    #[arg(long, value_name = "FILE", requires = "keyless")]
    pub(crate) identity_token: Option<PathBuf>,
    /// The authority, over HTTPS or on this machine
    #[arg(long, value_name = "URL", requires_all = ["keyless", "rekor_url", "trusted_root"])]
    pub(crate) fulcio_url: Option<String>,
    /// The log, over HTTPS or on this machine
    #[arg(long, value_name = "URL", requires_all = ["keyless", "fulcio_url"])]
    pub(crate) rekor_url: Option<String>,
    /// The root that must verify their answers before anything is written
    #[arg(long, value_name = "FILE", requires = "keyless")]
    pub(crate) trusted_root: Option<PathBuf>,
    /// Use Sigstore's public authority and log, and their root, which is built in
    #[arg(long, requires = "keyless", conflicts_with_all = ["fulcio_url", "rekor_url"])]
    pub(crate) public_good: bool,
}

/// The place of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LayoutArg {
    Both,
    Referrer,
    Tag,
}

fn annotation(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write KEY=VALUE".to_owned()),
    }
}

#[derive(Debug, Args)]
pub(crate) struct VerifySignature {
    /// A tag or a digest in the store
    #[arg(value_name = "REF|TAG|DIGEST")]
    pub(crate) reference: String,
    /// Read from the registry that the reference names, and only what is needed
    #[arg(long)]
    remote: bool,
    #[command(flatten)]
    pub(crate) expected: Expectation,
    /// Check this bundle instead of the attached signatures
    #[arg(long, value_name = "FILE")]
    pub(crate) bundle: Option<PathBuf>,
    /// The largest number of signatures to examine
    #[arg(long, value_name = "NUMBER", default_value = "32")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) max_signatures: u16,
}

impl VerifySignature {
    /// The place where the artifact is looked for.
    pub(crate) fn origin(&self) -> Origin {
        if self.remote { Origin::Registry } else { Origin::Store }
    }
}

/// The verbs for keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysVerb {
    /// Create a key pair for signing
    Generate {
        /// The prefix of the files: the private key goes to PREFIX.key, the public one to
        /// PREFIX.pub; neither may exist
        #[arg(long, short, value_name = "PREFIX")]
        output: PathBuf,
    },
}
