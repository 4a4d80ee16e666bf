// SPDX-License-Identifier: Apache-2.0
//! What may be written of signatures (signatures.md 2).

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use oci_artifact::reference::Reference;

use super::reference;
use crate::args::Where;

#[derive(Debug, Args)]
pub(crate) struct Sign {
    /// registry/repository:tag or registry/repository@digest; the digest that it has now is signed
    #[arg(value_name = "REF", value_parser = reference)]
    pub(crate) reference: Reference,
    /// The private key, a PEM file: PKCS #8 or SEC 1, of P-256, or encrypted as cosign keeps it, with
    /// its password in $COSIGN_PASSWORD
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    /// Where the signature goes: ToolHive and cosign 1 and 2 look at the tag, cosign 3 at referrers
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

/// Where a signature lies.
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
    #[command(flatten)]
    pub(crate) from: Where,
    /// Whose signature is expected: a public key, a PEM file; may be repeated, and any suffices
    #[arg(long, value_name = "FILE", required = true)]
    pub(crate) key: Vec<PathBuf>,
    /// Say that no signature need be in a log, as is so for keys without this, too
    #[arg(long)]
    pub(crate) allow_no_tlog: bool,
    /// Check this bundle in place of what is attached
    #[arg(long, value_name = "FILE")]
    pub(crate) bundle: Option<PathBuf>,
    /// How many signatures are looked at
    #[arg(long, value_name = "NUMBER", default_value = "32")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) max_signatures: u16,
}

/// What has to be so before an artifact is pulled.
#[derive(Debug, Args)]
pub(crate) struct Verification {
    /// Pull it only if it is signed by whom is expected; exit code 2, and nothing is stored, if it is
    /// not
    #[arg(long, requires = "key")]
    pub(crate) verify: bool,
    /// Whose signature is expected: a public key, a PEM file; may be repeated, and any suffices
    #[arg(long, value_name = "FILE", requires = "verify")]
    pub(crate) key: Vec<PathBuf>,
}

/// What can be done with keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysVerb {
    /// Make a key to sign with
    Generate {
        /// The private key goes into PREFIX.key, the public one into PREFIX.pub; neither may exist
        #[arg(long, short, value_name = "PREFIX")]
        output: PathBuf,
    },
}
