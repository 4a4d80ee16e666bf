// SPDX-License-Identifier: Apache-2.0
//! Arguments of the verbs for what an artifact consists of, and for what it begins with.

use std::path::PathBuf;

use clap::Args;
use oci_spec::image::Platform;

use super::Where;

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The directory, which is created if it does not exist
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) path: PathBuf,
    /// Its name: lower-case letters, digits and hyphens [default: the directory's]
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// One sentence on what it does and when it helps
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ManifestArgs {
    /// A tag or a digest in the store
    #[arg(value_name = "REF|TAG|DIGEST")]
    pub(crate) reference: String,
    #[command(flatten)]
    pub(crate) from: Where,
    /// The manifest of that platform, os/arch or os/arch/variant, instead of the index
    #[arg(long, value_name = "PLATFORM", value_parser = oci_artifact::platform::parse)]
    pub(crate) platform: Option<Platform>,
    /// Write it to this file, in one step
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct BlobArgs {
    /// A tag or a digest in the store
    #[arg(value_name = "REF|TAG|DIGEST")]
    pub(crate) reference: String,
    /// The part of it: `config`, `layer`, or a digest that `inspect` or `manifest` names
    #[arg(value_name = "PART")]
    pub(crate) part: String,
    #[command(flatten)]
    pub(crate) from: Where,
    /// Write it to this file, in one step
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}
