// SPDX-License-Identifier: Apache-2.0
//! Arguments of commands for signatures (signatures.md 2).

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use oci_artifact::reference::Reference;

use super::expectation::Expectation;
use super::reference;
use crate::place::Origin;

#[derive(Debug, Args)]
pub(crate) struct Sign {
    /// registry/repository:tag or registry/repository@digest; the digest that it has now is signed
    #[arg(value_name = "REF", value_parser = reference)]
    pub(crate) reference: Reference,
    /// The private key, a PEM file: PKCS #8 or SEC 1, of P-256, or encrypted as cosign keeps it, with
    /// its password in $COSIGN_PASSWORD
    #[arg(long, value_name = "FILE", required_unless_present = "keyless")]
    pub(crate) key: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) keyless: Keyless,
    /// The place of the signature: ToolHive and cosign 1 and 2 look at the tag, cosign 3 at referrers
    /// first
    #[arg(long, value_name = "LAYOUT", default_value = "both")]
    pub(crate) layout: LayoutArg,
    /// Also write the bundle into a file
    #[arg(long, value_name = "FILE")]
    pub(crate) bundle: Option<PathBuf>,
    /// Something else to sign along; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = annotation)]
    pub(crate) annotation: Vec<(String, String)>,
}

/// Signing with a certificate.
#[derive(Debug, Args)]
pub(crate) struct Keyless {
    /// Sign with a key for this once, for which an authority certifies who you are; the signatures, and
    /// your name in the certificate, are in a log for ever
    #[arg(long, conflicts_with = "key")]
    pub(crate) keyless: bool,
    /// The identity token to ask the authority with, in a file, or - for stdin [default:
    /// $SIGSTORE_ID_TOKEN, or the one of the GitHub job]
    #[arg(long, value_name = "FILE", requires = "keyless")]
    pub(crate) identity_token: Option<PathBuf>,
    /// The authority, over HTTPS or on this machine
    #[arg(long, value_name = "URL", requires_all = ["keyless", "rekor_url", "trusted_root"])]
    #[arg(required_unless_present_any = ["key", "public_good"])]
    pub(crate) fulcio_url: Option<String>,
    /// The log, over HTTPS or on this machine
    #[arg(long, value_name = "URL", requires_all = ["keyless", "fulcio_url"])]
    pub(crate) rekor_url: Option<String>,
    /// The root that has to vouch for what they answer before anything is written
    #[arg(long, value_name = "FILE", requires = "keyless")]
    pub(crate) trusted_root: Option<PathBuf>,
    /// Use Sigstore's public authority and log, and the root of them that this program brings
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
    /// Ask the registry that the reference names, and read from it only what is needed
    #[arg(long)]
    remote: bool,
    #[command(flatten)]
    pub(crate) expected: Expectation,
    /// Check this bundle in place of what is attached
    #[arg(long, value_name = "FILE")]
    pub(crate) bundle: Option<PathBuf>,
    /// The most signatures that are looked at
    #[arg(long, value_name = "NUMBER", default_value = "32")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) max_signatures: u16,
}

impl VerifySignature {
    /// The place where the artifact is looked for.
    pub(crate) fn origin(&self) -> Origin {
        match self.remote {
            true => Origin::Registry,
            false => Origin::Store,
        }
    }
}

/// The verbs for keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysVerb {
    /// Make a key to sign with
    Generate {
        /// The private key goes into PREFIX.key, the public one into PREFIX.pub; neither may exist
        #[arg(long, short, value_name = "PREFIX")]
        output: PathBuf,
    },
}
