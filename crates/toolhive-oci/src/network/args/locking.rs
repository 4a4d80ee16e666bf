// SPDX-License-Identifier: Apache-2.0
//! Arguments of commands for the lock file that ask a registry (lock.md, 3).

use std::path::PathBuf;

use clap::Args;

use crate::args::{Project, ScopeArg};

/// Whether the registry is asked for what the lock file pins.
#[derive(Debug, Args)]
pub(crate) struct Fetching {
    /// Use no network: read content only from the store and from --cache
    #[arg(long)]
    offline: bool,
}

impl Fetching {
    /// Whether no registry is asked.
    pub(crate) fn is_offline(&self) -> bool {
        self.offline
    }
}

/// The signers whose word is enough.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Trusting {
    /// The public key of the expected signer, a PEM file
    ///
    /// It may be repeated: a signature by any of them suffices. It is recorded, and later versions
    /// must have the same.
    #[arg(long, value_name = "FILE")]
    pub(in crate::network) public_key: Vec<PathBuf>,
    /// Accept only what this policy accepts [default: $TOOLHIVE_OCI_POLICY]
    ///
    /// The signer is recorded.
    #[arg(long, value_name = "FILE")]
    pub(in crate::network) policy: Option<PathBuf>,
    /// Accept unsigned artifacts, and record that
    #[arg(long)]
    pub(in crate::network) allow_unsigned: bool,
}

/// The entries that are asked to be in the lock file.
#[derive(Debug, Default, Args)]
pub(crate) struct Wanted {
    /// registry/repository:tag or registry/repository@digest
    #[arg(value_name = "REF", required = true)]
    pub(in crate::network) references: Vec<String>,
    #[command(flatten)]
    pub(in crate::network) project: Project,
    #[command(flatten)]
    pub(in crate::network) trusting: Trusting,
    /// Also install a version that runs something new
    #[arg(long)]
    pub(in crate::network) accept_new_executables: bool,
    /// Fail with exit code 4 if the lock file would change
    #[arg(long, hide_short_help = true)]
    pub(in crate::network) frozen: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Install {
    #[command(flatten)]
    pub(in crate::network) wanted: Wanted,
    /// The hosts into whose directories it goes, too; the lock file records them
    ///
    /// The default is the hosts of the lock file, or of the project; for plugins the project's
    /// marketplace.
    #[arg(long, value_name = "HOST|dir:PATH", value_delimiter = ',')]
    pub(in crate::network) clients: Vec<String>,
    /// The owner of the directories that it goes into
    #[arg(long, value_name = "SCOPE", default_value = "project")]
    pub(in crate::network) scope: ScopeArg,
    /// Also replace a directory that was edited, or that is no known artifact
    #[arg(long, short)]
    pub(in crate::network) force: bool,
    /// Only print what would happen in each directory, as JSON; fetched content stays in the store
    #[arg(long)]
    pub(in crate::network) dry_run: bool,
}

#[derive(Debug, Default, Args)]
pub(crate) struct Upgrade {
    /// The names [default: all entries]
    #[arg(value_name = "NAME")]
    pub(in crate::network) names: Vec<String>,
    #[command(flatten)]
    pub(in crate::network) project: Project,
    /// The hosts whose directories are updated [default: those of the lock file, or of the project]
    #[arg(long, value_name = "HOST|dir:PATH", value_delimiter = ',')]
    pub(in crate::network) clients: Vec<String>,
    /// Only print what would change
    #[arg(long)]
    pub(in crate::network) preview: bool,
    /// Change nothing, and end with exit code 2 if something would change
    #[arg(long)]
    pub(in crate::network) fail_on_changes: bool,
    /// Also upgrade what now comes from another repository
    #[arg(long)]
    pub(in crate::network) allow_ref_change: bool,
    /// Also upgrade what is signed by somebody else, or unsigned
    #[arg(long)]
    pub(in crate::network) allow_signer_change: bool,
    /// Also upgrade to a version that runs something new
    #[arg(long)]
    pub(in crate::network) accept_new_executables: bool,
    #[command(flatten)]
    pub(in crate::network) trusting: Trusting,
    /// Also replace a directory that was edited
    #[arg(long, short)]
    pub(in crate::network) force: bool,
    /// Answer yes to every question
    #[arg(long, short)]
    pub(in crate::network) yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Outdated {
    #[command(flatten)]
    pub(in crate::network) project: Project,
}

#[derive(Debug, Args)]
pub(crate) struct Fetch {
    /// Fetch what the lock file pins, and the signatures that are attached to it
    #[arg(long, required = true)]
    pub(in crate::network) locked: bool,
    /// The image layout to write, which is created [default: the store]
    #[arg(long, value_name = "LAYOUT")]
    pub(in crate::network) to: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::network) project: Project,
}
