// SPDX-License-Identifier: Apache-2.0
//! Arguments of `build` and `builds`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use oci_artifact::{Encoder, Epoch};
use oci_spec::image::Platform;

use super::ModesArg;
use crate::network;

#[derive(Debug, Args)]
pub(crate) struct Build {
    /// The directory with the manifest
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) path: PathBuf,
    /// Package every directory below PATH that has a manifest, with one line of output each
    #[arg(long, conflicts_with = "tag")]
    pub(crate) all: bool,
    /// A tag or full reference for the build; may be repeated [default: its name]
    #[arg(long, short, value_name = "REF")]
    pub(crate) tag: Vec<String>,
    /// A platform, os/arch or os/arch/variant; may be repeated, or separated by commas [default:
    /// linux/amd64, linux/arm64]
    #[arg(long, value_name = "PLATFORM", value_parser = oci_artifact::platform::parse)]
    #[arg(value_delimiter = ',')]
    pub(crate) platform: Vec<Platform>,
    /// The time that the artifact carries, in seconds since 1970 [default: $SOURCE_DATE_EPOCH or 0]
    #[arg(long, value_name = "SECONDS", value_parser = Epoch::parse, allow_hyphen_values = true)]
    pub(crate) epoch: Option<Epoch>,
    /// The modes of a plugin's files: the two of git, or the permission bits as they are
    #[arg(long, value_name = "MODES", default_value = "git")]
    pub(crate) modes: ModesArg,
    /// A file with the output of `git ls-files --stage -z` in PATH, whose modes are used: Windows
    /// has none
    #[arg(long, value_name = "FILE", conflicts_with = "all")]
    pub(crate) modes_file: Option<PathBuf>,
    /// The compressor: that of ToolHive as built with this version of Go [default:
    /// $TOOLHIVE_OCI_ENCODER or go1.26]
    #[arg(long, value_name = "ENCODER", value_parser = super::policy::encoder())]
    pub(crate) encoder: Option<Encoder>,
    /// The number of threads; no digest depends on it [default: one for each processor]
    #[arg(long, value_name = "NUMBER")]
    pub(crate) threads: Option<NonZeroUsize>,
    /// Package it and print what would be stored, but store nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) pushing: network::Pushing,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Builds {
    #[command(subcommand)]
    pub(crate) verb: Option<BuildsVerb>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BuildsVerb {
    /// Remove builds, and every blob that nothing else in the store needs
    #[command(alias = "rm")]
    Remove(Remove),
}

#[derive(Debug, Args)]
pub(crate) struct Remove {
    /// The tags of the builds; a digest, or its start, stands for all of its tags
    #[arg(value_name = "TAG|DIGEST", required = true)]
    pub(crate) references: Vec<String>,
    /// Only print what would be removed
    #[arg(long)]
    pub(crate) dry_run: bool,
}
