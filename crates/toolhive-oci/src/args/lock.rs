// SPDX-License-Identifier: Apache-2.0
//! The lock file, and where hosts read what it names (lock.md, 3).

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Whose project it is.
#[derive(Debug, Args)]
pub(crate) struct Project {
    /// The project [default: the nearest directory upwards with .git]
    #[arg(long, value_name = "DIR")]
    pub(crate) project_root: Option<PathBuf>,
}

/// What can be done with the lock file itself.
#[derive(Debug, Subcommand)]
pub(crate) enum LockVerb {
    /// Tell whether toolhive.lock.yaml is valid and complete, and nothing that is placed has drifted;
    /// exit code 2 if not
    Check {
        #[command(flatten)]
        project: Project,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Placed {
    #[command(flatten)]
    pub(crate) project: Project,
    /// The hosts whose directories are looked at [default: those of the lock file, or of the project]
    #[arg(long, value_name = "HOST|dir:PATH", value_delimiter = ',')]
    pub(crate) clients: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Places {
    #[command(flatten)]
    pub(crate) project: Project,
}
