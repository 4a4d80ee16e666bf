// SPDX-License-Identifier: Apache-2.0
//! Arguments of `diff`.

use clap::{Args, ValueEnum};

use super::{Reading, ReportFile, Where};
use crate::network;
use crate::place::Origin;

#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// The old one: a tag or a digest in the store, or a directory, with a `/` in its name
    #[arg(value_name = "A")]
    pub(crate) before: String,
    /// The new one
    #[arg(value_name = "B")]
    pub(crate) after: String,
    #[command(flatten)]
    registries: network::FromRegistries,
    #[command(flatten)]
    pub(crate) reading: Reading,
    /// End with exit code 2 if anything changed, or only if what would run changed
    #[arg(long, value_name = "WHICH", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "any")]
    pub(crate) exit_code: Option<Which>,
    #[command(flatten)]
    pub(crate) file: ReportFile,
}

/// A side of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Old,
    New,
}

impl Diff {
    /// The name that was given for a side.
    pub(crate) fn name(&self, side: Side) -> &str {
        match side {
            Side::Old => &self.before,
            Side::New => &self.after,
        }
    }

    /// The place of a side: its registry where that is asked for, else the store (VB-11).
    pub(crate) fn from(&self, side: Side) -> Where {
        self.registries.of(side, self.name(side))
    }

    /// Whether a side is to be looked for in the store and among directories.
    pub(crate) fn is_here(&self, side: Side) -> bool {
        self.from(side).origin() == Origin::Store
    }
}

/// The changes that end a command with exit code 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Which {
    /// Any change
    Any,
    /// Something runs that did not, or differs, or runs more often, or may do more
    Surface,
    /// As surface, or the same commands run changed files
    Code,
}
