// SPDX-License-Identifier: Apache-2.0
//! The lock file, and where hosts read what it names (lock.md, 3).

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::network;

/// The project that a command works on.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Project {
    /// The project's root [default: the nearest directory with .git, here or above]
    #[arg(long, value_name = "DIR")]
    pub(crate) project_root: Option<PathBuf>,
}

/// The owner of the places that something goes into.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScopeArg {
    /// The project's directories, recorded in the lock file
    #[default]
    Project,
    /// The user's own directories, below the home directory: only with --clients, and in no lock
    /// file
    User,
}

/// The verbs for the lock file itself.
#[derive(Debug, Subcommand)]
pub(crate) enum LockVerb {
    /// Check that the lock file is valid and complete, and that nothing has drifted
    ///
    /// Exit code 2 if it is not.
    Check {
        #[command(flatten)]
        project: Project,
        /// Also list the entries that differ from those of this file, such as that of another
        /// branch; exit code 2 if any does
        #[arg(long, value_name = "FILE")]
        against: Option<PathBuf>,
    },
}

/// The places that are meant.
#[derive(Debug, Args)]
pub(crate) struct Placed {
    #[command(flatten)]
    pub(crate) project: Project,
    /// The hosts whose directories are examined [default: those of the lock file, or of the
    /// project]
    #[arg(long, alias = "client", value_name = "HOST|dir:PATH", value_delimiter = ',')]
    pub(crate) clients: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Listing {
    #[command(flatten)]
    pub(crate) placed: Placed,
    /// The owner of the directories that are listed
    #[arg(long, value_name = "SCOPE", default_value = "project")]
    pub(crate) scope: ScopeArg,
    /// List the contents of the store instead, whatever a lock file says: tag, digest, size,
    /// origin, time
    #[arg(long, conflicts_with_all = ["project_root", "clients", "scope"])]
    pub(crate) stored: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Places {
    #[command(flatten)]
    pub(crate) project: Project,
}

#[derive(Debug, Args)]
pub(crate) struct Uninstall {
    /// The names to remove; what only they needed goes, too
    #[arg(value_name = "NAME", required = true)]
    pub(crate) names: Vec<String>,
    #[command(flatten)]
    pub(crate) placed: Placed,
    /// The owner of the directories that it is in
    #[arg(long, value_name = "SCOPE", default_value = "project")]
    pub(crate) scope: ScopeArg,
    /// Also remove a directory that was edited, or that is no known artifact
    #[arg(long, short)]
    pub(crate) force: bool,
    /// Only print what would happen in each directory, as JSON
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Sync {
    #[command(flatten)]
    pub(crate) placed: Placed,
    /// Only list deviations from the lock file; exit code 2 if something is missing or has drifted
    #[arg(long, conflicts_with_all = ["prune", "adopt", "yes", "force"])]
    pub(crate) check: bool,
    /// Also remove what was installed and is no longer in the lock file
    #[arg(long)]
    pub(crate) prune: bool,
    /// Also add to the lock file what is installed and known to the store, but not in it
    #[arg(long)]
    pub(crate) adopt: bool,
    /// An image layout to read content from, as `fetch` writes it; nothing is written there
    #[arg(long, value_name = "LAYOUT")]
    pub(crate) cache: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) network: network::Fetching,
    /// Answer yes to every question
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Accept unsigned artifacts, with --adopt
    #[arg(long)]
    pub(crate) allow_unsigned: bool,
    /// Fail with exit code 4 if the lock file names a signer that cannot be checked here
    #[arg(long)]
    pub(crate) require_signatures: bool,
    /// Also replace a directory that is no known artifact
    #[arg(long, short)]
    pub(crate) force: bool,
}
